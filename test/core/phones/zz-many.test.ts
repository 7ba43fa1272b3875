/** Whatever happens in whatever order, each push is in one state, and memory says what the store says. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Action } from '../../../core/rules/schema.ts';
import { dayMs, hourMs, type PhoneWorld, type Planned, phoneWorld } from './world.ts';

const runs = 50;

type Step =
  | {
      readonly do: 'push';
      readonly collapseKey: string | null;
      readonly forMs: number | null;
      readonly silent: boolean;
      readonly after: readonly Action[];
      readonly ends: 'settled' | 'later' | 'undone';
    }
  | { readonly do: 'offline'; readonly forMs: number | null }
  | { readonly do: 'online' | 'rotate' | 'uninstall' | 'install' | 'restart' | 'release' | 'dismiss' }
  | { readonly do: 'advance'; readonly byMs: number };

const span = fc.integer({ min: 1, max: 5 }).map((hours) => hours * hourMs);
const after: fc.Arbitrary<readonly Action[]> = fc.oneof(
  { weight: 5, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: span.map((ms): Action[] => [{ do: 'delay', ms }]) },
  { weight: 1, arbitrary: fc.constant<Action[]>([{ do: 'duplicate', copies: 2 }]) },
  { weight: 1, arbitrary: fc.constant<Action[]>([{ do: 'blackHole' }]) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('push' as const),
      collapseKey: fc.constantFrom(null, null, 'a', 'b', 'c', 'd', 'e'),
      forMs: fc.option(span),
      silent: fc.boolean(),
      after,
      ends: fc.constantFrom('settled' as const, 'settled' as const, 'later' as const, 'undone' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('offline' as const), forMs: fc.option(span) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('advance' as const), byMs: span }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'online' as const,
        'rotate' as const,
        'uninstall' as const,
        'install' as const,
        'restart' as const,
        'release' as const,
        'dismiss' as const,
      ),
    }),
  },
);

describe('phones', () => {
  for (const platform of ['ios', 'android'] as const) {
    it(`keep each push of an ${platform} phone in one state, in memory as in the store`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
          const world = await phoneWorld();
          const { phone, entry } = await world.phone(platform);
          const open: Planned[] = [];
          const accepted = new Set<string>();
          for (const one of steps) await take(world, phone.id, entry.app, one, open, accepted);
          await finish(world, open, accepted);
          await consistent(world, phone.id, accepted);
          await world.restart();
          await consistent(world, phone.id, accepted);
          await world.phones.install(phone.id, { app: entry.app });
          await world.phones.switchOn(phone.id);
          await world.advance(31 * dayMs);
          expect((await world.rows(phone.id)).filter((row) => row.state === 'stored')).toEqual([]);
          expect(world.problems).toEqual([]);
          await consistent(world, phone.id, accepted);
        }),
        { numRuns: runs },
      );
    }, 120_000);
  }
});

async function take(
  world: PhoneWorld,
  phoneId: string,
  app: string,
  one: Step,
  open: Planned[],
  accepted: Set<string>,
): Promise<void> {
  const [entry] = world.phones.get(phoneId)?.apps ?? [];
  if (entry === undefined) throw new Error('the app is gone');
  switch (one.do) {
    case 'push': {
      if (!entry.installed) return;
      const planned = world.planned(entry, {
        collapseKey: one.collapseKey,
        expiresAtMs: one.forMs === null ? null : world.virtual.nowMs() + one.forMs,
        content: { silent: one.silent },
        after: one.after,
      });
      if (one.ends === 'undone') return planned.plan.undo();
      open.push(planned);
      if (one.ends === 'settled') await finish(world, open, accepted);
      return;
    }
    case 'offline':
      await world.phones.switchOff(phoneId, one.forMs);
      return;
    case 'online':
      await world.phones.switchOn(phoneId);
      return;
    case 'rotate':
      if (entry.installed) await world.phones.rotate(phoneId, { app });
      return;
    case 'uninstall':
      if (entry.installed)
        await world.phones.uninstall(phoneId, app, { tellAfterSends: null, tellAfterMs: null });
      return;
    case 'install':
      await world.phones.install(phoneId, { app });
      return;
    case 'restart':
      // As after kill -9: what was planned and not stored never was.
      open.length = 0;
      await world.restart();
      return;
    case 'release':
      await finish(world, open, accepted);
      return;
    case 'dismiss':
      await world.phones.clear(phoneId);
      return;
    case 'advance':
      await world.advance(one.byMs);
  }
}

/** Stored in another order than they were planned. */
async function finish(world: PhoneWorld, open: Planned[], accepted: Set<string>): Promise<void> {
  for (const planned of open.splice(0).reverse()) {
    await planned.store();
    for (const { id } of planned.plan.puts) accepted.add(id);
    world.phones.farSide.settled(planned.plan);
  }
  await world.phones.idle();
}

async function consistent(world: PhoneWorld, phoneId: string, accepted: ReadonlySet<string>): Promise<void> {
  const rows = await world.rows(phoneId);
  const own = rows.filter((row) => row.content.data.message_type !== 'deleted_messages');
  expect(own.map((row) => row.id).sort()).toEqual([...accepted].sort());
  expect(world.phones.waiting(phoneId)).toBe(rows.filter((row) => row.state === 'stored').length);
  for (const row of rows) {
    expect([row.state, row.state === 'delivered']).toEqual([
      row.state,
      row.deliveredAtMs !== null && row.state !== 'stored' && row.state !== 'expired' && row.state !== 'lost',
    ]);
    if (row.state === 'delivered' && row.expiresAtMs !== null)
      expect(row.deliveredAtMs ?? 0).toBeLessThan(row.expiresAtMs);
    if (row.deliveryId === null) continue;
    const status = (await world.store.delivery(row.deliveryId))?.delivery;
    expect([row.state, status?.status]).toEqual([
      row.state,
      {
        stored: 'sent',
        delivered: 'delivered',
        expired: 'undeliverable',
        collapsed: 'undeliverable',
        discarded: 'undeliverable',
        lost: 'sent',
      }[row.state],
    ]);
  }
  const tags = new Map<string, number>();
  for (const { state, shown, collapseKey, flags } of rows)
    if (state === 'delivered' && shown && collapseKey !== null && !flags.dismissed)
      tags.set(collapseKey, (tags.get(collapseKey) ?? 0) + 1);
  // Of an iPhone one with a collapse id is shown at the most.
  if (world.phones.get(phoneId)?.platform === 'ios')
    expect([...tags.values()].every((count) => count === 1)).toBe(true);
}
