import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  classify,
  type Refusal,
  retryAfterMs,
  rows,
  type Stage,
  type Suppress,
} from '../../../core/delivery/classify.ts';
import type { OutcomeClass } from '../../../core/model/delivery.ts';

function refusal(line: string, stage: Stage | null = null): Refusal {
  const [, code = '', enhanced = null, text = ''] =
    /^(\d{3})[ -](?:([245]\.\d+\.\d+) )?(.*)$/s.exec(line) ?? [];
  return { code: Number(code), enhanced, text, stage };
}

const texts: readonly (readonly [line: string, OutcomeClass, Suppress, Stage?])[] = [
  // Of the sender, in words that are said of recipients too
  ['550 Your email account has been suspended due to abuse', 'config', 'never', 'rcpt'],
  ['554 5.7.1 Sender account is disabled', 'config', 'never', 'rcpt'],
  ['553 The sender address does not exist', 'config', 'never', 'rcpt'],
  ['550 From address invalid', 'config', 'never', 'rcpt'],
  ['550 The domain name of the sender address does not exist', 'config', 'never', 'rcpt'],
  ['550 5.7.1 Client host name not found', 'config', 'never', 'rcpt'],
  ['550 Access denied - Invalid HELO name (See RFC2821 4.1.1.1)', 'config', 'never', 'rcpt'],
  ['554 IP address 192.0.2.1 has been suspended', 'config', 'never', 'rcpt'],
  [
    '550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP',
    'policy',
    'never',
    'rcpt',
  ],
  // The code speaks of policy, the words of the address
  [
    '554 5.7.1 <jane@example.com>: Recipient address rejected: account expired',
    'inactive',
    'after_n',
    'rcpt',
  ],
  // Gmail
  [
    "550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address for typos or unnecessary spaces. For more information, go to https://support.google.com/mail/?p=NoSuchUser 5b1f17b1804b1-42ca5447f93si4 - gsmtp",
    'bad_address',
    'now',
  ],
  [
    '550 5.7.26 Your email has been blocked because the sender is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM.',
    'authentication_failed',
    'never',
  ],
  [
    "550 5.7.26 Unauthenticated email from shop.example is not accepted due to domain's DMARC policy. Please contact the administrator of shop.example domain if this was a legitimate mail.",
    'authentication_failed',
    'never',
  ],
  [
    '421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your IP address. To protect our users from spam, mail sent from your IP address has been temporarily rate limited.',
    'rate_limited',
    'never',
  ],
  [
    '450 4.2.1 The user you are trying to contact is receiving mail too quickly. Please resend your message at a later time.',
    'rate_limited',
    'never',
  ],
  [
    "452 4.2.2 The recipient's inbox is out of storage space and inactive. Please direct the recipient to https://support.google.com/mail/?p=OverQuotaTemp",
    'mailbox_full',
    'after_n',
  ],
  ["552 5.2.2 The recipient's inbox is out of storage space.", 'mailbox_full', 'after_n'],
  ['550 5.2.1 The email account that you tried to reach is inactive.', 'inactive', 'now'],
  [
    '550 5.7.1 Gmail has detected that this message is likely unsolicited mail. To reduce the amount of spam sent to Gmail, this message has been blocked.',
    'content',
    'never',
  ],
  [
    "550 5.7.1 The IP you're using to send mail is not authorized to send email directly to our servers.",
    'policy',
    'never',
  ],
  ['550 5.7.25 The IP address sending this message does not have a PTR record setup', 'config', 'never'],
  ["552 5.3.4 Your message exceeded Google's message size limits.", 'too_large', 'never'],
  [
    '552 5.7.0 This message was blocked because its content presents a potential security issue.',
    'content',
    'never',
  ],
  // Outlook, Exchange
  [
    '550 5.7.515 Access denied, sending domain SHOP.EXAMPLE does not meet the required authentication level.',
    'authentication_failed',
    'never',
  ],
  [
    '550 5.7.509 Access denied, sending domain shop.example does not pass DMARC verification and has a DMARC policy of reject.',
    'authentication_failed',
    'never',
  ],
  [
    "550 5.7.1 Unfortunately, messages from [192.0.2.7] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140).",
    'reputation',
    'never',
  ],
  ['550 5.7.606 Access denied, banned sending IP [192.0.2.7].', 'reputation', 'never'],
  [
    '451 4.7.650 The mail server [192.0.2.7] has been temporarily rate limited due to IP reputation.',
    'rate_limited',
    'never',
  ],
  ['550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).', 'bad_address', 'after_n'],
  [
    '550 5.4.1 Recipient address rejected: Access denied. [AM1EUR02FT012.eop-EUR02.prod.protection.outlook.com]',
    'bad_address',
    'after_n',
  ],
  [
    '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup',
    'bad_address',
    'now',
  ],
  ['554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException', 'mailbox_full', 'after_n'],
  // Yahoo
  [
    '421 4.7.0 [TSS04] Messages from 192.0.2.7 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes',
    'rate_limited',
    'never',
  ],
  [
    "554 delivery error: dd This user doesn't have a yahoo.com account (jane@yahoo.com) [0] - mta1234.mail.bf1.yahoo.com",
    'bad_address',
    'now',
  ],
  [
    '554 delivery error: dd Sorry, your message to jane@yahoo.com cannot be delivered. This mailbox is disabled (554.30).',
    'inactive',
    'now',
  ],
  [
    "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.7, because the ip is in Spamhaus's list",
    'reputation',
    'never',
  ],
  [
    '554 5.7.9 Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes',
    'policy',
    'never',
  ],
  [
    '421 4.7.1 [TS03] All messages from 192.0.2.7 will be permanently deferred; Retrying will NOT succeed.',
    'reputation',
    'never',
  ],
  ['554 Message not allowed - [PH01] Email not accepted for policy reasons.', 'content', 'never'],
  // Words where the code says something else
  [
    "421 4.7.29 Your email has been rate limited because this message wasn't sent over a TLS connection.",
    'config',
    'never',
  ],
  [
    '421 4.7.0 Our system has detected that this message is suspicious due to the very low reputation of the sending IP address. To protect our users from spam, mail sent from your IP address has been temporarily rate limited.',
    'reputation',
    'never',
  ],
  [
    '451 4.7.652 The mail server [192.0.2.7] has exceeded the maximum number of connections. (S3115)',
    'rate_limited',
    'never',
  ],
  ['451 4.7.0 Temporary server error. Please try again later. PRX4', 'provider_down', 'never'],
  ['550 5.1.1 <jane@icloud.com>: inactive email address', 'inactive', 'now'],
  [
    '550 Envelope blocked - User Entry - https://community.mimecast.com/docs/DOC-1369#550',
    'policy',
    'never',
    'rcpt',
  ],
  ['454 4.7.0 TLS not available due to local problem', 'provider_down', 'never'],
  // Others
  [
    '550 5.1.1 <nobody@far.example>: Recipient address rejected: User unknown in virtual mailbox table',
    'bad_address',
    'now',
  ],
  ['550 Unrouteable address', 'bad_address', 'after_n', 'rcpt'],
  ['550 Rejected', 'policy', 'never', 'final'],
  [
    '450 4.2.0 <a@b.example>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/',
    'policy',
    'never',
  ],
  [
    '554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org',
    'reputation',
    'never',
  ],
  ['554 5.7.1 <a@b.example>: Relay access denied', 'config', 'never'],
  ['452 4.5.3 Error: too many recipients', 'rate_limited', 'never'],
  ['553 5.1.8 <app@nowhere.example>: Sender address rejected: Domain not found', 'config', 'never'],
  ['556 5.1.10 Domain does not accept mail', 'bad_domain', 'now'],
  ['550 5.1.2 Host unknown', 'bad_domain', 'now'],
  ['452 4.3.1 Insufficient system storage', 'provider_down', 'never'],
  ['421 Service not available, closing transmission channel', 'provider_down', 'never'],
  ['599 Something of our own', 'policy', 'never'],
  ['499 Something of our own', 'provider_down', 'never'],
];

