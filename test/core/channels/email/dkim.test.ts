import {
  createHash,
  createPrivateKey,
  createPublicKey,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { describe, expect, it } from 'vitest';
import {
  relaxedBodyHash,
  relaxedField,
  type SigningKey,
  signMessage,
} from '../../../../core/channels/email/dkim.ts';
import { findProgram, run } from '../../../run-program.ts';
import { temporaryFolder } from '../../../start-core.ts';
import { makeKey, type TestKey } from './dkim-keys.ts';

const rsa = makeKey('shop.example', 'r1', 'rsa-sha256');
const ed25519 = makeKey('shop.example', 'e1', 'ed25519-sha256');
const wallSeconds = Date.UTC(2026, 0, 31, 10) / 1_000;

const head = Buffer.from(
  [
    'Received: by out.shop.example; Sat, 31 Jan 2026 10:00:00 +0000',
    'From: Shop <news@shop.example>',
    'To: Jane <jane@far.example>,',
    '\tMax <max@far.example>',
    'Subject:   news   of the\t week  ',
    'Date: Sat, 31 Jan 2026 10:00:00 +0000',
    'Message-ID: <1@shop.example>',
    'List-Unsubscribe: <https://shop.example/u/1>, <mailto:u@shop.example>',
    'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
    'Feedback-ID: c1:shop:news:1',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    '',
  ].join('\r\n'),
);
const body = Buffer.from('Hello  \r\n\tGrüße   und so\r\n. \r\n\r\n \r\n\r\n');

async function signed(keys: readonly SigningKey[], what = { head, body }): Promise<Buffer> {
  const { text } = await signMessage(what.head, what.body, keys, wallSeconds);
  return Buffer.concat([Buffer.from(text, 'latin1'), what.head, what.body]);
}

/** A hop puts a line at the end of the body. */
const altered = (message: Buffer): Buffer => Buffer.concat([message, Buffer.from('Scanned by a relay.\r\n')]);

async function byMailauth(message: Buffer, keys: readonly TestKey[]): Promise<readonly string[]> {
  const resolver = (name: string, type: string): Promise<string[][]> => {
    const found = keys.find(({ record }) => record.name === name);
    if (found === undefined || type !== 'TXT')
      return Promise.reject(Object.assign(new Error('none'), { code: 'ENOTFOUND' }));
    return Promise.resolve([[found.record.text]]);
  };
  const { results } = await dkimVerify(message, { resolver });
  return results.map(({ status }) => status.result);
}

const python =
  ['/usr/bin/python3', 'python3'].find(
    (program) => findProgram(program) !== null || program.startsWith('/'),
  ) ?? 'python3';
const hasDkimpy = await run(python, ['-c', 'import dkim, nacl']).then(
  ({ code }) => code === 0,
  () => false,
);

async function byDkimpy(message: Buffer, keys: readonly TestKey[]): Promise<readonly boolean[]> {
  const script = `
import sys, json, dkim
records = json.loads(sys.argv[1])
message = sys.stdin.buffer.read()
def dns(name, timeout=5):
    return records.get(name.decode().rstrip('.'), '').encode()
d = dkim.DKIM(message)
count = sum(1 for k, v in d.headers if k.lower() == b'dkim-signature')
print(json.dumps([bool(dkim.DKIM(message).verify(idx=i, dnsfunc=dns)) for i in range(count)]))
`;
  const records = Object.fromEntries(keys.map(({ record }) => [record.name, record.text]));
  const ran = await run(python, ['-c', script, JSON.stringify(records)], { input: message });
  if (ran.code !== 0 && ran.stderr.includes('ValidationError')) return [false];
  expect(ran.stderr).toBe('');
  const results: readonly boolean[] = JSON.parse(ran.stdout);
  return results;
}

/** OpenDKIM knows RSA only. It is run on a file, with the keys from another. */
async function byOpendkim(message: Buffer, keys: readonly TestKey[]): Promise<string> {
  const folder = await temporaryFolder();
  const file = (name: string): string => join(folder, name);
  await writeFile(file('message'), message);
  await writeFile(file('keys'), keys.map(({ record }) => `${record.name} ${record.text}\n`).join(''));
  await writeFile(
    file('opendkim.conf'),
    `Mode v\nTestPublicKeys ${file('keys')}\nCanonicalization relaxed/relaxed\n`,
  );
  const ran = await run('opendkim', ['-x', file('opendkim.conf'), '-vv', '-t', file('message')]);
  return `${ran.stdout}${ran.stderr}`;
}

describe('a signed message', () => {
  it('is taken by mailauth, RSA and Ed25519 on one message', async () => {
    expect(await byMailauth(await signed([rsa, ed25519]), [rsa, ed25519])).toEqual(['pass', 'pass']);
  });

  it('tells what was signed', async () => {
    const { evidence, text } = await signMessage(head, body, [rsa, ed25519], wallSeconds);
    expect(evidence.map(({ algorithm, selector }) => `${selector} ${algorithm}`)).toEqual([
      'r1 rsa-sha256',
      'e1 ed25519-sha256',
    ]);
    const names = evidence[0]?.headersSigned ?? [];
    expect(names.filter((name) => name === 'from')).toHaveLength(2);
    expect(names).toEqual(
      expect.arrayContaining(['list-unsubscribe', 'list-unsubscribe-post', 'feedback-id', 'to', 'subject']),
    );
    expect(names).not.toContain('received');
    expect(text).toContain('t=1769853600;');
    for (const line of text.split('\r\n')) expect(line.length).toBeLessThanOrEqual(90);
  });

  it('fails when its body was altered on the way', async () => {
    expect(await byMailauth(altered(await signed([rsa, ed25519])), [rsa, ed25519])).toEqual([
      'neutral',
      'neutral',
    ]);
  });

  it('fails when someone adds another From', async () => {
    const forged = Buffer.concat([Buffer.from('From: evil@evil.example\r\n'), await signed([rsa])]);
    expect(await byMailauth(forged, [rsa])).not.toContain('pass');
  });

  it('fails by another key than the one published', async () => {
    const other = makeKey('shop.example', 'r1', 'rsa-sha256');
    expect(await byMailauth(await signed([rsa]), [other])).not.toContain('pass');
  });

  it.skipIf(!hasDkimpy)(
    'is taken by dkimpy too, and not when altered (skipped without python3-dkim, python3-nacl)',
    async () => {
      expect(await byDkimpy(await signed([rsa, ed25519]), [rsa, ed25519])).toEqual([true, true]);
      expect(await byDkimpy(altered(await signed([rsa])), [rsa])).toEqual([false]);
      expect(await byDkimpy(altered(await signed([ed25519])), [ed25519])).toEqual([false]);
    },
  );

  it.skipIf(findProgram('opendkim') === null)(
    'is taken by OpenDKIM too, and not when altered (skipped without opendkim)',
    async () => {
      expect(await byOpendkim(await signed([rsa]), [rsa])).toMatch(
        /verification \(s=r1, d=shop\.example, 2048-bit key\) succeeded/,
      );
      expect(await byOpendkim(altered(await signed([rsa])), [rsa])).not.toMatch(/succeeded/);
    },
  );

  it('is taken whatever the body is', async () => {
    const piece = fc.oneof(
      fc.constantFrom('\r\n', ' ', '\t', '  \r\n', 'word', '.', '\r\n\r\n'),
      fc.string({ maxLength: 10 }).map((text) => text.replace(/[\r\n]/g, '')),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
        const message = await signed([ed25519], { head, body: Buffer.from(pieces.join('')) });
        expect(await byMailauth(message, [ed25519])).toEqual(['pass']);
      }),
    );
  });

  it('has no signature when there is no key', async () => {
    expect(await signMessage(head, body, [], wallSeconds)).toEqual({ text: '', evidence: [] });
  });
});

