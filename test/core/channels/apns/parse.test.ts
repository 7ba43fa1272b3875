import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isToken,
  pushTypes,
  readDevicePath,
  readExpiration,
  readHeaders,
  readId,
  readPayload,
  splitTopic,
} from '../../../../core/channels/apns/parse.ts';
import { apnsSettingsSchema } from '../../../../core/channels/apns/schema.ts';
import { kid, privateKey, publicKey, TestFields, teamId } from './apns-world.ts';

describe('a topic', () => {
  it.each(Object.entries(pushTypes).filter(([, suffix]) => suffix !== ''))(
    'for %s ends with %s',
    (type, suffix) => {
      expect(splitTopic(`com.example.shop${suffix}`)).toEqual({ app: 'com.example.shop', type });
    },
  );

  it('that is nothing but a suffix is an app', () => {
    expect(splitTopic('.voip')).toEqual({ app: '.voip', type: null });
  });
});

describe('apns-expiration', () => {
  it.each([
    [null, { kind: 'usual' }],
    ['0', { kind: 'nowOrNever' }],
    ['00', { kind: 'nowOrNever' }],
    ['1795348800', { kind: 'until', wallMs: 1_795_348_800_000 }],
    ['', null],
    ['1.5', null],
    ['1e9', null],
    [' 1', null],
    ['999999999999', null],
  ])('%s', (text, expected) => {
    expect(readExpiration(text)).toEqual(expected);
  });
});

describe('a device token', () => {
  it.each([
    ['00', true],
    ['A1b2', true],
    ['f'.repeat(200), true],
    ['', false],
    ['abc', false],
    ['zz', false],
    ['f'.repeat(2_002), false],
  ])('%s: %s', (token, expected) => {
    expect(isToken(token)).toBe(expected);
  });

  it('may be written with escapes', () => {
    expect(readDevicePath('POST', '/3/device/a%2Bb')).toEqual({ ok: true, token: 'a+b' });
    expect(readDevicePath('POST', '/3/device/%zz')).toEqual({ ok: true, token: '%zz' });
  });
});

describe('whatever comes', () => {
  const field = fc.tuple(
    fc.constantFrom(
      'apns-id',
      'apns-topic',
      'apns-push-type',
      'apns-priority',
      'apns-expiration',
      'apns-collapse-id',
      'via',
    ),
    fc.string(),
  );

  it('is read or refused, never thrown at', () => {
    fc.assert(
      fc.property(
        fc.array(field),
        fc.string(),
        fc.uint8Array({ maxLength: 6_000 }),
        (entries, path, body) => {
          const fields = new TestFields(entries);
          for (const read of [
            readDevicePath('POST', `/3/device/${path}`),
            readId(fields, 'apns-id'),
            readHeaders(fields, null),
            readPayload(body, false, null),
          ])
            expect(read.ok || typeof read.reason === 'string').toBe(true);
        },
      ),
    );
  });
});

describe('the settings', () => {
  it('take a public key, or a .p8 file', () => {
    for (const pem of [publicKey, privateKey])
      expect(apnsSettingsSchema.parse({ keys: [{ kid, teamId, publicKey: pem }] }).keys).toHaveLength(1);
  });

  it('refuse what is no key, and say so', () => {
    const read = apnsSettingsSchema.safeParse({ keys: [{ kid, teamId, publicKey: 'abc' }] });
    expect(read.error?.issues).toMatchObject([
      { path: ['keys', 0, 'publicKey'], message: 'The key is no PEM of a public key, nor of a .p8 file.' },
    ]);
  });
});
