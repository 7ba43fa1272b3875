/** Messaging services that the app made. Source: https://www.twilio.com/docs/messaging/api/service-resource */
import { z } from 'zod';
import type { SmsSender } from '../../../model/handset.ts';
import { type PhoneNumber, phoneNumber } from '../../../model/phone-number.ts';
import type { SmsDoorPorts } from '../room.ts';
import { createDocuments, type Documents } from './documents.ts';
import type { Refused } from './reply.ts';
import { derivedSid } from './sids.ts';

const method = z.enum(['GET', 'POST']);

export const serviceSchema = z.object({
  sid: z.string(),
  account: z.string(),
  friendlyName: z.string(),
  inboundRequestUrl: z.string().nullable(),
  inboundMethod: method,
  fallbackUrl: z.string().nullable(),
  fallbackMethod: method,
  statusCallback: z.string().nullable(),
  stickySender: z.boolean(),
  mmsConverter: z.boolean(),
  smartEncoding: z.boolean(),
  scanMessageContent: z.enum(['inherit', 'enable', 'disable']),
  fallbackToLongCode: z.boolean(),
  areaCodeGeomatch: z.boolean(),
  synchronousValidation: z.boolean(),
  validityPeriod: z.number(),
  usecase: z.string(),
  /** Answers go where each number says, not the service. */
  useInboundWebhookOnNumber: z.boolean(),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
});
export type MessagingService = z.infer<typeof serviceSchema>;

export type ServiceBook = Documents<MessagingService>;

export function createServiceBook(ports: SmsDoorPorts): ServiceBook {
  return createDocuments('twilio_service', serviceSchema, ports);
}

export interface ChosenSender {
  readonly sender: string;
  /** Null: the service was not made here, and works all the same. */
  readonly service: MessagingService | null;
}

/**
 * The sender of its pool that a service sends by. The same one for the same number (sticky sender), as long as the pool
 * stays as it is; of the number's own country where there is one (geo-match).
 *
 * A service that nobody made here stands for the one that the app has outside: it sends by a number of its own.
 */
export function chooseSender(
  about: {
    readonly account: string;
    readonly sid: string;
    readonly from: string | null;
    readonly to: PhoneNumber;
  },
  { farSide, services }: Pick<SmsDoorPorts, 'farSide'> & { readonly services: ServiceBook },
): ChosenSender | Refused {
  const { account, sid, from, to } = about;
  const service = services.get(sid);
  if (service !== null && service.account !== account) return noService(sid);
  if (from !== null) return { sender: from, service };
  const pool = farSide.sendersOf('twilio', sid);
  const may = (sender: string): boolean =>
    farSide.senderVerdict({ provider: 'twilio', account, sender, service: sid }, to).kind === 'allowed';
  if (pool.length === 0) {
    if (service !== null)
      return { code: 21704, why: `the messaging service ${sid} has no number: add one to its pool` };
    const own = ownNumber(sid);
    return may(own) ? { sender: own, service: null } : noService(sid);
  }
  const allowed = pool.filter(({ sender }) => may(sender));
  const near = allowed.filter(({ sender }) => countryOf(sender) === to.country);
  const chosen = steady(near.length > 0 ? near : allowed, to.e164);
  return chosen === null
    ? { code: 21703, why: `no number in the pool of ${sid} may send to ${to.e164}` }
    : { sender: chosen.sender, service };
}

function noService(sid: string): Refused {
  return { code: 21701, why: `there is no messaging service ${sid} in this account` };
}

function countryOf(sender: string): string | null {
  return sender.startsWith('+') ? (phoneNumber(sender)?.country ?? null) : null;
}

function steady(pool: readonly SmsSender[], number: string): SmsSender | null {
  if (pool.length <= 1) return pool[0] ?? null;
  const at = Number.parseInt(derivedSid('PN', number).slice(2, 10), 16) % pool.length;
  return pool[at] ?? null;
}

/** In the range that is nobody's. */
export function ownNumber(sid: string): string {
  return `+1555${String(Number.parseInt(derivedSid('PN', sid).slice(2, 10), 16) % 10_000_000).padStart(7, '2')}`;
}
