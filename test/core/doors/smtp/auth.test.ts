import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AuthStep,
  type Credentials,
  decodeResponse,
  type Mechanism,
  mechanisms,
  startAuth,
} from '../../../../core/doors/smtp/auth.ts';

const challenge = '<1896.697170952@sandpost.localhost>';

/** Runs the conversation with these responses; the first goes along with AUTH when `initial`. */
function converse(mechanism: Mechanism, responses: readonly string[], initial: boolean): AuthStep {
  const waiting = responses.map((one) => Buffer.from(one));
  let step = startAuth(mechanism, initial ? (waiting.shift() ?? null) : null, () => challenge);
  while (step.next === 'challenge') {
    const response = waiting.shift();
    if (response === undefined) return step;
    step = step.answer(response);
  }
  return step;
}

function credentials(step: AuthStep): Credentials {
  if (step.next !== 'done') throw new Error(`not done: ${JSON.stringify(step)}`);
  return step.credentials;
}

describe.each([true, false])('with an initial response: %s', (initial) => {
  it('PLAIN tells user and password', () => {
    const given = credentials(converse('PLAIN', ['\0shop\0s3cret'], initial));
    expect(given.user).toBe('shop');
    expect(given.proves('s3cret')).toBe(true);
    expect(given.proves('s3cre')).toBe(false);
    expect(given.proves('')).toBe(false);
  });

  it('PLAIN may name an authorization identity', () => {
    expect(credentials(converse('PLAIN', ['admin\0shop\0s3cret'], initial)).user).toBe('shop');
  });

  it('LOGIN asks for the user name, then for the password', () => {
    const given = credentials(converse('LOGIN', ['shop', 's3cret'], initial));
    expect(given.user).toBe('shop');
    expect(given.proves('s3cret')).toBe(true);
    expect(given.proves('other')).toBe(false);
  });

  it('XOAUTH2 carries a bearer token', () => {
    const given = credentials(
      converse('XOAUTH2', ['user=me@example.com\x01auth=Bearer ya29.token\x01\x01'], initial),
    );
    expect(given.user).toBe('me@example.com');
    expect(given.proves('ya29.token')).toBe(true);
    expect(given.proves('ya29.other')).toBe(false);
  });
});

describe('CRAM-MD5', () => {
  const digest = createHmac('md5', 's3cret').update(challenge).digest('hex');

  it('proves the password without telling it', () => {
    const given = credentials(converse('CRAM-MD5', [`shop ${digest}`], false));
    expect(given.user).toBe('shop');
    expect(given.proves('s3cret')).toBe(true);
    expect(given.proves('other')).toBe(false);
  });

  it('takes a user name with spaces, and digits in capitals', () => {
    expect(credentials(converse('CRAM-MD5', [`my shop ${digest.toUpperCase()}`], false)).user).toBe(
      'my shop',
    );
  });

  it('agrees with the example of RFC 2195 §2', () => {
    const step = startAuth('CRAM-MD5', null, () => '<1896.697170952@postoffice.reston.mci.net>');
    if (step.next !== 'challenge') throw new Error('no challenge');
    const given = credentials(step.answer(Buffer.from('tim b913a602c7eda7a495b4e6e7334d3890')));
    expect(given.proves('tanstaaftanstaaf')).toBe(true);
  });
});

it.each<[Mechanism, readonly string[]]>([
  ['PLAIN', ['']],
  ['PLAIN', ['shop']],
  ['PLAIN', ['\0\0password']],
  ['PLAIN', ['a\0b\0c\0d']],
  ['LOGIN', ['']],
  ['CRAM-MD5', ['shop']],
  ['CRAM-MD5', ['shop 1234']],
  ['CRAM-MD5', [' 00000000000000000000000000000000']],
  ['XOAUTH2', ['user=me']],
  ['XOAUTH2', ['user=me\x01auth=Basic x\x01\x01']],
  ['XOAUTH2', ['auth=Bearer x\x01\x01']],
])('%s refuses %j as malformed', (mechanism, responses) => {
  expect(converse(mechanism, responses, false).next).toBe('malformed');
});

it('reads base64 and nothing else', () => {
  expect(decodeResponse('=')).toEqual(Buffer.alloc(0));
  expect(decodeResponse('')).toEqual(Buffer.alloc(0));
  expect(decodeResponse('AGEAYg==')?.toString()).toBe('\0a\0b');
  expect(decodeResponse('AGEAYg')?.toString()).toBe('\0a\0b');
  for (const wrong of ['a', 'a b', 'ab=c', '%%%%', 'AGE\0']) expect(decodeResponse(wrong), wrong).toBeNull();
});

it('never throws, whatever a client answers', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...mechanisms),
      fc.array(fc.string({ unit: 'binary' })),
      fc.boolean(),
      (...args) => {
        const step = converse(...args);
        if (step.next === 'done') step.credentials.proves('anything');
      },
    ),
  );
});
