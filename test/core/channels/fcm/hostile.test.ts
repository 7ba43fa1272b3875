/** Requests that are no client's mistake but somebody's try: each gets Google's refusal, and nothing is thrown. */
import { describe, expect, it } from 'vitest';
import { fcmWorld } from './fcm-world.ts';

function tokenWith(claims: Readonly<Record<string, unknown>>): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part(claims)}.${part('signature')}`;
}

describe('FCM', () => {
  it.each([1e20, -1e20, Number.MAX_VALUE])(
    'takes a token that expires at %d for what it is, expired or good',
    async (exp) => {
      const told = await fcmWorld().send(
        { token: 'jane', notification: { title: 'x' } },
        { headers: { authorization: `Bearer ${tokenWith({ iss: 'a@b', exp })}` } },
      );
      expect(told.status).toBe(exp < 0 ? 401 : 200);
    },
  );

  it('refuses JSON that is nested too deep, in the words of the front end', async () => {
    const world = fcmWorld();
    const deep = `${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}`;
    const told = await world.ask('fcm', {
      path: '/v1/projects/p/messages:send',
      headers: { authorization: 'Bearer ya29.any' },
      body: `{"message":{"token":"jane","apns":{"payload":${deep}}}}`,
    });
    expect(told.status).toBe(400);
    expect(told.text).toContain('Message too deep');
    expect(world.accepted).toEqual([]);
  });

  it('keeps data whatever its keys are called', async () => {
    const world = fcmWorld();
    const told = await world.ask('fcm', {
      path: '/v1/projects/p/messages:send',
      headers: { authorization: 'Bearer ya29.any' },
      body: '{"message":{"token":"jane","data":{"__proto__":"kept","constructor":"too"}}}',
    });
    expect(told.status).toBe(200);
    const [put] = world.accepted[0]?.pushes?.puts ?? [];
    expect(Object.entries(put?.content.data ?? {})).toEqual([
      ['__proto__', 'kept'],
      ['constructor', 'too'],
    ]);
  });
});

describe('the token endpoint', () => {
  it.each([
    { grant_type: { toString: 1, valueOf: 1 } },
    { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: { toString: 1, valueOf: 1 } },
    {
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: tokenWith({ iss: 'a@b', aud: 'https://oauth2.googleapis.com/token', iat: { toString: 1 } }),
    },
  ])('refuses what is no text where text belongs (%j)', async (body) => {
    const told = await fcmWorld().ask('google', {
      path: '/token',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(told.status).toBe(400);
  });
});

describe('a form that is too large', () => {
  it('is refused before anybody reads it: to do so would take minutes', async () => {
    const told = await fcmWorld().ask('google', {
      path: '/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'a&'.repeat(1024 * 1024),
    });
    expect(told.status).toBe(413);
    expect(told.json()).toMatchObject({ error: 'invalid_request' });
  });
});

describe('the metadata server', () => {
  it('knows nothing of an account whose name is not well escaped', async () => {
    const told = await fcmWorld().ask('metadata', {
      method: 'GET',
      path: '/computeMetadata/v1/instance/service-accounts/%E0%A4%A/token',
      headers: { 'metadata-flavor': 'Google' },
    });
    expect(told.status).toBe(404);
  });
});
