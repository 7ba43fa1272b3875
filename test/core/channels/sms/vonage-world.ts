/**
 * One aggregator's door on a real listener, with carriers that do at once what a test says of a number, and an app that is
 * called back. What is handed to the store is kept in memory.
 */
import { createServer } from 'node:http';
import { onTestFinished } from 'vitest';
import type { SmsDoorPorts, SmsRoom } from '../../../../core/channels/sms/room.ts';
import { createVirtualClock } from '../../../../core/clock.ts';
import { smsDeliveryOf } from '../../../../core/delivery/sms-deliveries.ts';
import type {
  AcceptedSms,
  CallbackVerdict,
  SmsFarSide,
  SmsPlan,
  SmsSettings,
} from '../../../../core/delivery/sms-far-side.ts';
import type { HttpCallback } from '../../../../core/model/callback.ts';
import type { SmsSender } from '../../../../core/model/handset.ts';
import type { NewSms, SmsCause, SmsState, SmsStep } from '../../../../core/model/sms.ts';
import { type Facts, type FarSideOrders, noOrders } from '../../../../core/rules/decision.ts';
import type { Action } from '../../../../core/rules/schema.ts';
import { fakeClock } from '../../../fake-clock.ts';
import { carriersOn, openDoor, senderOf, smsMemory, smsOf, stepOf } from './sms-memory.ts';

export const nowMs = Date.UTC(2026, 0, 31, 10);

export interface Fate {
  readonly state: SmsState;
  readonly cause?: SmsCause | null;
  readonly status?: string;
  readonly code?: string;
}

export interface Heard {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly fields: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export async function aggregatorWorld(room: SmsRoom, over: Partial<SmsSettings> = {}) {
  const clock = fakeClock(nowMs);
  // Clients sign by the machine's own clock.
  const wall = { ...clock, wallMs: () => Date.now() };
  const virtual = createVirtualClock(clock, null);
  let settings: SmsSettings = { strictNumbers: false, credentials: {}, ...over };
  const fates = new Map<string, readonly Fate[]>();
  const optOuts = new Set<string>();
  const refusedSenders = new Map<string, string>();
  const senders = new Map<string, SmsSender>();
  const memory = smsMemory();
  const { rows, accepted } = memory;
  const callbacks: HttpCallback[] = [];
  const facts: Facts[] = [];
  let action: Action | null = null;
  let lastId = 0;
  let lastRandom = 0;
  const newId = () => `id-${++lastId}`;
  const random = (count: number) => {
    const bytes = Buffer.alloc(count, 0xab);
    bytes.writeUInt16BE(++lastRandom, count - 2);
    return bytes;
  };
  const voice = room.voice({ random });

  function stepFor(sms: NewSms, { state, cause = null, status, code }: Fate): SmsStep {
    if (status === undefined) return stepOf(voice, sms, state, cause, nowMs);
    const said = voice.say(sms, state, 'on_purpose', { status, code });
    return { state, atMs: nowMs, cause: 'on_purpose', reason: null, ...said };
  }

  function fateOf({ number, refusal = null }: AcceptedSms): readonly Fate[] {
    if (refusal !== null) return [{ state: 'rejected', cause: refusal.cause }];
    return fates.get(number) ?? [{ state: 'sent' }, { state: 'delivered' }];
  }

  function plan(messages: readonly AcceptedSms[]): SmsPlan {
    const puts = messages.map((sms): NewSms => {
      const scheduled = sms.sendAtMs !== null && sms.sendAtMs > nowMs;
      const fate: readonly Fate[] = scheduled
        ? [{ state: 'scheduled' }]
        : [{ state: 'accepted' }, ...fateOf(sms)];
      const base = smsOf(sms, priceOf(sms.parts), nowMs);
      return { ...base, steps: fate.map((one) => stepFor(base, one)) };
    });
    for (const put of puts) reported(put);
    return { puts, changes: [], acts: [], callbacks: [], undo: () => undefined };
  }

