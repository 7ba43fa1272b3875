/** Carriers on a real store and a clock that stands still until it is told to go on. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createBus } from '../../../../core/bus.ts';
import { type AdjustableClock, createVirtualClock } from '../../../../core/clock.ts';
import { callbackOf } from '../../../../core/delivery/callback-deliveries.ts';
import { smsDeliveryOf } from '../../../../core/delivery/sms-deliveries.ts';
import type { AcceptedSms, SmsPlan, SmsVoice } from '../../../../core/delivery/sms-far-side.ts';
import type { StoredEvent } from '../../../../core/model/message.ts';
import { phoneNumber } from '../../../../core/model/phone-number.ts';
import type { NewSms, SmsProvider, SmsRow } from '../../../../core/model/sms.ts';
import { partsOf } from '../../../../core/model/sms-text.ts';
import { type Carriers, openCarriers } from '../../../../core/phones/sms/index.ts';
import type { Decision } from '../../../../core/rules/decision.ts';
import type { Action } from '../../../../core/rules/schema.ts';
import type { DeliveryFilter } from '../../../../core/store/deliveries.ts';
import { openSeal } from '../../../../core/store/seal.ts';
import { openSqliteStore } from '../../../../core/store/sqlite/sqlite-store.ts';
import type { Store } from '../../../../core/store/store.ts';
import { submission } from '../../../contract/store.ts';
import { fakeClock } from '../../../fake-clock.ts';
import { temporaryFolder } from '../../../start-core.ts';
import { testVoice } from './voices.ts';

export { hourMs } from './voices.ts';

/** A mobile in France: of no country with rules of its own. */
export const mobile = '+33612345678';
export const sender = '+33700000001';
export const account = 'AC1';

export interface SmsAbout extends Partial<Omit<AcceptedSms, 'after'>> {
  readonly after?: readonly Action[];
}

export interface CarrierWorld {
  readonly carriers: Carriers;
  readonly store: Store;
  readonly virtual: AdjustableClock;
  readonly events: readonly StoredEvent[];
  readonly problems: readonly string[];
  /** Makes the store refuse what is kept of SMS, until it is told otherwise. */
  refuse(refused: boolean): void;
  /** As a provider's door does: plans, stores with the message, says that it is settled. */
  send(about?: SmsAbout): Promise<NewSms>;
  planned(about?: SmsAbout): { readonly plan: SmsPlan; readonly sms: NewSms; store(): Promise<void> };
  /** Lets virtual time go on, from due time to due time. */
  advance(byMs: number): Promise<void>;
  row(sms: Pick<NewSms, 'id'>): Promise<SmsRow>;
  /** `accepted sent delivered`. */
  states(sms: Pick<NewSms, 'id'>): Promise<string>;
  /** Status and sub-status of its delivery. */
  delivery(sms: Pick<NewSms, 'deliveryId'>): Promise<readonly unknown[]>;
  /** What the app is told of these, with the time at which it is due, in milliseconds from now. */
  told(...ids: readonly string[]): Promise<readonly (readonly [tells: string, inMs: number])[]>;
  restart(): Promise<void>;
}

export const noFilter: DeliveryFilter = {
  ids: null,
  status: null,
  substatus: null,
  domain: null,
  provider: null,
  stream: null,
  project: null,
  messageId: null,
  carriage: null,
  recipient: null,
  recipientContains: null,
  waitsFor: null,
  tag: null,
};

