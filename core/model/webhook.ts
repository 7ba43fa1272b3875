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
] as const satisfies readonly EventType[];
export type WebhookEventType = (typeof webhookEventTypes)[number];

export interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly description: string;
  /** Empty: all of them. */
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
