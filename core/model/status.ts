/**
 * The status machine of a delivery: `queued → sent → delivered`, with `undeliverable` and `canceled` as the other
 * ends. No status is skipped, none is reverted, an end stays an end. Waiting before an acceptance keeps a delivery
 * queued, waiting after it keeps it sent.
 */
import type { Status, Substatus } from './delivery.ts';

export const transitionKinds = [
  'send',
  'deliver',
  'defer',
  'hold',
  'release',
  'unconfirm',
  'fail',
  'cancel',
  'recall',
] as const;
export type TransitionKind = (typeof transitionKinds)[number];

export interface DeliveryState {
  readonly status: Status;
  readonly substatus: Substatus | null;
}

type Row = Readonly<Record<TransitionKind, DeliveryState | null>>;

const state = (status: Status, substatus: Substatus | null = null): DeliveryState => ({ status, substatus });

const end: Row = {
  send: null,
  deliver: null,
  defer: null,
  hold: null,
  release: null,
  unconfirm: null,
  fail: null,
  cancel: null,
  recall: null,
};

/** One row for each status, one answer for each transition; null: it cannot happen. */
const table: Readonly<Record<Status, Row>> = {
  queued: {
    send: state('sent'),
    // Never straight to delivered: a provider takes it first.
    deliver: null,
    defer: state('queued', 'deferred'),
    hold: state('queued', 'held'),
    release: state('queued'),
    // Nobody took it yet, so there is nothing to confirm.
    unconfirm: null,
    fail: state('undeliverable'),
    cancel: state('canceled'),
    recall: state('canceled'),
  },
  sent: {
    send: null,
    deliver: state('delivered'),
    defer: state('sent', 'deferred'),
    hold: state('sent', 'held'),
    release: state('sent'),
    unconfirm: state('sent', 'unconfirmed'),
    fail: state('undeliverable'),
    // What a provider took cannot be called back by us; that it was called back there, the provider may say.
    cancel: null,
    recall: state('canceled'),
  },
  delivered: end,
  undeliverable: end,
  canceled: end,
};

/**
 * @returns where the transition leads, or null when it cannot happen from there
 * Source: the project's own vocabulary of statuses, see the table.
 */
export function transition(from: DeliveryState, kind: TransitionKind): DeliveryState | null {
  return table[from.status][kind];
}

export function isEnd(status: Status): boolean {
  return status === 'delivered' || status === 'undeliverable' || status === 'canceled';
}
