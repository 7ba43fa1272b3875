/** Twilio's door on a real listener, carriers kept in memory, and the official SDK pointed at it. */
import { randomBytes } from 'node:crypto';
import twilioSdk from 'twilio';
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
import type { HttpCallback, NewCallback } from '../../../../../core/model/callback.ts';
import type { SmsSender } from '../../../../../core/model/handset.ts';
import type { NewSms, SmsCause, SmsRow, SmsState, SmsStep } from '../../../../../core/model/sms.ts';
import type { RuleInput } from '../../../../../core/rules/schema.ts';
import {
  answerOf,
  carriersOn,
  openDoor,
  ruleDesk,
  type SmsMemory,
  senderOf as senderNamed,
  smsMemory,
  smsOf,
  stepOf,
} from '../sms-memory.ts';

export const account = 'AC0123456789abcdef0123456789abcdef';
export const token = 'f00dfeedf00dfeedf00dfeedf00dfeed';
export const apiKey = 'SK0123456789abcdef0123456789abcdef';
export const from = '+15005550006';
export const to = '+447700900123';

/** What a test wants of the carriers: the states a message comes to after it was accepted. */
export type Fate = readonly (readonly [SmsState, SmsCause | null])[];

export interface TwilioWorld extends Pick<SmsMemory, 'rows' | 'accepted' | 'storeError'> {
  readonly baseUrl: string;
  readonly client: ReturnType<typeof twilioSdk>;
  readonly callbacks: HttpCallback[];
  readonly senders: Map<string, SmsSender>;
  readonly optedOut: Set<string>;
  readonly voice: SmsVoice;
  readonly habit: CallbackHabit;
  readonly ports: SmsDoorPorts;
  settings: SmsSettings;
  verdict: SmsFarSide['senderVerdict'];
  fate: Fate;
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
  const memory = smsMemory();
  const senders = new Map<string, SmsSender>();
  const secrets = new Map<string, string>();
  const callbacks: HttpCallback[] = [];
  const optedOut = new Set<string>();
  const voice = twilio.voice({ random: randomBytes });
  let lastId = 0;
  const newId = (): string => `id-${++lastId}`;
  const { desk, rules } = ruleDesk(systemClock, () => virtual.nowMs());

  function report(sms: NewSms, step: SmsStep): readonly NewCallback[] {
    const told = voice.report(sms, step, { nowMs: virtual.nowMs(), wallMs: systemClock.wallMs() });
    for (const { callback } of told) if (callback.kind === 'http') callbacks.push(callback);
    return told;
  }

  function rowOf(accepted: AcceptedSms): NewSms {
    const nowMs = virtual.nowMs();
    const base = smsOf(accepted, null, nowMs);
    const { sendAtMs } = accepted;
    const states: Fate =
      sendAtMs !== null && sendAtMs > nowMs ? [['scheduled', null]] : [['accepted', null], ...world.fate];
    return { ...base, steps: states.map(([state, cause]) => stepOf(voice, base, state, cause, nowMs)) };
  }

  const farSide: SmsFarSide = {
    ...carriersOn(memory, senders),
    handset: () => {
      throw new Error('the door does not ask for handsets');
    },
    optedOut: ({ number, sender, service }) => optedOut.has(`${number} ${service ?? sender}`),
    senderVerdict: (parties, number) => world.verdict(parties, number),
    sendersOf: (_, service) => [...senders.values()].filter((one) => one.service === service),
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
        const sms = memory.row(id);
        sms?.steps.forEach((step, at) => {
          if (at > 0) report(sms, step);
        });
      }
    },
    cancel(sms) {
      if (sms.steps.at(-1)?.state !== 'scheduled') return Promise.resolve(null);
      world.step(sms.id, 'canceled', 'canceled_by_app');
      return Promise.resolve(memory.row(sms.id));
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
    intake: memory.intake,
    store: memory.store,
    newId,
    random: randomBytes,
    ownOrders: () => null,
    onProblem: (text) => {
      throw new Error(text);
    },
  };

  const { url: baseUrl } = await openDoor(twilio, ports);
  const client = sdkClient(baseUrl, account, token);
  const fate: Fate = [
    ['sent', null],
    ['delivered', null],
  ];
  const verdict: SmsFarSide['senderVerdict'] = ({ sender, account: of, service }) => ({
    kind: 'allowed',
    sender: senders.get(sender) ?? senderOf(sender, of, service),
  });
  const world: TwilioWorld = Object.assign(memory, {
    baseUrl,
    client,
    callbacks,
    senders,
    optedOut,
    voice,
    habit: twilio.habit(ports),
    ports,
    settings: { strictNumbers: false, credentials: {} },
    verdict,
    fate,
    rules,
    async ask(
      method: string,
      path: string,
      form?: Readonly<Record<string, string>> | string,
      headers: Readonly<Record<string, string>> = { authorization: basic(account, token) },
    ) {
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
    step(id: string, state: SmsState, cause: SmsCause | null = null) {
      const row = memory.row(id);
      if (row === null) throw new Error(`no SMS ${id}`);
      const step = stepOf(voice, row, state, cause, virtual.nowMs());
      return report(memory.change({ id, steps: [step] }), step);
    },
    reply(text: string, more: Partial<NewSms> = {}) {
      const about = { id: newId(), account, number: to, sender: from, text, ...more };
      const sms = memory.put(answerOf(voice, about, virtual.nowMs()));
      const calls = voice
        .inbound(sms, senders.get(sms.sender) ?? null, {
          nowMs: virtual.nowMs(),
          wallMs: systemClock.wallMs(),
        })
        .flatMap(({ callback }) => (callback.kind === 'http' ? [callback] : []));
      return { sms, calls };
    },
  });
  return world;
}

export function sdkClient(baseUrl: string, user: string, secret: string): ReturnType<typeof twilioSdk> {
  const client = twilioSdk(user, secret, { accountSid: account });
  client.api.baseUrl = baseUrl;
  client.messaging.baseUrl = baseUrl;
  return client;
}

/** One of the account's own. */
export function senderOf(
  sender: string,
  of: string | null = account,
  service: string | null = null,
): SmsSender {
  return senderNamed('twilio', sender, { account: of, service });
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
