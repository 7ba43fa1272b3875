/**
 * What providers tell of the SMS that the core sent: their reports become steps of the deliveries, answers of handsets facts
 * about them. The addresses that they call carry a key, so that nobody else moves a delivery; what is signed is checked.
 */
import { createHmac } from 'node:crypto';
import type { Clock, VirtualClock } from '../../clock.ts';
import type { PostAnswer } from '../../delivery/post.ts';
import { responseBytesMax, verbatim } from '../../delivery/provider-responses.ts';
import { everyDelivery } from '../../delivery/queue.ts';
import { stepOf } from '../../delivery/sms-status.ts';
import { secretFields } from '../../doors/http/request-fields.ts';
import type { DeliveryRow, ProviderReport } from '../../model/delivery.ts';
import { phoneNumber } from '../../model/phone-number.ts';
import { type SmsProvider, smsProviderNames } from '../../model/sms.ts';
import type { Fact, Store } from '../../store/store.ts';
import type { SmsDialect, SmsInbound, SmsNotice, SmsReported, SmsSecretsKnown } from './client.ts';
import { sameText } from './same-text.ts';

export interface SmsUnifierPorts {
  readonly store: Pick<Store, 'note' | 'delivery' | 'deliveries' | 'suppress' | 'suppressed' | 'unsuppress'>;
  /** Null: it does not speak HTTP. */
  readonly dialectOf: (provider: SmsProvider) => Promise<SmsDialect | null>;
  readonly secretsOf: (provider: SmsProvider) => SmsSecretsKnown;
  /** Real providers; left out: there are none. */
  readonly relays?: {
    /** Null: it is gone. */
    find(relayId: string): Promise<SmsRelayKnown | null>;
    of(provider: SmsProvider): Promise<readonly SmsRelayKnown[]>;
  };
  /** Where this core's API is reached, without a slash at its end; null: it is not. */
  readonly baseUrl: () => string | null;
  /** Survives a restart: what was sent before it is reported after it. */
  readonly urlSecret: Uint8Array;
  readonly clock: Pick<Clock, 'after' | 'wallMs'>;
  readonly virtual: VirtualClock;
}

/** A real provider, as far as what it tells is checked. */
export interface SmsRelayKnown {
  /** `own` null: the signing secret is not known, and the key of the address must do. */
  readonly secrets: SmsSecretsKnown;
  /** What stands before the paths of the API where that provider reaches it; null: it does not. */
  readonly callbackUrl: string | null;
}

/** `not_yet`: the attempt is not recorded yet; the provider is to call again. */
export type NoticeVerdict = 'done' | 'forbidden' | 'unreadable' | 'not_yet';

export interface SmsUnifier {
  /** @returns null where the provider could not reach this core */
  reportUrl(provider: SmsProvider, deliveryId: string, base?: string | null): string | null;
  inboundUrl(provider: SmsProvider): string | null;
  /** An attempt began: reports of it wait for its end. */
  begins(deliveryId: string): void;
  /** The attempt is recorded. */
  settled(deliveryIds: readonly string[]): void;
  /** @param notice as it came, with the path and the query of `url` those of the request */
  report(provider: SmsProvider, notice: SmsNotice): Promise<NoticeVerdict>;
  inbound(provider: SmsProvider, notice: SmsNotice): Promise<NoticeVerdict>;
  /** Of what comes by no address of ours: SMPP's receipts, and answers to our own questions. @param words as it came */
  reported(
    provider: SmsProvider,
    deliveryId: string,
    said: readonly SmsReported[],
    words?: ReportWords,
  ): Promise<NoticeVerdict>;
  replied(provider: SmsProvider, said: SmsInbound): Promise<void>;
}

/** How long a report waits for its attempt to be recorded (wall time); shorter than any provider waits for its answer. */
const recordedMsMax = 4_000;
const keyBytes = 16;
/** Attempts that nobody heard the end of: the oldest are forgotten, and their reports no longer wait. */
const underWayMax = 10_000;
const repliesKnownMax = 1_000;

/** Words that opt out and in again, as the carriers' associations have them (CTIA, Messaging Principles, 5.1.3). */
const stopWords: ReadonlySet<string> = new Set([
  'STOP',
  'STOPALL',
  'UNSUBSCRIBE',
  'CANCEL',
  'END',
  'QUIT',
  'REVOKE',
  'OPTOUT',
]);
const startWords: ReadonlySet<string> = new Set(['START', 'YES', 'UNSTOP']);

interface UnderWay {
  readonly recorded: Promise<void>;
  readonly end: () => void;
}

