/** submit_sm, submit_multi and data_sm: judged, put together where they come in parts, and brought to the disk before the yes. */
import { messageOf } from '../../../model/app-error.ts';
import type { ExchangePart } from '../../../model/message.ts';
import type { PhoneNumber } from '../../../model/phone-number.ts';
import { type SmsRow, standingOf } from '../../../model/sms.ts';
import { type Asked, ask, begin, type SmsRecipient, type SmsSend, store } from '../acceptance.ts';
import type { SmsDoorPorts } from '../room.ts';
import { destinationOf, senderOf } from './address.ts';
import { parseSubmit, type Refused, readPart, submitFault } from './parse.ts';
import type { Pdu } from './pdu.ts';
import { type Group, groupKey, type KeptPart, type Reassembly } from './reassembly.ts';
import { type PartOf, type SmppAddress, type SmppRecord, type Submit, smppRecordOf } from './schema.ts';
import { commandStatuses, statusName, statusOf } from './status.ts';
import { countParts, decodeText, type ReadText } from './text.ts';
import { readSmppTime } from './time.ts';

/** What suspensions go by. */
export const smppHost = 'smpp';

/**
 * Our own sends say by this which delivery they are (a vendor's parameter, §3.2.4.1: 0x1400 to 0x3fff). Its value is worth
 * something only in this run, and only from this machine.
 */
export const ownSendTag = 0x1501;

export interface SmppDoorPorts extends SmsDoorPorts {
  /** Whose send of our own it is; null: none that is under way. Left out: there are none. */
  readonly ownSend?: (
    value: string,
    remoteAddress: string,
  ) => { readonly messageId: string; readonly deliveryId: string } | null;
}

export interface Submitter {
  readonly systemId: string;
  readonly password: string;
  readonly remoteAddress: string;
  readonly exchangeId: string;
  /** What was said until now, for the message; `restore` puts it back where that could not be stored. */
  part(): { readonly exchange: ExchangePart; restore(): void };
}

export interface Outcome {
  /** command_status. */
  readonly status: number;
  /** Empty where it was refused. */
  readonly messageId: string;
  /** In words, for the exchange; null: it was taken. */
  readonly why: string | null;
  /** Messages that this stored. */
  readonly stored: number;
  /** Of submit_multi. */
  readonly unsuccessful: readonly { readonly address: SmppAddress; readonly status: number }[];
  readonly cut: boolean;
  readonly lateMs: number;
  readonly bytesPerSecond: number | null;
}

const base: Omit<Outcome, 'status' | 'messageId' | 'why'> = {
  stored: 0,
  unsuccessful: [],
  cut: false,
  lateMs: 0,
  bytesPerSecond: null,
};

function no({ status, why }: Refused): Outcome {
  return { ...base, status: commandStatuses[status], messageId: '', why };
}

/** One unit, read. */
interface Piece {
  readonly submit: Submit;
  readonly pdu: Buffer;
  readonly octets: Buffer;
  readonly part: PartOf | null;
  readonly sender: string;
  readonly destinations: readonly { readonly address: SmppAddress; readonly number: PhoneNumber | Refused }[];
  /** Virtual. */
  readonly sendAtMs: number | null;
  readonly validityMs: number | null;
}

export async function takeSubmit(
  pdu: Pdu,
  command: Submit['command'],
  submitter: Submitter,
  reassembly: Reassembly,
  ports: SmppDoorPorts,
): Promise<Outcome> {
  const piece = readPiece(pdu, command, ports);
  if ('why' in piece) return no(piece);
  const { part } = piece;
  if (part === null || part.total === 1) {
    const id = newMessageId(ports);
    return take(
      { pieces: [{ piece, messageId: id }], base: id, missing: [], group: null },
      submitter,
      ports,
      reassembly,
    );
  }
  return takePart(piece, part, submitter, reassembly, ports);
}

function readPiece(pdu: Pdu, command: Submit['command'], ports: SmppDoorPorts): Piece | Refused {
  const submit = parseSubmit(pdu, command);
  if ('why' in submit) return submit;
  const strict = ports.farSide.settings().strictNumbers;
  const from = senderOf(submit.source);
  if ('why' in from) return from;
  const destinations = submit.destinations.map((address) => ({
    address,
    number: destinationOf(address, strict),
  }));
  const [first] = destinations;
  if (command !== 'submit_multi' && first !== undefined && 'why' in first.number) return first.number;
  const wrong = submitFault(submit);
  if (wrong !== null) return wrong;
  const joined = readPart(submit);
  if ('why' in joined) return joined;
  const times = timesOf(submit, ports);
  if ('why' in times) return times;
  return { submit, pdu: pdu.bytes, ...joined, sender: from.sender, destinations, ...times };
}

