/** After a refused login nobody logs in for a while: one login a message, each of them refused, and the account is locked. */
import type { Clock } from '../../../clock.ts';

export interface LoginPause {
  /** @returns null: it may be asked */
  paused(): Paused | null;
  /**
   * Logs in unless it is paused. Until one went well they are tried one after the other.
   * @param logIn settles with what went wrong, null: nothing
   */
  tried<T extends { readonly text: string }>(logIn: () => Promise<T | null>): Promise<T | Paused | null>;
}

export interface Paused {
  readonly kind: 'login_paused';
  readonly stage: 'auth';
  readonly text: string;
  /** When it may be asked again. */
  readonly leftMs: number;
}

export const loginPauseMs = 5 * 60_000;

export function createLoginPause(clock: Pick<Clock, 'monotonicMs'>): LoginPause {
  let refused: { readonly untilMs: number; readonly text: string } | null = null;
  let taken = false;
  let before: Promise<unknown> = Promise.resolve();

  function paused(): Paused | null {
    const leftMs = refused === null ? 0 : refused.untilMs - clock.monotonicMs();
    if (refused === null || leftMs <= 0) return null;
    const minutes = Math.ceil(leftMs / 60_000);
    return {
      kind: 'login_paused',
      stage: 'auth',
      text: `The relay did not take the login (${refused.text}): it is not asked again for ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}, or until it, or its credential, is changed`,
      leftMs,
    };
  }

  async function now<T extends { readonly text: string }>(
    logIn: () => Promise<T | null>,
  ): Promise<T | Paused | null> {
    const pause = paused();
    if (pause !== null) return pause;
    const fault = await logIn();
    taken = fault === null;
    refused = fault === null ? null : { untilMs: clock.monotonicMs() + loginPauseMs, text: fault.text };
    return fault;
  }

  return {
    paused,
    tried(logIn) {
      if (taken) return now(logIn);
      const done = before.then(() => now(logIn));
      before = done.catch(() => undefined);
      return done;
    },
  };
}
