import { generateKeyPairSync } from 'node:crypto';
import { sealMessage } from 'mailauth/lib/arc/index.js';
import { describe, expect, it } from 'vitest';
import { authenticate } from '../../../core/mailboxes/authentication/authenticate.ts';
import { KeyBook } from '../../../core/mailboxes/authentication/key-book.ts';
import { goodZone, letter, sign } from './signed-mail.ts';
import { type Zone, zoneResolver } from './zone.ts';

const request = {
  client: { ip: '192.0.2.10', helo: 'out.example.com', claimedName: null, tls: true },
  envelopeFrom: 'b+1@bounce.example.com',
  host: 'mx.test',
};

async function examine(raw: Uint8Array, zone: Zone = goodZone, change: Partial<typeof request> = {}) {
  return authenticate(raw, { ...request, ...change }, zoneResolver(zone), new KeyBook());
}

const spf = (...records: string[]): Zone => ({ ...goodZone, 'bounce.example.com': { TXT: records } });

describe('SPF', () => {
  it.each<[string, Zone, string, RegExp]>([
    ['passes', goodZone, 'pass', /^The SPF record of bounce\.example\.com allows 192\.0\.2\.10\.$/],
    [
      'fails for another address',
      spf('v=spf1 ip4:192.0.2.77 -all'),
      'fail',
      /does not allow 192\.0\.2\.10.*Add the address/,
    ],
    ['fails softly', spf('v=spf1 ~all'), 'softfail', /with suspicion/],
    ['says nothing', spf('v=spf1 ?all'), 'neutral', /neither yes nor no/],
    ['is missing', spf('other text'), 'none', /has no SPF record\. Publish one that names 192\.0\.2\.10/],
    ['is there twice', spf('v=spf1 -all', 'v=spf1 ~all'), 'permerror', /two or more of them.*§4\.5/],
    [
      'takes too many lookups',
      spf(`v=spf1 ${Array.from({ length: 12 }, (_, n) => `exists:n${n}.example.com`).join(' ')} -all`),
      'permerror',
      /lookups/,
    ],
    ['cannot be looked up', { ...goodZone, 'bounce.example.com': 'SERVFAIL' }, 'temperror', /for now/],
    ['times out', { ...goodZone, 'bounce.example.com': 'TIMEOUT' }, 'temperror', /for now: DNS timeout/],
  ])('%s', async (_, zone, result, why) => {
    const found = await examine(await sign(letter()), zone);
    expect(found.spf.result).toBe(result);
    expect(found.spf.why).toMatch(why);
  });

  it('judges HELO where the envelope names nobody', async () => {
    const zone = { ...goodZone, 'out.example.com': { A: ['192.0.2.10'], TXT: ['v=spf1 a -all'] } };
    const found = await examine(await sign(letter()), zone, { envelopeFrom: '' });
    expect(found.spf).toMatchObject({ result: 'pass', domain: 'out.example.com' });
  });
});

describe('DKIM', () => {
  it('says what was changed: the body', async () => {
    const raw = await sign(letter());
    const altered = Buffer.concat([raw, Buffer.from('-- \r\nScanned by a relay\r\n')]);
    const found = await examine(altered);
    expect(found.dkim).toMatchObject([{ result: 'fail', domain: 'example.com' }]);
    expect(found.dkim[0]?.why).toMatch(/^The body was changed after it was signed/);
    expect(found.header).toContain('dkim=fail (body hash did not verify)');
    // SPF still vouches for the domain.
    expect(found.dmarc).toMatchObject({ result: 'pass', spfAligned: true, dkimAligned: false });
  });

  it('says what was changed: a header, or the key', async () => {
    const raw = await sign(letter());
    const altered = Buffer.from(
      raw.toString('latin1').replace('Lunch on Friday', 'Lunch on Sunday'),
      'latin1',
    );
    expect((await examine(altered)).dkim[0]).toMatchObject({
      result: 'fail',
      why: expect.stringMatching(/does not fit the key.*another key.*signed header was changed/),
    });
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
    const p = other.export({ type: 'spki', format: 'der' }).toString('base64');
    const wrong = { ...goodZone, 's1._domainkey.example.com': { TXT: [`v=DKIM1; p=${p}`] } };
    expect((await examine(raw, wrong)).dkim[0]?.result).toBe('fail');
  });

  it('says that the key is not there, or cannot be had now', async () => {
    const raw = await sign(letter());
    const { 's1._domainkey.example.com': _, ...rotated } = goodZone;
    expect((await examine(raw, rotated)).dkim[0]).toMatchObject({
      result: 'neutral',
      why: expect.stringMatching(/^There is no key at s1\._domainkey\.example\.com.*rotated/),
    });
    const down = { ...goodZone, 's1._domainkey.example.com': 'SERVFAIL' as const };
    expect((await examine(raw, down)).dkim[0]?.result).toBe('temperror');
  });

  it('finds no signature where there is none', async () => {
    const found = await examine(letter());
    expect(found.dkim).toEqual([]);
    expect(found.header).toContain('dkim=none');
  });

  it('parses a key once, asks the DNS each time, and takes a new key at once', async () => {
    const keys = new KeyBook();
    const asked: string[] = [];
    const raw = await sign(letter());
    const check = (zone: Zone) => authenticate(raw, request, zoneResolver(zone, asked), keys);
    expect((await check(goodZone)).dkim[0]?.result).toBe('pass');
    expect((await check(goodZone)).dkim[0]?.result).toBe('pass');
    expect(asked.filter((one) => one.includes('_domainkey')).length).toBe(2);
    const { 's1._domainkey.example.com': _, ...rotated } = goodZone;
    expect((await check(rotated)).dkim[0]?.result).toBe('neutral');
  });

  it('tells whether one-click unsubscribe is signed', async () => {
    const headers = [
      'List-Unsubscribe: <https://example.com/u>',
      'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
    ];
    const [first = ''] = headers;
    expect((await examine(await sign(letter({ headers })))).oneClickSigned).toBe(true);
    expect((await examine(await sign(letter({ headers: [first] })))).oneClickSigned).toBe(false);
    const added = Buffer.concat([Buffer.from(`${headers.join('\r\n')}\r\n`), await sign(letter())]);
    // The signature passes: it says nothing about fields that somebody put above it.
    const found = await examine(added);
    expect([found.dkim[0]?.result, found.oneClickSigned]).toEqual(['pass', false]);
  });
});