describe('what a refusal means', () => {
  const cases = texts.map(([line, outcomeClass, suppress, stage = null]) => ({
    line,
    outcomeClass,
    suppress,
    stage,
  }));
  it.each(cases)('$line', ({ line, outcomeClass, suppress, stage }) => {
    const found = classify(refusal(line, stage));
    expect(found, found.rule).toMatchObject({
      class: outcomeClass,
      suppress,
      permanent: line.startsWith('5'),
    });
  });

  it('suppresses at once only what is surely dead', () => {
    const dead: readonly OutcomeClass[] = ['bad_address', 'bad_domain', 'inactive'];
    expect(rows.filter((row) => row.suppress === 'now' && !dead.includes(row.class))).toEqual([]);
  });

  it('never suppresses for what the sender did', () => {
    const own: readonly OutcomeClass[] = [
      'authentication_failed',
      'policy',
      'content',
      'reputation',
      'too_large',
      'config',
      'network',
      'expired',
    ];
    expect(rows.filter((row) => row.suppress !== 'never' && own.includes(row.class))).toEqual([]);
  });

  it('has one row for each key, and every row its source', () => {
    expect(new Set(rows.map((row) => row.rule)).size).toBe(rows.length);
    expect(rows.filter((row) => row.source === '')).toEqual([]);
  });

  it('answers for any text', () => {
    fc.assert(
      fc.property(fc.integer({ min: 400, max: 599 }), fc.string({ maxLength: 5_000 }), (code, text) => {
        const found = classify({ code, enhanced: null, text, stage: null });
        expect(found.permanent).toBe(code >= 500);
      }),
    );
  });
});

describe('the time that a refusal names', () => {
  it.each([
    ['Try again in 5 minutes', 300_000],
    ['please try again in 300 seconds', 300_000],
    ['Greylisted for 60 seconds', 60_000],
    ['Greylisting in action, please come back in 00:05:00', 300_000],
    ['Too many messages, retry after 90s', 90_000],
    ['try again later in 2 hours', 7_200_000],
    ['Please wait 10 min before you retry', 600_000],
    ['try again in 30 days', 86_400_000],
    ['try again later', null],
    ['try again in 0 seconds', null],
    ['4.7.1 Rejected, see error 5 minutes of fame', null],
  ])('%s', (text, ms) => {
    expect(retryAfterMs(text)).toBe(ms);
  });

  it('is not asked of a refusal for good', () => {
    expect(classify(refusal('550 5.7.1 try again in 5 minutes')).retryAfterMs).toBeNull();
  });
});
