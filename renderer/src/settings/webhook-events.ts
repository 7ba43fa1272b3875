import type { Webhook } from '../../../core/api/schema.ts';

type WebhookEvent = Webhook['events'][number];

/** One row for each, so that a new one fails to compile until it is here. */
const known: Readonly<Record<WebhookEvent, true>> = {
  accepted: true,
  queued: true,
  deferred: true,
  held: true,
  released: true,
  sent: true,
  delivered: true,
  undeliverable: true,
  canceled: true,
  bounced: true,
  complained: true,
  opened: true,
  clicked: true,
  replied: true,
  inbound: true,
  unsubscribed: true,
  suppressed: true,
  unsuppressed: true,
  dismissed: true,
  expired: true,
  inapp: true,
  user: true,
};

/** Events that a webhook can be told of. */
export const webhookEvents: readonly string[] = Object.keys(known);

export const isWebhookEvent = (value: string): value is WebhookEvent => value in known;
