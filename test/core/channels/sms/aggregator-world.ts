/**
 * The door of one aggregator on a real listener, with carriers that do as a test says, a store in memory, and real rules. What
 * it would call the app with is collected, dressed as it would go out.
 */
import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import type { SmsDoorPorts, SmsRoom } from '../../../../core/channels/sms/room.ts';
import type {
  AcceptedSms,
  CallbackHabit,
  DressedCallback,
  SenderVerdict,
  SmsFarSide,
  SmsSettings,
  SmsVoice,
} from '../../../../core/delivery/sms-far-side.ts';
import type { Handover } from '../../../../core/intake/intake.ts';
import type { HttpCallback, NewCallback } from '../../../../core/model/callback.ts';
import type { SmsSender } from '../../../../core/model/handset.ts';
import type { ExchangeEnd, KeptSms } from '../../../../core/model/message.ts';
import { phoneNumber } from '../../../../core/model/phone-number.ts';
import {
  isSmsEnd,
  type NewSms,
  type SmsCause,
  type SmsChange,
  type SmsMedia,
  type SmsRow,
  type SmsState,
  type SmsStep,
} from '../../../../core/model/sms.ts';
import { Desk } from '../../../../core/rules/desk.ts';
import { readRules } from '../../../../core/rules/read-rules.ts';
import type { RuleInput } from '../../../../core/rules/schema.ts';
import type { SmsFilter } from '../../../../core/store/store.ts';
import { type FakeClock, fakeClock } from '../../../fake-clock.ts';
import { startDoors } from '../../doors/http/doors.ts';

type Ending = readonly [state: SmsState, cause: SmsCause | null];

export interface AggregatorWorld {
  /** Where the aggregator is, with its prefix. */
  readonly url: string;
  readonly clock: FakeClock;
  readonly voice: SmsVoice;
  readonly habit: CallbackHabit;
  readonly ports: SmsDoorPorts;
  readonly rows: SmsRow[];
  readonly accepted: Handover[];
  readonly callbacks: NewCallback[];
  readonly ended: readonly ExchangeEnd[];
  settings: SmsSettings;
  /** What becomes of messages to a number after `sent`; else they are delivered. */
  readonly endings: Map<string, readonly Ending[]>;
  readonly senders: Map<string, SmsSender>;
  readonly optOuts: Set<string>;
  verdict: SenderVerdict | null;
  storeError: Error | null;
  rules(...rules: readonly RuleInput[]): void;
  /** Something becomes of one that is under way. */
  step(sms: NewSms, state: SmsState, cause?: SmsCause | null): Promise<void>;
  /** A handset answers. */
  answer(about: {
    readonly from: string;
    readonly to: string;
    readonly text: string;
    readonly media?: readonly SmsMedia[];
  }): Promise<NewSms>;
  /** The callback as it goes over the wire. */
  dressed(at: number): Promise<DressedCallback & { readonly callback: HttpCallback }>;
  json(method: string, path: string, options?: RequestOptions): Promise<{ status: number; body: unknown }>;
}