/** An absolute time is wall time, as the app's clock shows it; due times are virtual. */
function timesOf(
  { scheduleTime, validityPeriod }: Submit,
  { clock, virtual }: SmppDoorPorts,
): { readonly sendAtMs: number | null; readonly validityMs: number | null } | Refused {
  const wallMs = clock.wallMs();
  const sendAt = readSmppTime(scheduleTime, wallMs);
  if (sendAt === undefined || (sendAt !== null && sendAt < wallMs - pastMsMax))
    return {
      status: 'ESME_RINVSCHED',
      why: `schedule_delivery_time ${scheduleTime} is no time to come (§7.1.1)`,
    };
  const until = readSmppTime(validityPeriod, wallMs);
  if (until === undefined || (until !== null && until <= wallMs))
    return {
      status: 'ESME_RINVEXPIRY',
      why: `validity_period ${validityPeriod} is no time to come (§7.1.1)`,
    };
  return {
    sendAtMs: sendAt === null || sendAt <= wallMs ? null : sendAt + virtual.nowMs() - wallMs,
    validityMs: until === null ? null : until - Math.max(wallMs, sendAt ?? wallMs),
  };
}
/** A clock of the app's that is behind by so much is forgiven. */
const pastMsMax = 60_000;

async function takePart(
  piece: Piece,
  part: PartOf,
  submitter: Submitter,
  reassembly: Reassembly,
  ports: SmppDoorPorts,
): Promise<Outcome> {
  const { systemId } = submitter;
  const { submit } = piece;
  const key = groupKey(systemId, part, {
    source: submit.source.text,
    destination: submit.destinations.map(({ text }) => text).join(' '),
  });
  const group = reassembly.group(key, { systemId, total: part.total, base: () => newMessageId(ports) });
  if (group === null || group.busy)
    return no({ status: 'ESME_RMSGQFUL', why: 'too many long messages wait for their parts' });
  const kept: KeptPart = {
    sequence: part.sequence,
    messageId: partId(group.base, part.sequence),
    pdu: piece.pdu,
  };
  const others = [...group.parts.values()].filter(({ sequence }) => sequence !== part.sequence);
  if (others.length + 1 < part.total) {
    try {
      await reassembly.add(group, kept);
    } catch (error) {
      return no({ status: 'ESME_RMSGQFUL', why: `the part could not be kept: ${messageOf(error)}` });
    }
    return { ...base, status: 0, messageId: kept.messageId, why: null };
  }
  group.busy = true;
  try {
    const pieces = piecesOf([...others, kept], ports);
    if ('why' in pieces) return no(pieces);
    const outcome = await take(
      { pieces, base: group.base, missing: [], group },
      submitter,
      ports,
      reassembly,
    );
    return outcome.messageId === '' ? outcome : { ...outcome, messageId: kept.messageId };
  } finally {
    group.busy = false;
  }
}

/** In the order of the text. */
function piecesOf(
  parts: readonly KeptPart[],
  ports: SmppDoorPorts,
): readonly { readonly piece: Piece; readonly messageId: string }[] | Refused {
  const pieces: { readonly piece: Piece; readonly messageId: string }[] = [];
  for (const { pdu, messageId } of parts.toSorted((one, other) => one.sequence - other.sequence)) {
    const piece = readPiece(
      { id: pdu.readUInt32BE(4), status: 0, sequence: 0, bytes: pdu },
      commandOf(pdu),
      ports,
    );
    if ('why' in piece) return piece;
    pieces.push({ piece, messageId });
  }
  return pieces;
}

function commandOf(pdu: Buffer): Submit['command'] {
  const id = pdu.readUInt32BE(4);
  if (id === 0x103) return 'data_sm';
  return id === 0x21 ? 'submit_multi' : 'submit_sm';
}

/** A message that was never completed, as far as it came: what a handset would show of it. */
export async function takeOverdue(group: Group, reassembly: Reassembly, ports: SmppDoorPorts): Promise<void> {
  group.busy = true;
  try {
    const pieces = piecesOf([...group.parts.values()], ports);
    if ('why' in pieces) {
      reassembly.finished(group);
      ports.onProblem(`parts of a long message over SMPP cannot be read: ${pieces.why}`);
      return;
    }
    const missing = Array.from({ length: group.total }, (_, at) => at + 1).filter(
      (sequence) => !group.parts.has(sequence),
    );
    const outcome = await take(
      { pieces, base: group.base, missing, group },
      null,
      ports,
      reassembly,
      group.systemId,
    );
    if (outcome.status === commandStatuses.ESME_RSYSERR) group.lastMs = ports.clock.monotonicMs();
    else reassembly.finished(group);
  } finally {
    group.busy = false;
  }
}

