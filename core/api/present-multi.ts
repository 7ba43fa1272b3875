/** Sends over several channels as the API shows them. Pure. */
import type { DeliveryRow } from '../model/delivery.ts';
import type { MessageRow } from '../model/message.ts';
import type { MultiStep } from '../model/multi-steps.ts';
import { multiRecipientName, readMultiSubmission } from '../model/multi-submission.ts';
import { iso, isoOrNull } from './iso-time.ts';
import type { MultiView, Part } from './multi-view-schema.ts';

const recipientsShownMax = 100;

export function presentPart(step: MultiStep, delivery: DeliveryRow | null, message: MessageRow | null): Part {
  return {
    step: step.step,
    channel: step.channel,
    user: delivery?.user ?? delivery?.recipient ?? '',
    deliveryId: step.deliveryId,
    messageId: step.childMessageId,
    message:
      message === null
        ? null
        : {
            id: message.id,
            subject: message.summary?.subject ?? '',
            snippet: message.summary?.snippet ?? '',
            deliveries: message.deliveries.map((one) => ({
              id: one.id,
              recipient: one.recipient,
              provider: one.provider,
              status: one.status,
              substatus: one.substatus,
              class: one.class,
              reason: one.reason,
            })),
          },
    status: step.status,
    class: step.class,
    reason: step.reason,
    passedOver: step.passedOver,
    startedAt: iso(step.startedAtMs),
    endedAt: isoOrNull(step.endedAtMs),
    why: step.why,
  };
}

/** @returns null where it cannot be read */
export function presentMulti(raw: Uint8Array): MultiView | null {
  const send = readMultiSubmission(raw);
  if (send === null) return null;
  return {
    channels: [...send.channels],
    routing: send.routing,
    fallback: { ...send.fallback },
    template: send.template === null ? null : { ...send.template },
    topic: send.topic,
    recipients: send.to.slice(0, recipientsShownMax).map(multiRecipientName),
    recipientsTotal: send.to.length,
    content: { ...send.content },
    variables: { ...send.variables },
    overrides: { ...send.overrides },
    sendAt: isoOrNull(send.sendAtMs),
  };
}
