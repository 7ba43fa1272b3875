import { describe, expect, it } from 'vitest';
import type { Delivery, DeliveryDetail, Holding, List } from '../../../core/api/schema.ts';
import { deferred, startMs } from '../delivery/world.ts';
import { type Listed, type QueueWorld, startQueueWorld } from './queue-world.ts';

const minuteMs = 60_000;
const iso = (afterStartMs: number): string => new Date(startMs + afterStartMs).toISOString();

/** Deliveries that were tried once and wait, in the order of their recipients. */
async function waiting(core: QueueWorld, recipients: readonly string[]): Promise<readonly string[]> {
  core.world.answer = () => deferred();
  const ids = await core.world.send(recipients);
  await core.idle();
  return ids;
}

describe('a hold', () => {
  it('says since when, and what else a delivery waits for', async () => {
    const core = await startQueueWorld();
    const [id] = await waiting(core, ['jane@b.example']);
    const path = `/v1/deliveries/${id}`;
    expect(await core.get(path)).toMatchObject({ waitsFor: 'retry', heldSince: null, heldBy: null });
    await core.world.travel.advance(10_000);
    await core.done('POST', `${path}/hold`);
    expect(await core.get(path)).toMatchObject({ waitsFor: 'hold', heldSince: iso(10_000), heldBy: null });
    await core.world.store.order([id ?? ''], { kind: 'release', nowMs: startMs, reason: '' });
    const hold = { kind: 'hold', nowMs: startMs, reason: 'by a rule' } as const;
    await core.world.store.order([id ?? ''], { ...hold, cause: 'r-1', causeLabel: 'legal' });
    expect(await core.get(path)).toMatchObject({ heldBy: { rule: 'r-1', label: 'legal' } });
    await core.world.store.order([id ?? ''], { kind: 'release', nowMs: startMs, reason: '' });
    await core.world.store.order([id ?? ''], { ...hold, cause: '+hold' });
    expect(await core.get(path)).toMatchObject({ heldBy: { rule: null, label: '+hold' } });
  });

  it('is released with another envelope, which the attempt and its notice go by', async () => {
    const core = await startQueueWorld();
    const [first = '', second = ''] = await waiting(core, ['jane@b.example', 'joe@b.example']);
    await core.done('POST', '/v1/queues/hold', { ids: [first, second] });
    const before = core.world.jobs.length;
    const released = await core.done<DeliveryDetail>('POST', `/v1/deliveries/${first}/release`, {
      reason: 'a slip',
      envelope: { from: 'other@shop.example', to: 'Jane@Gmail.com' },
    });
    expect(released).toMatchObject({
      recipient: 'Jane@Gmail.com',
      domain: 'gmail.com',
      provider: 'gmail',
      mailFrom: 'other@shop.example',
      envelopeBefore: { from: 'from@example.com', to: 'jane@b.example' },
    });
    await core.idle();
    expect(core.world.jobs.slice(before).map(({ to }) => to)).toEqual([['Jane@Gmail.com']]);
  });

  it('is not released to what is no address, and the field is named', async () => {
    const core = await startQueueWorld();
    const [id] = await waiting(core, ['jane@b.example']);
    await core.done('POST', `/v1/deliveries/${id}/hold`);
    const response = await core.ask('POST', `/v1/deliveries/${id}/release`, {
      envelope: { from: 'no address', to: '' },
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: 'bad_request',
      errors: [{ field: 'envelope.from' }, { field: 'envelope.to', code: 'malformed_address' }],
    });
    expect(await core.get(`/v1/deliveries/${id}`)).toMatchObject({ substatus: 'held' });
    expect(await core.done('POST', `/v1/deliveries/${id}/release`, { envelope: { from: '' } })).toMatchObject(
      { mailFrom: '', recipient: 'jane@b.example' },
    );
  });

  it('of what a provider has is released as it is', async () => {
    const core = await startQueueWorld();
    const [id] = await core.world.send(['jane@b.example']);
    await core.idle();
    await core.done('POST', `/v1/deliveries/${id}/hold`);
    const envelope = { to: 'joe@b.example' };
    expect(await core.refusal('POST', `/v1/deliveries/${id}/release`, { envelope })).toMatchObject({
      status: 409,
      code: 'not_possible',
    });
    expect(await core.done('POST', '/v1/queues/release', { status: 'sent' })).toEqual({ count: 1 });
  });

  it('puts deliveries of one message with different MAIL FROM into jobs of their own', async () => {
    const core = await startQueueWorld();
    const ids = await waiting(core, ['jane@b.example', 'joe@b.example']);
    expect(core.world.jobs.length).toBeGreaterThan(0);
    await core.done('POST', '/v1/queues/hold', { ids });
    const before = core.world.jobs.length;
    await core.world.store.order([ids[0] ?? ''], {
      kind: 'release',
      nowMs: startMs,
      reason: '',
      envelope: { from: 'other@shop.example' },
    });
    await core.done('POST', `/v1/deliveries/${ids[1]}/release`);
    await core.idle();
    expect(core.world.jobs.slice(before).map(({ to }) => to.length)).toEqual([1, 1]);
  });
});

