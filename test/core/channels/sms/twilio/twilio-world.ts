/** Twilio's door on a real listener, carriers kept in memory, and the official SDK pointed at it. */
import { randomBytes } from 'node:crypto';
import twilioSdk from 'twilio';
import { onTestFinished } from 'vitest';
import type { SmsDoorPorts } from '../../../../../core/channels/sms/room.ts';
import { twilio } from '../../../../../core/channels/sms/twilio/index.ts';
import { createVirtualClock, systemClock } from '../../../../../core/clock.ts';
import type {
  AcceptedSms,
  CallbackHabit,
  SmsFarSide,
  SmsSettings,
  SmsVoice,
} from '../../../../../core/delivery/sms-far-side.ts';
import type { Handover } from '../../../../../core/intake/intake.ts';
import type { HttpCallback, NewCallback } from '../../../../../core/model/callback.ts';
import type { SmsSender } from '../../../../../core/model/handset.ts';
import type { KeptSms } from '../../../../../core/model/message.ts';
import type { NewSms, SmsCause, SmsRow, SmsState, SmsStep } from '../../../../../core/model/sms.ts';
import { Desk } from '../../../../../core/rules/desk.ts';
import { readRules } from '../../../../../core/rules/read-rules.ts';
import type { RuleInput } from '../../../../../core/rules/schema.ts';
import type { SmsFilter } from '../../../../../core/store/store.ts';
import { startDoors } from '../../../doors/http/doors.ts';

export const account = 'AC0123456789abcdef0123456789abcdef';
export const token = 'f00dfeedf00dfeedf00dfeedf00dfeed';
export const apiKey = 'SK0123456789abcdef0123456789abcdef';
export const from = '+15005550006';
export const to = '+447700900123';

/** What a test wants of the carriers: the states a message comes to after it was accepted. */
export type Fate = readonly (readonly [SmsState, SmsCause | null])[];

export interface TwilioWorld {
  readonly baseUrl: string;
  readonly client: ReturnType<typeof twilioSdk>;
  readonly rows: Map<string, SmsRow>;
  readonly callbacks: HttpCallback[];
  readonly handovers: Handover[];
  readonly senders: Map<string, SmsSender>;
  readonly optedOut: Set<string>;
  readonly voice: SmsVoice;
  readonly habit: CallbackHabit;
  readonly ports: SmsDoorPorts;
  settings: SmsSettings;
  verdict: SmsFarSide['senderVerdict'];
  fate: Fate;
  storeError: Error | null;
  rules(...rules: readonly RuleInput[]): void;
  /** Raw, with whatever credentials. */
  ask(
    method: string,
    path: string,
    form?: Readonly<Record<string, string>> | string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ status: number; body: string; headers: Headers }>;
  /** A message goes on. */
  step(id: string, state: SmsState, cause?: SmsCause | null): readonly NewCallback[];
  /** A handset's owner writes. */
  reply(
    text: string,
    more?: Partial<NewSms>,
  ): { readonly sms: SmsRow; readonly calls: readonly HttpCallback[] };
}

