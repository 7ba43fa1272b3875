/** What an attempt, or the policy before it, means for a delivery. Pure. */
import { chanceOf, numberOf } from '../model/chance.ts';
import type { Carriage, OutcomeClass } from '../model/delivery.ts';
import type { NewSuppression } from '../model/suppression.ts';
import { byCause, causeKey, type DecisionOf } from '../rules/decision.ts';
import type { ClaimedRow, RecordedResult } from '../store/deliveries.ts';
import type { CarryResult } from './carrier.ts';
import type { Verdict } from './policy.ts';
import { nextAttemptMs, type RetryPolicy } from './schedule.ts';
import type { DeliverySettings } from './settings.ts';

export interface OutcomeFacts {
  readonly settings: DeliverySettings;
  readonly nowMs: number;
  /** Virtual time that the next wait counts from. */
  readonly fromMs: number;
}

export function outcomeOf(row: ClaimedRow, result: CarryResult, facts: OutcomeFacts): RecordedResult {
  const { delivery } = row;
  const base = {
    seq: delivery.seq,
    id: delivery.id,
    attempted: true,
    class: result.class,
    code: result.code,
    enhanced: result.enhanced,
    text: result.text,
    nextHop: result.nextHop,
  } as const;
  switch (result.outcome.kind) {
    case 'sent':
      return {
        ...base,
        change: {
          kind: 'send',
          ...(result.unconfirmed === undefined ? {} : { unconfirmed: result.unconfirmed }),
        },
        reason: null,
        suppress: null,
        softBounce: null,
        ...(result.takenBy === undefined ? {} : { takenBy: result.takenBy }),
        ...(result.providerId === undefined ? {} : { providerId: result.providerId }),
      };
    case 'failed':
      return {
        ...base,
        change: { kind: 'fail' },
        reason: result.text,
        suppress: suppressionOf(row, result, facts),
        softBounce: result.suppresses === 'after_n' ? softBounceOf(row, result.text, facts) : null,
      };
    case 'deferred':
      return {
        ...base,
        change: {
          kind: 'defer',
          dueAtMs: dueAgainMs(row, result.outcome.retryAfterMs, facts),
        },
        reason: result.text,
        suppress: null,
        softBounce: null,
      };
    case 'withdrawn':
      return withdrawnBefore(row, facts.nowMs, result.text);
  }
}

function dueAgainMs({ delivery }: ClaimedRow, askedMs: number | null, facts: OutcomeFacts): number {
  // A provider calls back at its own pace, however soon or late that is.
  if (delivery.carriage === 'callback' && askedMs !== null)
    return Math.min(facts.fromMs + Math.max(askedMs, 0), delivery.expiresAtMs);
  return nextAttemptMs(
    retryPolicyOf(delivery.carriage, facts.settings),
    delivery.attempts + 1,
    facts.fromMs,
    delivery.expiresAtMs,
    askedMs,
    // By the recipient, not by a number in the queue: notices come in between whenever they are ready.
    chanceOf(facts.settings.seed, numberOf(delivery.recipient), delivery.attempts + 1),
  );
}

/** Each channel has a pace of its own. */
function retryPolicyOf(carriage: Carriage, settings: DeliverySettings): RetryPolicy {
  if (carriage === 'push' || carriage === 'callback')
    return { ...settings, retryDelaysMs: settings.pushRetryDelaysMs };
  return carriage === 'sms' ? { ...settings, retryDelaysMs: settings.smsRetryDelaysMs } : settings;
}

