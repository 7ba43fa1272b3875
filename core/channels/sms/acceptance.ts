/**
 * From a request that is well-formed to messages on disk: the same for every provider. A door authenticates, reads and checks as
 * its provider does; then `ask` tells what rules want, and `accepted` makes the answer that stores and says yes.
 */
import type { OwnSendOrders } from '../../delivery/own-sends.ts';
import { smsDeliveryOf } from '../../delivery/sms-deliveries.ts';
import type { AcceptedSms, SmsPlan, SmsRefusal } from '../../delivery/sms-far-side.ts';
import type {
  ConnectionEffect,
  FinishedExchange,
  ProviderAnswer,
  ProviderReply,
  ProviderRequest,
} from '../../doors/http/provider-request.ts';
import type { Stream } from '../../model/delivery.ts';
import type { ExchangePart, KeptDocument, KeptSms } from '../../model/message.ts';
import { noDetails } from '../../model/message-details.ts';
import type { PhoneNumber } from '../../model/phone-number.ts';
import type { NewSms, SmsDetails, SmsEncoding, SmsMedia, SmsProvider } from '../../model/sms.ts';
import { byCause, type Decision, type DecisionOf, noOrders } from '../../rules/decision.ts';
import { smsFacts } from '../../rules/sms-facts.ts';
import type { SmsDoorPorts } from './room.ts';

/** A request as its provider understands it: one text to one or more numbers. */
export interface SmsSend {
  readonly provider: SmsProvider;
  /** Which interface of the provider: `messages`, `sms`, `v3`, `submit_sm` … */
  readonly api: string;
  readonly account: string;
  readonly service: string | null;
  /** What the provider calls the request as a whole: the message, or the batch. */
  readonly providerId: string;
  readonly batch: boolean;
  /** As written, before parameters are filled in. */
  readonly text: string;
  readonly media: readonly SmsMedia[];
  readonly validityMs: number | null;
  /** Virtual; null: at once. */
  readonly sendAtMs: number | null;
  readonly callbackUrl: string | null;
  readonly reference: string | null;
  /** TwiML: the MO that it answers. */
  readonly answers?: string | null;
  readonly stream?: Stream;
  /** The provider's host: what suspensions go by. */
  readonly host: string;
  readonly recipients: readonly SmsRecipient[];
}

export interface SmsRecipient {
  readonly number: PhoneNumber;
  readonly sender: string;
  readonly text: string;
  readonly encoding: SmsEncoding;
  readonly parts: number;
  readonly providerId: string;
  readonly record: Readonly<Record<string, unknown>>;
  /** Where a request has a time for each message; null: at once. Absent: as the request says. */
  readonly sendAtMs?: number | null;
  readonly validityMs?: number | null;
  /** See `AcceptedSms`. */
  readonly refusal?: SmsRefusal | null;
}

/** What is asked for one request. */
export interface Asked {
  /** In place of the yes: said in the provider's own words (`reason` is its code). Null: none. */
  readonly answer: {
    readonly reason: string;
    readonly status: number | null;
    readonly text: string | null;
    readonly retryAfterS: number | null;
    /** Why, for the exchange. */
    readonly why: string;
  } | null;
  readonly connection: ConnectionEffect | null;
  /** With `connection`: the message is taken all the same. */
  readonly taken: boolean;
  readonly lateMs: number;
  readonly bytesPerSecond: number | null;
  /** By the recipients' order: what is to be done after the yes. */
  readonly after: readonly (readonly Decision[])[];
  readonly own: OwnSendOrders | null;
}

/** The request that a message came by: an HTTP request, or what SMPP has in its place. */
export interface SmsSource {
  readonly id: string;
  readonly headers: readonly (readonly [string, string])[];
  /** The exact bytes that are kept as the message. */
  readonly body: Uint8Array;
  readonly own: ProviderRequest['own'];
}

/** Rules and magic numbers, asked once for each recipient; the first that refuses, refuses the request. */
export function ask(source: SmsSource, send: SmsSend, ports: SmsDoorPorts): Asked {
  const own = source.own === null ? null : ports.ownOrders(source.own);
  const orders = send.recipients.map((recipient) =>
    source.own === null
      ? ports.desk.orders(
          smsFacts(ports.desk, {
            door: send.provider,
            provider: send.provider,
            sender: recipient.sender,
            recipient: recipient.number.e164,
            text: recipient.text,
            media: send.media,
            fields: source.headers,
            bytes: source.body.byteLength,
            same: source.body,
            exchangeId: source.id,
          }),
        )
      : (own?.orders ?? noOrders),
  );
  let asked: Asked = {
    answer: null,
    connection: null,
    taken: true,
    lateMs: 0,
    bytesPerSecond: null,
    after: orders.map(({ after }) => after),
    own,
  };
  orders.forEach((order, at) => {
    const number = send.recipients[at]?.number.e164 ?? '';
    for (const decision of [...order.connection, ...(order.answer === null ? [] : [order.answer])]) {
      if (asked.answer !== null) return;
      own?.carriedOut({
        recipient: number,
        cause: decision.cause,
        action: decision.action.do,
        point: decision.point,
      });
      asked = withDecision(asked, decision);
    }
    for (const decision of order.after)
      own?.carriedOut({
        recipient: number,
        cause: decision.cause,
        action: decision.action.do,
        point: decision.point,
      });
  });
  return asked;
}