  function reported(sms: NewSms): void {
    sms.steps.forEach((step, at) => {
      const seen = { ...sms, steps: sms.steps.slice(0, at + 1) };
      for (const { callback } of voice.report(seen, step, { nowMs, wallMs: nowMs }))
        if (callback.kind === 'http') callbacks.push(callback);
    });
  }

  const farSide: SmsFarSide = {
    ...carriersOn(memory, senders),
    optedOut: ({ number }) => optOuts.has(number),
    senderVerdict({ provider, sender, service }) {
      const why = refusedSenders.get(sender);
      if (why !== undefined) return { kind: 'refused', cause: 'sender_not_allowed', why };
      return { kind: 'allowed', sender: senders.get(sender) ?? senderOf(provider, sender, { service }) };
    },
    sendersOf: () => [],
    price: (_, __, parts) => priceOf(parts),
    plan,
    cancel: ({ id, ...sms }) =>
      Promise.resolve(
        memory.change({ id, steps: [stepOf(voice, sms, 'canceled', 'canceled_by_app', nowMs)] }),
      ),
    settings: () => settings,
  };

  const ports: SmsDoorPorts = {
    clock: wall,
    virtual,
    desk: {
      decide: () => [],
      orders(about) {
        facts.push(about);
        return ordersFor(action);
      },
      endKey: () => '',
      needs: () => ({ headers: false, content: false }),
      asks: () => true,
    },
    farSide,
    secrets: {
      seen: () => null,
      of: () => null,
      own: (name) => `${name}-signing-secret`,
    },
    intake: memory.intake,
    store: memory.store,
    newId,
    random,
    ownOrders: (own) => ({ ...own, orders: noOrders, carriedOut: () => undefined }),
    onProblem: (text) => {
      throw new Error(text);
    },
  };
  const habit = room.habit(ports);
  const { url: base, doors } = await openDoor(room, ports);

  return {
    base,
    doors,
    ports,
    voice,
    habit,
    rows,
    accepted,
    callbacks,
    facts,
    ended: doors.ended,
    senders,
    fate: (number: string, ...fate: readonly Fate[]) => fates.set(number, fate),
    optOut: (number: string) => optOuts.add(number),
    refuseSender: (sender: string, why: string) => refusedSenders.set(sender, why),
    rule: (next: Action | null) => {
      action = next;
    },
    set: (next: Partial<SmsSettings>) => {
      settings = { ...settings, ...next };
    },
    fillDisk: () => {
      memory.storeError = new Error('the disk is full');
    },
    /** Where the last message stands in the sandbox's own words. */
    delivery() {
      const last = rows.at(-1);
      if (last === undefined) throw new Error('nothing was sent');
      return smsDeliveryOf(last, { id: 'd', host: 'h', stream: 'transactional', nowMs });
    },
    /** Makes the calls that are waiting, as the queue would. */
    async call(): Promise<readonly CallbackVerdict[]> {
      const verdicts: CallbackVerdict[] = [];
      for (const callback of callbacks.splice(0)) {
        const attempt = { id: newId(), number: 1, wallMs: Date.now() };
        const dressed = await habit.dress(callback, attempt);
        const response = await fetch(dressed.url, {
          method: dressed.method,
          headers: dressed.fields,
          body: dressed.body,
        });
        const answer = {
          status: response.status,
          contentType: response.headers.get('content-type'),
          body: await response.text(),
          retryAfter: null,
        };
        verdicts.push(habit.judge(callback, answer, attempt));
      }
      return verdicts;
    },
  };
}

function priceOf(parts: number): NonNullable<NewSms['price']> {
  return { amount: (0.0333 * parts).toFixed(4), currency: 'EUR' };
}

function ordersFor(action: Action | null): FarSideOrders {
  if (action === null) return noOrders;
  const decision = { cause: { ruleId: 'r1', label: 'a rule' }, action, point: 'data', chance: 0 } as const;
  if (action.do === 'answer') return { ...noOrders, answer: { ...decision, action } };
  return { ...noOrders, after: [decision] };
}

/** The app: an address that remembers who called. */
export async function app(status = 200) {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      heard.push({
        method: request.method ?? '',
        url: request.url ?? '',
        fields: request.headers,
        body,
      });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/hook`, heard };
}
