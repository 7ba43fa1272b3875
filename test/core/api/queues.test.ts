import { describe, expect, it } from 'vitest';
import type { Delivery, DeliverySettings, Queues, Suspension } from '../../../core/api/schema.ts';
import { deferred, startMs } from '../delivery/world.ts';
import { type Listed, type QueueWorld, startQueueWorld } from './queue-world.ts';

const minuteMs = 60_000;
const iso = (afterStartMs: number): string => new Date(startMs + afterStartMs).toISOString();

async function statuses(core: QueueWorld): Promise<Readonly<Record<string, string>>> {
  const { entries } = await core.get<Listed<Delivery>>('/v1/deliveries');
  return Object.fromEntries(entries.map((one) => [one.recipient, one.substatus ?? one.status]));
}

describe('the queue', () => {
  it('says what waits, where, and when it is due', async () => {
    const core = await startQueueWorld();
    core.world.answer = () => deferred(30 * minuteMs);
    await core.world.send(['a@one.example', 'b@one.example', 'c@two.example']);
    await core.idle();
    await core.done('POST', '/v1/queues/hold', { recipientContains: 'b@' });
    const queues = await core.get<Queues>('/v1/queues');
    expect(queues).toMatchObject({ queued: 3, deferred: 2, held: 1, underWay: 0, suspensions: [] });
    expect(queues.byDomain).toEqual([
      {
        domain: 'one.example',
        provider: 'default',
        queued: 2,
        deferred: 1,
        held: 1,
        nextAt: iso(30 * minuteMs),
      },
      {
        domain: 'two.example',
        provider: 'default',
        queued: 1,
        deferred: 1,
        held: 0,
        nextAt: iso(30 * minuteMs),
      },
    ]);
    expect(queues.due).toEqual([{ at: iso(30 * minuteMs), count: 2 }]);
  });

  it('is told what to do with all that match', async () => {
    const core = await startQueueWorld();
    core.world.answer = () => deferred();
    await core.world.send(['a@one.example', 'b@two.example', 'c@two.example']);
    await core.idle();
    expect(await core.done('POST', '/v1/queues/hold', { domain: 'two.example', reason: 'outage' })).toEqual({
      count: 2,
    });
    expect(await statuses(core)).toEqual({
      'a@one.example': 'deferred',
      'b@two.example': 'held',
      'c@two.example': 'held',
    });
    expect(await core.done('POST', '/v1/queues/release', { recipientContains: 'c@two' })).toEqual({
      count: 1,
    });
    await core.idle();
    expect(await core.done('POST', '/v1/queues/bounce', { substatus: 'held' })).toEqual({ count: 1 });
    expect(await core.done('POST', '/v1/queues/cancel', { all: true })).toEqual({ count: 2 });
    expect(await statuses(core)).toEqual({
      'a@one.example': 'canceled',
      'b@two.example': 'undeliverable',
      'c@two.example': 'canceled',
    });
  });

  it('is told of one recipient, and leaves alone who looks alike', async () => {
    const core = await startQueueWorld();
    core.world.answer = () => deferred();
    await core.world.send(['ann@one.example', 'joann@one.example']);
    await core.idle();
    const order = { recipient: 'Ann@One.example' };
    expect(await core.done('POST', '/v1/queues/cancel', order)).toEqual({ count: 1 });
    expect(await statuses(core)).toEqual({ 'ann@one.example': 'canceled', 'joann@one.example': 'deferred' });
  });

  it('wants to hear that everything is meant, and nothing that it would pass over', async () => {
    const core = await startQueueWorld();
    core.world.answer = () => deferred();
    await core.world.send(['a@one.example']);
    await core.idle();
    for (const body of [{}, { domain: '' }, { status: 'sent' }, { status: 'canceled', all: true }])
      expect(await core.refusal('POST', '/v1/queues/bounce', body)).toMatchObject({ code: 'bad_request' });
    expect(await core.refusal('POST', '/v1/queues/release', { substatus: 'deferred' })).toMatchObject({
      code: 'bad_request',
    });
    expect(await statuses(core)).toEqual({ 'a@one.example': 'deferred' });
  });
});

describe('suspensions', () => {
  it('let a domain wait until they end, or are taken away', async () => {
    const core = await startQueueWorld();
    const made = await core.done<Suspension>('POST', '/v1/queues/suspensions', {
      by: 'domain',
      value: 'One.example',
      reason: 'they are down',
      durationMs: 60 * minuteMs,
    });
    expect(made).toMatchObject({
      by: 'domain',
      value: 'one.example',
      action: 'suspend',
      reason: 'they are down',
      createdAt: iso(0),
      until: iso(60 * minuteMs),
    });
    await core.world.send(['a@one.example', 'b@two.example']);
    await core.idle();
    expect(await statuses(core)).toEqual({ 'a@one.example': 'queued', 'b@two.example': 'sent' });
    const { entries } = await core.get<Listed<Delivery>>('/v1/deliveries?status=queued');
    expect(entries[0]?.reason).toContain('they are down');
    expect((await core.get<Queues>('/v1/queues')).suspensions).toEqual([made]);

    expect((await core.ask('DELETE', `/v1/queues/suspensions/${made.id}`)).status).toBe(204);
    await core.idle();
    expect(await statuses(core)).toMatchObject({ 'a@one.example': 'sent' });
    expect(await core.refusal('DELETE', `/v1/queues/suspensions/${made.id}`)).toMatchObject({ status: 404 });
  });

  it('turn everything back when told so', async () => {
    const core = await startQueueWorld();
    await core.done('POST', '/v1/queues/suspensions', { by: 'all', action: 'bounce', reason: 'closed' });
    await core.world.send(['a@one.example']);
    await core.idle();
    expect(await statuses(core)).toEqual({ 'a@one.example': 'undeliverable' });
  });

  it('must name what they mean, and why', async () => {
    const core = await startQueueWorld();
    for (const body of [
      { by: 'domain', reason: 'x' },
      { by: 'stream', value: 'news', reason: 'x' },
      { by: 'all', reason: '' },
      { by: 'all', reason: 'x', durationMs: -1 },
    ])
      expect(await core.refusal('POST', '/v1/queues/suspensions', body)).toMatchObject({
        code: 'bad_request',
      });
  });
});

describe('the settings of the delivery core', () => {
  it('are read and set as a whole', async () => {
    const core = await startQueueWorld();
    const settings = await core.get<DeliverySettings>('/v1/queues/settings');
    expect(settings).toMatchObject({ deliver: true, lifetimeMs: 48 * 60 * minuteMs });
    const changed = await core.done<DeliverySettings>('PUT', '/v1/queues/settings', {
      ...settings,
      retryDelaysMs: [5_000],
      jitter: 0,
    });
    expect(changed.retryDelaysMs).toEqual([5_000]);
    expect(await core.get('/v1/queues/settings')).toEqual(changed);
    core.world.answer = () => deferred();
    await core.world.send(['a@one.example']);
    await core.idle();
    const { entries } = await core.get<Listed<Delivery>>('/v1/deliveries');
    expect(entries[0]?.nextAttemptAt).toBe(iso(5_000));
  });

  it('refuse what makes no sense, naming the field', async () => {
    const core = await startQueueWorld();
    const refusal = await core.refusal('PUT', '/v1/queues/settings', { jitter: 3, retryDelaysMs: [] });
    expect(refusal).toMatchObject({ status: 400, code: 'bad_request' });
    expect(refusal.detail).toContain('jitter');
    expect(refusal.detail).toContain('retryDelaysMs');
  });
});
