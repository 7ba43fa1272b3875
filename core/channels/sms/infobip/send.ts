/** Sending, by each of the interfaces; and sending anew what was put off. */
import type { SmsRefusal } from '../../../delivery/sms-far-side.ts';
import type { ProviderAnswer, ProviderRequest } from '../../../doors/http/provider-request.ts';
import { type PhoneNumber, phoneNumber } from '../../../model/phone-number.ts';
import type { SmsRow } from '../../../model/sms.ts';
import { partsOf } from '../../../model/sms-text.ts';
import { smscNoteOf } from '../../../model/smsc.ts';
import { acceptSms, ask, type SmsRecipient, type SmsSend, withEffects } from '../acceptance.ts';
import { maskedFields } from '../masked-fields.ts';
import type { SmsDoorPorts } from '../room.ts';
import { type Outgoing, parseSend, type SendForm } from './parse.ts';
import { type ApiVersion, errorReply, jsonReply, refused, wantedReply } from './reply.ts';
import { type InfobipRecord, messageIdCharactersMax, recordOf } from './schema.ts';
import { type StatusName, statusNamed, statusObject } from './status-words.ts';
import { longNumber } from './voice.ts';

export const infobipHost = 'api.infobip.com';
/** "Validity period longer than 48h is not supported. Any bigger value will automatically default back to 2880." */
const validityMsMax = 48 * 60 * 60 * 1_000;
/** REJECTED_MESSAGE_TOO_LONG: "more than 25 parts, or the message text exceeds 4000 bytes". */
const partsMax = 25;
const textBytesMax = 4_000;
const binaryBytesMax = 140;

/** One destination of the request: taken, or rejected in the answer already. */
interface Entry {
  readonly to: string;
  readonly messageId: string;
  readonly parts: number;
  readonly rejected: StatusName | null;
  readonly recipient: SmsRecipient | null;
}

export function answerSend(
  request: ProviderRequest,
  form: SendForm,
  account: string,
  ports: SmsDoorPorts,
): ProviderAnswer {
  const version = form === 'v3' ? 3 : 2;
  const parsed = parseSend(request, form, ports.clock.wallMs());
  if ('refusal' in parsed) return refused(version, parsed.refusal, account);
  const { bulkId, messages, countInResponse } = parsed.value;
  const id = bulkId ?? longNumber(ports.random);
  const nowMs = ports.virtual.nowMs();
  const aheadMs = nowMs - ports.clock.wallMs();
  const entries = messages.flatMap((message) =>
    message.destinations.map((destination) =>
      entryOf(message, destination, { account, version, nowMs, aheadMs }, ports),
    ),
  );
  const [first] = messages;
  const send: SmsSend = {
    ...sendOf(id, account, form === 'v3' ? 'v3' : `v2 ${form}`),
    text: first?.binary?.hex ?? first?.text ?? '',
    callbackUrl: first?.notifyUrl ?? null,
    reference: first?.callbackData ?? null,
    recipients: entries.flatMap(({ recipient }) => (recipient === null ? [] : [recipient])),
  };
  const body = (status: StatusName) => ({
    bulkId: id,
    messages: entries.map((entry) => toldOf(entry, status, version, countInResponse)),
  });
  if (send.recipients.length === 0)
    return {
      reply: jsonReply(200, body('REJECTED_DESTINATION')),
      refused: `no destination can be sent to: ${entries.map(({ to, rejected }) => `${to} (${rejected ?? 'rejected'})`).join(', ')}`,
      user: account,
    };
  return submit(request, send, account, version, body, ports);
}

export function sendOf(
  bulkId: string,
  account: string,
  api: string,
): Omit<SmsSend, 'text' | 'callbackUrl' | 'reference' | 'recipients'> {
  return {
    provider: 'infobip',
    api,
    account,
    service: null,
    providerId: bulkId,
    batch: true,
    media: [],
    validityMs: null,
    sendAtMs: null,
    host: infobipHost,
  };
}

/** @param body of the yes, or of a rejection that a rule wants of every message */
export function submit(
  request: ProviderRequest,
  send: SmsSend,
  account: string,
  version: ApiVersion,
  body: (status: StatusName) => unknown,
  ports: SmsDoorPorts,
): ProviderAnswer {
  const source = { id: request.id, headers: request.fields.entries, body: request.body, own: request.own };
  const asked = ask(source, send, ports);
  if (asked.answer !== null) {
    const status = /^\d+$/.test(asked.answer.reason) ? null : statusNamed(asked.answer.reason);
    const reply = status === null ? wantedReply(version, asked.answer) : jsonReply(200, body(status));
    return withEffects({ reply, refused: asked.answer.why, user: account }, asked);
  }
  return acceptSms(
    request,
    send,
    asked,
    {
      user: account,
      maskedHeaders: maskedFields(request.fields),
      reply: () => jsonReply(200, body('PENDING_ACCEPTED')),
      unstored: () => errorReply(version, 'GENERAL_ERROR'),
    },
    ports,
  );
}