interface Whole {
  readonly pieces: readonly { readonly piece: Piece; readonly messageId: string }[];
  /** What the message is called at the provider. */
  readonly base: string;
  readonly missing: readonly number[];
  readonly group: Group | null;
}

async function take(
  whole: Whole,
  submitter: Submitter | null,
  ports: SmppDoorPorts,
  reassembly: Reassembly,
  systemId = submitter?.systemId ?? '',
): Promise<Outcome> {
  const [first] = whole.pieces;
  if (first === undefined) return no({ status: 'ESME_RSYSERR', why: 'a message without a part' });
  const { piece } = first;
  const body = Buffer.concat(whole.pieces.map(({ piece: { pdu } }) => pdu));
  const allowed = allowedOf(piece, systemId, ports);
  if ('why' in allowed) return no(allowed);
  const replaced = await replacedBy(piece, systemId, ports);
  const id = replaced?.providerId ?? whole.base;
  const send = sendOf(whole, allowed.numbers, { systemId, id }, ports);
  const own = submitter === null ? null : ownSendOf(piece, submitter, ports);
  const source = {
    id: submitter?.exchangeId ?? '',
    headers: [],
    // Without the header: of a message that is tried again its number in the sequence is another.
    body: piece.submit.octets,
    own,
  };
  const asked = ask(source, send, ports);
  if (asked.answer !== null) return onPurpose(asked);
  const messageId = replaced === null ? first.messageId : id;
  const taking = begin(source, send, asked, ports);
  const said = submitter?.part() ?? null;
  try {
    await store(
      taking,
      send,
      {
        user: systemId,
        body,
        headers: [],
        exchange: said?.exchange ?? null,
        // The parts go from disk with the message that they became.
        documents: whole.group === null ? [] : reassembly.removals(whole.group, ports.virtual.nowMs()),
        before: submitter === null ? null : ports.secrets.seen('smpp', systemId, submitter.password),
      },
      ports,
    );
  } catch (error) {
    said?.restore();
    return no({ status: 'ESME_RSYSERR', why: `it could not be stored: ${messageOf(error)}` });
  }
  if (whole.group !== null) reassembly.finished(whole.group);
  // Not sooner: what was acknowledged before must not be lost where this one cannot be stored.
  if (replaced !== null) await ports.farSide.cancel(replaced);
  return {
    ...base,
    status: 0,
    messageId,
    why: null,
    stored: 1,
    unsuccessful: allowed.refused,
    ...effectsOf(asked),
  };
}

function onPurpose(asked: Asked): Outcome {
  const { reason = '', why = '' } = asked.answer ?? {};
  const status = reason === '' ? commandStatuses.ESME_RSYSERR : statusOf(reason);
  return { ...base, status, messageId: '', why: `${statusName(status)}: ${why}`, ...effectsOf(asked) };
}

function effectsOf(asked: Asked): Pick<Outcome, 'cut' | 'lateMs' | 'bytesPerSecond'> {
  return {
    cut: asked.connection !== null,
    lateMs: asked.lateMs,
    bytesPerSecond: asked.bytesPerSecond,
  };
}

/** Whom it may go to. Of several those that it may not are named in the answer (§4.5.2). */
function allowedOf(
  { sender, destinations }: Piece,
  systemId: string,
  ports: SmppDoorPorts,
): { readonly numbers: readonly PhoneNumber[]; readonly refused: Outcome['unsuccessful'] } | Refused {
  const numbers: PhoneNumber[] = [];
  const refused: { readonly address: SmppAddress; readonly status: number }[] = [];
  let last: Refused | null = null;
  for (const { address, number } of destinations) {
    const fault = 'why' in number ? number : senderFault(sender, number, systemId, ports);
    if (fault === null && !('why' in number)) {
      if (!numbers.some(({ e164 }) => e164 === number.e164)) numbers.push(number);
    } else if (fault !== null) {
      last = fault;
      refused.push({ address, status: commandStatuses[fault.status] });
    }
  }
  if (numbers.length > 0) return { numbers, refused };
  return destinations.length === 1 && last !== null
    ? last
    : { status: 'ESME_RSUBMITFAIL', why: last?.why ?? 'there is nobody to send it to' };
}

function senderFault(
  sender: string,
  number: PhoneNumber,
  systemId: string,
  { farSide }: SmppDoorPorts,
): Refused | null {
  const parties = { provider: 'smpp', account: systemId, sender, service: null } as const;
  const verdict = farSide.senderVerdict(parties, number);
  if (verdict.kind === 'refused')
    return {
      status: verdict.cause === 'region_not_allowed' ? 'ESME_RINVDSTADR' : 'ESME_RINVSRCADR',
      why: verdict.why,
    };
  return farSide.optedOut({ ...parties, number: number.e164 })
    ? { status: 'ESME_RINVDSTADR', why: `${number.e164} wrote STOP to ${sender}` }
    : null;
}

