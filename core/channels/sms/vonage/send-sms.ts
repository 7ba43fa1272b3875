/** `POST|GET /sms/json`: judged in Vonage's order, then handed to the carriers. The answer is 200 whatever comes. */
import type { ProviderAnswer, ProviderReply, ProviderRequest } from '../../../doors/http/provider-request.ts';
import { acceptSms, ask, type SmsRecipient, type SmsSend, withEffects } from '../acceptance.ts';
import { maskedFields } from '../masked-fields.ts';
import type { SmsDoorPorts } from '../room.ts';
import { optOutCallingCodes, smsErrors } from './codes.ts';
import { judgeKey } from './credentials.ts';
import { maskParameters, type Parameters, readParameters } from './parameters.ts';
import { readSmsRequest, type SmsRequest } from './parse-sms.ts';
import { acceptedReply, smsFaultReply } from './reply.ts';
import { type VonageRecord, vonageHost } from './schema.ts';

export function sendSms(request: ProviderRequest, ports: SmsDoorPorts): ProviderAnswer {
  const settings = ports.farSide.settings();
  if (request.bodyTooLarge) return refusal({ code: '12', why: 'the body is too large' });
  const body = Buffer.from(request.body).toString('utf8');
  const read = readParameters(request.query, request.fields.get('content-type') ?? '', body);
  if (read.kind === 'unreadable') return refusal({ code: '3', why: read.why });
  const caller = judgeKey(read.parameters, request.fields, {
    fixed: settings.credentials.vonage ?? [],
    signatureSecret: ports.secrets.own('vonage'),
    wallMs: ports.clock.wallMs(),
  });
  if (caller.kind === 'refused') return refusal(caller);
  const { account } = caller;
  const parsed = readSmsRequest(read.parameters, settings.strictNumbers);
  if (parsed.kind === 'refused') return refusal(parsed.fault, account);
  return answer(request, parsed.request, account, kept(request, body, read.parameters), ports);
}

function answer(
  request: ProviderRequest,
  sms: SmsRequest,
  account: string,
  stored: Uint8Array,
  ports: SmsDoorPorts,
): ProviderAnswer {
  const { number, outgoing } = sms;
  const ids = Array.from({ length: outgoing.parts }, () => messageId(ports));
  const [providerId = messageId(ports)] = ids;
  const parties = { provider: 'vonage', account, sender: sms.from, service: null } as const;
  const draft = (record: VonageRecord): SmsSend => ({
    provider: 'vonage',
    api: 'sms',
    account,
    service: null,
    providerId,
    batch: false,
    text: sms.written,
    media: [],
    validityMs: sms.ttlMs,
    sendAtMs: null,
    callbackUrl: record.reportUrl,
    reference: sms.clientRef,
    host: vonageHost,
    recipients: [{ number, sender: sms.from, ...outgoing, providerId, record } satisfies SmsRecipient],
  });
  const record: VonageRecord = {
    api: 'sms',
    channel: 'sms',
    ids,
    network: '',
    clientRef: sms.clientRef,
    reportUrl: sms.callback,
    receipts: sms.receipts,
    webhook: ports.farSide.settings().vonage?.webhookFormat ?? 'POST-JSON',
  };
  const source = { id: request.id, headers: request.fields.entries, body: stored, own: request.own };
  const asked = ask(source, draft(record), ports);
  if (asked.answer !== null) return withEffects(onPurpose(asked.answer, account), asked);
  if (
    optOutCallingCodes.includes(number.callingCode) &&
    ports.farSide.optedOut({ ...parties, number: number.e164 })
  )
    return withEffects(
      refusal({ code: '7', why: `the owner of ${number.e164} wrote STOP to ${sms.from}` }, account),
      asked,
    );
  const verdict = ports.farSide.senderVerdict(parties, number);
  if (verdict.kind === 'refused')
    return withEffects(refusal({ code: '15', why: verdict.why }, account), asked);
  const { network } = ports.farSide.handset(number).carrier;
  const reportUrl = sms.callback ?? verdict.sender.statusUrl;
  return acceptSms(
    request,
    draft({ ...record, network, reportUrl }),
    asked,
    {
      user: account,
      maskedHeaders: maskedFields(request.fields),
      body: stored,
      reply({ smses }): ProviderReply {
        const [first] = smses;
        return first === undefined ? smsFaultReply({ code: '5' }) : acceptedReply(first, sms.accountRef);
      },
      unstored: () => smsFaultReply({ code: '5' }),
    },
    ports,
  );
}

/** What a rule wants to be said: a status of Vonage's, or, of an HTTP status, a failure of the platform in front of it. */
function onPurpose(
  {
    reason,
    status,
    text,
    why,
  }: {
    readonly reason: string;
    readonly status: number | null;
    readonly text: string | null;
    readonly why: string;
  },
  account: string,
): ProviderAnswer {
  const code = smsErrors[reason] === undefined ? '5' : reason;
  const reply = smsFaultReply({ code, text });
  return { reply: status === null ? reply : { ...reply, status }, refused: why, user: account };
}

function refusal(
  { code, text = null, why }: { readonly code: string; readonly text?: string | null; readonly why: string },
  user: string | null = null,
): ProviderAnswer {
  return { reply: smsFaultReply({ code, text }), refused: why, user };
}

/** Sixteen digits, as `0A0000000123ABCD`. */
function messageId({ random }: SmsDoorPorts): string {
  return random(8).toString('hex').toUpperCase();
}

/** What is kept as the message: the body, or the query of a GET, without the secrets in it. */
function kept(request: ProviderRequest, body: string, parameters: Parameters): Uint8Array {
  const text = body === '' ? new URLSearchParams([...parameters]).toString() : body;
  const masked = maskParameters(text);
  return masked === body ? request.body : Buffer.from(masked);
}
