/** What a submission says, whichever command brought it, and what of it is kept with its SMS (`NewSms.record`). */
import { z } from 'zod';

export interface SmppAddress {
  readonly ton: number;
  readonly npi: number;
  readonly text: string;
}

export interface Submit {
  readonly command: 'submit_sm' | 'submit_multi' | 'data_sm';
  readonly serviceType: string;
  readonly source: SmppAddress;
  readonly destinations: readonly SmppAddress[];
  readonly esmClass: number;
  readonly scheduleTime: string;
  readonly validityPeriod: string;
  readonly registeredDelivery: number;
  readonly replaceIfPresent: boolean;
  readonly dataCoding: number;
  /** short_message, or message_payload. */
  readonly octets: Buffer;
  readonly optional: ReadonlyMap<number, Buffer>;
}

/** One of several parts, by UDH or by SAR fields. */
export interface PartOf {
  readonly by: 'udh' | 'sar';
  readonly reference: number;
  readonly total: number;
  readonly sequence: number;
}

const recordSchema = z.object({
  systemId: z.string().catch(''),
  source: z.object({ ton: z.number(), npi: z.number(), text: z.string() }).nullable().catch(null),
  destination: z.object({ ton: z.number(), npi: z.number(), text: z.string() }).nullable().catch(null),
  serviceType: z.string().catch(''),
  /** Each submit_sm that it came by: its message_id and what it wants to hear. */
  ids: z
    .array(z.object({ id: z.string(), registered: z.number() }))
    .readonly()
    .catch([]),
  dataCoding: z.number().catch(0),
  /** Virtual; null: at once. */
  sendAtMs: z.number().nullable().catch(null),
  /** Parts that never came, by their number. */
  missing: z.array(z.number()).readonly().catch([]),
});
export type SmppRecord = z.infer<typeof recordSchema>;

export function smppRecordOf(record: Readonly<Record<string, unknown>>): SmppRecord {
  return recordSchema.parse(record);
}

/** Of `registered_delivery`, §5.2.17. */
export const registered = { receiptMask: 0x03, final: 0x01, failureOnly: 0x02, intermediate: 0x10 } as const;

/** What a receipt says of it, §5.2.28. */
export const messageStates: Readonly<Record<string, number>> = {
  SCHEDULED: 1,
  ENROUTE: 1,
  DELIVRD: 2,
  EXPIRED: 3,
  DELETED: 4,
  UNDELIV: 5,
  ACCEPTD: 6,
  UNKNOWN: 7,
  REJECTD: 8,
};
