/** What rules and magic numbers want done with a message after the yes. */
import { describe, expect, it } from 'vitest';
import { smscNoteOf } from '../../../../core/model/smsc.ts';
import { carrierWorld, hourMs, mobile } from './world.ts';

const reportsOf = async (world: Awaited<ReturnType<typeof carrierWorld>>, messageId: string | null) =>
  world.told(messageId ?? '');

describe('a report that a rule wants', () => {
  it.each([
    ['undelivered', '30007', 'accepted sent undelivered'],
    ['failed', '30008', 'accepted failed'],
    ['delivered', undefined, 'accepted sent delivered'],
    ['canceled', undefined, 'accepted sent canceled'],
  ])('%s %s leads to it', async (status, code, states) => {
    const world = await carrierWorld();
    const sms = await world.send({
      after: [{ do: 'report', status, afterMs: 0, ...(code === undefined ? {} : { code }) }],
    });
    expect(await world.states(sms)).toBe(states);
    expect((await world.row(sms)).steps.at(-1)).toMatchObject({
      status,
      code: code ?? null,
      cause: 'on_purpose',
      reason: 'reported on purpose by the rule “a rule”',
    });
    expect((await reportsOf(world, sms.messageId)).at(-1)?.[0]).toBe(status);
  });

  it('comes later, and after a restart too', async () => {
    const world = await carrierWorld();
    const sms = await world.send({
      after: [{ do: 'report', status: 'undelivered', code: '30003', afterMs: hourMs }],
    });
    expect(await world.states(sms)).toBe('accepted sent');
    expect(await world.delivery(sms)).toEqual(['sent', null, null]);
    await world.restart();
    await world.advance(hourMs);
    expect(await world.states(sms)).toBe('accepted sent undelivered');
    expect(await world.delivery(sms)).toEqual(['undeliverable', null, 'inactive']);
  });

  it('that is no end ends when the carrier gives up', async () => {
    const world = await carrierWorld();
    const sms = await world.send({
      validityMs: hourMs,
      after: [{ do: 'report', status: 'sending', afterMs: 0 }],
    });
    expect((await world.row(sms)).steps.map(({ status }) => status)).toEqual(['queued', 'sent', 'sending']);
    await world.advance(hourMs);
    expect(await world.states(sms)).toBe('accepted sent sent expired');
  });
});

describe('reports on purpose', () => {
  it('are lost, repeated, late, or out of order', async () => {
    const world = await carrierWorld();
    const about = { times: 3, ms: 60_000 };
    const lost = await world.send({ after: [{ do: 'reports', how: 'lose', ...about }] });
    expect(await reportsOf(world, lost.messageId)).toEqual([]);
    expect(await world.states(lost)).toBe('accepted sent delivered');
    const repeated = await world.send({ after: [{ do: 'reports', how: 'repeat', ...about }] });
    expect((await reportsOf(world, repeated.messageId)).map(([tells]) => tells)).toEqual([
      ...['sent', 'sent', 'sent'],
      ...['delivered', 'delivered', 'delivered'],
    ]);
    const late = await world.send({ after: [{ do: 'reports', how: 'late', ...about }] });
    expect(await reportsOf(world, late.messageId)).toEqual([
      ['sent', 60_000],
      ['delivered', 60_000],
    ]);
    const shuffled = await world.send({ after: [{ do: 'reports', how: 'shuffle', ...about }] });
    expect((await reportsOf(world, shuffled.messageId)).map(([tells]) => tells)).toEqual([
      'delivered',
      'sent',
    ]);
  });

  it('stay so for what comes later, after a restart', async () => {
    const world = await carrierWorld();
    await world.send();
    await world.carriers.handsets.switchOff(mobile, hourMs);
    const sms = await world.send({ after: [{ do: 'reports', how: 'lose', times: 2, ms: 1 }] });
    await world.restart();
    await world.advance(hourMs);
    expect(await world.states(sms)).toBe('accepted sent held delivered');
    expect(await reportsOf(world, sms.messageId)).toEqual([]);
  });
});

it('holds a message until its delivery is released', async () => {
  const world = await carrierWorld();
  const sms = await world.send({ after: [{ do: 'hold' }] });
  expect(await world.states(sms)).toBe('accepted held');
  expect(await world.delivery(sms)).toEqual(['sent', 'held', null]);
  await world.restart();
  await world.advance(100 * hourMs);
  expect(await world.states(sms)).toBe('accepted held');
  const nowMs = world.virtual.nowMs();
  const released = await world.store.order([sms.deliveryId ?? ''], { kind: 'release', nowMs, reason: 'x' });
  expect(released).toHaveLength(1);
  await world.advance(1);
  expect(await world.states(sms)).toBe('accepted held sent delivered');
  expect(await world.delivery(sms)).toEqual(['delivered', null, null]);
});

it('holds one for later, which keeps its time', async () => {
  const world = await carrierWorld();
  const sendAtMs = world.virtual.nowMs() + 2 * hourMs;
  const sms = await world.send({ sendAtMs, after: [{ do: 'hold' }] });
  expect(await world.states(sms)).toBe('scheduled held');
  await world.store.order([sms.deliveryId ?? ''], {
    kind: 'release',
    nowMs: world.virtual.nowMs(),
    reason: 'x',
  });
  await world.advance(hourMs);
  expect(await world.states(sms)).toBe('scheduled held');
  await world.advance(hourMs);
  expect(await world.states(sms)).toBe('scheduled held accepted sent delivered');
});

it('comes late, and expires where that is too late', async () => {
  const world = await carrierWorld();
  const late = await world.send({ after: [{ do: 'delay', ms: hourMs }] });
  const tooLate = await world.send({ validityMs: hourMs - 1, after: [{ do: 'delay', ms: hourMs }] });
  expect(await world.states(late)).toBe('accepted sent');
  await world.advance(hourMs);
  expect(await world.states(late)).toBe('accepted sent delivered');
  expect(await world.states(tooLate)).toBe('accepted sent expired');
});

it('is lost without a word more', async () => {
  const world = await carrierWorld();
  const sms = await world.send({ after: [{ do: 'blackHole' }] });
  expect(await world.states(sms)).toBe('accepted sent unknown');
  expect((await world.row(sms)).steps.at(-1)).toMatchObject({ cause: 'lost' });
});

it('is shown more than once', async () => {
  const world = await carrierWorld();
  const sms = await world.send({ after: [{ do: 'duplicate', copies: 3 }] });
  expect(smscNoteOf(await world.row(sms)).copies).toBe(3);
  expect(await world.states(sms)).toBe('accepted sent delivered');
});

it('finds the handset switched off, which comes back by itself', async () => {
  const world = await carrierWorld();
  const sms = await world.send({ after: [{ do: 'offline', forMs: hourMs }] });
  expect(await world.states(sms)).toBe('accepted sent held');
  await world.advance(hourMs);
  expect(await world.states(sms)).toBe('accepted sent held delivered');
});

it('of our own sends changes no delivery: its reports do', async () => {
  const world = await carrierWorld();
  await world.send();
  await world.carriers.handsets.switchOff(mobile, hourMs);
  const sms = await world.send({ own: true });
  const before = await world.delivery(sms);
  await world.advance(hourMs);
  expect(await world.states(sms)).toBe('accepted sent held delivered');
  expect(await world.delivery(sms)).toEqual(before);
});
