/** `POST /v2/messages` and its siblings: judged in Telnyx's order, then handed to the carriers. */
import type { ProviderAnswer, ProviderReply, ProviderRequest } from '../../../doors/http/provider-request.ts';
import { secretFields } from '../../../doors/http/request-fields.ts';
import type { PhoneNumber } from '../../../model/phone-number.ts';
import type { SmsStep } from '../../../model/sms.ts';
import { type Asked, acceptSms, ask, type SmsSend, withEffects } from '../acceptance.ts';
import type { SmsDoorPorts } from '../room.ts';
import { uuidOf } from '../uuid.ts';
import { judgeCredentials } from './credentials.ts';
import { encoded, type Fault, parseSend, type SendKind, type SendRequest } from './parse.ts';
import type { ProfileBook } from './profiles.ts';
import { type ErrorWords, errorReply, jsonReply, outboundView } from './reply.ts';
import { type Profile, type TelnyxRecord, telnyxHost } from './schema.ts';

interface Caller {
  readonly organization: string;
  readonly key: string;
}

interface Refusal {
  readonly reply: ProviderReply;
  readonly why: string;
}

export function createSend(
  ports: SmsDoorPorts,
  profiles: ProfileBook,
): (request: ProviderRequest, kind: SendKind) => Promise<ProviderAnswer> {
  return async (request, kind) => {
    const settings = ports.farSide.settings();
    const judged = judgeCredentials(request, settings.credentials.telnyx ?? []);
    if ('refused' in judged) return refusedAnswer(errorReply('10009'), judged.refused, null);
    const caller: Caller = judged;
    if (request.bodyTooLarge)
      return refusedAnswer(
        errorReply('10015', { status: 413, detail: 'The request body is too large.' }),
        'the body is too large',
        caller.organization,
      );
    const parsed = parseSend(request.body, kind, ports.clock.wallMs(), settings.strictNumbers);
    if ('code' in parsed) return faulty(parsed, caller.organization);
    const profile = await profiles.profileFor(parsed.profileId, parsed.from?.text ?? null);
    return answerSend(request, parsed, profile, caller, ports);
  };
}

/** The organization is no secret: it is made of the key, or stands in the settings. */
export function refusedAnswer(reply: ProviderReply, why: string, user: string | null): ProviderAnswer {
  return { reply, refused: why, user };
}

export function faulty({ code, words }: Fault, user: string | null): ProviderAnswer {
  const at = words.pointer ?? words.parameter;
  const detail = words.detail ?? `Telnyx's error ${code}`;
  return refusedAnswer(errorReply(code, words), at === undefined ? detail : `${at}: ${detail}`, user);
}

function answerSend(
  request: ProviderRequest,
  parsed: SendRequest,
  profile: Profile | null,
  caller: Caller,
  ports: SmsDoorPorts,
): ProviderAnswer {
  const user = caller.organization;
  if (profile?.enabled === false)
    return refusedAnswer(errorReply('40312'), 'the messaging profile is disabled', user);
  const sender = parsed.from?.text ?? poolNumber(parsed, profile?.id ?? parsed.profileId, ports);
  const send = sendOf(parsed, sender, profile, caller, ports);
  const asked = ask(
    { id: request.id, headers: request.fields.entries, body: request.body, own: request.own },
    send,
    ports,
  );
  if (asked.answer !== null) return withEffects(onPurpose(asked.answer, user), asked);
  const refusal = naturalRefusal(send, profile, ports);
  if (refusal !== null) return withEffects(refusedAnswer(refusal.reply, refusal.why, user), asked);
  return acceptSms(
    request,
    send,
    asked,
    {
      user,
      maskedHeaders: request.fields.entries.map(([name, value]) =>
        secretFields.has(name) ? [name, '***'] : [name, value],
      ),
      reply: ({ smses }) =>
        jsonReply(200, { data: outboundView(smses, () => firstStep(send, smses[0]?.receivedAtMs ?? 0)) }),
      unstored: () => errorReply('10007', { status: 503 }),
      before: ports.secrets.seen('telnyx', caller.organization, caller.key),
    },
    ports,
  );
}

function onPurpose(
  { reason, status, text, retryAfterS, why }: NonNullable<Asked['answer']>,
  user: string,
): ProviderAnswer {
  const words: ErrorWords = {
    status,
    retryAfterS,
    ...(text === null ? {} : { detail: text }),
  };
  return refusedAnswer(errorReply(reason === '' ? '10007' : reason, words), why, user);
}

/** What Telnyx says first, whatever the carriers made of it already. */
function firstStep({ sendAtMs }: SmsSend, atMs: number): SmsStep {
  return {
    state: sendAtMs === null ? 'accepted' : 'scheduled',
    atMs,
    cause: null,
    status: sendAtMs === null ? 'queued' : 'scheduled',
    code: null,
    reason: null,
  };
}

