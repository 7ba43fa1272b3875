import { describe, expect, it } from 'vitest';
import { policyOf } from '../../../core/delivery/policy.ts';
import type { Suspension } from '../../../core/delivery/suspensions.ts';
import type { Carriage } from '../../../core/model/delivery.ts';
import type { ClaimedRow } from '../../../core/store/deliveries.ts';
import { neverHeld } from './never-held.ts';
import { startMs } from './world.ts';

const hourMs = 3_600_000;

function row(about: { readonly carriage?: Carriage; readonly suppressed?: ClaimedRow['suppressed'] } = {}) {
  const { carriage = 'email', suppressed = null } = about;
  return {
    delivery: {
      seq: 1,
      id: 'd1',
      carriage,
      messageId: 'm1',
      messageSeq: 1,
      project: 'main',
      recipient: 'jane@example.com',
      domain: 'example.com',
      provider: 'default',
      stream: 'transactional',
      status: 'queued',
      substatus: null,
      class: null,
      reason: null,
      attempts: 0,
      createdAtMs: startMs,
      nextAttemptAtMs: null,
      expiresAtMs: startMs + 48 * hourMs,
      endedAtMs: null,
      placement: null,
      retryOf: null,
      ...neverHeld,
    },
    dueAtMs: startMs,
    parameters: null,
    message: null,
    suppressed,
  } satisfies ClaimedRow;
}

const suspended = (match: Suspension['match'], untilMs: number | null = null): readonly Suspension[] => [
  { id: 's1', match, action: 'suspend', reason: 'maintenance', createdAtMs: startMs, untilMs },
];
const facts = { nowMs: startMs, suspensions: [], takePlace: () => null };

describe('what waits', () => {
  it.each([
    ['a suspension without an end', suspended({ by: 'all', value: '' })],
    ['one that ends later than it', suspended({ by: 'all', value: '' }, startMs + 72 * hourMs)],
  ])('for %s is looked at when its lifetime is over', (_name, suspensions) => {
    expect(policyOf(row(), { ...facts, suspensions })).toMatchObject({
      kind: 'postpone',
      dueAtMs: startMs + 48 * hourMs,
    });
  });

  it('for a place that comes free after its lifetime is looked at when that is over', () => {
    const verdict = policyOf(row(), { ...facts, takePlace: () => startMs + 60 * hourMs });
    expect(verdict).toMatchObject({ kind: 'postpone', dueAtMs: startMs + 48 * hourMs });
  });
});

describe('the call of a webhook', () => {
  const call = row({ carriage: 'webhook', suppressed: { reason: 'hard_bounce', scope: 'all' } });

  it('is made although the address that it tells of is suppressed', () => {
    expect(policyOf(call, facts)).toEqual({ kind: 'go' });
  });

  it('is mail of no stream', () => {
    const suspensions = suspended({ by: 'stream', value: 'transactional' });
    expect(policyOf(call, { ...facts, suspensions })).toEqual({ kind: 'go' });
    expect(policyOf(row(), { ...facts, suspensions }).kind).toBe('postpone');
  });
});