function entryOf(
  message: Outgoing,
  { to, messageId }: Outgoing['destinations'][number],
  about: {
    readonly account: string;
    readonly version: 2 | 3;
    readonly nowMs: number;
    readonly aheadMs: number;
  },
  ports: SmsDoorPorts,
): Entry {
  const id = messageId?.slice(0, messageIdCharactersMax) ?? longNumber(ports.random);
  const rejected = (status: StatusName): Entry => ({
    to,
    messageId: id,
    parts: 1,
    rejected: status,
    recipient: null,
  });
  if (to.trim() === '') return rejected('MISSING_TO');
  const number = numberOf(to, ports.farSide.settings().strictNumbers);
  if (number === null) return rejected('REJECTED_DESTINATION');
  const written = writtenOf(message);
  if (written === null) return rejected('REJECTED_MESSAGE_TOO_LONG');
  const digits = number.e164.slice(1);
  const sender = senderOf(message.from, about.account, ports);
  const known = ports.farSide.sender('infobip', sender);
  const sendAtMs = message.sendAtMs === null ? null : message.sendAtMs + about.aheadMs;
  const validityMs = Math.min(validityMsMax, message.validityMs ?? validityMsMax);
  const record: InfobipRecord = {
    version: about.version,
    to: digits,
    from: message.from,
    notifyUrl: message.notifyUrl ?? known?.statusUrl ?? null,
    contentType: message.contentType,
    callbackData: message.callbackData,
    intermediate: message.intermediate,
    campaignReferenceId: message.campaignReferenceId,
    applicationId: message.applicationId,
    entityId: message.entityId,
    sendAtMs: sendAtMs !== null && sendAtMs > about.nowMs ? sendAtMs : null,
    validityMs,
    revision: 0,
  };
  return {
    to: digits,
    messageId: id,
    parts: written.parts,
    rejected: null,
    recipient: {
      number,
      sender,
      ...written,
      providerId: id,
      record,
      sendAtMs: record.sendAtMs,
      validityMs,
      refusal: refusalOf(sender, about.account, number, ports),
    },
  };
}

function numberOf(to: string, strict: boolean): PhoneNumber | null {
  const number = /^\+?[\d\s().-]+$/.test(to.trim()) ? phoneNumber(to.trim().replace(/^00/, '')) : null;
  return number !== null && (strict ? number.valid : number.possible) ? number : null;
}

function writtenOf({ text, binary }: Outgoing): Pick<SmsRecipient, 'text' | 'encoding' | 'parts'> | null {
  if (binary !== null) {
    const bytes = binary.hex.length / 2;
    const parts = Math.ceil(bytes / binaryBytesMax);
    return parts > partsMax ? null : { text: binary.hex, encoding: 'binary', parts };
  }
  const { encoding, parts } = partsOf(text);
  if (parts > partsMax || Buffer.byteLength(text) > textBytesMax) return null;
  return { text, encoding, parts: Math.max(1, parts) };
}

/** Long numbers in E.164, short codes and names as they are written; of none, the account's own. */
function senderOf(from: string | null, account: string, { farSide }: SmsDoorPorts): string {
  if (from === null) return farSide.sendersOf('infobip', account)[0]?.sender ?? defaultSender;
  if (/^\+?\d{9,15}$/.test(from)) return phoneNumber(from)?.e164 ?? from;
  return from;
}

/** What Infobip puts in place of a sender where an account has none. */
const defaultSender = 'InfoSMS';

/** What comes in a report only, after the yes. */
function refusalOf(
  sender: string,
  account: string,
  number: PhoneNumber,
  { farSide }: SmsDoorPorts,
): SmsRefusal | null {
  const parties = { provider: 'infobip', account, sender, service: null } as const;
  if (farSide.optedOut({ ...parties, number: number.e164 }))
    return { cause: 'opted_out', why: `its owner wrote STOP to ${sender}` };
  const verdict = farSide.senderVerdict(parties, number);
  return verdict.kind === 'refused' ? { cause: verdict.cause, why: verdict.why } : null;
}

function toldOf(
  { to, messageId, parts, rejected }: Entry,
  status: StatusName,
  version: 2 | 3,
  countInResponse: boolean,
): unknown {
  const said = statusObject(rejected ?? status);
  return version === 3
    ? { messageId, status: said, destination: to, details: { messageCount: parts } }
    : { messageId, status: said, to, ...(countInResponse ? { smsCount: parts } : {}) };
}

/** The same messages once more, for another time: under their own ids. */
export function recipientsAnew(rows: readonly SmsRow[], sendAtMs: number): readonly SmsRecipient[] {
  return rows.flatMap((row): readonly SmsRecipient[] => {
    const record = recordOf(row);
    const number = phoneNumber(row.number);
    if (record === null || number === null) return [];
    return [
      {
        number,
        sender: row.sender,
        text: row.text,
        encoding: row.encoding,
        parts: row.parts,
        providerId: row.providerId,
        record: { ...record, superseded: false, sendAtMs, revision: record.revision + 1 },
        sendAtMs,
        validityMs: record.validityMs,
        refusal: smscNoteOf(row).refusal,
      },
    ];
  });
}