export const basic = (user: string, secret: string): string =>
  `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;

export async function twilioWorld(): Promise<TwilioWorld> {
  const virtual = createVirtualClock(systemClock, null);
  const rows = new Map<string, SmsRow>();
  const senders = new Map<string, SmsSender>();
  const documents = new Map<string, unknown>();
  const secrets = new Map<string, string>();
  const callbacks: HttpCallback[] = [];
  const handovers: Handover[] = [];
  const optedOut = new Set<string>();
  const voice = twilio.voice({ random: randomBytes });
  let lastId = 0;
  let lastSeq = 0;
  const newId = (): string => `id-${++lastId}`;
  const desk = new Desk(
    {
      wallMs: () => systemClock.wallMs(),
      virtualMs: () => virtual.nowMs(),
      monotonicMs: () => systemClock.monotonicMs(),
      hit: () => undefined,
    },
    { rules: [], magic: true, seed: 1 },
  );

  function stepOf(
    sms: Pick<NewSms, 'record' | 'media' | 'direction'>,
    state: SmsState,
    cause: SmsCause | null,
  ): SmsStep {
    return { state, cause, atMs: virtual.nowMs(), reason: null, ...voice.say(sms, state, cause) };
  }

  function report(sms: NewSms, step: SmsStep): readonly NewCallback[] {
    const told = voice.report(sms, step, { nowMs: virtual.nowMs(), wallMs: systemClock.wallMs() });
    for (const { callback } of told) if (callback.kind === 'http') callbacks.push(callback);
    return told;
  }

  function rowOf(accepted: AcceptedSms): NewSms {
    const { sendAtMs, validityMs, after: _, ...rest } = accepted;
    const base = { ...rest, direction: 'mt', price: null } as const;
    const nowMs = virtual.nowMs();
    const states: Fate =
      sendAtMs !== null && sendAtMs > nowMs ? [['scheduled', null]] : [['accepted', null], ...world.fate];
    const steps = states.map(([state, cause]) => stepOf(base, state, cause));
    return { ...base, receivedAtMs: nowMs, expiresAtMs: nowMs + (validityMs ?? 72 * 3_600_000), steps };
  }

  function keep({ puts, changes }: KeptSms): void {
    if (world.storeError !== null) throw world.storeError;
    for (const sms of puts) rows.set(sms.id, { ...sms, seq: ++lastSeq });
    for (const { id, steps = [], text, media, record } of changes) {
      const row = rows.get(id);
      if (row === undefined) continue;
      rows.set(id, {
        ...row,
        steps: [...row.steps, ...steps],
        text: text ?? row.text,
        media: media ?? row.media,
        record: { ...row.record, ...record },
      });
    }
  }

  const matches = (sms: SmsRow, filter: SmsFilter): boolean =>
    (filter.account === undefined || filter.account === sms.account) &&
    (filter.number === undefined || filter.number === sms.number) &&
    (filter.sender === undefined || filter.sender === sms.sender) &&
    (filter.direction === undefined || filter.direction === sms.direction) &&
    (filter.fromMs === undefined || sms.receivedAtMs >= filter.fromMs) &&
    (filter.untilMs === undefined || sms.receivedAtMs < filter.untilMs);

  const farSide: SmsFarSide = {
    prepare: () => undefined,
    handset: () => {
      throw new Error('the door does not ask for handsets');
    },
    optedOut: ({ number, sender, service }) => optedOut.has(`${number} ${service ?? sender}`),
    senderVerdict: (parties, number) => world.verdict(parties, number),
    sendersOf: (_, service) => [...senders.values()].filter((one) => one.service === service),
    sender: (_, sender) => senders.get(sender) ?? null,
    putSender(sender) {
      senders.set(sender.sender, sender);
      return Promise.resolve();
    },
    dropSender(_, sender) {
      senders.delete(sender);
      return Promise.resolve();
    },
    senders: (_, of) => [...senders.values()].filter((one) => one.account === of),
    price: () => null,
    plan: (messages) => ({
      puts: messages.map(rowOf),
      changes: [],
      acts: [],
      callbacks: [],
      undo: () => undefined,
    }),
    settled({ puts }) {
      for (const { id } of puts) {
        const sms = rows.get(id);
        sms?.steps.forEach((step, at) => {
          if (at > 0) report(sms, step);
        });
      }
    },
    cancel(sms) {
      if (sms.steps.at(-1)?.state !== 'scheduled') return Promise.resolve(null);
      world.step(sms.id, 'canceled', 'canceled_by_app');
      return Promise.resolve(rows.get(sms.id) ?? null);
    },
    redact(sms) {
      const next = { ...sms, text: '' };
      rows.set(sms.id, next);
      return Promise.resolve(next);
    },
    forget(sms) {
      rows.delete(sms.id);
      return Promise.resolve();
    },
    settings: () => world.settings,
  };

  const ports: SmsDoorPorts = {
    clock: systemClock,
    virtual,
    desk,
    farSide,
    secrets: {
      seen(_, of, secret) {
        if (secrets.get(of) === secret) return null;
        secrets.set(of, secret);
        return Promise.resolve();
      },
      of: (_, of) => secrets.get(of) ?? null,
      own: () => 'own-secret-of-the-sandbox',
    },
    intake: {
      accept(handover) {
        try {
          if (handover.sms != null) keep(handover.sms);
        } catch (error) {
          return Promise.reject(error as Error);
        }
        handovers.push(handover);
        return Promise.resolve(handover.id ?? '');
      },
    },
    store: {
      keepSms(kept) {
        keep(kept);
        return Promise.resolve();
      },
      sms: (id) => Promise.resolve(rows.get(id) ?? null),
      smsOf: (_, sid) => Promise.resolve([...rows.values()].find((one) => one.providerId === sid) ?? null),
      smses(filter, { after, limit }) {
        const found = [...rows.values()]
          .filter((one) => matches(one, filter) && (after === null || one.seq < after))
          .sort((a, b) => b.seq - a.seq);
        const entries = found.slice(0, limit);
        return Promise.resolve({
          entries,
          next: found.length > limit ? (entries.at(-1)?.seq ?? null) : null,
          total: found.length,
        });
      },
      smsThreads: () => Promise.resolve([]),
      documents: (kind) =>
        Promise.resolve(
          [...documents]
            .filter(([key]) => key.startsWith(`${kind} `))
            .map(([key, value]) => ({ key: key.slice(kind.length + 1), value })),
        ),
      saveDocument(kind, key, value) {
        documents.set(`${kind} ${key}`, value);
        return Promise.resolve();
      },
      deleteDocument(kind, key) {
        documents.delete(`${kind} ${key}`);
        return Promise.resolve();
      },
    },
    newId,
    random: randomBytes,
    ownOrders: () => null,
    onProblem: (text) => {
      throw new Error(text);
    },
  };

  const doors = await startDoors({ routes: twilio.routes(ports) });
  onTestFinished(() => doors.close());
  const baseUrl = `http://127.0.0.1:${doors.ports.providers}/twilio`;
  const client = sdkClient(baseUrl, account, token);
  const world: TwilioWorld = {
    baseUrl,
    client,
    rows,
    callbacks,
    handovers,
    senders,
    optedOut,
    voice,
    habit: twilio.habit(ports),
    ports,
    settings: { strictNumbers: false, credentials: {} },
    verdict: ({ sender, account: of, service }) => ({
      kind: 'allowed',
      sender: senders.get(sender) ?? senderOf(sender, of, service),
    }),
    fate: [
      ['sent', null],
      ['delivered', null],
    ],
    storeError: null,
    rules(...rules) {
      desk.replace({ rules: readRules(rules), magic: true, seed: 1 });
    },
    async ask(method, path, form, headers = { authorization: basic(account, token) }) {
      const answer = await fetch(`${baseUrl}${path}`, {
        method,
        headers: {
          ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
          ...headers,
        },
        redirect: 'manual',
        ...(form === undefined
          ? {}
          : { body: typeof form === 'string' ? form : new URLSearchParams(form).toString() }),
      });
      return { status: answer.status, body: await answer.text(), headers: answer.headers };
    },
    step(id, state, cause = null) {
      const row = rows.get(id);
      if (row === undefined) throw new Error(`no SMS ${id}`);
      const step = stepOf(row, state, cause);
      const next = { ...row, steps: [...row.steps, step] };
      rows.set(id, next);
      return report(next, step);
    },
    reply(text, more = {}) {
      const base = { record: {}, media: [], direction: 'mo' } as const;
      const row: SmsRow = {
        ...base,
        id: newId(),
        provider: 'twilio',
        account,
        providerId: voice.newProviderId(),
        batchId: null,
        number: to,
        sender: from,
        service: null,
        messageId: null,
        deliveryId: null,
        own: false,
        text,
        encoding: 'GSM-7',
        parts: 1,
        price: null,
        receivedAtMs: virtual.nowMs(),
        expiresAtMs: virtual.nowMs(),
        steps: [stepOf(base, 'received', null)],
        seq: ++lastSeq,
        ...more,
      };
      rows.set(row.id, row);
      const calls = voice
        .inbound(row, senders.get(row.sender) ?? null, {
          nowMs: virtual.nowMs(),
          wallMs: systemClock.wallMs(),
        })
        .flatMap(({ callback }) => (callback.kind === 'http' ? [callback] : []));
      return { sms: row, calls };
    },
  };
  return world;
}

export function sdkClient(baseUrl: string, user: string, secret: string): ReturnType<typeof twilioSdk> {
  const client = twilioSdk(user, secret, { accountSid: account });
  client.api.baseUrl = baseUrl;
  client.messaging.baseUrl = baseUrl;
  return client;
}

export function senderOf(
  sender: string,
  of: string | null = account,
  service: string | null = null,
): SmsSender {
  return {
    sender,
    provider: 'twilio',
    account: of,
    countries: ['*'],
    service,
    inboundUrl: null,
    inboundMethod: 'POST',
    statusUrl: null,
    onTheFly: true,
  };
}

/** What the app gets: dressed for its first try. */
export async function called(
  world: TwilioWorld,
  callback: HttpCallback,
  number = 1,
): Promise<{
  readonly url: string;
  readonly signature: string;
  readonly parameters: Record<string, string>;
  readonly fields: Readonly<Record<string, string>>;
}> {
  const dressed = await world.habit.dress(callback, { id: 'call-1', number, wallMs: 0 });
  return {
    url: dressed.url,
    signature: dressed.fields['x-twilio-signature'] ?? '',
    parameters: Object.fromEntries(new URLSearchParams(dressed.body ?? '')),
    fields: dressed.fields,
  };
}
