/** The signed messages that the standards print, as our MX examines them: RFC 6376 appendix A, RFC 8463 appendix A. */
import { describe, expect, it } from 'vitest';
import { authenticate } from '../../../core/mailboxes/authentication/authenticate.ts';
import { KeyBook } from '../../../core/mailboxes/authentication/key-book.ts';
import type { Authentication } from '../../../core/model/authentication.ts';
import { type Zone, zoneResolver } from './zone.ts';

/** Appendix A.2, with errata 3192 and 4926 (spaces that the print changed); the key is in appendix C. */
const rfc6376 = [
  'DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;',
  '      c=simple/simple; q=dns/txt; i=joe@football.example.com;',
  '      h=Received : From : To : Subject : Date : Message-ID;',
  '      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;',
  '      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB',
  '      4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut',
  '      KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV',
  '      4bmp/YzhwvcubU4=;',
  'Received: from client1.football.example.com  [192.0.2.1]',
  '      by submitserver.example.com with SUBMISSION;',
  '      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)',
  'From: Joe SixPack <joe@football.example.com>',
  'To: Suzie Q <suzie@shopping.example.net>',
  'Subject: Is dinner ready?',
  'Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)',
  'Message-ID: <20030712040037.46341.5F8J@football.example.com>',
  '',
  'Hi.',
  '',
  'We lost the game. Are you hungry yet?',
  '',
  'Joe.',
  '',
];
const rfc6376Zone: Zone = {
  'brisbane._domainkey.example.com': {
    TXT: [
      'v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYt' +
        'IxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gb' +
        'to/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB',
    ],
  },
};

/** Appendix A.3; the keys are in A.2. */
const rfc8463 = [
  'DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;',
  ' d=football.example.com; i=@football.example.com;',
  ' q=dns/txt; s=brisbane; t=1528637909; h=from : to :',
  ' subject : date : message-id : from : subject : date;',
  ' bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;',
  ' b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus',
  ' Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==',
  'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;',
  ' d=football.example.com; i=@football.example.com;',
  ' q=dns/txt; s=test; t=1528637909; h=from : to : subject :',
  ' date : message-id : from : subject : date;',
  ' bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;',
  ' b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3',
  ' DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz',
  ' dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=',
  'From: Joe SixPack <joe@football.example.com>',
  'To: Suzie Q <suzie@shopping.example.net>',
  'Subject: Is dinner ready?',
  'Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)',
  'Message-ID: <20030712040037.46341.5F8J@football.example.com>',
  '',
  'Hi.',
  '',
  'We lost the game.  Are you hungry yet?',
  '',
  'Joe.',
  '',
];
const rfc8463Zone: Zone = {
  'brisbane._domainkey.football.example.com': {
    TXT: ['v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo='],
  },
  'test._domainkey.football.example.com': {
    TXT: [
      'v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bd' +
        'OKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5' +
        'QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB',
    ],
  },
};

async function examine(lines: readonly string[], zone: Zone): Promise<Authentication['dkim']> {
  const found = await authenticate(
    Buffer.from(lines.join('\r\n')),
    {
      client: { ip: '192.0.2.1', helo: 'submitserver.example.com', claimedName: null, tls: false },
      envelopeFrom: 'joe@football.example.com',
      host: 'mx.test',
    },
    zoneResolver(zone),
    new KeyBook(),
  );
  return found.dkim;
}

const changed = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => line.replace('Is dinner ready?', 'Is lunch ready?'));

describe('the signed message of', () => {
  it('RFC 6376 appendix A passes, by simple canonical form, and not when its subject was changed', async () => {
    expect(await examine(rfc6376, rfc6376Zone)).toMatchObject([
      { result: 'pass', domain: 'example.com', selector: 'brisbane', algorithm: 'rsa-sha256' },
    ]);
    expect(await examine(changed(rfc6376), rfc6376Zone)).toMatchObject([{ result: 'fail' }]);
  });

  it('RFC 8463 appendix A passes by both of its signatures, and by neither when its subject was changed', async () => {
    expect(await examine(rfc8463, rfc8463Zone)).toMatchObject([
      { result: 'pass', selector: 'brisbane', algorithm: 'ed25519-sha256' },
      { result: 'pass', selector: 'test', algorithm: 'rsa-sha256' },
    ]);
    expect(await examine(changed(rfc8463), rfc8463Zone)).toMatchObject([
      { result: 'fail' },
      { result: 'fail' },
    ]);
  });
});
