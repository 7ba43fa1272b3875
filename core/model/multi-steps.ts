/**
 * What a send over several channels does for one of its users: the ways that it tried, in their order. A way is a message of
 * its own, or it was over before there was one. Times are virtual milliseconds since the epoch. Pure.
 */
import type { DeliveryRow, OutcomeClass, Status } from './delivery.ts';
import { isEnd } from './status.ts';
import type { UserChannel } from './user.ts';

/** What is to be done for deliveries of the carriage `multi`, as acts. */
export const multiActs = {
  /** `{messageId, deliveries}`: their first way. */
  start: 'multi.start',
  /** `{deliveryId}`: something became of it; the next way, or its end. */
  next: 'multi.next',
  /** `{deliveryId, step}`: nobody read it for so long. */
  unread: 'multi.unread',
  /** `{deliveryId, step}`: it was not delivered for so long. */
  giveUp: 'multi.giveUp',
  /** `{deliveryId, step}`: its message was deleted. */
  gone: 'multi.gone',
} as const;

/** Deliveries that one act `multi.start` is for. */
export const startedTogetherMax = 100;

/**
 * Why this way was tried: it is the first one; all go at once; the one before could not be delivered, was not read for so
 * long, or was not delivered for so long.
 */
export const stepReasons = ['first', 'all', 'undeliverable', 'unread', 'given_up'] as const;
export type StepWhy = (typeof stepReasons)[number];

/** What a message that is one of the ways says of itself (`MessageDetails.partOf`). */
export interface PartOf {
  readonly messageId: string;
  readonly deliveryId: string;
  /** From 1, in the order of the send's channels. */
  readonly step: number;
  readonly why?: StepWhy;
  readonly startedAtMs?: number;
  /** Unread for so long, the next way is tried too. */
  readonly unreadAfterMs?: number | null;
  /** Not delivered for so long, the next way is tried. */
  readonly giveUpAfterMs?: number | null;
}

export interface MultiStep {
  readonly seq: number;
  readonly messageId: string;
  readonly deliveryId: string;
  readonly step: number;
  readonly channel: UserChannel;
  /** Null: it was over before there was a message. */
  readonly childMessageId: string | null;
  readonly status: Status;
  readonly class: OutcomeClass | null;
  readonly reason: string | null;
  readonly why: StepWhy;
  /** The next way was tried although this one is not over, or because it was not delivered in time. */
  readonly passedOver: 'unread' | 'given_up' | null;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
}

/** A way that led to no message: it is over as soon as it was begun. */
export interface EndedStep {
  readonly messageId: string;
  readonly deliveryId: string;
  readonly step: number;
  readonly channel: UserChannel;
  readonly class: OutcomeClass | null;
  readonly reason: string;
  readonly why: StepWhy;
}

/** What the conductor decided, kept in one transaction. */
export interface KeptSteps {
  readonly nowMs: number;
  readonly ended?: readonly EndedStep[];
  /** What is given up and nobody took yet is canceled. */
  readonly passedOver?: readonly {
    readonly deliveryId: string;
    readonly step: number;
    readonly for: 'unread' | 'given_up';
    readonly reason: string;
  }[];
  /** Messages of these ways are no more. */
  readonly gone?: readonly { readonly deliveryId: string; readonly step: number; readonly reason: string }[];
  /** Deliveries of the send itself that end: there is no further way. */
  readonly ends?: readonly {
    readonly deliveryId: string;
    readonly kind: 'fail' | 'cancel';
    readonly class: OutcomeClass | null;
    readonly reason: string;
  }[];
  /** Ways that were put off, to be tried again then. */
  readonly again?: readonly {
    readonly deliveryId: string;
    readonly step: number;
    readonly channel: UserChannel;
    readonly dueAtMs: number;
    readonly reason: string;
  }[];
}

type Standing = Pick<DeliveryRow, 'status' | 'class' | 'reason'>;

const rank: Readonly<Record<Status, number>> = {
  queued: 0,
  sent: 1,
  delivered: 2,
  undeliverable: 2,
  canceled: 2,
};

/**
 * Where a way stands, from the deliveries of its message: a user may have several devices. Sent when one is sent, delivered
 * when one is delivered, undeliverable when all are at their end and none was delivered. Never back; a new try of one that
 * had ended may still deliver it.
 *
 * @param deliveries at least one, the oldest first
 * @returns null: it stands where it stood
 */
export function stepProgress(before: Status, deliveries: readonly Standing[]): Standing | null {
  const next = standingOfAll(deliveries);
  if (next === null || next.status === before) return null;
  if (isEnd(before)) return before !== 'delivered' && next.status === 'delivered' ? next : null;
  return rank[next.status] > rank[before] ? next : null;
}

function standingOfAll(deliveries: readonly Standing[]): Standing | null {
  for (const status of ['delivered', 'sent', 'queued'] as const)
    if (deliveries.some((one) => one.status === status)) return { status, class: null, reason: null };
  return (
    deliveries.findLast(({ status }) => status === 'undeliverable') ??
    deliveries.findLast(({ status }) => status === 'canceled') ??
    null
  );
}
