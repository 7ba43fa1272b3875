/** Deliveries as the API shows them, for tests of what the screen makes of them. */
import type { Attempt, Delivery, DeliveryDetail, Event } from '../../core/api/schema.ts';

export const startMs = Date.UTC(2026, 0, 31, 12);
export const iso = (afterStartMs: number): string => new Date(startMs + afterStartMs).toISOString();

let lastSeq = 0;

export function delivery(about: Partial<Delivery> = {}): Delivery {
  lastSeq += 1;
  return {
    id: `delivery-${lastSeq}`,
    seq: lastSeq,
    messageId: 'message-1',
    carriage: 'email',
    project: 'main',
    recipient: 'jane@example.com',
    domain: 'example.com',
    provider: 'default',
    stream: 'transactional',
    status: 'queued',
    substatus: null,
    class: null,
    reason: null,
    attempts: 0,
    nextAttemptAt: null,
    expiresAt: iso(48 * 3_600_000),
    placement: null,
    retryOf: null,
    createdAt: iso(0),
    endedAt: null,
    waitsFor: null,
    heldSince: null,
    heldBy: null,
    releasedAt: null,
    mailFrom: null,
    envelopeBefore: null,
    user: null,
    live: null,
    ...about,
  };
}

export const deliveryDetail = (about: Partial<DeliveryDetail> = {}): DeliveryDetail => ({
  ...delivery(about),
  parameters: null,
  attemptLog: [],
  ...about,
});

export const attempt = (number: number, about: Partial<Attempt> = {}): Attempt => ({
  number,
  startedAt: iso(number * 60_000),
  startedAtWall: iso(number),
  durationMs: 12,
  outcome: 'sent',
  nextHop: 'mx1.example.com',
  code: 250,
  enhanced: '2.0.0',
  text: '250 2.0.0 OK',
  class: null,
  evidence: null,
  ...about,
});

export function event(type: string, about: Partial<Event> = {}): Event {
  lastSeq += 1;
  return {
    seq: lastSeq,
    at: iso(0),
    virtualAt: iso(0),
    type,
    messageId: 'message-1',
    deliveryId: 'delivery-1',
    exchangeId: null,
    project: 'main',
    data: {},
    ...about,
  };
}
