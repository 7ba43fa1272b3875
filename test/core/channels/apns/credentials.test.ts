import { sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { apnsWorld, connection, jwt, kid, privateKey, publicKey, startMs, teamId } from './apns-world.ts';

const bearer = (token: string) => ({ authorization: `bearer ${token}` });

describe('a provider token', () => {
  it('may be signed by openssl, as on Apple’s page on command-line tools', async () => {
    const world = await apnsWorld({ keys: [{ kid, teamId, publicKey }], strict: true });
    const [header, claims] = jwt().split('.');
    const signed = (text: string): string =>
      sign('sha256', Buffer.from(text), privateKey).toString('base64url');
    const push = (signature: string) => world.push({ fields: bearer(`${header}.${claims}.${signature}`) });
    expect((await push(signed(`${header}.${claims}`))).status).toBe(200);
    expect(world.handovers[0]?.details?.push?.credentials).toMatchObject({ signature: 'valid' });
    for (const wrong of [signed('another text'), 'AAAA', Buffer.alloc(64).toString('base64url')])
      expect(await push(wrong)).toMatchObject({ status: 403, body: '{"reason":"InvalidProviderToken"}' });
  });

  it('that a rule called expired may be followed by a new one at once, and no more than that', async () => {
    const world = await apnsWorld();
    const on = connection();
    const [first, second, third] = [3, 2, 1].map((ago) => jwt({}, startMs - ago * 1000));
    const push = (token = '') => world.push({ on, fields: bearer(token) });
    world.script = [{ do: 'answer', reason: 'ExpiredProviderToken' }];
    expect((await push(first)).body).toBe('{"reason":"ExpiredProviderToken"}');
    world.script = [];
    expect((await push(second)).status).toBe(200);
    expect((await push(third)).body).toBe('{"reason":"TooManyProviderTokenUpdates"}');
    expect((await push(second)).status).toBe(200);
  });
});