/** What the policy stopped before an attempt was made. */
export function endedBefore(
  row: ClaimedRow,
  verdict: Exclude<Verdict, { kind: 'go' | 'hold' }>,
  facts: Pick<OutcomeFacts, 'settings' | 'nowMs'>,
): RecordedResult {
  const base = {
    seq: row.delivery.seq,
    id: row.delivery.id,
    attempted: false,
    code: null,
    enhanced: null,
    nextHop: null,
    suppress: null,
  } as const;
  if (verdict.kind === 'postpone') {
    return {
      ...base,
      change: { kind: 'postpone', dueAtMs: verdict.dueAtMs, waitsFor: verdict.waitsFor },
      class: null,
      reason: verdict.reason,
      text: verdict.reason,
      softBounce: null,
    };
  }
  const soft = verdict.class === 'expired' && softClasses.has(row.delivery.class ?? '');
  return {
    ...base,
    change: { kind: 'fail' },
    class: verdict.class,
    reason: verdict.reason,
    text: verdict.text,
    softBounce: soft ? softBounceOf(row, row.delivery.reason ?? verdict.text, facts) : null,
  };
}

/** Live relay ended before it was handed over: it is due again, by the way that it went before. */
export function withdrawnBefore({ delivery }: ClaimedRow, nowMs: number, text: string): RecordedResult {
  return {
    seq: delivery.seq,
    id: delivery.id,
    change: { kind: 'withdraw', dueAtMs: nowMs, live: delivery.live ?? null },
    attempted: false,
    class: null,
    reason: null,
    code: null,
    enhanced: null,
    text,
    nextHop: null,
    suppress: null,
    softBounce: null,
  };
}

/** Kept back before an attempt, until somebody lets it go. */
export function held(
  row: ClaimedRow,
  { reason, cause, label }: Pick<Extract<Verdict, { kind: 'hold' }>, 'reason' | 'cause' | 'label'>,
): RecordedResult {
  return {
    seq: row.delivery.seq,
    id: row.delivery.id,
    change: { kind: 'hold', reason, cause, causeLabel: label },
    attempted: false,
    class: null,
    reason,
    code: null,
    enhanced: null,
    text: reason,
    nextHop: null,
    suppress: null,
    softBounce: null,
  };
}

/** What a rule, or a magic address, holds before an attempt is made. */
export function heldBefore(row: ClaimedRow, { cause, action }: DecisionOf<'hold'>): RecordedResult {
  const why = `held ${byCause(cause)}`;
  const reason = action.reason === undefined ? why : `${why}: ${action.reason}`;
  return held(row, { reason, cause: causeKey(cause), label: cause.label });
}

/** What a mailbox that could not take a message for its whole lifetime died of: these count as soft bounces. */
const softClasses: ReadonlySet<string> = new Set<OutcomeClass>(['mailbox_full', 'inactive']);

/**
 * One more message that the address did not take, though it is not dead. A run of them, with nothing taken in between,
 * suppresses for a while.
 */
function softBounceOf(
  row: ClaimedRow,
  detail: string,
  { settings, nowMs }: Pick<OutcomeFacts, 'settings' | 'nowMs'>,
): RecordedResult['softBounce'] {
  if (settings.softBounceRun === 0) return null;
  return {
    runMax: settings.softBounceRun,
    suppression: {
      address: row.delivery.recipient.toLowerCase(),
      scope: 'all',
      reason: 'soft_bounces',
      source: 'delivery',
      class: row.delivery.class,
      detail,
      deliveryId: row.delivery.id,
      createdAtMs: nowMs,
      expiresAtMs: nowMs + settings.softSuppressionMs,
    },
  };
}

function suppressionOf(row: ClaimedRow, result: CarryResult, facts: OutcomeFacts): NewSuppression | null {
  // Who asked not to be written to is not a bounce: no setting makes it right to go on.
  const optedOut = result.class === 'opted_out';
  if (result.suppresses !== 'now' || !(optedOut || facts.settings.suppressHardBounces)) return null;
  return {
    address: row.delivery.recipient.toLowerCase(),
    scope: 'all',
    reason: optedOut ? 'unsubscribed' : 'hard_bounce',
    source: 'delivery',
    class: result.class,
    detail: result.text,
    deliveryId: row.delivery.id,
    createdAtMs: facts.nowMs,
    expiresAtMs: null,
  };
}