export function createSmsUnifier(ports: SmsUnifierPorts): SmsUnifier {
  const { store, virtual } = ports;
  const underWay = new Map<string, UnderWay>();
  const replies = new Set<string>();

  function keyOf(purpose: string): string {
    return createHmac('sha256', ports.urlSecret)
      .update(purpose)
      .digest()
      .subarray(0, keyBytes)
      .toString('base64url');
  }

  function urlOf(
    path: string,
    query: Readonly<Record<string, string>>,
    base = ports.baseUrl(),
  ): string | null {
    return base === null ? null : `${base}${path}?${new URLSearchParams(query).toString()}`;
  }

  /** @returns false when it is still under way after all that waiting */
  async function recorded(deliveryId: string): Promise<boolean> {
    const waited = underWay.get(deliveryId);
    if (waited === undefined) return true;
    let cancel: () => void = () => undefined;
    const late = new Promise<boolean>((resolve) => {
      cancel = ports.clock.after(recordedMsMax, () => resolve(false));
    });
    try {
      return await Promise.race([waited.recorded.then(() => true), late]);
    } finally {
      cancel();
    }
  }

  /** @returns null when it may be heard */
  async function checked(
    provider: SmsProvider,
    purpose: string,
    notice: SmsNotice,
    relays: () => Promise<readonly SmsRelayKnown[] | 'sandbox'>,
  ): Promise<{ readonly dialect: SmsDialect } | 'forbidden'> {
    const dialect = await ports.dialectOf(provider);
    if (dialect === null || !sameText(notice.url.searchParams.get('key') ?? '', keyOf(purpose)))
      return 'forbidden';
    const asked = await relays();
    if (asked === 'sandbox')
      return signedWell(dialect, notice, ports.secretsOf(provider)) ? { dialect } : 'forbidden';
    return asked.some((relay) => fromRelay(dialect, notice, relay)) ? { dialect } : 'forbidden';
  }

  /** Whoever sent it is whom its report comes from. */
  async function senderOf(deliveryId: string): Promise<readonly SmsRelayKnown[] | 'sandbox'> {
    const relayId =
      ports.relays === undefined ? null : ((await store.delivery(deliveryId))?.delivery.live ?? null);
    if (relayId === null) return 'sandbox';
    const relay = (await ports.relays?.find(relayId)) ?? null;
    return relay === null ? [] : [relay];
  }

  async function reported(
    provider: SmsProvider,
    deliveryId: string,
    said: readonly SmsReported[],
    heard: ReportWords | null,
  ): Promise<NoticeVerdict> {
    if (said.length === 0) return 'unreadable';
    if (!(await recorded(deliveryId))) return 'not_yet';
    const found = await store.delivery(deliveryId);
    // Deleted with its message: nobody wants to hear of it any more.
    if (found === null) return 'done';
    const nowMs = virtual.nowMs();
    const times = { provider, atMs: nowMs, wallMs: ports.clock.wallMs() };
    const report: ProviderReport | null = heard === null ? null : { ...times, ...heard };
    await store.note(
      said.map((one, at) => ({
        ...factOf(found.delivery, provider, one, nowMs),
        // Several things that one report says rest on the same words.
        ...(report === null || at > 0 ? {} : { report }),
      })),
    );
    return 'done';
  }

  async function replied(provider: SmsProvider, said: SmsInbound): Promise<void> {
    const known = `${provider} ${said.providerId}`;
    if (said.providerId !== null && replies.has(known)) return;
    const nowMs = virtual.nowMs();
    const number = phoneNumber(said.number)?.e164 ?? said.number;
    const { entries } = await store.deliveries(
      { ...everyDelivery, carriage: 'sms', recipient: number },
      { after: null, limit: 1 },
    );
    const deliveryId = entries[0]?.id ?? null;
    const word = said.text.trim().toUpperCase();
    if (deliveryId !== null)
      await store.note([
        {
          deliveryId,
          type: 'replied',
          nowMs,
          data: { from: number, to: said.sender, text: said.text, provider, providerId: said.providerId },
          change: null,
        },
      ]);
    if (stopWords.has(word))
      await store.suppress([
        {
          address: number,
          scope: 'all',
          reason: 'unsubscribed',
          source: 'recipient',
          class: 'opted_out',
          detail: `answered ${word} to ${said.sender}, by ${smsProviderNames[provider]}`,
          deliveryId,
          createdAtMs: nowMs,
          expiresAtMs: null,
        },
      ]);
    if (startWords.has(word)) {
      const stopped = await store.suppressed([number], nowMs);
      if (stopped.some(({ reason }) => reason === 'unsubscribed')) await store.unsuppress(number, 'all');
    }
    if (said.providerId === null) return;
    replies.add(known);
    const [oldest] = replies;
    if (replies.size > repliesKnownMax && oldest !== undefined) replies.delete(oldest);
  }

  return {
    reportUrl: (provider, deliveryId, base) =>
      urlOf(
        `/v1/sms/reports/${provider}`,
        { delivery: deliveryId, key: keyOf(`report ${provider} ${deliveryId}`) },
        base,
      ),
    inboundUrl: (provider) => urlOf(`/v1/sms/inbound/${provider}`, { key: keyOf(`inbound ${provider}`) }),

    begins(deliveryId) {
      underWay.get(deliveryId)?.end();
      const { promise, resolve } = Promise.withResolvers<void>();
      underWay.set(deliveryId, { recorded: promise, end: resolve });
      const [oldest] = underWay.keys();
      if (underWay.size > underWayMax && oldest !== undefined) end(oldest);
    },

    settled(deliveryIds) {
      for (const id of deliveryIds) end(id);
    },

    async report(provider, notice) {
      const deliveryId = notice.url.searchParams.get('delivery') ?? '';
      const heard = await checked(provider, `report ${provider} ${deliveryId}`, notice, () =>
        senderOf(deliveryId),
      );
      return heard === 'forbidden'
        ? heard
        : await reported(provider, deliveryId, heard.dialect.reports(notice), wordsOf(notice));
    },

    async inbound(provider, notice) {
      const purpose = `inbound ${provider}`;
      const ofSandbox = await checked(provider, purpose, notice, () => Promise.resolve('sandbox'));
      const heard =
        ofSandbox === 'forbidden' && ports.relays !== undefined
          ? await checked(provider, purpose, notice, async () => (await ports.relays?.of(provider)) ?? [])
          : ofSandbox;
      if (heard === 'forbidden') return heard;
      const said = heard.dialect.inbound(notice);
      if (said === null) return 'unreadable';
      await replied(provider, said);
      return 'done';
    },

    reported: (provider, deliveryId, said, words) => reported(provider, deliveryId, said, words ?? null),
    replied,
  };

  function end(deliveryId: string): void {
    underWay.get(deliveryId)?.end();
    underWay.delete(deliveryId);
  }
}

