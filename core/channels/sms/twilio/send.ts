/** `POST …/Messages`: judged in Twilio's order, then handed to the carriers. */
import type { ProviderAnswer, ProviderRequest } from '../../../doors/http/provider-request.ts';
import { secretFields } from '../../../doors/http/request-fields.ts';
import { partsOf, smartEncoded } from '../../../model/sms-text.ts';
import { acceptSms, ask, type SmsSend, withEffects } from '../acceptance.ts';
import type { Caller } from './credentials.ts';
import type { TwilioDoor } from './door.ts';
import type { Form } from './form.ts';
import { type CreateRequest, parseCreate } from './parse.ts';
import {
  createdResource,
  defaultCurrency,
  errorReply,
  isRefused,
  jsonReply,
  namedErrorReply,
  type Refused,
  refusedAnswer,
} from './reply.ts';
import { freshRecord, type TwilioRecord } from './schema.ts';
import { chooseSender, type MessagingService } from './service-book.ts';
import { testNumberCode } from './test-numbers.ts';

export const twilioHost = 'api.twilio.com';

interface Sending {
  readonly request: ProviderRequest;
  readonly account: string;
  readonly caller: Caller;
  readonly create: CreateRequest;
  readonly sender: string;
  readonly service: MessagingService | null;
}

export function createMessage(
  request: ProviderRequest,
  account: string,
  caller: Caller,
  form: Form,
  door: TwilioDoor,
): ProviderAnswer | Promise<ProviderAnswer> {
  const { strictNumbers } = door.farSide.settings();
  const create = parseCreate(form, door.clock.wallMs(), strictNumbers);
  if (isRefused(create)) return refusedAnswer(create, door.newSid, caller.user);
  const { service, from } = create;
  if (service === null)
    return send({ request, account, caller, create, sender: from ?? '', service: null }, door);
  const reading = door.services.reading();
  const withService = (): ProviderAnswer => {
    const chosen = chooseSender({ account, sid: service, from, to: create.to }, door);
    return isRefused(chosen)
      ? refusedAnswer(chosen, door.newSid, caller.user)
      : send({ request, account, caller, create, sender: chosen.sender, service: chosen.service }, door);
  };
  return reading === null ? withService() : reading.then(withService);
}

function send(sending: Sending, door: TwilioDoor): ProviderAnswer {
  const { request, account, caller, create, sender } = sending;
  const words = { to: create.toText, from: create.from ?? sender };
  const record = recordFor(sending, door);
  const one = messageFor(sending, record, door);
  const asked = ask(
    { id: request.id, headers: request.fields.entries, body: request.body, own: request.own },
    one,
    door,
  );
  if (asked.answer !== null)
    return withEffects(
      {
        reply: namedErrorReply(asked.answer, words, door.newSid),
        refused: asked.answer.why,
        user: caller.user,
      },
      asked,
    );
  const refused = refusalOf(sending, door);
  if (refused !== null)
    return withEffects(refusedAnswer({ words, ...refused }, door.newSid, caller.user), asked);
  return acceptSms(
    request,
    one,
    asked,
    {
      user: caller.user,
      maskedHeaders: request.fields.entries.map(([name, value]) => [
        name,
        secretFields.has(name) ? '(masked)' : value,
      ]),
      reply: ({ smses: [sms] }) =>
        jsonReply(
          201,
          createdResource({
            account,
            sid: one.providerId,
            text: one.recipients[0]?.text ?? '',
            // Of a service's message neither is known before a sender is.
            parts: create.service === null ? (one.recipients[0]?.parts ?? 0) : 0,
            media: create.media.length,
            from: create.from,
            to: create.to.e164,
            service: create.service,
            status: record.first,
            nowMs: door.virtual.nowMs(),
            currency: sms?.price?.currency ?? defaultCurrency,
          }),
          door.newSid,
        ),
      unstored: () => errorReply({ code: 20503 }, door.newSid),
      before: caller.account === null ? null : door.secrets.seen('twilio', account, caller.secret),
    },
    door,
  );
}

function recordFor({ create, service, sender }: Sending, { farSide }: TwilioDoor): TwilioRecord {
  return {
    ...freshRecord,
    first: create.sendAtMs !== null ? 'scheduled' : create.service !== null ? 'accepted' : 'queued',
    callback:
      create.callback ?? service?.statusCallback ?? farSide.sender('twilio', sender)?.statusUrl ?? null,
    validityS: create.validityS ?? shortValidity(service),
  };
}

/** What every service has unless told otherwise is about Twilio's own queue: the carrier's patience is as ever. */
function shortValidity(service: MessagingService | null): number | null {
  return service === null || service.validityPeriod >= validitySUsual ? null : service.validityPeriod;
}

const validitySUsual = 36_000;

function messageFor(
  { account, create, sender, service }: Sending,
  record: TwilioRecord,
  { newSid, clock, virtual }: TwilioDoor,
): SmsSend {
  const smart = create.smartEncoded ?? service?.smartEncoding ?? false;
  const text = smart ? smartEncoded(create.body) : create.body;
  const { encoding, parts } = partsOf(text);
  const sid = newSid(create.media.length > 0 ? 'MM' : 'SM');
  return {
    provider: 'twilio',
    api: 'messages',
    account,
    service: create.service,
    providerId: sid,
    batch: false,
    text: create.body,
    media: create.media,
    validityMs: record.validityS === null ? null : record.validityS * 1000,
    // The app's clock is the wall's: the message waits as long as it would outside.
    sendAtMs: create.sendAtMs === null ? null : create.sendAtMs + virtual.nowMs() - clock.wallMs(),
    callbackUrl: record.callback,
    reference: null,
    host: twilioHost,
    recipients: [
      {
        number: create.to,
        sender,
        text,
        encoding,
        // A picture takes a message, however short its text is.
        parts: Math.max(parts, 1),
        providerId: sid,
        record: { ...record },
      },
    ],
  };
}

/** What Twilio knows before it takes a message: its test numbers, who wrote STOP, which senders work where. */
function refusalOf({ account, create, sender }: Sending, { farSide }: TwilioDoor): Refused | null {
  const number = create.to.e164;
  const test = testNumberCode(number, create.from);
  if (test !== null) return { code: test, why: `one of Twilio’s test numbers: ${test}` };
  const parties = { provider: 'twilio', account, sender, service: create.service } as const;
  const verdict = farSide.senderVerdict(parties, create.to);
  if (verdict.kind === 'refused')
    switch (verdict.cause) {
      case 'sender_not_registered':
        return { code: 21606, why: verdict.why };
      case 'sender_not_allowed':
        return { code: 21612, why: verdict.why };
      case 'region_not_allowed':
        return { code: 21408, why: verdict.why };
      default:
        return verdict.cause satisfies never;
    }
  if (farSide.optedOut({ ...parties, number }))
    return {
      code: 21610,
      why: `${number} wrote STOP to ${create.service ?? sender}, and START was not heard since`,
    };
  return null;
}
