/** The id of the message that a step leads to: always the same, so that a step done twice leads to one message. Pure. */
import { createHash } from 'node:crypto';

/** A UUID of version 7 (RFC 9562 §5.7) with the time of the send's delivery; what is random in others is a digest here. */
export function childIdOf(deliveryId: string, step: number): string {
  const digest = createHash('sha256').update(`${deliveryId} ${step}`).digest('hex');
  const variant = ((Number.parseInt(digest.slice(3, 4), 16) & 0x3) | 0x8).toString(16);
  return `${deliveryId.slice(0, 13)}-7${digest.slice(0, 3)}-${variant}${digest.slice(4, 7)}-${digest.slice(7, 19)}`;
}