function naturalRefusal(
  { account, service, recipients }: SmsSend,
  profile: Profile | null,
  ports: SmsDoorPorts,
): Refusal | null {
  for (const { number, sender } of recipients) {
    const parties = { provider: 'telnyx', account, sender, service, number: number.e164 } as const;
    if (!isWhitelisted(number, profile))
      return {
        reply: errorReply('40309', { pointer: '/to' }),
        why: `${number.country ?? 'the region'} is not among the whitelisted destinations of the messaging profile`,
      };
    const verdict = ports.farSide.senderVerdict(parties, number);
    if (verdict.kind === 'refused') {
      const code = verdict.cause === 'region_not_allowed' ? '40309' : '40305';
      const pointer = code === '40309' ? '/to' : '/from';
      return { reply: errorReply(code, { pointer }), why: verdict.why };
    }
    if (ports.farSide.optedOut(parties)) {
      const detail = `Messages cannot be sent from '${sender}' to '${number.e164}' due to an existing block rule.`;
      return {
        reply: errorReply('40300', { detail }),
        why: `${number.e164} wrote STOP: it has to write START first`,
      };
    }
  }
  return null;
}

function isWhitelisted({ country }: PhoneNumber, profile: Profile | null): boolean {
  const list = profile?.whitelisted_destinations ?? ['*'];
  return list.includes('*') || country === null || list.includes(country);
}

/** The number pool of a profile; one that nobody set up has a number of the range kept for fiction (555-01xx). */
function poolNumber({ to }: SendRequest, profile: string | null, ports: SmsDoorPorts): string {
  const numbers = ports.farSide
    .sendersOf('telnyx', profile ?? '')
    .map(({ sender }) => sender)
    .filter((sender) => sender.startsWith('+'));
  const [first] = to;
  // The same recipient is written to from the same number (sticky sender).
  const sticky = numbers[Number(first?.e164.slice(-4) ?? 0) % Math.max(1, numbers.length)];
  return (
    sticky ?? `+131255501${String(Number.parseInt((profile ?? '0').slice(-4), 16) % 100).padStart(2, '0')}`
  );
}

function sendOf(
  parsed: SendRequest,
  sender: string,
  profile: Profile | null,
  { organization }: Caller,
  ports: SmsDoorPorts,
): SmsSend {
  const wallMs = ports.clock.wallMs();
  const sendAtMs = parsed.sendAtWallMs === null ? null : parsed.sendAtWallMs + ports.virtual.nowMs() - wallMs;
  const id = uuidOf(ports.random(16));
  const shown = encoded(parsed.text, parsed.encoding, profile?.smart_encoding === true);
  const own = [parsed.webhookUrl, parsed.webhookFailoverUrl];
  const ofProfile =
    parsed.useProfileWebhooks || own[0] === null
      ? [profile?.webhook_url ?? null, profile?.webhook_failover_url ?? null]
      : [];
  const urls = [...new Set([...own, ...ofProfile].filter((url) => url !== null))];
  const group = parsed.to.length > 1;
  return {
    provider: 'telnyx',
    api: parsed.kind === 'any' ? 'messages' : parsed.kind,
    account: organization,
    service: profile?.id ?? parsed.profileId,
    providerId: id,
    batch: group,
    text: parsed.text,
    media: parsed.mediaUrls.map((url) => ({ url, contentType: null })),
    validityMs: null,
    sendAtMs,
    callbackUrl: urls[0] ?? null,
    reference: null,
    host: telnyxHost,
    recipients: parsed.to.map((number, at) => {
      const handset = ports.farSide.handset(number);
      const record: TelnyxRecord = {
        messageId: id,
        organizationId: organization,
        type: parsed.type,
        subject: parsed.subject,
        webhookUrl: own[0] ?? profile?.webhook_url ?? null,
        webhookFailoverUrl: own[1] ?? profile?.webhook_failover_url ?? null,
        urls,
        carrier: handset.carrier.name,
        lineType: handset.line === 'landline' ? 'Wireline' : 'Wireless',
        group: group ? parsed.to.map(({ e164 }) => e164) : null,
        smartEncoded: shown.swapped,
        sendAtMs,
      };
      return {
        number,
        sender,
        text: shown.text,
        encoding: shown.encoding,
        parts: parsed.type === 'MMS' ? 1 : shown.parts,
        // Of a group each has an id of its own behind the one that the app sees.
        providerId: at === 0 ? id : uuidOf(ports.random(16)),
        record: { ...record },
      };
    }),
  };
}
