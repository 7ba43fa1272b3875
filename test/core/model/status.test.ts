import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Status, statuses, substatuses } from '../../../core/model/delivery.ts';
import {
  type DeliveryState,
  isEnd,
  type TransitionKind,
  transition,
  transitionKinds,
} from '../../../core/model/status.ts';

const rank: Readonly<Record<Status, number>> = {
  queued: 0,
  sent: 1,
  delivered: 2,
  undeliverable: 2,
  canceled: 2,
};
const start: DeliveryState = { status: 'queued', substatus: null };
const walks = fc.array(fc.constantFrom(...transitionKinds), { maxLength: 40 });

function walk(kinds: readonly TransitionKind[]): DeliveryState[] {
  const seen = [start];
  for (const kind of kinds) {
    const next = transition(seen.at(-1) ?? start, kind);
    if (next !== null) seen.push(next);
  }
  return seen;
}

describe('the status machine', () => {
  it('answers for every status and every transition', () => {
    for (const status of statuses)
      for (const substatus of [null, ...substatuses])
        for (const kind of transitionKinds) {
          const next = transition({ status, substatus }, kind);
          if (next !== null) expect(statuses).toContain(next.status);
        }
  });

  it('never goes back, and never skips sent on the way to delivered', () => {
    fc.assert(
      fc.property(walks, (kinds) => {
        const seen = walk(kinds);
        for (const [index, now] of seen.entries()) {
          const before = seen[index - 1];
          if (before === undefined) continue;
          expect(rank[now.status]).toBeGreaterThanOrEqual(rank[before.status]);
          if (now.status === 'delivered') expect(before.status).toBe('sent');
        }
      }),
    );
  });

  it('keeps an end an end', () => {
    for (const status of statuses.filter(isEnd))
      for (const kind of transitionKinds) expect(transition({ status, substatus: null }, kind)).toBeNull();
  });

  it('waits before an acceptance as queued, after it as sent', () => {
    for (const kind of ['defer', 'hold', 'release'] as const)
      for (const status of ['queued', 'sent'] as const)
        expect(transition({ status, substatus: null }, kind)?.status).toBe(status);
  });

  it('cancels only what nobody took yet', () => {
    expect(transition(start, 'cancel')).toEqual({ status: 'canceled', substatus: null });
    expect(transition({ status: 'sent', substatus: null }, 'cancel')).toBeNull();
  });

  it('lets a provider say that it called back what it took', () => {
    for (const status of ['queued', 'sent'] as const)
      expect(transition({ status, substatus: null }, 'recall')).toEqual({
        status: 'canceled',
        substatus: null,
      });
  });
});