function sendOf(
  { pieces, missing, group }: Whole,
  numbers: readonly PhoneNumber[],
  { systemId, id }: { readonly systemId: string; readonly id: string },
  ports: SmppDoorPorts,
): SmsSend {
  const [first] = pieces.map(({ piece }) => piece);
  if (first === undefined) throw new Error('a message without a part');
  const { submit, sender, sendAtMs, validityMs } = first;
  const read = readAll(pieces, missing, group?.total ?? 1);
  const record: SmppRecord = {
    systemId,
    source: submit.source,
    destination: null,
    serviceType: submit.serviceType,
    ids: pieces.map(({ messageId, piece }) => ({
      id: pieces.length === 1 && group === null ? id : messageId,
      registered: piece.submit.registeredDelivery,
    })),
    dataCoding: submit.dataCoding,
    sendAtMs,
    missing,
  };
  const addresses = new Map<string, SmppAddress>();
  for (const { address, number } of first.destinations)
    if (!('why' in number)) addresses.set(number.e164, address);
  return {
    provider: 'smpp',
    api: submit.command,
    account: systemId,
    service: null,
    providerId: id,
    batch: numbers.length > 1,
    text: read.text,
    media: [],
    validityMs,
    sendAtMs,
    callbackUrl: null,
    reference: null,
    host: smppHost,
    recipients: numbers.map(
      (number, at): SmsRecipient => ({
        number,
        sender,
        text: read.text,
        encoding: read.encoding,
        parts: read.parts,
        // One message_id answers for all of them; within it each is told apart.
        providerId: at === 0 ? id : newMessageId(ports),
        record: { ...record, destination: addresses.get(number.e164) ?? null },
      }),
    ),
  };
}

function readAll(
  pieces: Whole['pieces'],
  missing: readonly number[],
  total: number,
): ReadText & { readonly parts: number } {
  const [first] = pieces;
  const dataCoding = first?.piece.submit.dataCoding ?? 0;
  if (total === 1) {
    const octets = first?.piece.octets ?? Buffer.alloc(0);
    return countParts(decodeText(octets, dataCoding), octets.length);
  }
  if (missing.length === 0) {
    const read = decodeText(Buffer.concat(pieces.map(({ piece }) => piece.octets)), dataCoding);
    return { ...read, parts: total };
  }
  const there = pieces.map(({ piece }) => ({
    at: piece.part?.sequence ?? 0,
    text: decodeText(piece.octets, dataCoding).text,
  }));
  const gaps = missing.map((at) => ({ at, text: `[part ${at} of ${total} never came]` }));
  const text = [...there, ...gaps]
    .toSorted((one, other) => one.at - other.at)
    .map((one) => one.text)
    .join('');
  return { ...decodeText(Buffer.alloc(0), dataCoding), text, parts: pieces.length };
}

/** What waits to be sent, from and to the same, of the same service (§5.2.18). What the carrier has cannot be called back. */
async function replacedBy(
  { submit, sender, destinations }: Piece,
  systemId: string,
  { store: kept }: SmppDoorPorts,
): Promise<SmsRow | null> {
  const [to] = destinations;
  if (!submit.replaceIfPresent || to === undefined || 'why' in to.number) return null;
  const { entries } = await kept.smses(
    { provider: 'smpp', account: systemId, number: to.number.e164, sender, waiting: true },
    { after: null, limit: replacedMax },
  );
  return (
    entries.find(
      (sms) =>
        standingOf(sms).state === 'scheduled' && smppRecordOf(sms.record).serviceType === submit.serviceType,
    ) ?? null
  );
}
const replacedMax = 20;

function ownSendOf(
  { submit }: Piece,
  { remoteAddress }: Submitter,
  { ownSend }: SmppDoorPorts,
): { readonly messageId: string; readonly deliveryId: string } | null {
  const value = submit.optional.get(ownSendTag);
  if (value === undefined || ownSend === undefined) return null;
  return ownSend(value.toString('latin1').replace(/\0$/, ''), remoteAddress);
}

const idOctets = 8;
const partDigits = 2;

function newMessageId({ random }: SmppDoorPorts): string {
  return random(idOctets).toString('hex');
}

/** Parts are called as their message, and which one. */
function partId(whole: string, sequence: number): string {
  return `${whole}${sequence.toString(16).padStart(partDigits, '0')}`;
}

/** What the message is called that a part, or the whole of it, belongs to. */
export function wholeId(id: string): string {
  return id.length === idOctets * 2 + partDigits ? id.slice(0, idOctets * 2) : id;
}
