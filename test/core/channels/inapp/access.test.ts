import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  backendDenied,
  credentialsOf,
  foreignPage,
  isAllowedOrigin,
  userDenied,
} from '../../../../core/channels/inapp/access.ts';
import type { InAppDoorSettings } from '../../../../core/channels/inapp/settings.ts';

const open: InAppDoorSettings = {
  requireKey: false,
  requireHash: false,
  publishableKey: 'pk_1',
  secretKey: 'sk_1',
  allowedOrigins: [],
  retryAfterMs: 0,
};
const closed = { ...open, requireKey: true, requireHash: true };
const hash = createHmac('sha256', 'sk_1').update('jane').digest('hex');

test('any credentials will do, and none, until they are asked for', () => {
  expect(userDenied({ key: null, hash: null }, 'jane', open)).toBeNull();
  expect(userDenied({ key: 'any', hash: 'any' }, 'jane', open)).toBeNull();
  expect(backendDenied({ key: null, hash: null }, open)).toBeNull();
});

test('the publishable key and the hash of the user’s id are for that user alone', () => {
  expect(userDenied({ key: 'pk_1', hash }, 'jane', closed)).toBeNull();
  expect(userDenied({ key: 'pk_1', hash: hash.toUpperCase() }, 'jane', closed)).toBeNull();
  expect(userDenied({ key: 'pk_1', hash }, 'joe', closed)?.code).toBe('forbidden');
  expect(userDenied({ key: 'pk_1', hash }, null, closed)?.code).toBe('forbidden');
  expect(userDenied({ key: 'pk_1', hash: null }, 'jane', closed)?.code).toBe('forbidden');
  expect(userDenied({ key: null, hash }, 'jane', closed)?.code).toBe('unauthorized');
  expect(userDenied({ key: 'pk_2', hash }, 'jane', closed)?.code).toBe('unauthorized');
});

test('the secret key acts for any user, and it alone sends', () => {
  expect(userDenied({ key: 'sk_1', hash: null }, 'joe', closed)).toBeNull();
  expect(backendDenied({ key: 'sk_1', hash: null }, closed)).toBeNull();
  expect(backendDenied({ key: 'pk_1', hash }, closed)?.code).toBe('forbidden');
  expect(backendDenied({ key: null, hash }, closed)?.code).toBe('unauthorized');
});

test.each([
  ['keys', { ...open, requireKey: true }],
  ['hashes', { ...open, requireHash: true }],
])('where %s are asked for, what is the backend’s is for the secret key', (_what, settings) => {
  expect(backendDenied({ key: null, hash }, settings)?.code).toBe('unauthorized');
  expect(backendDenied({ key: 'pk_1', hash }, settings)?.code).toBe('forbidden');
  expect(backendDenied({ key: 'sk_1', hash: null }, settings)).toBeNull();
});

test('credentials come by fields, and by the query', () => {
  const none = (): null => null;
  expect(credentialsOf(none, new URLSearchParams('key=pk_1&hash=ab'))).toEqual({ key: 'pk_1', hash: 'ab' });
  const fields = new Map([
    ['authorization', 'Bearer pk_2'],
    ['x-user-hash', 'cd'],
  ]);
  const field = (name: string): string | null => fields.get(name) ?? null;
  expect(credentialsOf(field, new URLSearchParams('key=pk_1'))).toEqual({ key: 'pk_2', hash: 'cd' });
});

test.each<[string, readonly string[], boolean]>([
  ['http://localhost:5173', [], true],
  ['http://127.0.0.1:3000', [], true],
  ['http://[::1]:3000', [], true],
  ['http://app.localhost', [], true],
  ['https://app.example', [], false],
  ['null', [], false],
  ['https://localhost.evil.example', [], false],
  ['https://app.example', ['https://app.example'], true],
  ['https://app.example:8443', ['https://app.example'], false],
  ['null', ['*'], true],
])('pages of %s with %j', (origin, allowedOrigins, expected) => {
  expect(isAllowedOrigin(origin, { ...open, allowedOrigins })).toBe(expected);
});

test.each<[string, Partial<Parameters<typeof foreignPage>[0]>, string | null]>([
  ['a server', { host: 'sandpost.internal:8026', agent: 'node' }, null],
  ['a picture in another site’s page', { site: 'cross-site', host: 'localhost:8026' }, 'another site'],
  ['a page of this machine', { site: 'same-site', host: 'localhost:8026', agent: 'Mozilla/5.0' }, null],
  ['a name that leads here', { host: 'evil.example:8026', agent: 'Mozilla/5.0' }, 'evil.example:8026'],
  ['an allowed name', { host: 'app.example', agent: 'Mozilla/5.0' }, null],
  ['a device of the network', { host: '192.168.1.5:8026', agent: 'Mozilla/5.0' }, null],
  ['a container', { host: 'sandpost:8026', agent: 'Mozilla/5.0' }, null],
])('without an origin: %s', (_who, said, expected) => {
  const settings = { ...open, allowedOrigins: ['https://app.example'] };
  expect(foreignPage({ site: null, host: null, agent: null, ...said }, settings)).toBe(expected);
});