describe('the example of RFC 8463 appendix A', () => {
  const message = [
    'From: Joe SixPack <joe@football.example.com>',
    'To: Suzie Q <suzie@shopping.example.net>',
    'Subject: Is dinner ready?',
    'Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)',
    'Message-ID: <20030712040037.46341.5F8J@football.example.com>',
  ];
  const text = 'Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n';
  const field =
    'DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n d=football.example.com; i=@football.example.com;\r\n q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n subject : date : message-id : from : subject : date;\r\n bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=\r\n';
  const signature =
    '/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==';
  // RFC 8032's seed of the same example, as PKCS #8.
  const privateKey = createPrivateKey({
    key: Buffer.concat([
      Buffer.from('302e020100300506032b657004220420', 'hex'),
      Buffer.from('nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=', 'base64'),
    ]),
    format: 'der',
    type: 'pkcs8',
  });

  it('has our hash of the body', () => {
    expect(relaxedBodyHash(Buffer.from(text))).toBe('2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=');
  });

  it('has a signature over our canonical header, and we make the same one', () => {
    const canonical =
      message.map((line) => relaxedField(`${line}\r\n`)).join('') + relaxedField(field).slice(0, -2);
    const digest = createHash('sha256').update(canonical).digest();
    expect(signBytes(null, digest, privateKey).toString('base64')).toBe(signature);
    expect(verifyBytes(null, digest, createPublicKey(privateKey), Buffer.from(signature, 'base64'))).toBe(
      true,
    );
  });
});

describe('relaxed canonical form, by the examples of RFC 6376 §3.4.5', () => {
  it('of a header', () => {
    expect(relaxedField('A: X\r\n')).toBe('a:X\r\n');
    expect(relaxedField('B : Y\t\r\n\tZ  \r\n')).toBe('b:Y Z\r\n');
  });

  it.each([
    [' C \r\nD \t E\r\n\r\n\r\n', ' C\r\nD E\r\n'],
    ['', ''],
    ['\r\n\r\n', ''],
    ['  \r\n\t\r\n', ''],
    ['no end', 'no end\r\n'],
    ['a \r\n\r\nb', 'a\r\n\r\nb\r\n'],
  ])('of a body: %j', (given, canonical) => {
    expect(relaxedBodyHash(Buffer.from(given))).toBe(createHash('sha256').update(canonical).digest('base64'));
  });

  it('of a large body', () => {
    const line = 'x'.repeat(70);
    const large = `${line} \t ${line}  \r\n`.repeat(5_000);
    const canonical = `${line} ${line}\r\n`.repeat(5_000);
    expect(relaxedBodyHash(Buffer.from(large))).toBe(createHash('sha256').update(canonical).digest('base64'));
  });
});
