/** How the door hands on what it takes: planned first, so that its answer can name the ids, and stored with the exchange then. */
import { AppError } from '../../model/app-error.ts';
import type { DeliveryRow } from '../../model/delivery.ts';
import type { InAppSubmission } from '../../model/inapp-submission.ts';
import type { ExchangePart } from '../../model/message.ts';
import type { AskAbout, InAppTrouble } from './ask.ts';

export interface TakenInApp {
  readonly id: string;
  readonly deliveries: readonly Pick<
    DeliveryRow,
    'id' | 'recipient' | 'status' | 'substatus' | 'class' | 'reason'
  >[];
  /** What each user gets, by an id of its own; in the order of the deliveries. */
  readonly rows: readonly { readonly id: string; readonly user: string }[];
}

/** A rule wants nothing of it done. */
export class InAppTroubleError extends AppError {
  readonly trouble: InAppTrouble;

  constructor(trouble: InAppTrouble) {
    const { refusal, why } = trouble;
    const said = refusal === null ? '' : `${refusal.status} ${refusal.code}: ${refusal.detail}; `;
    super('rejected_by_rule', `${said}${why.join('; ')} (nothing was sent)`);
    this.trouble = trouble;
  }
}

export interface PreparedInApp {
  /** What becomes of the answer, on purpose. */
  readonly trouble: InAppTrouble;
  readonly submitted: TakenInApp;
  /** Settles when it is on disk, and the users’ queues have it. @param exchange what it came in, where it came by the door */
  store(exchange: ExchangePart | null): Promise<void>;
}

/** The answer to keep with the message, in the same transaction. */
export interface KeepInAppAnswer {
  readonly key: string;
  readonly hash: string;
  answer(submitted: TakenInApp): unknown;
}

/** @throws AppError `rejected_by_rule`; DeferredError */
export type PrepareAtDoor = (
  submission: InAppSubmission,
  how: {
    readonly keep?: KeepInAppAnswer | undefined;
    readonly gone?: (() => AbortSignal) | undefined;
    /** What rules are told of the request. */
    readonly request?: AskAbout | undefined;
    /** The request as it came, which is what is stored. */
    readonly raw?: Uint8Array | undefined;
  },
) => Promise<PreparedInApp>;
