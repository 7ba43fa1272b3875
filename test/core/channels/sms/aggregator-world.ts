/**
 * The door of one aggregator on a real listener, with carriers that do as a test says, a store in memory, and real rules. What
 * it would call the app with is collected, dressed as it would go out.
 */
import { randomBytes } from 'node:crypto';
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
import type { HttpCallback, NewCallback } from '../../../../core/model/callback.ts';
import type { SmsSender } from '../../../../core/model/handset.ts';
import type { ExchangeEnd } from '../../../../core/model/message.ts';
import { phoneNumber } from '../../../../core/model/phone-number.ts';
import {
  isSmsEnd,
  type NewSms,
  type SmsCause,
  type SmsMedia,
  type SmsState,
  type SmsStep,
} from '../../../../core/model/sms.ts';
import type { RuleInput } from '../../../../core/rules/schema.ts';
import { type FakeClock, fakeClock } from '../../../fake-clock.ts';
import {
  answerOf,
  carriersOn,
  openDoor,
  ruleDesk,
  type SmsMemory,
  senderOf,
  smsMemory,
  smsOf,
  stepOf,
} from './sms-memory.ts';

type Ending = readonly [state: SmsState, cause: SmsCause | null];

export interface AggregatorWorld extends Pick<SmsMemory, 'rows' | 'accepted' | 'storeError'> {
  /** Where the aggregator is, with its prefix. */
  readonly url: string;
  readonly clock: FakeClock;
  readonly voice: SmsVoice;
  readonly habit: CallbackHabit;
  readonly ports: SmsDoorPorts;
  readonly callbacks: NewCallback[];
  readonly ended: readonly ExchangeEnd[];
  settings: SmsSettings;
  /** What becomes of messages to a number after `sent`; else they are delivered. */
  readonly endings: Map<string, readonly Ending[]>;
  readonly senders: Map<string, SmsSender>;
  readonly optOuts: Set<string>;
  verdict: SenderVerdict | null;
  rules(...rules: readonly RuleInput[]): void;
  /** Something becomes of one that is under way. */
  step(sms: NewSms, state: SmsState, cause?: SmsCause | null): Promise<void>;
  /** A handset answers. */
  answer(about: Answer): Promise<NewSms>;
  /** The callback as it goes over the wire. */
  dressed(at: number): Promise<DressedCallback & { readonly callback: HttpCallback }>;
  json(method: string, path: string, options?: RequestOptions): Promise<{ status: number; body: unknown }>;
}

interface Answer {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly media?: readonly SmsMedia[];
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
  const memory = smsMemory();
  const senders = new Map<string, SmsSender>();
  const callbacks: NewCallback[] = [];
  const { desk, rules } = ruleDesk(clock, () => clock.wallMs());
  const moment = (): { readonly nowMs: number; readonly wallMs: number } => ({
    nowMs: clock.wallMs(),
    wallMs: clock.wallMs(),
  });

