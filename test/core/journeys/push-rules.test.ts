/** Rules and magic tokens, from what an app does to what it is told: by the send API, and by FCM's own door. */
import { afterEach, describe, expect, it } from 'vitest';
import type { DeliveryDetail } from '../../../core/api/schema.ts';
import { hexOf } from '../../../core/rules/magic-tokens.ts';
import { startCore, type TestCore } from '../../start-core.ts';

let core: TestCore | null = null;
afterEach(async () => {
  await core?.close();
  core = null;
});

async function call<T>(to: TestCore, method: string, path: string, body: unknown): Promise<T> {
  const answer = await to.get(path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as T;
}

async function sent(to: TestCore, token: string): Promise<DeliveryDetail> {
  const { deliveries } = await call<{ deliveries: readonly { id: string }[] }>(to, 'POST', '/v1/messages', {
    channel: 'push',
    to: { token, provider: 'apns', app: 'com.shop.app' },
    title: 'Your order is here',
  });
  await to.app.settled();
  return to.json<DeliveryDetail>(`/v1/deliveries/${deliveries[0]?.id}`);
}

/** As an app would, at the door of FCM. */
async function pushed(to: TestCore, token: string) {
  const answer = await fetch(`http://127.0.0.1:${to.port('providers')}/fcm/v1/projects/shop/messages:send`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer any' },
    body: JSON.stringify({ message: { token, notification: { title: 'Größe M', body: 'is here' } } }),
  });
  return {
    status: answer.status,
    retryAfter: answer.headers.get('retry-after'),
    text: await answer.text(),
  };
}

async function hits(to: TestCore): Promise<readonly string[]> {
  const { entries } = await to.json<{ entries: readonly { label: string; action: string }[] }>(
    '/v1/rules/hits',
  );
  return entries.map(({ label, action }) => `${label}: ${action}`).toReversed();
}

describe('a push of the send API', () => {
  it('finds a magic token refused in the words of its provider', async () => {
    core = await startCore(['--deliver']);
    const gone = await sent(core, hexOf('unregistered-jane'));
    expect(gone).toMatchObject({ status: 'undeliverable', class: 'bad_address' });
    expect(JSON.stringify(gone.attemptLog)).toContain('Unregistered');
    const bad = await sent(core, hexOf('bad-jane').padEnd(64, '0'));
    expect(bad).toMatchObject({ status: 'undeliverable', class: 'bad_address' });
    expect(JSON.stringify(bad.attemptLog)).toContain('BadDeviceToken');
    expect(await hits(core)).toEqual(['unregistered: answer', 'bad: answer']);
  });

  it('is put off by a rule, and then goes on', async () => {
    core = await startCore(['--deliver']);
    await call(core, 'PUT', '/v1/rules', {
      rules: [
        {
          name: 'busy',
          stage: 'farSide',
          when: { provider: 'apns', subject: 'order' },
          then: { do: 'answer', reason: 'TooManyRequests', retryAfterS: 60, times: 1 },
        },
      ],
    });
    const first = await sent(core, 'ab'.repeat(32));
    expect(first).toMatchObject({ status: 'queued', substatus: 'deferred' });
    await call(core, 'POST', '/v1/clock', { toNext: true });
    await core.app.settled();
    const second = await core.json<DeliveryDetail>(`/v1/deliveries/${first.id}`);
    expect(second.status).toBe('delivered');
    expect(second.attemptLog).toHaveLength(2);
    expect(await hits(core)).toEqual(['busy: answer']);
  });

  it('is held in the queue before anybody is asked', async () => {
    core = await startCore(['--deliver']);
    const held = await sent(core, hexOf('hold-jane'));
    expect(held).toMatchObject({ status: 'queued', substatus: 'held', attempts: 0 });
    await call(core, 'POST', `/v1/deliveries/${held.id}/release`, {});
    await core.app.settled();
    expect(await core.json<DeliveryDetail>(`/v1/deliveries/${held.id}`)).toMatchObject({
      status: 'delivered',
    });
  });
});

describe('a push of an app itself', () => {
  it('finds magic tokens at the door', async () => {
    core = await startCore(['--deliver']);
    expect(await pushed(core, 'unregistered-jane')).toMatchObject({
      status: 404,
      text: expect.stringContaining('"UNREGISTERED"'),
    });
    expect(await pushed(core, 'ratelimited-30s-x1-jane')).toMatchObject({ status: 429, retryAfter: '30' });
    expect((await pushed(core, 'ratelimited-30s-x1-jane')).status).toBe(200);
    expect((await pushed(core, 'jane-1')).status).toBe(200);
  });

  it('meets rules by its words', async () => {
    core = await startCore(['--deliver']);
    await call(core, 'PUT', '/v1/rules', {
      rules: [
        {
          name: 'no such size',
          stage: 'farSide',
          when: { door: 'fcm', sender: 'shop', subject: 'größe', body: { matches: 'is\\s+here' } },
          then: { do: 'answer', reason: 'UNAVAILABLE', times: 1 },
        },
      ],
    });
    expect((await pushed(core, 'jane-1')).status).toBe(503);
    expect((await pushed(core, 'jane-1')).status).toBe(200);
    expect(await hits(core)).toEqual(['no such size: answer']);
  });
});