function signedWell(dialect: SmsDialect, notice: SmsNotice, secrets: SmsSecretsKnown): boolean {
  const signature = dialect.signature(notice, secrets);
  return signature === 'valid' || (signature === 'unsigned' && !dialect.alwaysSigned);
}

/** Signed is the address that the real provider was given, whatever name this core was reached by. */
function fromRelay(dialect: SmsDialect, notice: SmsNotice, { secrets, callbackUrl }: SmsRelayKnown): boolean {
  // Of Twilio the account's token signs; the others have a secret of their own for it.
  if (secrets.own === null && dialect.provider !== 'twilio') return true;
  const { pathname, search } = notice.url;
  const from = pathname.indexOf('/v1/sms/');
  const given = `${callbackUrl ?? notice.url.origin}${pathname.slice(Math.max(from, 0))}${search}`;
  return signedWell(dialect, { ...notice, url: new URL(given) }, secrets);
}

/** What was said, word for word. */
export type ReportWords = Omit<ProviderReport, 'provider' | 'atMs' | 'wallMs'>;

/** The key of our own address is ours, and no word of the provider's. */
function wordsOf({ method, url, fields, body }: SmsNotice): ReportWords {
  const query = new URLSearchParams(url.search);
  query.delete('key');
  const bytes = Buffer.from(body);
  const cut = bytes.subarray(0, responseBytesMax);
  return {
    protocol: 'http',
    method,
    target: `${url.pathname}${query.size === 0 ? '' : `?${query.toString()}`}`,
    fields: (fields ?? []).map(([name, value]) => [
      name,
      secretFields.has(name.toLowerCase()) ? '(masked)' : value,
    ]),
    ...verbatim(cut),
    bytes: bytes.length,
    truncated: cut.length < bytes.length,
  };
}

/** The whole PDU, in octets. */
export function wordsOfUnit(unit: Uint8Array): ReportWords {
  const cut = unit.subarray(0, responseBytesMax);
  return {
    protocol: 'smpp',
    method: null,
    target: null,
    fields: [],
    ...verbatim(cut, false),
    bytes: unit.length,
    truncated: cut.length < unit.length,
  };
}

/** What a provider answered to our own question. */
export function wordsOfAnswer(target: string, answer: PostAnswer): ReportWords {
  const body = answer.whole?.body ?? Buffer.from(answer.body);
  const cut = body.subarray(0, responseBytesMax);
  const bytes = answer.whole?.bytes ?? body.length;
  return {
    asked: true,
    protocol: 'http',
    method: 'GET',
    target,
    fields: (answer.whole?.fields ?? []).map(([name, value]) => [
      name,
      secretFields.has(name.toLowerCase()) || /^set-cookie2?$/i.test(name) ? '(masked)' : value,
    ]),
    ...verbatim(cut),
    bytes,
    truncated: cut.length < bytes,
  };
}

function factOf(delivery: DeliveryRow, provider: SmsProvider, said: SmsReported, nowMs: number): Fact {
  const base = { deliveryId: delivery.id, type: 'reported', nowMs } as const;
  const told = {
    provider,
    providerStatus: said.status,
    code: said.code,
    ...(said.providerId === null ? {} : { providerId: said.providerId }),
  };
  // One that was asked first and did not answer may have taken it all the same.
  if (delivery.provider !== provider && delivery.status !== 'queued')
    return {
      ...base,
      data: { ...told, reason: `it went by ${delivery.provider ?? 'nobody'}, so this changes nothing` },
      change: null,
    };
  const step = stepOf(provider, said);
  return { ...base, data: { ...told, reason: step.reason }, change: { kind: 'step', step } };
}
