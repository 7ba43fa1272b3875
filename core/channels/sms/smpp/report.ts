/**
 * What goes to receivers: receipts and intermediate notifications of messages, and answers of handsets, as deliver_sm. They wait
 * in the durable queue until somebody is bound who takes them.
 * Source: SMPP 3.4 §4.6.1, §5.2.12, appendix B.
 */
import { z } from 'zod';
import type { CallbackMoment } from '../../../delivery/sms-far-side.ts';
import type { NewCallback, SmppCallback } from '../../../model/callback.ts';
import type { SmsSender } from '../../../model/handset.ts';
import { isSmsEnd, type NewSms, type SmsStep } from '../../../model/sms.ts';
import { addressOf } from './address.ts';
import { encodePdu, type Field, tags } from './pdu.ts';
import { messageStates, registered, type SmppAddress, smppRecordOf } from './schema.ts';
import { partsToDeliver } from './text.ts';
import { receiptTime } from './time.ts';

/** How long an SMSC keeps them for a receiver that does not bind. */
const lifetimeMs = 72 * 3_600_000;
/** esm_class, §5.2.12. */
const receiptClass = 0x04;
const intermediateClass = 0x20;
const headerClass = 0x40;
const failed: ReadonlySet<string> = new Set(['EXPIRED', 'DELETED', 'UNDELIV', 'REJECTD', 'UNKNOWN']);
/** `text:` of a receipt holds so many characters. */
const shownChars = 20;
/** network_error_code, §5.3.2.31: the network is GSM. */
const gsmNetwork = 3;

/** What `SmppCallback.pdu` holds. */
const deliverSchema = z.object({
  source: z.object({ ton: z.number(), npi: z.number(), text: z.string() }),
  destination: z.object({ ton: z.number(), npi: z.number(), text: z.string() }),
  esmClass: z.number(),
  dataCoding: z.number(),
  shortMessageBase64: z.string(),
  /** Optional parameters by their tags, in base64. */
  optional: z.array(z.object({ tag: z.number(), valueBase64: z.string() })).readonly(),
});
type Deliver = z.infer<typeof deliverSchema>;

/** One for each submit_sm that it came by, where that wants to hear of such a step. */
export function receipts(sms: NewSms, step: SmsStep, _about: CallbackMoment): readonly NewCallback[] {
  const record = smppRecordOf(sms.record);
  if (record.systemId === '' || record.source === null || record.destination === null) return [];
  const { source, destination, systemId } = record;
  return record.ids
    .filter((one) => isWanted(one.registered, step))
    .map(({ id }) => callbackOf(sms, systemId, step, receiptOf(sms, step, { id, source, destination })));
}

function isWanted(registeredDelivery: number, step: SmsStep): boolean {
  const { state, status, cause } = step;
  // The app has the answer to its cancel_sm.
  if (cause === 'canceled_by_app') return false;
  if (!isFinal(step)) return (registeredDelivery & registered.intermediate) !== 0 && state === 'held';
  switch (registeredDelivery & registered.receiptMask) {
    case registered.final:
      return true;
    case registered.failureOnly:
      return failed.has(status);
    default:
      return false;
  }
}

/**
 * ACCEPTED, where somebody wants it to be said: "manually read on behalf of the subscriber by customer service" (§5.2.28), after
 * which no other state comes. What is merely on its way is ENROUTE.
 */
function isFinal({ state, status, cause }: SmsStep): boolean {
  return isSmsEnd(state) || (cause === 'on_purpose' && status.toUpperCase() === 'ACCEPTD');
}