function withDecision(asked: Asked, decision: Decision): Asked {
  const { action, cause, chance } = decision;
  const why = (what: string): string => `${what}, ${byCause(cause)}`;
  const cut = (text: string): Asked['answer'] => ({
    reason: '',
    status: null,
    text: null,
    retryAfterS: null,
    why: text,
  });
  switch (action.do) {
    case 'answer':
      return {
        ...asked,
        answer: {
          reason: action.reason,
          status: action.status ?? null,
          text: action.text ?? null,
          retryAfterS: action.retryAfterS ?? null,
          why: why(`answered with ${action.reason}`),
        },
      };
    case 'disconnect':
      return {
        ...asked,
        connection: { kind: 'cut' },
        taken: action.keep === true,
        ...(action.keep === true ? {} : { answer: cut(why('the connection was cut')) }),
      };
    case 'refuseConnection':
    case 'goAway':
      return {
        ...asked,
        connection: { kind: 'cut' },
        taken: false,
        answer: cut(why('the connection was refused')),
      };
    case 'slow':
      return { ...asked, bytesPerSecond: action.bytesPerSecond };
    case 'delay':
      return { ...asked, lateMs: delayMs(decision as DecisionOf<'delay'>, chance) };
    default:
      return asked;
  }
}

function delayMs({ action }: DecisionOf<'delay'>, chance: number): number {
  const { ms, msMax = ms } = action;
  return Math.round(ms + Math.max(0, msMax - ms) * chance);
}

/** What becomes of the request on the wire, on purpose. */
export function withEffects(answer: ProviderAnswer, asked: Asked): ProviderAnswer {
  return {
    ...answer,
    ...(asked.connection === null ? {} : { connection: asked.connection }),
    ...(asked.lateMs === 0 ? {} : { lateMs: asked.lateMs }),
    ...(asked.bytesPerSecond === null ? {} : { bytesPerSecond: asked.bytesPerSecond }),
  };
}

/** What was planned, before it is on disk; `reply` may show it. */
export interface Taken {
  readonly plan: SmsPlan;
  /** One for each recipient, in their order. */
  readonly smses: readonly NewSms[];
}

/**
 * Plans at once, so that the reply can show what the provider made of it, and stores when the exchange is over.
 * @param reply of the plan: the provider's yes
 * @param unstored the provider's own temporary error, where it could not be stored
 */
export function acceptSms(
  request: ProviderRequest,
  send: SmsSend,
  asked: Asked,
  answer: {
    readonly user: string | null;
    readonly maskedHeaders: readonly (readonly [string, string])[];
    readonly reply: (taken: Taken) => ProviderReply;
    readonly unstored: () => ProviderReply;
    /** What else has to be on disk before the yes: a secret seen first. */
    readonly before?: Promise<void> | null;
    /** What is kept as the message, where the request's own bytes hold credentials: the same with those masked. */
    readonly body?: Uint8Array;
  },
  ports: SmsDoorPorts,
): ProviderAnswer {
  const taking = begin(
    {
      id: request.id,
      headers: request.fields.entries,
      body: request.body,
      own: request.own,
    },
    send,
    asked,
    ports,
  );
  return withEffects(
    {
      reply: answer.reply(taking),
      refused: null,
      user: answer.user,
      async take(exchange) {
        await keep(taking, send, request, exchange, answer, ports);
      },
      unstored: () => answer.unstored(),
    },
    asked,
  );
}

/**
 * What is to be done once the message is on disk, before its yes: what it takes the place of is called back. Not sooner, for
 * what was acknowledged before must not be lost where this one is refused, or cannot be stored.
 */
export function onceStored(answer: ProviderAnswer, then: () => Promise<void>): ProviderAnswer {
  const { take } = answer;
  if (take === undefined) return answer;
  return {
    ...answer,
    async take(exchange) {
      await take(exchange);
      await then();
    },
  };
}

export interface Taking extends Taken {
  readonly messageId: string;
  readonly own: boolean;
}

