/** A delivery of a push as the engine hands it to a client. */
import { randomUUID } from 'node:crypto';
import type { ClaimedDelivery } from '../../../../core/delivery/carrier.ts';
import { app, startMs } from './apns-world.ts';

export function claimedPush(recipient: string): ClaimedDelivery {
  return {
    delivery: {
      seq: 1,
      id: randomUUID(),
      carriage: 'push',
      messageId: 'message-1',
      messageSeq: 1,
      project: 'main',
      recipient,
      domain: 'api.push.apple.com',
      provider: 'apns',
      stream: 'transactional',
      status: 'queued',
      substatus: null,
      class: null,
      reason: null,
      attempts: 0,
      createdAtMs: startMs,
      nextAttemptAtMs: startMs,
      expiresAtMs: startMs + 86_400_000,
      endedAtMs: null,
      placement: null,
      retryOf: null,
      waitsFor: null,
      heldSinceMs: null,
      heldBy: null,
      releasedAtMs: null,
      releasedFrom: [],
      mailFrom: null,
      editedFrom: null,
    },
    parameters: null,
    message: {
      id: 'message-1',
      seq: 1,
      door: 'api',
      project: 'main',
      envelopeFrom: app,
      envelopeParameters: null,
      bytes: 100,
      receivedAtMs: startMs,
      details: null,
    },
  };
}