function receiptOf(
  sms: NewSms,
  step: SmsStep,
  about: { readonly id: string; readonly source: SmppAddress; readonly destination: SmppAddress },
): Deliver {
  const final = isFinal(step);
  const delivered = step.status === 'DELIVRD' ? '001' : '000';
  const error = (step.code ?? '000').padStart(3, '0');
  const [first] = sms.steps;
  const submitted = receiptTime(first?.atMs ?? sms.receivedAtMs);
  const shown = sms.encoding === 'binary' ? '' : [...sms.text].slice(0, shownChars).join('');
  const text = `id:${about.id} sub:001 dlvrd:${delivered} submit date:${submitted} done date:${receiptTime(step.atMs)} stat:${step.status} err:${error} text:`;
  const body = receiptBody(text, shown);
  const number = Number(error);
  const networkError = Buffer.of(gsmNetwork, 0, 0);
  networkError.writeUInt16BE(Number.isInteger(number) && number <= 0xffff ? number : 0, 1);
  return {
    // It comes from whom the message was for (appendix B).
    source: about.destination,
    destination: about.source,
    esmClass: final ? receiptClass : intermediateClass,
    dataCoding: 0,
    shortMessageBase64: body.toString('base64'),
    optional: [
      {
        tag: tags.receipted_message_id,
        valueBase64: Buffer.from(`${about.id}\0`, 'latin1').toString('base64'),
      },
      {
        tag: tags.message_state,
        valueBase64: Buffer.of(messageStates[step.status.toUpperCase()] ?? stateUnknown).toString('base64'),
      },
      ...(step.code === null
        ? []
        : [{ tag: tags.network_error_code, valueBase64: networkError.toString('base64') }]),
    ],
  };
}
const stateUnknown = 7;

/** The words of a receipt are ASCII; of the message what is not shows as a question mark. */
function receiptBody(text: string, shown: string): Buffer {
  return Buffer.from(text + shown.replace(/[^\x20-\x7e]/g, '?'), 'latin1');
}

export function inboundPdus(
  sms: NewSms,
  sender: SmsSender | null,
  _about: CallbackMoment,
): readonly NewCallback[] {
  const systemId = sms.account === '' ? (sender?.account ?? '') : sms.account;
  if (systemId === '') return [];
  const base = {
    source: addressOf(sms.number),
    destination: addressOf(sms.sender),
    optional: [],
  } as const;
  return partsToDeliver(sms.text, referenceOf(sms.id)).map(({ octets, dataCoding, withHeader }) =>
    callbackOf(sms, systemId, null, {
      ...base,
      esmClass: withHeader ? headerClass : 0,
      dataCoding,
      shortMessageBase64: octets.toString('base64'),
    }),
  );
}

/** What joins the parts; another for the next message of the same handset, as a rule. */
function referenceOf(id: string): number {
  return [...Buffer.from(id)].reduce((sum, octet) => (sum * 31 + octet) & 0xff, 0);
}

function callbackOf(sms: NewSms, systemId: string, step: SmsStep | null, pdu: Deliver): NewCallback {
  return {
    callback: {
      kind: 'smpp',
      provider: 'smpp',
      account: systemId,
      purpose: step === null ? 'inbound' : 'report',
      tells: step?.status ?? 'message',
      smsId: sms.id,
      systemId,
      pdu,
    },
    dueAtMs: step?.atMs ?? sms.receivedAtMs,
    lifetimeMs,
  };
}

/** @returns null where what was kept is no deliver_sm */
export function deliverPdu({ pdu }: SmppCallback, sequence: number): Buffer | null {
  const parsed = deliverSchema.safeParse(pdu);
  if (!parsed.success) return null;
  const { source, destination, esmClass, dataCoding, shortMessageBase64, optional } = parsed.data;
  const message = Buffer.from(shortMessageBase64, 'base64');
  const short = message.length <= shortMessageOctetsMax;
  const fields: readonly Field[] = [
    { text: '' },
    { integer: source.ton },
    { integer: source.npi },
    { text: source.text },
    { integer: destination.ton },
    { integer: destination.npi },
    { text: destination.text },
    { integer: esmClass },
    { integer: 0 },
    { integer: 0 },
    { text: '' },
    { text: '' },
    { integer: 0 },
    { integer: 0 },
    { integer: dataCoding },
    { integer: 0 },
    { integer: short ? message.length : 0 },
    { octets: short ? message : Buffer.alloc(0) },
    ...optional.map(({ tag, valueBase64 }) => ({ tag, value: Buffer.from(valueBase64, 'base64') })),
    ...(short ? [] : [{ tag: tags.message_payload, value: message }]),
  ];
  return encodePdu('deliver_sm', { sequence, fields });
}
const shortMessageOctetsMax = 254;
