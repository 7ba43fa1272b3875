/** When to try again. Pure: time and chance come in as numbers. */

export interface RetryPolicy {
  /** Waits before the second, third … attempt; the last one repeats. */
  readonly retryDelaysMs: readonly number[];
  /** How long a delivery may stay queued, held time not counted. */
  readonly lifetimeMs: number;
  /** Share of a wait that chance may add or take away, 0 … 1. */
  readonly jitter: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

export const mailRetryPolicy: RetryPolicy = {
  retryDelaysMs: [minuteMs, 5 * minuteMs, 15 * minuteMs, hourMs, 4 * hourMs],
  lifetimeMs: 48 * hourMs,
  jitter: 0.15,
};

/** A provider of push that is down is asked again soon; what it says of a time goes before this. */
export const pushRetryDelaysMs: readonly number[] = [10_000, minuteMs, 5 * minuteMs, 15 * minuteMs, hourMs];

/** So is a provider of SMS. */
export const smsRetryDelaysMs: readonly number[] = [10_000, minuteMs, 5 * minuteMs, 15 * minuteMs, hourMs];

/** How long the call of a webhook may stay in the queue. */
export const callLifetimeMs = 3 * 24 * hourMs;

/** The longest wait a far side may ask for. */
const askedMsMax = 24 * hourMs;

/**
 * Next time to try a deferred delivery.
 *
 * A growing wait with jitter, so that a burst deferred together does not come back together. A time that the far side
 * named ("try again in 300 seconds", Retry-After) wins over the schedule and is not jittered: it is what was asked for.
 *
 * @param attempt how many attempts have been made, ≥ 1
 * @param fromMs virtual time of the attempt
 * @param askedMs what the far side asked to wait, or null
 * @param chance 0 ≤ chance < 1
 * @returns virtual milliseconds since the epoch; never later than `expiresAtMs`, at which the delivery expires
 * Source: RFC 5321 §4.5.4.1 (30 minutes between attempts is advice for production; the sandbox's default is shorter and
 * can be changed).
 */
export function nextAttemptMs(
  policy: RetryPolicy,
  attempt: number,
  fromMs: number,
  expiresAtMs: number,
  askedMs: number | null,
  chance: number,
): number {
  const planned = policy.retryDelaysMs[Math.min(attempt, policy.retryDelaysMs.length) - 1] ?? minuteMs;
  const jittered = planned * (1 + policy.jitter * (2 * chance - 1));
  const waitMs = askedMs === null ? jittered : Math.min(Math.max(askedMs, 1_000), askedMsMax);
  return Math.min(Math.round(fromMs + waitMs), expiresAtMs);
}
