/** `POST /v1/messages`: the Messages API's channels SMS and MMS. */

import type { SmsParties, SmsRefusal } from '../../../delivery/sms-far-side.ts';
import type { ProviderAnswer, ProviderRequest } from '../../../doors/http/provider-request.ts';
import type { PhoneNumber } from '../../../model/phone-number.ts';
import { acceptSms, ask, type SmsSend, withEffects } from '../acceptance.ts';
import { maskedFields } from '../masked-fields.ts';
import type { SmsDoorPorts } from '../room.ts';
import { optOutCallingCodes } from './codes.ts';
import { type Caller, judgeAuthorization } from './credentials.ts';
import { type MessageRequest, readMessageRequest } from './parse-message.ts';
import {
  internalProblem,
  messageReply,
  messagesProblem,
  type Problem,
  problemReply,
  unauthorizedProblem,
} from './reply.ts';
import { messagesHost, type VonageRecord } from './schema.ts';

export function sendMessage(request: ProviderRequest, ports: SmsDoorPorts): ProviderAnswer {
  const settings = ports.farSide.settings();
  const caller = judgeAuthorization(request.fields, {
    fixed: settings.credentials.vonage ?? [],
    signatureSecret: ports.secrets.own('vonage'),
    wallMs: ports.clock.wallMs(),
  });
  if (caller.kind === 'refused') return refusal(unauthorizedProblem, caller.why, null, ports);
  if (request.bodyTooLarge)
    return refusal(messagesProblem('1090'), 'the body is too large', caller.account, ports);
  const read = readMessageRequest(Buffer.from(request.body).toString('utf8'), settings.strictNumbers);
  if (read.kind === 'refused') return refusal(read.problem, read.why, caller.account, ports);
  return answer(request, read.request, caller, ports);
}

function answer(
  request: ProviderRequest,
  message: MessageRequest,
  { account, application }: Extract<Caller, { kind: 'known' }>,
  ports: SmsDoorPorts,
): ProviderAnswer {
  const { number, outgoing } = message;
  const providerId = messageUuid(ports);
  const parties = { provider: 'vonage', account, sender: message.from, service: application } as const;
  const record: VonageRecord = {
    api: 'messages',
    channel: message.channel,
    ids: [providerId],
    network: '',
    clientRef: message.clientRef,
    reportUrl: message.webhookUrl,
    receipts: true,
    webhook: 'POST-JSON',
  };
  const draft = (kept: VonageRecord): SmsSend => ({
    provider: 'vonage',
    api: 'messages',
    account,
    service: application,
    providerId,
    batch: false,
    text: message.written,
    media: message.media,
    validityMs: message.ttlMs,
    sendAtMs: null,
    callbackUrl: kept.reportUrl,
    reference: message.clientRef,
    host: messagesHost,
    recipients: [{ number, sender: message.from, ...outgoing, providerId, record: kept }],
  });
  const source = { id: request.id, headers: request.fields.entries, body: request.body, own: request.own };
  const asked = ask(source, draft(record), ports);
  if (asked.answer !== null) {
    const { reason, status, text, retryAfterS, why } = asked.answer;
    const problem = messagesProblem(reason);
    const said = {
      ...problem,
      ...(status === null ? {} : { status }),
      ...(text === null ? {} : { detail: text }),
    };
    return withEffects(refusal(said, why, account, ports, retryAfterS), asked);
  }
  const { network } = ports.farSide.handset(number).carrier;
  const statusUrl = ports.farSide.sender('vonage', message.from)?.statusUrl ?? null;
  const send = draft({ ...record, network, reportUrl: message.webhookUrl ?? statusUrl });
  const notTaken = notTakenOf({ ...parties, number: number.e164 }, number, ports);
  return acceptSms(
    request,
    { ...send, recipients: send.recipients.map((recipient) => ({ ...recipient, refusal: notTaken })) },
    asked,
    {
      user: account,
      maskedHeaders: maskedFields(request.fields),
      reply: () => messageReply(providerId),
      unstored: () => problemReply(internalProblem, trace(ports)),
    },
    ports,
  );
}

/** What the Messages API tells by a webhook, a moment after its yes. */
function notTakenOf(parties: SmsParties, number: PhoneNumber, { farSide }: SmsDoorPorts): SmsRefusal | null {
  if (optOutCallingCodes.includes(number.callingCode) && farSide.optedOut(parties))
    return { cause: 'opted_out', why: `the owner of ${number.e164} wrote STOP to ${parties.sender}` };
  const verdict = farSide.senderVerdict(parties, number);
  return verdict.kind === 'refused' ? { cause: verdict.cause, why: verdict.why } : null;
}

export function refusal(
  problem: Problem,
  why: string,
  user: string | null,
  ports: Pick<SmsDoorPorts, 'random'>,
  retryAfterS: number | null = null,
): ProviderAnswer {
  const fields = retryAfterS === null ? [] : ([['retry-after', String(retryAfterS)]] as const);
  return { reply: problemReply(problem, trace(ports), fields), refused: why, user };
}

/** As support asks for it: `bf0ca0bf927b3b52e3cb03217e1a1ddf`. */
function trace({ random }: Pick<SmsDoorPorts, 'random'>): string {
  return random(16).toString('hex');
}

/** A UUID of version 4 (RFC 9562 §5.4). */
export function messageUuid({ random }: Pick<SmsDoorPorts, 'random'>): string {
  const bytes = random(16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
