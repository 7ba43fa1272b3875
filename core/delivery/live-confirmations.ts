/** What was shown and waits for a yes: each has a token that is good once, for a short while, for that thing alone. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { AppError } from '../model/app-error.ts';
import { type Confirmable, liveLimits } from '../model/live-relay.ts';

export interface Confirmations<T> {
  show<S>(summary: S, pending: T): Confirmable<S>;
  /** @throws AppError `confirmation_unknown` */
  take(confirmation: string): T;
  /** What was shown before is not to be confirmed any more. */
  forgetAll(): void;
}

const tokenBytes = 24;

export function createConfirmations<T>(
  clock: Clock,
  random: (bytes: number) => Buffer = randomBytes,
): Confirmations<T> {
  const waiting = new Map<string, { readonly pending: T; readonly untilMs: number }>();
  return {
    show(summary, pending) {
      const nowMs = clock.monotonicMs();
      for (const [token, { untilMs }] of waiting) if (untilMs <= nowMs) waiting.delete(token);
      while (waiting.size >= liveLimits.confirmationsMax) waiting.delete(waiting.keys().next().value ?? '');
      const confirmation = random(tokenBytes).toString('base64url');
      waiting.set(confirmation, { pending, untilMs: nowMs + liveLimits.confirmationMs });
      return { summary, confirmation, expiresAtMs: clock.wallMs() + liveLimits.confirmationMs };
    },
    take(confirmation) {
      const found = waiting.get(confirmation);
      waiting.delete(confirmation);
      if (found === undefined || found.untilMs <= clock.monotonicMs())
        throw new AppError(
          'confirmation_unknown',
          `The confirmation is not known: it is good once, for ${liveLimits.confirmationMs / 1000} seconds. Ask for the summary again, look at it, and confirm that one.`,
        );
      return found.pending;
    },
    forgetAll: () => waiting.clear(),
  };
}