export interface RequestOptions {
  readonly body?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function aggregatorWorld(room: SmsRoom, startMs = Date.now()): Promise<AggregatorWorld> {
  const clock = fakeClock(startMs);
  const voice = room.voice({ random: randomBytes });
  let lastId = 0;
  const newId = (): string => `sms-${++lastId}`;
  const rows: SmsRow[] = [];
  const documents = new Map<string, unknown>();
  const desk = new Desk(
    {
      wallMs: () => clock.wallMs(),
      virtualMs: () => clock.wallMs(),
      monotonicMs: () => clock.monotonicMs(),
      hit: () => undefined,
    },
    { rules: [], magic: true, seed: 1 },
  );
  const moment = (): { readonly nowMs: number; readonly wallMs: number } => ({
    nowMs: clock.wallMs(),
    wallMs: clock.wallMs(),
  });

  const stepOf = (sms: NewSms, [state, cause]: Ending, reason: string | null = null): SmsStep => ({
    state,
    atMs: clock.wallMs(),
    cause,
    ...voice.say(sms, state, cause),
    reason,
  });

  /** Each step told by itself; then, where it ended, the batch. */
  const told = (sms: NewSms, from: number, batch: readonly NewSms[]): readonly NewCallback[] => {
    const reports = sms.steps.flatMap((step, at) =>
      at < from ? [] : voice.report({ ...sms, steps: sms.steps.slice(0, at + 1) }, step, moment()),
    );
    const last = sms.steps.at(-1);
    return last !== undefined && isSmsEnd(last.state)
      ? [...reports, ...(voice.batchReport?.(batch, moment()) ?? [])]
      : reports;
  };

  const courseOf = (sms: AcceptedSms, base: NewSms): readonly SmsStep[] => {
    if (sms.sendAtMs !== null && sms.sendAtMs > clock.wallMs()) return [stepOf(base, ['scheduled', null])];
    if (sms.refusal !== undefined && sms.refusal !== null)
      return [
        stepOf(base, ['accepted', null]),
        stepOf(base, ['rejected', sms.refusal.cause], sms.refusal.why),
      ];
    const forced = sms.after.flatMap(({ action }) => (action.do === 'report' ? [action] : []));
    const endings: readonly Ending[] = world.endings.get(sms.number) ?? [['delivered', null]];
    const [wanted] = forced;
    const rest = wanted === undefined ? endings : [];
    return [
      stepOf(base, ['accepted', null]),
      stepOf(base, ['sent', null]),
      ...rest.map((ending) => stepOf(base, ending)),
      ...(wanted === undefined
        ? []
        : [
            {
              ...stepOf(base, ['undelivered', 'on_purpose']),
              ...voice.say(base, 'undelivered', 'on_purpose', { status: wanted.status, code: wanted.code }),
            },
          ]),
    ];
  };

  const put = (sms: NewSms): void => {
    rows.push({ ...sms, seq: rows.length + 1 });
  };
  const change = ({ id, steps, record, text, expiresAtMs }: SmsChange): void => {
    const at = rows.findIndex((row) => row.id === id);
    const row = rows[at];
    if (row === undefined) throw new Error(`there is no SMS ${id}`);
    rows[at] = {
      ...row,
      steps: [...row.steps, ...(steps ?? [])],
      record: { ...row.record, ...record },
      text: text ?? row.text,
      expiresAtMs: expiresAtMs ?? row.expiresAtMs,
    };
  };
  const keep = (sms: KeptSms): void => {
    sms.puts.forEach(put);
    sms.changes.forEach(change);
    for (const { kind, key, value } of sms.documents ?? [])
      if (value === null) documents.delete(`${kind} ${key}`);
      else documents.set(`${kind} ${key}`, value);
  };

  const farSide: SmsFarSide = {
    prepare: () => undefined,
    handset: (number) => ({
      number: number.e164,
      name: number.e164,
      user: null,
      country: number.country,
      line: number.line,
      carrier: { name: 'Alder Mobile', network: '00101' },
      portedFrom: null,
      online: true,
      offlineUntilMs: null,
      blocked: false,
      unreachable: false,
      optOuts: [],
      onTheFly: true,
      createdAtMs: 0,
    }),
    optedOut: ({ number, sender }) => world.optOuts.has(`${number} ${sender}`),
    senderVerdict: ({ provider, sender, account }) =>
      world.verdict ?? {
        kind: 'allowed',
        sender: world.senders.get(sender) ?? senderOf(provider, sender, account),
      },
    sendersOf: () => [...world.senders.values()],
    sender: (_provider, sender) => world.senders.get(sender) ?? null,
    price: () => ({ amount: '0.01', currency: 'EUR' }),
    plan(messages) {
      const made = messages.map((sms): NewSms => {
        const base: NewSms = {
          id: sms.id,
          provider: sms.provider,
          account: sms.account,
          providerId: sms.providerId,
          batchId: sms.batchId,
          direction: 'mt',
          number: sms.number,
          sender: sms.sender,
          service: sms.service,
          messageId: sms.messageId,
          deliveryId: sms.deliveryId,
          own: sms.own,
          text: sms.text,
          media: sms.media,
          encoding: sms.encoding,
          parts: sms.parts,
          price: { amount: '0.01', currency: 'EUR' },
          receivedAtMs: clock.wallMs(),
          expiresAtMs: (sms.sendAtMs ?? clock.wallMs()) + (sms.validityMs ?? 259_200_000),
          steps: [],
          record: { ...sms.record, ...(sms.sendAtMs === null ? {} : { plannedAtMs: sms.sendAtMs }) },
        };
        return { ...base, steps: courseOf(sms, base) };
      });
      // As the carriers do: one after another, so that only the last to end finds the whole batch at its end.
      made.forEach((sms, at) => {
        const batch = made.map((one, other) =>
          other <= at ? one : { ...one, steps: one.steps.slice(0, 1) },
        );
        world.callbacks.push(...told(sms, 1, batch));
      });
      return { puts: made, changes: [], acts: [], callbacks: [], undo: () => undefined };
    },
    settled: () => undefined,
    async cancel(sms) {
      const row = rows.find(({ id }) => id === sms.id);
      if (row === undefined || row.steps.at(-1)?.state !== 'scheduled') return null;
      await world.step(row, 'canceled', 'canceled_by_app');
      return rows.find(({ id }) => id === sms.id) ?? null;
    },
    redact: (sms) => Promise.resolve(sms),
    forget: () => Promise.resolve(),
    settings: () => world.settings,
  };

  const ports: SmsDoorPorts = {
    clock,
    virtual: { nowMs: () => clock.wallMs(), at: () => () => undefined },
    desk,
    farSide,
    secrets: {
      seen: () => null,
      of: () => null,
      own: (name) => `own secret of ${name}`,
    },
    intake: {
      accept(handover) {
        if (world.storeError !== null) return Promise.reject(world.storeError);
        world.accepted.push(handover);
        if (handover.sms !== undefined && handover.sms !== null) keep(handover.sms);
        return Promise.resolve(handover.id ?? '');
      },
    },
    store: {
      keepSms(sms) {
        if (world.storeError !== null) return Promise.reject(world.storeError);
        keep(sms);
        return Promise.resolve();
      },
      sms: (id) => Promise.resolve(rows.find((row) => row.id === id) ?? null),
      smsOf: (provider, providerId) =>
        Promise.resolve(
          rows.findLast((row) => row.provider === provider && row.providerId === providerId) ?? null,
        ),
      smses(filter, { after, limit }) {
        const found = rows
          .filter((row) => (after === null || row.seq < after) && fits(row, filter))
          .toReversed();
        return Promise.resolve({ entries: found.slice(0, limit), next: null, total: found.length });
      },
      smsThreads: () => Promise.resolve([]),
      documents: (kind) =>
        Promise.resolve(
          [...documents].flatMap(([key, value]) =>
            key.startsWith(`${kind} `) ? [{ key: key.slice(kind.length + 1), value }] : [],
          ),
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

  const world: AggregatorWorld = {
    url: '',
    clock,
    voice,
    habit: room.habit(ports),
    ports,
    rows,
    accepted: [],
    callbacks: [],
    ended: [],
    settings: { strictNumbers: false, credentials: {} },
    endings: new Map(),
    senders: new Map(),
    optOuts: new Set(),
    verdict: null,
    storeError: null,
    rules: (...given) => desk.replace({ rules: readRules(given), magic: true, seed: 1 }),
    step(sms, state, cause = null) {
      change({ id: sms.id, nowMs: clock.wallMs(), steps: [stepOf(sms, [state, cause])] });
      const row = rows.find(({ id }) => id === sms.id);
      if (row !== undefined) {
        const batch = rows.filter(({ batchId }) => batchId !== null && batchId === row.batchId);
        world.callbacks.push(...told(row, row.steps.length - 1, batch));
      }
      return Promise.resolve();
    },
    answer({ from, to, text, media = [] }) {
      const sender = world.senders.get(to) ?? null;
      const sms: NewSms = {
        id: newId(),
        provider: room.provider,
        account: sender?.account ?? '',
        providerId: voice.newProviderId(),
        batchId: null,
        direction: 'mo',
        number: from,
        sender: to,
        service: null,
        messageId: null,
        deliveryId: null,
        own: false,
        text,
        media,
        encoding: 'GSM-7',
        parts: 1,
        price: null,
        receivedAtMs: clock.wallMs(),
        expiresAtMs: clock.wallMs(),
        steps: [
          {
            state: 'received',
            atMs: clock.wallMs(),
            cause: null,
            status: 'received',
            code: null,
            reason: null,
          },
        ],
        record: {},
      };
      put(sms);
      world.callbacks.push(...voice.inbound(sms, sender, moment()));
      return Promise.resolve(sms);
    },
    async dressed(at) {
      const callback = world.callbacks.at(at)?.callback;
      if (callback?.kind !== 'http') throw new Error(`there is no callback ${at}`);
      const dressed = await world.habit.dress(callback, { id: 'call', number: 1, wallMs: clock.wallMs() });
      return { ...dressed, callback };
    },
    async json(method, path, { body, text, headers = {} } = {}) {
      const answer = await fetch(`${world.url}${path}`, {
        method,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined && text === undefined ? {} : { body: text ?? JSON.stringify(body) }),
      });
      const said = await answer.text();
      return { status: answer.status, body: said === '' ? null : (JSON.parse(said) as unknown) };
    },
  };
  const routes = room.routes(ports);
  const doors = await startDoors({ routes });
  onTestFinished(() => doors.close());
  return Object.assign(world, {
    url: `http://127.0.0.1:${doors.ports.providers}/${room.provider}`,
    ended: doors.ended,
  });
}

function senderOf(provider: SmsRoom['provider'], sender: string, account: string): SmsSender {
  return {
    sender,
    provider,
    account,
    countries: ['*'],
    service: null,
    inboundUrl: null,
    inboundMethod: 'POST',
    statusUrl: null,
    onTheFly: true,
  };
}

/** A sender that answers go to. */
export function appSender(
  provider: SmsRoom['provider'],
  sender: string,
  about: Partial<SmsSender>,
): SmsSender {
  return { ...senderOf(provider, sender, ''), account: null, onTheFly: false, ...about };
}

/** The number as everything here knows it. */
export function e164(text: string): string {
  const number = phoneNumber(text);
  if (number === null) throw new Error(`${text} is no number`);
  return number.e164;
}

function fits(row: SmsRow, filter: SmsFilter): boolean {
  return (
    (filter.provider === undefined || row.provider === filter.provider) &&
    (filter.account === undefined || row.account === filter.account) &&
    (filter.batchId === undefined || row.batchId === filter.batchId) &&
    (filter.number === undefined || row.number === filter.number) &&
    (filter.sender === undefined || row.sender === filter.sender) &&
    (filter.direction === undefined || row.direction === filter.direction) &&
    (filter.fromMs === undefined || row.receivedAtMs >= filter.fromMs) &&
    (filter.untilMs === undefined || row.receivedAtMs < filter.untilMs)
  );
}
