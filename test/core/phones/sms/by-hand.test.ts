import { expect, it } from 'vitest';
import { carrierWorld, hourMs, mobile } from './world.ts';

it('never sends by itself what its provider has scheduled: it cannot be held, retried or resumed', async () => {
  const world = await carrierWorld();
  const sms = await world.send({ sendAtMs: world.virtual.nowMs() + hourMs });
  const ids = [sms.deliveryId ?? ''];
  const nowMs = world.virtual.nowMs();
  for (const kind of ['hold', 'release', 'retry_now', 'resume'] as const)
    expect(await world.store.order(ids, { kind, nowMs, reason: 'x' })).toEqual([]);
  expect(await world.store.claim({ nowMs: nowMs + hourMs, limit: 10 })).toEqual([]);
  await world.advance(hourMs);
  expect(await world.states(sms)).toBe('scheduled accepted sent delivered');
});

it('a scheduled one that is canceled by hand never gets to its handset, also after a restart', async () => {
  const world = await carrierWorld();
  const sms = await world.send({ sendAtMs: world.virtual.nowMs() + hourMs });
  const nowMs = world.virtual.nowMs();
  await world.store.order([sms.deliveryId ?? ''], { kind: 'cancel', nowMs, reason: 'not any more' });
  await world.restart();
  await world.advance(2 * hourMs);
  expect(await world.states(sms)).toBe('scheduled canceled');
  expect(await world.delivery(sms)).toEqual(['canceled', null, null]);
});

it('one that a rule holds, and that is bounced by hand, is at its end: the app hears of it', async () => {
  const world = await carrierWorld();
  const sms = await world.send({ after: [{ do: 'hold' }] });
  const nowMs = world.virtual.nowMs();
  const order = { kind: 'bounce', nowMs, reason: 'no', class: 'policy' } as const;
  expect(await world.store.order([sms.deliveryId ?? ''], order)).toHaveLength(1);
  await world.advance(0);
  expect(await world.states(sms)).toBe('accepted held undelivered');
  expect(await world.delivery(sms)).toEqual(['undeliverable', null, 'policy']);
  expect(world.carriers.handsets.waiting(mobile)).toBe(0);
  expect(await world.told(sms.messageId ?? '')).toContainEqual(['undelivered', 0]);
});

it('keeps the message of an SMS that is on its way, however little is kept', async () => {
  const world = await carrierWorld();
  const sms = await world.send({ after: [{ do: 'delay', ms: hourMs }] });
  const none = { countMax: 0, ageMaxMs: null, bytesMax: null };
  while (await world.store.prune(none, world.virtual.nowMs()));
  await world.advance(2 * hourMs);
  expect(await world.states(sms)).toBe('accepted sent delivered');
});
