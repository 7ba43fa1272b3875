/**
 * A notice (DSN) that our own MTA owes the sender of a message. It is an act, written in the same transaction as what it
 * tells of, so that neither a crash nor a full disk loses it, and performed when it is due.
 */
export const ownDsnAct = 'own_dsn';

export interface OwnDsnData {
  readonly about: 'failure' | 'delay' | 'success';
  readonly messageId: string;
  readonly deliveries: readonly {
    readonly id: string;
    /** What led to it; without it the delivery itself tells, at the time of the notice. */
    readonly said?: OwnDsnWords | undefined;
  }[];
}

export interface OwnDsnWords {
  readonly text: string;
  /** Enhanced status code. */
  readonly status: string | null;
  readonly remoteMta: string | null;
}
