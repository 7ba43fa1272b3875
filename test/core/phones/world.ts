/** Phones on a real store and a clock that stands still until it is told to go on. */

import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createBus } from '../../../core/bus.ts';
import { type AdjustableClock, createVirtualClock } from '../../../core/clock.ts';
import { deliveryOf } from '../../../core/delivery/push-deliveries.ts';
import type { AcceptedPush, Addressee, PushPlan } from '../../../core/delivery/push-far-side.ts';
import type { NewDelivery } from '../../../core/model/delivery.ts';
import type { StoredEvent } from '../../../core/model/message.ts';
import type { Phone, PhoneApp, Platform, PushRow } from '../../../core/model/phone.ts';
import type { PushContent } from '../../../core/model/push.ts';
import { noContent } from '../../../core/model/push-content.ts';
import { openPhones, type Phones } from '../../../core/phones/index.ts';
import type { Decision } from '../../../core/rules/decision.ts';
import type { Action } from '../../../core/rules/schema.ts';
import { openSeal } from '../../../core/store/seal.ts';
import { openSqliteStore } from '../../../core/store/sqlite/sqlite-store.ts';
import type { Store } from '../../../core/store/store.ts';
import { submission } from '../../contract/store.ts';
import { fakeClock } from '../../fake-clock.ts';
import { temporaryFolder } from '../../start-core.ts';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

export interface Sent {
  readonly id: string;
  readonly messageId: string;
  readonly deliveryId: string;
}

export interface PhoneWorld {
  readonly phones: Phones;
  readonly store: Store;
  readonly virtual: AdjustableClock;
  readonly events: readonly StoredEvent[];
  readonly problems: readonly string[];
  /** Makes the store refuse what is kept of pushes, until it is told otherwise. */
  refuse(refused: boolean): void;
  /** A phone with an app on it. */
  phone(platform: Platform, app?: string): Promise<{ readonly phone: Phone; readonly entry: PhoneApp }>;
  /** As a provider's door does: plans, stores with the message, says that it is settled. */
  push(to: Pick<PhoneApp, 'provider' | 'token'>, about?: PushAbout): Promise<Sent>;
  planned(to: Pick<PhoneApp, 'provider' | 'token'>, about?: PushAbout): Planned;
  /** Lets virtual time go on, from due time to due time. */
  advance(byMs: number): Promise<void>;
  rows(phoneId: string): Promise<readonly PushRow[]>;
  /** `title: state`, in the order of their coming. */
  states(phoneId: string): Promise<readonly string[]>;
  /** Titles of what is on the screen. */
  shown(phoneId: string): Promise<readonly string[]>;
  /** Closes everything and opens it anew. */
  restart(): Promise<void>;
}

export interface PushAbout extends Partial<Omit<AcceptedPush, 'content' | 'after'>> {
  readonly title?: string;
  readonly content?: Partial<PushContent>;
  readonly after?: readonly Action[];
}

export interface Planned {
  readonly plan: PushPlan;
  readonly sent: Sent;
  /** Stores it with its message. */
  store(): Promise<void>;
}

