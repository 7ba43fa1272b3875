/** What stands between a claim and an attempt, one named step a line. Pure: all it needs to know comes in. */
import { isCall, type OutcomeClass } from '../model/delivery.ts';
import type { ClaimedRow } from '../store/deliveries.ts';
import type { LiveDecision, LivePass } from './live.ts';
import { type Suspension, suspensionOf } from './suspensions.ts';

export type Verdict =
  /** `live`: by a relay, with `row` as it goes; absent in the sandbox. */
  | { readonly kind: 'go'; readonly live?: { readonly pass: LivePass; readonly row: ClaimedRow } }
  | { readonly kind: 'hold'; readonly reason: string; readonly cause: string; readonly label: string }
  | { readonly kind: 'fail'; readonly class: OutcomeClass; readonly reason: string; readonly text: string }
  | {
      readonly kind: 'postpone';
      readonly dueAtMs: number;
      readonly waitsFor: 'suspension' | 'limit';
      readonly reason: string;
    };

export interface PolicyFacts {
  readonly nowMs: number;
  readonly suspensions: readonly Suspension[];
  /** When the stream's rate lets the next one go, or null when now. Asked last, for asking takes a place. */
  readonly takePlace: (row: ClaimedRow) => number | null;
  /** By which way it goes; left out: the sandbox. Asked last of all, for asking takes a place under the cap. */
  readonly wayOf?: (row: ClaimedRow) => LiveDecision;
}

const steps: readonly ((row: ClaimedRow, facts: PolicyFacts) => Verdict | null)[] = [
  failIfExpired,
  failIfSuppressed,
  stopIfSuspended,
  waitIfOverRate,
  holdIfNotAllowedLive,
];

export function policyOf(row: ClaimedRow, facts: PolicyFacts): Verdict {
  for (const step of steps) {
    const verdict = step(row, facts);
    if (verdict !== null) return verdict;
  }
  return { kind: 'go' };
}

/** Live relay sends to those who are listed, as many as are allowed; the others wait for somebody to say so. */
function holdIfNotAllowedLive(row: ClaimedRow, { wayOf }: PolicyFacts): Verdict | null {
  const way = wayOf?.(row) ?? { kind: 'sandbox' };
  switch (way.kind) {
    case 'sandbox':
      return null;
    case 'live':
      return { kind: 'go', live: { pass: way.pass, row: way.row } };
    case 'hold':
      return { kind: 'hold', reason: way.reason, cause: way.cause, label: 'Live relay' };
  }
}

function failIfExpired({ delivery }: ClaimedRow, { nowMs }: PolicyFacts): Verdict | null {
  if (delivery.expiresAtMs > nowMs) return null;
  const last = delivery.reason === null ? '' : ` Last time: ${delivery.reason}`;
  return {
    kind: 'fail',
    class: 'expired',
    reason: 'expired',
    text: `The queue lifetime is over after ${delivery.attempts} attempts.${last}`,
  };
}

/** The list is about who is written to: a call to the app may name an address on it, of a message that came in say. */
function failIfSuppressed({ delivery, suppressed }: ClaimedRow): Verdict | null {
  if (suppressed === null || isCall(delivery.carriage)) return null;
  return {
    kind: 'fail',
    class: 'opted_out',
    reason: 'suppressed',
    text: `The address is on the suppression list (${suppressed.reason.replaceAll('_', ' ')}, scope ${suppressed.scope}); nothing was sent. Take it off the list to send again.`,
  };
}

function stopIfSuspended({ delivery, message }: ClaimedRow, facts: PolicyFacts): Verdict | null {
  const tags = message?.tags ?? [];
  const found = suspensionOf(facts.suspensions, { ...delivery, tags }, facts.nowMs);
  if (found === null) return null;
  const reason = `${found.match.by === 'all' ? 'the queue' : `${found.match.by} ${found.match.value}`} is suspended: ${found.reason}`;
  if (found.action === 'bounce')
    return { kind: 'fail', class: 'policy', reason: 'filtered', text: found.reason };
  return {
    kind: 'postpone',
    // Suspended mail grows older: it ends when its lifetime does, whether the suspension has an end or not.
    dueAtMs: Math.min(found.untilMs ?? delivery.expiresAtMs, delivery.expiresAtMs),
    waitsFor: 'suspension',
    reason,
  };
}

function waitIfOverRate(row: ClaimedRow, facts: PolicyFacts): Verdict | null {
  const freeAtMs = facts.takePlace(row);
  if (freeAtMs === null) return null;
  return {
    kind: 'postpone',
    dueAtMs: Math.min(freeAtMs, row.delivery.expiresAtMs),
    waitsFor: 'limit',
    reason: `the rate of the stream ${row.delivery.stream} is reached`,
  };
}