  const step = (sms: NewSms, [state, cause]: Ending, reason: string | null = null): SmsStep => ({
    ...stepOf(voice, sms, state, cause, clock.wallMs()),
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
    if (sms.sendAtMs !== null && sms.sendAtMs > clock.wallMs()) return [step(base, ['scheduled', null])];
    if (sms.refusal !== undefined && sms.refusal !== null)
      return [step(base, ['accepted', null]), step(base, ['rejected', sms.refusal.cause], sms.refusal.why)];
    const forced = sms.after.flatMap(({ action }) => (action.do === 'report' ? [action] : []));
    const endings: readonly Ending[] = world.endings.get(sms.number) ?? [['delivered', null]];
    const [wanted] = forced;
    const rest = wanted === undefined ? endings : [];
    return [
      step(base, ['accepted', null]),
      step(base, ['sent', null]),
      ...rest.map((ending) => step(base, ending)),
      ...(wanted === undefined
        ? []
        : [
            {
              ...step(base, ['undelivered', 'on_purpose']),
              ...voice.say(base, 'undelivered', 'on_purpose', { status: wanted.status, code: wanted.code }),
            },
          ]),
    ];
  };

  const farSide: SmsFarSide = {
    ...carriersOn(memory, senders),
    optedOut: ({ number, sender }) => world.optOuts.has(`${number} ${sender}`),
    senderVerdict: ({ provider, sender, account }) =>
      world.verdict ?? {
        kind: 'allowed',
        sender: senders.get(sender) ?? senderOf(provider, sender, { account }),
      },
    sendersOf: () => [...senders.values()],
    price: () => ({ amount: '0.01', currency: 'EUR' }),
    plan(messages) {
      const made = messages.map((sms): NewSms => {
        const base = smsOf(sms, { amount: '0.01', currency: 'EUR' }, clock.wallMs());
        const record = sms.sendAtMs === null ? sms.record : { ...sms.record, plannedAtMs: sms.sendAtMs };
        return { ...base, record, steps: courseOf(sms, base) };
      });
      // As the carriers do: one after another, so that only the last to end finds the whole batch at its end.
      made.forEach((sms, at) => {
        const batch = made.map((one, other) =>
          other <= at ? one : { ...one, steps: one.steps.slice(0, 1) },
        );
        callbacks.push(...told(sms, 1, batch));
      });
      return { puts: made, changes: [], acts: [], callbacks: [], undo: () => undefined };
    },
    async cancel({ id }) {
      const row = memory.row(id);
      if (row === null || row.steps.at(-1)?.state !== 'scheduled') return null;
      await world.step(row, 'canceled', 'canceled_by_app');
      return memory.row(id);
    },
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
    intake: memory.intake,
    store: memory.store,
    newId,
    random: randomBytes,
    ownOrders: () => null,
    onProblem: (text) => {
      throw new Error(text);
    },
  };

  const { url, doors } = await openDoor(room, ports);
  const world: AggregatorWorld = Object.assign(memory, {
    url,
    clock,
    voice,
    habit: room.habit(ports),
    ports,
    callbacks,
    ended: doors.ended,
    settings: { strictNumbers: false, credentials: {} },
    endings: new Map<string, readonly Ending[]>(),
    senders,
    optOuts: new Set<string>(),
    verdict: null,
    rules,
    step(sms: NewSms, state: SmsState, cause: SmsCause | null = null) {
      const row = memory.change({ id: sms.id, steps: [step(sms, [state, cause])] });
      const batch = memory.rows.filter(({ batchId }) => batchId !== null && batchId === row.batchId);
      callbacks.push(...told(row, row.steps.length - 1, batch));
      return Promise.resolve();
    },
    answer({ from, to, text, media = [] }: Answer) {
      const sender = senders.get(to) ?? null;
      const account = sender?.account ?? '';
      const sms = answerOf(
        voice,
        { id: newId(), account, number: from, sender: to, text, media },
        clock.wallMs(),
      );
      memory.put(sms);
      callbacks.push(...voice.inbound(sms, sender, moment()));
      return Promise.resolve(sms);
    },
    async dressed(at: number) {
      const callback = world.callbacks.at(at)?.callback;
      if (callback?.kind !== 'http') throw new Error(`there is no callback ${at}`);
      const dressed = await world.habit.dress(callback, { id: 'call', number: 1, wallMs: clock.wallMs() });
      return { ...dressed, callback };
    },
    async json(method: string, path: string, { body, text, headers = {} }: RequestOptions = {}) {
      const answer = await fetch(`${world.url}${path}`, {
        method,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined && text === undefined ? {} : { body: text ?? JSON.stringify(body) }),
      });
      const said = await answer.text();
      return { status: answer.status, body: said === '' ? null : (JSON.parse(said) as unknown) };
    },
  });
  return world;
}

/** A sender that answers go to. */
export function appSender(
  provider: SmsRoom['provider'],
  sender: string,
  about: Partial<SmsSender>,
): SmsSender {
  return senderOf(provider, sender, { onTheFly: false, ...about });
}

/** The number as everything here knows it. */
export function e164(text: string): string {
  const number = phoneNumber(text);
  if (number === null) throw new Error(`${text} is no number`);
  return number.e164;
}