/** For doors that are not HTTP too. */
export function begin(source: SmsSource, send: SmsSend, asked: Asked, ports: SmsDoorPorts): Taking {
  const messageId = source.own?.messageId ?? ports.newId();
  const own = source.own !== null;
  const accepted = send.recipients.map((recipient, at): AcceptedSms => {
    const decisions = asked.after[at] ?? [];
    return {
      id: ports.newId(),
      provider: send.provider,
      account: send.account,
      sender: recipient.sender,
      service: send.service,
      number: recipient.number.e164,
      providerId: recipient.providerId,
      batchId: send.batch ? send.providerId : null,
      messageId,
      deliveryId: source.own?.deliveryId ?? ports.newId(),
      own,
      text: recipient.text,
      media: send.media,
      encoding: recipient.encoding,
      parts: recipient.parts,
      sendAtMs: recipient.sendAtMs === undefined ? send.sendAtMs : recipient.sendAtMs,
      validityMs: recipient.validityMs === undefined ? send.validityMs : recipient.validityMs,
      record: recipient.record,
      after: decisions,
      refusal: recipient.refusal ?? null,
    };
  });
  for (const { number, after } of accepted) ports.farSide.prepare(number, after);
  const plan = ports.farSide.plan(accepted);
  const ids = new Set(accepted.map(({ id }) => id));
  return { plan, smses: plan.puts.filter(({ id }) => ids.has(id)), messageId, own };
}

async function keep(
  taking: Taking,
  send: SmsSend,
  request: ProviderRequest,
  { part, end }: FinishedExchange,
  {
    user,
    maskedHeaders,
    before,
    body,
  }: {
    readonly user: string | null;
    readonly maskedHeaders: readonly (readonly [string, string])[];
    readonly before?: Promise<void> | null;
    readonly body?: Uint8Array;
  },
  ports: SmsDoorPorts,
): Promise<void> {
  await store(
    taking,
    send,
    {
      user,
      body: body ?? request.body,
      headers: maskedHeaders,
      exchange: part.end === undefined ? { ...part, end } : part,
      before: before ?? null,
    },
    ports,
  );
}

/** The yes may be said when it settles. @throws AppError where it could not be stored; the plan is taken back then */
export async function store(
  taking: Taking,
  send: SmsSend,
  about: {
    readonly user: string | null;
    readonly body: Uint8Array;
    readonly headers: readonly (readonly [string, string])[];
    readonly exchange: ExchangePart | null;
    readonly before: Promise<void> | null;
    /** What else changes with it, in the same transaction. */
    readonly documents?: readonly KeptDocument[];
  },
  ports: SmsDoorPorts,
): Promise<void> {
  const { plan, smses, messageId } = taking;
  const nowMs = ports.virtual.nowMs();
  try {
    if (about.before !== null) await about.before;
    const kept = withDocuments(plan, about.documents ?? []);
    if (taking.own) await ports.store.keepSms(kept, nowMs);
    else
      await ports.intake.accept({
        id: messageId,
        channel: 'sms',
        door: send.provider,
        user: about.user,
        envelopeFrom: smses[0]?.sender ?? '',
        envelopeTo: [...new Set(smses.map(({ number }) => number))],
        envelopeParameters: null,
        spooled: [],
        tail: about.body,
        head: about.body,
        bytes: about.body.byteLength,
        exchange: about.exchange,
        delivery: {
          nowMs,
          to: smses.flatMap((sms) =>
            sms.deliveryId === null
              ? []
              : [
                  smsDeliveryOf(sms, {
                    id: sms.deliveryId,
                    host: send.host,
                    stream: send.stream ?? 'transactional',
                    nowMs,
                  }),
                ],
          ),
        },
        details: { ...noDetails, stream: send.stream ?? null, sms: detailsOf(send, smses, about.headers) },
        sms: kept,
      });
  } catch (error) {
    plan.undo();
    throw error;
  }
  ports.farSide.settled(plan);
}

function withDocuments(plan: SmsPlan, more: readonly KeptDocument[]): KeptSms {
  if (more.length === 0) return plan;
  const { puts, changes, acts, callbacks, documents = [] } = plan;
  return { puts, changes, acts, callbacks, documents: [...documents, ...more] };
}

function detailsOf(
  send: SmsSend,
  smses: readonly NewSms[],
  headers: readonly (readonly [string, string])[],
): SmsDetails {
  const [first] = smses;
  return {
    provider: send.provider,
    api: send.api,
    account: send.account,
    sender: first?.sender ?? '',
    service: send.service,
    providerId: send.providerId,
    text: send.text,
    media: send.media,
    encoding: first?.encoding ?? 'GSM-7',
    parts: first?.parts ?? 0,
    headers,
    validityMs: send.validityMs,
    sendAtMs: send.sendAtMs,
    callbackUrl: send.callbackUrl,
    reference: send.reference,
    answers: send.answers ?? null,
  };
}
