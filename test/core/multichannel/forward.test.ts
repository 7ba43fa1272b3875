/** Statuses only ever move forward, in whatever order a provider tells of the messages that a send led to. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createBus } from '../../../core/bus.ts';
import type { NewDelivery, Status } from '../../../core/model/delivery.ts';
import type { Channel, Submission } from '../../../core/model/message.ts';
import { noDetails } from '../../../core/model/message-details.ts';
import { stepProgress } from '../../../core/model/multi-steps.ts';
import type { DeliveryStep } from '../../../core/model/sms.ts';
import { openSqliteStore } from '../../../core/store/sqlite/sqlite-store.ts';
import { fakeClock } from '../../fake-clock.ts';
import { temporaryFolder } from '../../start-core.ts';

const rank: Readonly<Record<Status, number>> = {
  queued: 0,
  sent: 1,
  delivered: 2,
  undeliverable: 2,
  canceled: 2,
};
const kinds = ['send', 'deliver', 'fail', 'hold', 'release', 'unconfirm', 'cancel'] as const;

it('of a way: only forward, whatever its deliveries are', () => {
  const statuses = fc.constantFrom<Status>('queued', 'sent', 'delivered', 'undeliverable', 'canceled');
  const deliveries = fc.array(statuses, { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(deliveries, { minLength: 1, maxLength: 8 }), (moments) => {
      let standing: Status = 'queued';
      for (const moment of moments) {
        const next = stepProgress(
          standing,
          moment.map((status) => ({ status, class: null, reason: null })),
        );
        if (next === null) continue;
        expect(rank[next.status]).toBeGreaterThanOrEqual(rank[standing]);
        if (rank[standing] === 2)
          expect([standing, next.status]).toEqual([expect.not.stringMatching('delivered$'), 'delivered']);
        standing = next.status;
      }
    }),
  );
});

it('of a send: in every order of what is told of its ways', { timeout: 120_000 }, async () => {
  const folder = await temporaryFolder();
  const store = await openSqliteStore({
    file: `${folder}/forward.db`,
    durability: 'off',
    bus: createBus((error) => {
      throw error;
    }),
    clock: fakeClock(),
    onNotice: () => undefined,
    onFatal: () => undefined,
  });
  let made = 0;
  const told = fc.record({
    way: fc.integer({ min: 0, max: 2 }),
    device: fc.integer({ min: 0, max: 1 }),
    kind: fc.constantFrom(...kinds),
  });
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(told, { minLength: 1, maxLength: 20 }), async (tales) => {
        const name = `s${++made}`;
        await store.accept(message(name, 'multi', [delivery(name, null)]));
        const [parent] = (await store.message(name))?.deliveries ?? [];
        const parentId = parent?.id ?? '';
        for (const [at, channel] of (['push', 'sms', 'email'] as const).entries())
          await store.accept({
            ...message(`${name}-${at}`, channel, [
              delivery(`${name}-${at}-0`, 1),
              delivery(`${name}-${at}-1`, 1),
            ]),
            details: {
              ...noDetails,
              partOf: { messageId: name, deliveryId: parentId, step: at + 1, startedAtMs: 1 },
            },
          });
        let before: Status = 'queued';
        for (const [at, { way, device, kind }] of tales.entries()) {
          await store.note([
            {
              deliveryId: `${name}-${way}-${device}`,
              type: 'reported',
              nowMs: 10 + at,
              data: {},
              change: { kind: 'step', step: said(kind) },
            },
          ]);
          const after = (await store.delivery(parentId))?.delivery.status ?? 'queued';
          expect(rank[after]).toBeGreaterThanOrEqual(rank[before]);
          if (rank[before] === 2) expect(after).toBe(before);
          before = after;
        }
        const ways = await store.parts(name);
        const statuses = ways.flatMap((one) => one.deliveries.map(({ status }) => status));
        if (statuses.includes('delivered')) expect(before).toBe('delivered');
        const types = (await store.events({ after: 0, limit: 1_000, messageId: name })).map(
          ({ type }) => type,
        );
        const reached = types.filter((type) => type in rank);
        expect(reached).toEqual(['queued', 'sent', 'delivered'].slice(0, reached.length));
      }),
      { numRuns: 60 },
    );
  } finally {
    await store.close();
  }
});

function said(kind: DeliveryStep['kind']): DeliveryStep {
  return { kind, class: kind === 'fail' ? 'inactive' : null, reason: null, providerStatus: kind, code: null };
}

function delivery(id: string, dueAtMs: number | null): NewDelivery {
  return {
    id,
    recipient: 'jane',
    domain: '',
    provider: null,
    stream: 'transactional',
    parameters: null,
    dueAtMs,
    expiresAtMs: 1_000_000,
    status: 'queued',
    substatus: null,
    reason: null,
    class: null,
    retryOf: null,
  };
}

function message(id: string, channel: Channel, to: readonly NewDelivery[]): Submission {
  return {
    id,
    receivedAtMs: 1,
    channel,
    door: 'api',
    project: 'main',
    user: null,
    envelopeFrom: '',
    envelopeTo: ['user:jane'],
    envelopeParameters: null,
    spooled: [],
    tail: Buffer.from('{}'),
    bytes: 2,
    exchange: null,
    delivery: { nowMs: 1, to },
    details: null,
    tags: [],
  };
}
