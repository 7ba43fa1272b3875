/** Each provider's own habit, with an app that is down, slow, redirects, or answers whatever it likes. */
import { generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { infobip } from '../../../core/channels/sms/infobip/index.ts';
import { messagebird } from '../../../core/channels/sms/messagebird/index.ts';
import type { SmsRoom } from '../../../core/channels/sms/room.ts';
import { sinch } from '../../../core/channels/sms/sinch/index.ts';
import { telnyx } from '../../../core/channels/sms/telnyx/index.ts';
import { twilio } from '../../../core/channels/sms/twilio/index.ts';
import { vonage } from '../../../core/channels/sms/vonage/index.ts';
import type { HttpCallback } from '../../../core/model/callback.ts';
import { aggregatorWorld } from '../channels/sms/aggregator-world.ts';
import { startMs } from '../delivery/world.ts';
import { type CallbackWorld, openCallbackWorld, queueCallbacks, reportTo } from './callback-world.ts';

const hourMs = 3_600_000;
const lifetimeMs = 72 * hourMs;

/** What an app may do, by the path that it is called at. */
const apps = {
  yes: () => new Response(null, { status: 204 }),
  'server-error': () => new Response('oops', { status: 500 }),
  'too-many': () => new Response(null, { status: 429, headers: { 'retry-after': '30' } }),
  gone: () => new Response(null, { status: 410 }),
  moved: () => new Response(null, { status: 302, headers: { location: 'http://127.0.0.1:9/' } }),
  down: () => {
    throw new Error('connect ECONNREFUSED');
  },
  'breaks-off': () =>
    new Response(
      new ReadableStream({
        pull: (controller) => controller.error(new Error('terminated')),
      }),
    ),
} as const;
type AppKind = keyof typeof apps | 'silent';
const kinds: readonly AppKind[] = [
  'yes',
  'server-error',
  'too-many',
  'gone',
  'moved',
  'down',
  'breaks-off',
  'silent',
];

let world: CallbackWorld | null = null;
afterEach(async () => {
  await world?.close();
  world = null;
});

/** @returns by what the app does, after how many seconds it was called */
async function callsOf(
  room: SmsRoom,
  about: (url: string) => Partial<HttpCallback> = () => ({}),
): Promise<ReadonlyMap<AppKind, readonly number[]>> {
  const { ports } = await aggregatorWorld(room);
  const own = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const habit = room.habit({ ...ports, secrets: { ...ports.secrets, own: () => own } });
  const times = new Map<AppKind, number[]>(kinds.map((kind) => [kind, []]));
  const w = await openCallbackWorld({
    habit,
    fetch: (url, init) => {
      const kind = kinds.find((one) => new URL(url).pathname.startsWith(`/${one}`)) ?? 'yes';
      times.get(kind)?.push((w.virtual.nowMs() - startMs) / 1_000);
      if (kind !== 'silent') return Promise.resolve().then(() => apps[kind]());
      return new Promise((_, reject) => {
        init.signal?.addEventListener('abort', () => reject(new Error('aborted')));
        // It waits as long as the provider does, by a clock that goes on at once.
        setImmediate(() => w.clock.advance(habit.timeoutMs));
      });
    },
  });
  world = w;
  const callbacks = kinds.map((kind, at) => {
    const url = `http://127.0.0.1:${4_000 + at}/${kind}`;
    return reportTo(url, { provider: room.provider, ...about(url) });
  });
  const ids = await queueCallbacks(w.store, callbacks, startMs, lifetimeMs);
  await w.travel.advance(lifetimeMs + hourMs);
  for (const id of ids) {
    const found = await w.store.delivery(id);
    // Every one of them has come to an end, and what was tried is in its log.
    expect(found?.delivery.status).toBe(id === ids[0] ? 'delivered' : 'undeliverable');
    expect(found?.attempts.length).toBe(times.get(kinds[ids.indexOf(id)] ?? 'yes')?.length);
  }
  return times;
}

const counts = (times: ReadonlyMap<AppKind, readonly number[]>): Record<string, number> =>
  Object.fromEntries([...times].map(([kind, all]) => [kind, all.length]));

const json = (): Partial<HttpCallback> => ({
  contentType: 'application/json',
  body: '{"data":{},"meta":{}}',
});

describe('an app that does not take a report', () => {
  it('is called by Twilio once more where it could not be reached, and that is all', async () => {
    expect(counts(await callsOf(twilio))).toEqual({
      yes: 1,
      'server-error': 1,
      'too-many': 1,
      gone: 1,
      moved: 1,
      down: 2,
      'breaks-off': 2,
      silent: 2,
    });
  });

  it('is called by Vonage’s SMS API for three days, ever slower up to a quarter of an hour', async () => {
    const times = await callsOf(vonage, () => ({ ...json(), body: '{}', extra: { api: 'sms' } }));
    const down = times.get('down') ?? [];
    expect(down.slice(0, 5)).toEqual([0, 5, 15, 35, 75]);
    expect((down.at(-1) ?? 0) - (down.at(-2) ?? 0)).toBe(900);
    for (const [kind, all] of times)
      expect([kind, all.length]).toEqual([kind, kind === 'yes' ? 1 : down.length]);
  });

  it('is called by MessageBird ten times', async () => {
    const times = await callsOf(messagebird, () => ({ method: 'GET', contentType: null, body: '' }));
    for (const [kind, all] of times) expect([kind, all.length]).toEqual([kind, kind === 'yes' ? 1 : 10]);
    expect(times.get('gone')?.slice(0, 4)).toEqual([0, 60, 180, 420]);
  });

  it('is called by Sinch fourteen times more after 429, 5xx and no answer, and never after another refusal', async () => {
    const times = await callsOf(sinch, json);
    expect(counts(times)).toEqual({
      yes: 1,
      'server-error': 15,
      'too-many': 15,
      gone: 1,
      moved: 1,
      down: 15,
      'breaks-off': 15,
      silent: 15,
    });
    expect(times.get('down')?.slice(0, 4)).toEqual([0, 5, 15, 35]);
  });

  it('is called by Infobip for two days, at squares of minutes', async () => {
    const times = await callsOf(infobip, json);
    for (const [kind, all] of times) expect([kind, all.length]).toEqual([kind, kind === 'yes' ? 1 : 22]);
    expect(times.get('moved')?.slice(0, 4)).toEqual([0, 60, 180, 480]);
    expect(times.get('moved')?.at(-1)).toBe(48 * 3_600 + 11 * 60);
  });

  it('is called by Telnyx three times at each of its addresses', async () => {
    const times = await callsOf(telnyx, (url) => ({ ...json(), extra: { urls: [url, `${url}-failover`] } }));
    for (const [kind, all] of times) expect([kind, all.length]).toEqual([kind, kind === 'yes' ? 1 : 6]);
    expect(times.get('silent')).toEqual([0, 5, 10, 15, 20, 25]);
  });
});
