/** When real providers are asked by themselves, how many at once, and when no more. */
import { describe, expect, it } from 'vitest';
import { createReadBack, type ReadBackPorts, readBackLimits } from '../../../core/app/read-back.ts';
import type { DeliveryRow, Status } from '../../../core/model/delivery.ts';
import type { NewAuditEntry, Relay } from '../../../core/model/live-relay.ts';
import { fakeClock } from '../../fake-clock.ts';

const relay: Relay = {
  id: 'r1',
  name: 'twilio',
  settings: {
    kind: 'twilio',
    account: 'AC1',
    sender: null,
    url: null,
    callbackUrl: null,
    ca: null,
  },
  createdAtMs: 0,
  verified: null,
};

function delivery(id: string, over: Partial<DeliveryRow> = {}): DeliveryRow {
  return {
    seq: Number(id.slice(1)),
    id,
    carriage: 'sms',
    messageId: `m${id}`,
    messageSeq: 1,
    project: 'default',
    recipient: '+14155550123',
    domain: 'api.twilio.com',
    provider: 'twilio',
    stream: 'transactional',
    status: 'sent',
    substatus: null,
    class: null,
    reason: null,
    attempts: 1,
    createdAtMs: 0,
    nextAttemptAtMs: null,
    expiresAtMs: 0,
    endedAtMs: null,
    placement: null,
    retryOf: null,
    waitsFor: null,
    heldSinceMs: null,
    heldBy: null,
    releasedAtMs: null,
    releasedFrom: [],
    mailFrom: null,
    editedFrom: null,
    live: 'r1',
    providerId: `SM${id}`,
    ...over,
  };
}

function worldOf(deliveries: readonly DeliveryRow[], over: Partial<ReadBackPorts> = {}) {
  const clock = fakeClock();
  const rows = new Map(deliveries.map((one) => [one.id, one]));
  const audit: NewAuditEntry[] = [];
  const asked: string[] = [];
  const said = new Map<string, string>();
  const told: string[] = [];
  let live = true;
  const readBack = createReadBack({
    clock,
    virtualMs: () => 0,
    isLive: () => live,
    relays: { find: (id) => (id === relay.id ? relay : null) },
    store: {
      delivery: (id) => {
        const found = rows.get(id);
        return Promise.resolve(
          found === undefined ? null : { delivery: found, parameters: null, attempts: [] },
        );
      },
      liveTaken: (limit) => Promise.resolve([...rows.values()].slice(0, limit)),
      addAudit(entries) {
        audit.push(...entries);
        return Promise.resolve();
      },
    },
    standing(_relay, { id }) {
      asked.push(id);
      const status = said.get(id) ?? 'sent';
      return Promise.resolve({
        kind: 'said',
        said: [{ providerId: null, status, code: null, reason: null }],
        words: {
          asked: true,
          protocol: 'http',
          method: 'GET',
          target: '/',
          fields: [],
          body: '',
          encoding: 'utf8',
          bytes: 0,
          truncated: false,
        },
      });
    },
    unifier: {
      reported(_provider, id, [one]) {
        told.push(`${id} ${one?.status}`);
        const status: Status = one?.status === 'delivered' ? 'delivered' : 'sent';
        const row = rows.get(id);
        if (row !== undefined) rows.set(id, { ...row, status });
        return Promise.resolve('done');
      },
    },
    onProblem: (text) => {
      throw new Error(text);
    },
    ...over,
  });
  return {
    readBack,
    clock,
    audit,
    asked,
    said,
    told,
    setLive: (next: boolean) => {
      live = next;
    },
    /** Lets a round that was begun come to its end: each waits for promises alone. */
    async round(): Promise<void> {
      clock.advance(readBackLimits.everyMs);
      for (let turn = 0; turn < 500; turn++) await Promise.resolve();
    },
  };
}

describe('asking real providers what became of it', () => {
  it('happens every fifteen seconds while live, and what is said twice is written down once', async () => {
    const world = worldOf([delivery('d1')]);
    world.readBack.wake();
    await world.round();
    await world.round();
    expect(world.asked).toEqual(['d1', 'd1']);
    expect(world.told).toEqual(['d1 sent']);
    world.said.set('d1', 'delivered');
    await world.round();
    expect(world.told).toEqual(['d1 sent', 'd1 delivered']);
    expect(world.audit.at(-1)).toMatchObject({
      kind: 'read_back',
      by: 'sandpost',
      deliveryId: 'd1',
      detail: { status: 'delivered' },
    });
    // At its end: nobody is asked after it any more.
    await world.round();
    expect(world.asked).toHaveLength(3);
  });

  it('is of fifty at once, those that waited longest first', async () => {
    const all = Array.from({ length: 70 }, (_, at) => delivery(`d${at + 1}`));
    const world = worldOf(all);
    world.readBack.wake();
    await world.round();
    expect(world.asked).toHaveLength(50);
    await world.round();
    expect(new Set(world.asked).size).toBe(70);
  });

  it('ends with live relay, and goes on for what was released until that is at its end, or all is stopped', async () => {
    const world = worldOf([delivery('d1'), delivery('d2')]);
    world.setLive(false);
    world.readBack.wake();
    await world.round();
    expect(world.asked).toEqual([]);
    world.readBack.follow(['d2']);
    await world.round();
    expect(world.asked).toEqual(['d2']);
    world.readBack.forget();
    await world.round();
    expect(world.asked).toEqual(['d2']);
    expect(world.clock.waiting).toBe(0);
  });

  it('follows a release for an hour and no longer', async () => {
    const world = worldOf([delivery('d1')]);
    world.setLive(false);
    world.readBack.follow(['d1']);
    world.clock.advance(readBackLimits.followMsMax - 1);
    await world.round();
    const before = world.asked.length;
    await world.round();
    expect(world.asked).toHaveLength(before);
  });

  it('says of each delivery that was asked for by hand what there is to say', async () => {
    const world = worldOf([
      delivery('d1', { live: null }),
      delivery('d2', { live: 'gone' }),
      delivery('d3', { status: 'queued' }),
    ]);
    expect(await world.readBack.ask(['d1', 'd2', 'd3', 'd4'], 'cli')).toMatchObject([
      { deliveryId: 'd1', outcome: 'not_live' },
      { deliveryId: 'd2', outcome: 'failed' },
      { deliveryId: 'd3', outcome: 'not_live' },
      { deliveryId: 'd4', outcome: 'unknown', status: null },
    ]);
    expect(world.asked).toEqual([]);
    await expect(world.readBack.ask([], 'cli')).rejects.toThrow('Name from 1');
  });
});
