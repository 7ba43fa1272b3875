/** query_sm, cancel_sm and replace_sm: what became of a message, and what can still be done about it. */
import { messageOf } from '../../../model/app-error.ts';
import { phoneNumber } from '../../../model/phone-number.ts';
import { isSmsEnd, type SmsRow, standingOf } from '../../../model/sms.ts';
import { ask, begin, store } from '../acceptance.ts';
import { parseCancel, parseQuery, parseReplace, type Refused } from './parse.ts';
import type { Field, Pdu } from './pdu.ts';
import { messageStates, smppRecordOf } from './schema.ts';
import { commandStatuses } from './status.ts';
import { type SmppDoorPorts, smppHost, wholeId } from './submit.ts';
import { countParts, decodeText } from './text.ts';
import { writeSmppTime } from './time.ts';

export interface OrderOutcome {
  readonly status: number;
  readonly why: string | null;
  readonly fields: readonly Field[];
}

const done: OrderOutcome = { status: 0, why: null, fields: [] };

function no({ status, why }: Refused): OrderOutcome {
  return { status: commandStatuses[status], why, fields: [] };
}

export async function takeQuery(pdu: Pdu, systemId: string, ports: SmppDoorPorts): Promise<OrderOutcome> {
  const query = parseQuery(pdu);
  if ('why' in query) return no(query);
  const sms = await smsOf(query.messageId, systemId, ports);
  if (sms === null)
    return no({ status: 'ESME_RQUERYFAIL', why: `there is no message ${query.messageId} of ${systemId}` });
  const last = standingOf(sms);
  const final = isSmsEnd(last.state);
  return {
    ...done,
    fields: [
      { text: query.messageId },
      { text: final ? writeSmppTime(last.atMs) : '' },
      { integer: messageStates[last.status.toUpperCase()] ?? stateUnknown },
      { integer: Number(last.code ?? 0) & 0xff },
    ],
  };
}
const stateUnknown = 7;

/** With a message_id that one; without, all that wait between the two addresses (§4.9.1). */
export async function takeCancel(pdu: Pdu, systemId: string, ports: SmppDoorPorts): Promise<OrderOutcome> {
  const wanted = parseCancel(pdu);
  if ('why' in wanted) return no(wanted);
  const smses =
    wanted.messageId === ''
      ? await waitingBetween(wanted.source.text, wanted.destination.text, systemId, ports)
      : [await smsOf(wanted.messageId, systemId, ports)].filter((one) => one !== null);
  if (smses.length === 0)
    return no({ status: 'ESME_RCANCELFAIL', why: 'there is no such message to call back' });
  let canceled = 0;
  try {
    for (const sms of smses)
      if (standingOf(sms).state === 'scheduled' && (await ports.farSide.cancel(sms)) !== null) canceled++;
  } catch (error) {
    return no({ status: 'ESME_RSYSERR', why: messageOf(error) });
  }
  return canceled > 0
    ? done
    : no({
        status: 'ESME_RCANCELFAIL',
        why: 'it is on its way already; only what waits for its schedule_delivery_time can be called back',
      });
}

async function waitingBetween(
  source: string,
  destination: string,
  systemId: string,
  { store: kept }: SmppDoorPorts,
): Promise<readonly SmsRow[]> {
  const { entries } = await kept.smses(
    { provider: 'smpp', account: systemId, waiting: true },
    { after: null, limit: waitingMax },
  );
  return entries.filter(({ record }) => {
    const { source: from, destination: to } = smppRecordOf(record);
    return from?.text === source && to?.text === destination;
  });
}
const waitingMax = 500;

/** What waits for its time is called back, and goes out anew under its message_id (§4.10). */
export async function takeReplace(
  pdu: Pdu,
  about: { readonly systemId: string; readonly exchangeId: string },
  ports: SmppDoorPorts,
): Promise<OrderOutcome> {
  const { systemId } = about;
  const wanted = parseReplace(pdu);
  if ('why' in wanted) return no(wanted);
  const sms = await smsOf(wanted.messageId, systemId, ports);
  const record = sms === null ? null : smppRecordOf(sms.record);
  if (sms === null || record === null || record.source?.text !== wanted.source.text)
    return no({
      status: 'ESME_RINVMSGID',
      why: `there is no message ${wanted.messageId} of ${systemId} from ${wanted.source.text}`,
    });
  if (standingOf(sms).state !== 'scheduled' || record.sendAtMs === null)
    return no({ status: 'ESME_RREPLACEFAIL', why: 'it is on its way already' });
  const number = phoneNumber(sms.number);
  if (number === null) return no({ status: 'ESME_RREPLACEFAIL', why: `${sms.number} is no number` });
  const read = countParts(decodeText(wanted.octets, record.dataCoding), wanted.octets.length);
  const send = {
    provider: 'smpp',
    api: 'replace_sm',
    account: systemId,
    service: null,
    providerId: sms.providerId,
    batch: false,
    text: read.text,
    media: [],
    validityMs: sms.expiresAtMs - record.sendAtMs,
    sendAtMs: record.sendAtMs,
    callbackUrl: null,
    reference: null,
    host: smppHost,
    recipients: [
      {
        number,
        sender: sms.sender,
        text: read.text,
        encoding: read.encoding,
        parts: read.parts,
        providerId: sms.providerId,
        record: { ...sms.record, ids: [{ id: wanted.messageId, registered: wanted.registeredDelivery }] },
      },
    ],
  } as const;
  const source = { id: about.exchangeId, headers: [], body: wanted.octets, own: null };
  try {
    const asked = ask(source, send, ports);
    if (asked.answer !== null) return no({ status: 'ESME_RREPLACEFAIL', why: asked.answer.why });
    const taking = begin(source, send, asked, ports);
    await store(
      taking,
      send,
      { user: systemId, body: pdu.bytes, headers: [], exchange: null, before: null },
      ports,
    );
    // Not sooner: what was acknowledged before must not be lost where the new one cannot be stored.
    if ((await ports.farSide.cancel(sms)) === null) {
      for (const one of taking.smses) await ports.farSide.cancel({ ...one, seq: sms.seq });
      return no({ status: 'ESME_RREPLACEFAIL', why: 'it is on its way already' });
    }
  } catch (error) {
    return no({ status: 'ESME_RSYSERR', why: messageOf(error) });
  }
  return done;
}

async function smsOf(
  messageId: string,
  systemId: string,
  { store: kept }: SmppDoorPorts,
): Promise<SmsRow | null> {
  const sms = await kept.smsOf('smpp', wholeId(messageId));
  return sms === null || sms.account !== systemId ? null : sms;
}
