/** `POST /messages` and `POST /mms`: read, asked of the rules, handed to the carriers. */
import type { ProviderAnswer, ProviderRequest } from '../../../doors/http/provider-request.ts';
import { acceptSms, ask, type SmsRecipient, type SmsSend, withEffects } from '../acceptance.ts';
import { maskedFields } from '../masked-fields.ts';
import type { SmsDoorPorts } from '../room.ts';
import { type Given, givenOf, type MessageRequest, readMessage } from './parse.ts';
import { codeReply, errorReply, json, messageOf } from './reply.ts';
import { type MessagebirdRecord, messagebirdHost } from './schema.ts';

export function sendMessage(
  kind: 'sms' | 'mms',
  request: ProviderRequest,
  account: string,
  ports: SmsDoorPorts,
): ProviderAnswer {
  const given = request.bodyTooLarge ? null : givenIn(request);
  if (given === null)
    return {
      reply: codeReply('21', { text: 'Bad request (the body is neither JSON nor a form)' }),
      refused: request.bodyTooLarge ? 'the body is too large' : 'the body is neither JSON nor a form',
      user: account,
    };
  const read = readMessage(kind, given, ports.farSide.settings().strictNumbers);
  if (read.kind === 'refused')
    return {
      reply: errorReply(read.errors),
      refused: read.errors.map(({ description }) => description).join('; '),
      user: account,
    };
  return answer(request, read.request, account, ports);
}

function givenIn(request: ProviderRequest): Given | null {
  const body = Buffer.from(request.body).toString('utf8');
  return givenOf(request.fields.get('content-type') ?? '', body);
}

function answer(
  request: ProviderRequest,
  message: MessageRequest,
  account: string,
  ports: SmsDoorPorts,
): ProviderAnswer {
  const id = ports.random(16).toString('hex');
  const send = sendOf(message, account, id, ports);
  const asked = ask(
    { id: request.id, headers: request.fields.entries, body: request.body, own: request.own },
    send,
    ports,
  );
  if (asked.answer !== null) {
    const { reason, text, status, retryAfterS, why } = asked.answer;
    const reply = codeReply(reason, { text, status });
    const fields =
      retryAfterS === null ? reply.fields : [...reply.fields, ['retry-after', String(retryAfterS)] as const];
    return withEffects({ reply: { ...reply, fields }, refused: why, user: account }, asked);
  }
  return acceptSms(
    request,
    routed(send, message, ports),
    asked,
    {
      user: account,
      maskedHeaders: maskedFields(request.fields),
      reply: ({ smses }) => json(201, messageOf(smses, { first: true })),
      unstored: () => codeReply('99'),
    },
    ports,
  );
}

/** As rules see it: nobody has been looked up yet. */
function sendOf(message: MessageRequest, account: string, id: string, ports: SmsDoorPorts): SmsSend {
  const sendAtMs = message.scheduled === null ? null : shifted(Date.parse(message.scheduled), ports);
  return {
    provider: 'messagebird',
    api: message.kind === 'mms' ? 'mms' : 'messages',
    account,
    service: null,
    providerId: id,
    batch: true,
    text: message.body,
    media: message.mediaUrls.map((url) => ({ url, contentType: null })),
    validityMs: message.validityS === null ? null : message.validityS * 1_000,
    sendAtMs,
    callbackUrl: message.reportUrl,
    reference: message.reference,
    host: messagebirdHost,
    recipients: message.recipients.map(
      (number, at): SmsRecipient => ({
        number,
        sender: message.sender,
        ...message.outgoing,
        // Reports name the message; only the store wants every recipient to be told apart.
        providerId: at === 0 ? id : `${id}.${at}`,
        record: {},
      }),
    ),
  };
}

/** With each recipient's carrier. That a carrier refuses the originator MessageBird tells later: it says yes first. */
function routed(send: SmsSend, message: MessageRequest, { farSide }: SmsDoorPorts): SmsSend {
  const { account, service } = send;
  const recipients = send.recipients.map((recipient): SmsRecipient => {
    const { number, sender } = recipient;
    const verdict = farSide.senderVerdict({ provider: 'messagebird', account, sender, service }, number);
    const refused = verdict.kind === 'refused';
    const { carrier, portedFrom } = farSide.handset(number);
    const record: MessagebirdRecord = {
      kind: message.kind,
      type: message.type,
      originator: message.originator,
      body: message.body,
      reference: message.reference,
      reportUrl: message.reportUrl ?? (refused ? null : verdict.sender.statusUrl),
      validityS: message.validityS,
      gateway: message.gateway,
      udh: message.udh,
      datacoding: message.datacoding,
      mclass: message.mclass,
      scheduled: message.scheduled,
      subject: message.subject,
      network: carrier.network,
      operator: carrier.name,
      country: number.country,
      callingCode: number.callingCode,
      ported: portedFrom !== null,
    };
    return { ...recipient, record, refusal: refused ? { cause: verdict.cause, why: verdict.why } : null };
  });
  return { ...send, recipients };
}

/** A time of the app's is wall time. */
function shifted(atMs: number, { clock, virtual }: SmsDoorPorts): number {
  return atMs + virtual.nowMs() - clock.wallMs();
}