export async function phoneWorld(): Promise<PhoneWorld> {
  const folder = await temporaryFolder();
  const clock = fakeClock();
  const virtual = createVirtualClock(clock, null);
  virtual.setSpeed(0);
  const seal = openSeal(folder);
  const events: StoredEvent[] = [];
  const problems: string[] = [];
  let refused = false;
  let lastId = 0;
  const newId = (): string => `00000000-0000-7000-8001-${String(++lastId).padStart(12, '0')}`;
  const open = async (): Promise<{ readonly store: Store; readonly phones: Phones }> => {
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
    const keepPushes: Store['keepPushes'] = (pushes) =>
      refused ? Promise.reject(new Error('refused')) : opened.keepPushes(pushes);
    const store: Store = new Proxy(opened, {
      get: (target, name) => (name === 'keepPushes' ? keepPushes : Reflect.get(target, name)),
    });
    const phones = await openPhones({
      store,
      virtual,
      seal,
      newId,
      random: (count) => randomBytes(count),
      endpointOf: (id) => `http://127.0.0.1:8026/webpush/v1/${id}`,
      onProblem: (text) => problems.push(text),
    });
    bus.subscribe((published) => {
      for (const { type, data } of published)
        if (type === 'deleted' && Array.isArray(data.ids)) phones.messagesDeleted(data.ids.map(String));
    });
    return { store, phones };
  };
  let { store, phones } = await open();
  onTestFinished(async () => {
    await phones.idle();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  function planned(to: Pick<PhoneApp, 'provider' | 'token'>, about: PushAbout = {}): Planned {
    const { farSide } = phones;
    const addressee: Addressee = { provider: to.provider, token: to.token, app: null, environment: null };
    const located = farSide.locate(addressee);
    if (located.kind !== 'found') throw new Error(`not found: ${located.kind}`);
    const { title = 'x', content, after = [], ...rest } = about;
    const sent: Sent = { id: newId(), messageId: newId(), deliveryId: newId() };
    const plan = farSide.plan([
      {
        id: sent.id,
        device: located.device,
        messageId: sent.messageId,
        deliveryId: sent.deliveryId,
        content: { ...noContent, title, silent: false, ...content },
        collapseKey: null,
        priority: null,
        expiresAtMs: null,
        nowOrNever: false,
        after: after.map(decided),
        ...rest,
      },
    ]);
    const [put = null] = plan.puts;
    return {
      plan,
      sent,
      async store() {
        const nowMs = virtual.nowMs();
        const facts = {
          id: sent.deliveryId,
          recipient: to.token,
          host: 'push.example',
          stream: 'transactional',
          nowMs,
        } as const;
        await store.accept(
          submission({
            id: sent.messageId,
            channel: 'push',
            envelopeTo: [to.token],
            delivery: { nowMs, to: [withHold(deliveryOf(put, facts), about.after ?? [])] },
            pushes: plan,
          }),
        );
      },
    };
  }

  async function allRows(phoneId: string): Promise<readonly PushRow[]> {
    const filter = { phoneId, app: null, state: null, messageId: null, deliveryId: null };
    return [...(await store.pushes(filter, { after: null, limit: 10_000 })).entries].reverse();
  }

  return {
    get phones() {
      return phones;
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
    async phone(platform, app = 'com.example.shop') {
      const { id } = await phones.create({ name: platform, user: null, platform });
      const entry = await phones.register(id, { app });
      const phone = phones.get(id);
      if (phone === null) throw new Error('it was not made');
      return { phone, entry };
    },
    planned,
    async push(to, about) {
      const one = planned(to, about);
      await one.store();
      phones.farSide.settled(one.plan);
      await phones.idle();
      return one.sent;
    },
    async advance(byMs) {
      const targetMs = virtual.nowMs() + byMs;
      for (;;) {
        await phones.idle();
        const next = await store.nextDue();
        if (next === null || next > targetMs) break;
        virtual.jumpTo(next);
        for (const act of await store.dueActs(next, 1_000)) {
          await phones.perform(act);
          await store.finishActs([act.seq]);
        }
      }
      virtual.jumpTo(targetMs);
    },
    rows: allRows,
    async states(phoneId) {
      return (await allRows(phoneId)).map(({ content, state }) => `${content.title ?? '-'}: ${state}`);
    },
    async shown(phoneId) {
      const filter = {
        phoneId,
        app: null,
        state: null,
        messageId: null,
        deliveryId: null,
        shown: true,
      };
      const { entries } = await store.pushes(filter, { after: null, limit: 10_000 });
      return entries.map(({ content }) => content.title ?? '-').reverse();
    },
    async restart() {
      await phones.idle();
      await store.close();
      ({ store, phones } = await open());
      await phones.idle();
    },
  };
}

/** As the doors do it: what a rule holds is let go by a release. */
function withHold(delivery: NewDelivery, after: readonly Action[]): NewDelivery {
  return after.some((action) => action.do === 'hold')
    ? { ...delivery, heldBy: { key: 'r1', label: 'a rule' } }
    : delivery;
}

export function decided(action: Action): Decision {
  return { cause: { ruleId: 'r1', label: 'a rule' }, action, point: 'accepted', chance: 0.5 };
}