describe('DMARC', () => {
  it.each([
    ['reject', 'reject', 'the policy asks for a refusal'],
    ['quarantine', 'quarantine', 'the policy asks for the spam folder'],
    ['none', 'none', 'the policy asks for nothing'],
  ])('of a message that is not aligned, with p=%s', async (policy, disposition, words) => {
    const zone = {
      ...goodZone,
      'elsewhere.example': { TXT: ['v=spf1 ip4:192.0.2.10 -all'] },
      '_dmarc.example.com': { TXT: [`v=DMARC1; p=${policy}`] },
    };
    const found = await examine(letter(), zone, { envelopeFrom: 'x@elsewhere.example' });
    expect(found.dmarc).toMatchObject({
      result: 'fail',
      policy,
      disposition,
      spfAligned: false,
      dkimAligned: false,
    });
    expect(found.dmarc.why.toLowerCase()).toContain(words);
    expect(found.dmarc.why).toContain('SPF passed for elsewhere.example, no signature passed');
  });

  it('is none without a record, and says how to publish one', async () => {
    const { '_dmarc.example.com': _, ...zone } = goodZone;
    const found = await examine(await sign(letter()), zone);
    expect(found.dmarc).toMatchObject({ result: 'none', policy: null, record: null, disposition: 'none' });
    expect(found.dmarc.why).toContain('_dmarc.example.com');
  });

  it('cannot be judged without a From, or with two', async () => {
    const bare = Buffer.from('Subject: x\r\n\r\nx\r\n');
    expect((await examine(bare)).dmarc.result).toBe('none');
    const two = Buffer.from('From: a@example.com\r\nFrom: b@other.example\r\nSubject: x\r\n\r\nx\r\n');
    expect((await examine(two)).dmarc).toMatchObject({ result: 'none', disposition: 'none' });
  });
});

describe('ARC', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const zone = {
    ...goodZone,
    'arc._domainkey.list.example': {
      TXT: [`v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`],
    },
  };
  const sealed = async (): Promise<Buffer> => {
    const raw = await sign(letter());
    const headers = await sealMessage(raw, {
      signingDomain: 'list.example',
      selector: 'arc',
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      authResults: 'list.example; dkim=pass header.d=example.com; spf=pass',
      cv: 'none',
    });
    return Buffer.concat([headers, raw]);
  };

  it('is verified', async () => {
    expect((await examine(await sealed(), zone)).arc).toMatchObject({ result: 'pass' });
    expect((await examine(await sign(letter()), zone)).arc.result).toBe('none');
  });

  it('fails when the message was changed after it was sealed', async () => {
    const altered = Buffer.concat([await sealed(), Buffer.from('more\r\n')]);
    expect((await examine(altered, zone)).arc.result).toBe('fail');
  });
});

describe('the address', () => {
  it.each<[string, Zone, object]>([
    [
      'has no name',
      { ...goodZone, '10.2.0.192.in-addr.arpa': 'NXDOMAIN' },
      { ptr: null, ptrConfirmed: false },
    ],
    [
      'has a name that leads elsewhere',
      {
        ...goodZone,
        '10.2.0.192.in-addr.arpa': { PTR: ['www.example.com'] },
        'www.example.com': { A: ['192.0.2.1'] },
      },
      { ptr: 'www.example.com', ptrConfirmed: false },
    ],
    ['says another name in HELO', { ...goodZone, 'out.example.com': 'NXDOMAIN' }, { heloMatches: false }],
  ])('%s', async (_, zone, client) => {
    expect((await examine(await sign(letter()), zone)).client).toMatchObject(client);
  });
});