describe('orders to some', () => {
  it('are for those named, and say how many it was done to', async () => {
    const core = await startQueueWorld();
    const ids = await waiting(core, ['a@b.example', 'b@b.example', 'c@b.example']);
    const [a, b] = ids;
    expect(await core.done('POST', '/v1/queues/hold', { ids: [a, b, 'none'] })).toEqual({ count: 2 });
    expect(await core.done('POST', '/v1/queues/release', { ids })).toEqual({ count: 2 });
    await core.idle();
    expect(await core.done('POST', '/v1/queues/bounce', { ids: [a], recipientContains: 'b@b' })).toEqual({
      count: 0,
    });
    expect(await core.done('POST', '/v1/queues/cancel', { ids: [a] })).toEqual({ count: 1 });
    expect(await core.done('POST', '/v1/queues/cancel', { ids: [a, b] })).toEqual({ count: 1 });
    const { entries } = await core.get<Listed<Delivery>>('/v1/deliveries?status=queued');
    expect(entries.map(({ recipient }) => recipient)).toEqual(['c@b.example']);
  });

  it('take ten thousand ids, and no more', async () => {
    const core = await startQueueWorld();
    const [id] = await waiting(core, ['a@b.example']);
    const many = Array.from({ length: 9_999 }, (_, at) => `unknown-${at}`);
    expect(await core.done('POST', '/v1/queues/hold', { ids: [...many, id] })).toEqual({ count: 1 });
    for (const ids of [[], [...many, 'one', 'two']])
      expect(await core.refusal('POST', '/v1/queues/hold', { ids })).toMatchObject({ code: 'bad_request' });
  });
});

describe('a bounce with a chosen reply', () => {
  const reply = { code: 550, enhanced: '5.1.1', text: 'No such user here' };

  it('ends as that reply would, and suppresses nothing unless it is told to', async () => {
    const core = await startQueueWorld();
    const [one, two] = await waiting(core, ['a@b.example', 'b@b.example']);
    expect(await core.done('POST', `/v1/deliveries/${one}/bounce`, { reply })).toMatchObject({
      status: 'undeliverable',
      class: 'bad_address',
      reason: '550 5.1.1 No such user here',
    });
    const suppressed = () => core.get<List<{ readonly address: string }>>('/v1/suppressions');
    expect((await suppressed()).entries).toEqual([]);
    await core.done('POST', '/v1/queues/bounce', { ids: [two], reply, suppress: true, reason: 'on purpose' });
    expect(await core.get(`/v1/deliveries/${two}`)).toMatchObject({
      class: 'bad_address',
      reason: 'on purpose',
    });
    expect((await suppressed()).entries).toMatchObject([{ address: 'b@b.example', reason: 'hard_bounce' }]);
  });

  it('owes its sender a notice in the words of the reply', async () => {
    const core = await startQueueWorld();
    const [id] = await waiting(core, ['a@b.example']);
    await core.done('POST', `/v1/deliveries/${id}/bounce`, { reply });
    await core.idle();
    expect(core.world.acts.map(({ data }) => data.deliveries)).toContainEqual([
      { id, said: { text: '550 5.1.1 No such user here', status: '5.1.1', remoteMta: null } },
    ]);
  });

  it('never suppresses for what is the fault of the sender', async () => {
    const core = await startQueueWorld();
    const [id] = await waiting(core, ['a@b.example']);
    await core.done('POST', `/v1/deliveries/${id}/bounce`, {
      reply: { code: 550, enhanced: '5.7.26', text: 'Unauthenticated email is not accepted' },
      suppress: true,
    });
    expect((await core.get<List<unknown>>('/v1/suppressions')).entries).toEqual([]);
  });

  it.each([
    { reply: { code: 450, text: 'later' } },
    { reply: { code: 550, enhanced: '4.1.1', text: 'x' } },
    { reply: { code: 550, text: 'two\r\nlines' } },
    { reply: { code: 550, text: '' } },
    { suppress: true },
  ])('is refused when it is none: %j', async (body) => {
    const core = await startQueueWorld();
    const [id] = await waiting(core, ['a@b.example']);
    expect(await core.refusal('POST', `/v1/deliveries/${id}/bounce`, body)).toMatchObject({
      status: 400,
      code: 'bad_request',
    });
  });
});

describe('what is held beforehand', () => {
  it('is read and set as a whole', async () => {
    let kept: Holding = { everything: false, domains: [], since: null };
    const core = await startQueueWorld({
      holding: {
        get: () => kept,
        async set(next) {
          kept = { ...next, since: iso(minuteMs) };
          return kept;
        },
      },
    });
    expect(await core.get('/v1/queues/holding')).toEqual(kept);
    expect(
      await core.done('PUT', '/v1/queues/holding', { everything: true, domains: [' Slow.Example '] }),
    ).toEqual({ everything: true, domains: ['slow.example'], since: iso(minuteMs) });
    expect(await core.refusal('PUT', '/v1/queues/holding', { everything: 'yes' })).toMatchObject({
      code: 'bad_request',
    });
  });
});
