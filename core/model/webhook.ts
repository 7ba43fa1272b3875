/** Outgoing webhooks: who is told of what. Calls go through the delivery queue, as deliveries of the carriage `webhook`. */
import type { EventType } from './message.ts';

/** Events that a webhook can be told of. */
export const webhookEventTypes = [
  'accepted',
  'queued',
  'deferred',
  'held',
  'released',
  'sent',
  'delivered',
  'undeliverable',
  'canceled',
  'bounced',
  'complained',
  'opened',
  'clicked',
  'replied',
  // An answer of a handset, whichever message it answers.
  'inbound',
  'unsubscribed',
  'suppressed',
  'unsuppressed',
  // What a user did with what was shown, or that nobody will see it any more.
  'dismissed',
  'expired',
  // Of an in-app message: what the app told of it, `data.what` says what.
  'inapp',
  // Made, changed, unsubscribed (`data.what`) or removed.
  'user',
] as const satisfies readonly EventType[];
export type WebhookEventType = (typeof webhookEventTypes)[number];

/**
 * Told only to a webhook that names them: there are many of them, and what a status changes is told by its own event.
 */
export const askedForAlone: ReadonlySet<EventType> = new Set<WebhookEventType>(['inapp']);

/** What of in-app messages is news to an app: not that they were made or pulled, which it did itself. */
export const toldOfInApps: ReadonlySet<unknown> = new Set([
  'seen',
  'unseen',
  'read',
  'unread',
  'archived',
  'unarchived',
  'interacted',
  'dismissed',
  'snoozed',
  'expired',
]);

export interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly description: string;
  /** Empty: all of them but those of `askedForAlone`. */
  readonly events: readonly WebhookEventType[];
  /** Null: of every project. */
  readonly project: string | null;
  readonly active: boolean;
  readonly createdAtMs: number;
}

export interface WebhookService {
  list(): readonly Webhook[];
  /** @throws AppError `bad_request` for an address that may not be called */
  create(about: Omit<Webhook, 'id' | 'createdAtMs'>): Promise<Webhook>;
  /** @throws AppError `not_found`, `bad_request` */
  change(id: string, about: Partial<Omit<Webhook, 'id' | 'createdAtMs'>>): Promise<Webhook>;
  remove(id: string): Promise<void>;
  /** The secret that its calls are signed with. */
  secret(id: string): Promise<string>;
  rotateSecret(id: string): Promise<string>;
  /** Tells it of an event again. @returns id of the delivery of the call */
  replay(id: string, eventSeq: number): Promise<string>;
  /** Tells it of a made-up event, to see whether it answers. @returns id of the delivery of the call */
  test(id: string): Promise<string>;
}