export async function carrierWorld(voice: SmsVoice = testVoice()): Promise<CarrierWorld> {
  const folder = await temporaryFolder();
  const clock = fakeClock();
  const virtual = createVirtualClock(clock, null);
  virtual.setSpeed(0);
  const events: StoredEvent[] = [];
  const problems: string[] = [];
  let refused = false;
  let lastId = 0;
  const newId = (): string => `00000000-0000-7000-8002-${String(++lastId).padStart(12, '0')}`;
  const open = async (): Promise<{ readonly store: Store; readonly carriers: Carriers }> => {
    const bus = createBus((error) => {
      throw error;
    });
    bus.subscribe((published) => events.push(...published));
    const opened = await openSqliteStore({
      file: join(folder, 'sandpost.db'),
      durability: 'off',
      bus,
      clock,
      onNotice: () => undefined,
      onFatal: () => undefined,
    });
    const keepSms: Store['keepSms'] = (kept, nowMs) =>
      refused ? Promise.reject(new Error('refused')) : opened.keepSms(kept, nowMs);
    const store: Store = new Proxy(opened, {
      get: (target, name) => (name === 'keepSms' ? keepSms : Reflect.get(target, name)),
    });
    const carriers = await openCarriers({
      store,
      virtual,
      wallMs: () => clock.wallMs(),
      seal: openSeal(folder),
      newId,
      voices: new Map<SmsProvider, SmsVoice>([[voice.provider, voice]]),
      onProblem: (text) => problems.push(text),
    });
    bus.subscribe((published) => {
      for (const { type, data } of published)
        if (type === 'deleted' && Array.isArray(data.ids)) carriers.messagesDeleted(data.ids.map(String));
    });
    return { store, carriers };
  };
  let { store, carriers } = await open();
  onTestFinished(async () => {
    await carriers.idle();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  function planned(about: SmsAbout = {}) {
    const { farSide } = carriers;
    const { after = [], text = 'Hello', ...rest } = about;
    const accepted: AcceptedSms = {
      id: newId(),
      provider: voice.provider,
      account,
      sender,
      service: null,
      number: mobile,
      providerId: `SMout${lastId}`,
      batchId: null,
      messageId: newId(),
      deliveryId: newId(),
      own: false,
      text,
      media: [],
      ...partsOf(text),
      sendAtMs: null,
      validityMs: null,
      record: { callback: 'http://127.0.0.1:9/hook' },
      after: after.map(decided),
      ...rest,
    };
    const number = phoneNumber(accepted.number);
    if (number === null) throw new Error(`${accepted.number} is no number`);
    farSide.prepare(accepted.number, accepted.after);
    farSide.handset(number);
    const plan = farSide.plan([accepted]);
    const sms = plan.puts.find(({ id }) => id === accepted.id);
    if (sms === undefined) throw new Error('it was not planned');
    return {
      plan,
      sms,
      async store() {
        const nowMs = virtual.nowMs();
        await store.accept(
          submission({
            id: sms.messageId ?? newId(),
            channel: 'sms',
            envelopeTo: [sms.number],
            delivery: {
              nowMs,
              to:
                sms.deliveryId === null
                  ? []
                  : [
                      smsDeliveryOf(sms, {
                        id: sms.deliveryId,
                        host: 'api.example',
                        stream: 'transactional',
                        nowMs,
                      }),
                    ],
            },
            sms: plan,
          }),
        );
      },
    };
  }

  async function row({ id }: Pick<NewSms, 'id'>): Promise<SmsRow> {
    const found = await store.sms(id);
    if (found === null) throw new Error(`there is no SMS ${id}`);
    return found;
  }

  return {
    get carriers() {
      return carriers;
    },
    get store() {
      return store;
    },
    virtual,
    events,
    problems,
    refuse(value) {
      refused = value;
    },
    planned,
    async send(about) {
      const one = planned(about);
      await one.store();
      carriers.farSide.settled(one.plan);
      await carriers.idle();
      return one.sms;
    },
    async advance(byMs) {
      const targetMs = virtual.nowMs() + byMs;
      for (;;) {
        await carriers.idle();
        const acts = await store.dueActs(targetMs, 1_000);
        const [first] = acts;
        if (first === undefined) break;
        virtual.jumpTo(first.dueAtMs);
        await carriers.perform(first);
        await store.finishActs([first.seq]);
      }
      virtual.jumpTo(targetMs);
    },
    row,
    async states(sms) {
      return (await row(sms)).steps.map(({ state }) => state).join(' ');
    },
    async delivery({ deliveryId }) {
      const found = (await store.delivery(deliveryId ?? ''))?.delivery;
      return [found?.status, found?.substatus, found?.class];
    },
    async told(...ids) {
      const filter = { ...noFilter, about: ids };
      const { entries } = await store.deliveries(filter, { after: null, limit: 100 });
      const details = await Promise.all(entries.map(({ id }) => store.delivery(id)));
      return details
        .flatMap((one) => {
          const callback = callbackOf(one?.parameters ?? null);
          if (one === null || callback === null) return [];
          const dueMs = one.delivery.nextAttemptAtMs ?? virtual.nowMs();
          return [{ seq: one.delivery.seq, tells: callback.tells, inMs: dueMs - virtual.nowMs() }];
        })
        .sort((a, b) => a.inMs - b.inMs || a.seq - b.seq)
        .map(({ tells, inMs }): [string, number] => [tells, inMs]);
    },
    async restart() {
      await carriers.idle();
      await store.close();
      ({ store, carriers } = await open());
      await carriers.idle();
    },
  };
}

export function decided(action: Action): Decision {
  return { cause: { ruleId: 'r1', label: 'a rule' }, action, point: 'accepted', chance: 0.5 };
}
