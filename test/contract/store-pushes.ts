/** What every store must do for pushes on devices: with the message in one transaction, their deliveries, their phones. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { deliveryOf } from '../../core/delivery/push-deliveries.ts';
import type { NewPush, PushChange, PushState } from '../../core/model/phone.ts';
import { noContent } from '../../core/model/push-content.ts';
import type { PushFilter, Store } from '../../core/store/store.ts';
import { type OpenedStore, type OpenStore, submission } from './store.ts';
import { newDelivery } from './store-deliveries.ts';

const nowMs = Date.UTC(2026, 0, 31, 12);
const hourMs = 3_600_000;
const all: PushFilter = { phoneId: null, app: null, state: null, messageId: null, deliveryId: null };
const page = { after: null, limit: 100 };

let lastId = 0;
const newId = (): string => `00000000-0000-7000-9000-${String(++lastId).padStart(12, '0')}`;

export function newPush(about: Partial<NewPush> = {}): NewPush {
  return {
    id: newId(),
    phoneId: 'phone-1',
    app: 'com.example.shop',
    provider: 'apns',
    messageId: newId(),
    deliveryId: newId(),
    state: 'delivered',
    shown: true,
    reason: null,
    collapseKey: null,
    priority: '10',
    receivedAtMs: nowMs,
    expiresAtMs: null,
    deliveredAtMs: about.state === undefined || about.state === 'delivered' ? nowMs : null,
    content: { ...noContent, title: 'Hello', silent: false },
    ...about,
  };
}

export function pushesContract(name: string, openStore: OpenStore): void {
  async function opened(): Promise<OpenedStore> {
    const one = await openStore();
    onTestFinished(() => one.store.close());
    return one;
  }
  /** As a provider's door accepts it. */
  async function accepted(
    store: Store,
    push: NewPush,
    changes: readonly PushChange[] = [],
  ): Promise<NewPush> {
    const facts = { recipient: 'token', host: 'push.example', stream: 'transactional', nowMs } as const;
    const delivery = deliveryOf(push, { ...facts, id: push.deliveryId ?? newId() });
    await store.accept(
      submission({
        id: push.messageId,
        channel: 'push',
        delivery: { nowMs, to: [delivery] },
        pushes: { puts: [push], changes, acts: [] },
      }),
    );
    return push;
  }
  const stored = (about: Partial<NewPush> = {}): NewPush =>
    newPush({
      state: 'stored',
      shown: false,
      expiresAtMs: nowMs + hourMs,
      reason: 'the device is off',
      ...about,
    });
  const standing = async (store: Store, { deliveryId }: NewPush) => {
    const delivery = (await store.delivery(deliveryId ?? ''))?.delivery;
    return [delivery?.status, delivery?.substatus, delivery?.class, delivery?.reason];
  };

  describe(`${name}: pushes`, () => {
    it('come with their message, as they are, and survive a crash', async () => {
      const one = await opened();
      const push = await accepted(one.store, newPush({ content: { ...noContent, data: { n: [1, 'ü'] } } }));
      const store = await one.crash();
      expect(await store.push(push.id)).toEqual({
        ...push,
        seq: 1,
        flags: { dismissed: false, opened: false },
      });
      expect(await standing(store, push)).toEqual(['delivered', null, null, null]);
      expect(await store.push('nobody')).toBeNull();
    });

    it('are found by phone, app, state, message, delivery and what is shown, newest first', async () => {
      const { store } = await opened();
      const one = await accepted(store, newPush());
      const two = await accepted(store, stored({ app: 'com.example.news' }));
      const three = await accepted(store, newPush({ phoneId: 'phone-2' }));
      const four = await accepted(store, newPush({ shown: false }));
      await store.changePush({ id: three.id, nowMs, flags: { dismissed: true } });
      const ids = async (filter: Partial<PushFilter>) =>
        (await store.pushes({ ...all, ...filter }, page)).entries.map((push) => push.id);
      expect(await ids({})).toEqual([four.id, three.id, two.id, one.id]);
      expect(await ids({ phoneId: 'phone-1' })).toEqual([four.id, two.id, one.id]);
      expect(await ids({ phoneId: 'phone-1', app: 'com.example.news' })).toEqual([two.id]);
      expect(await ids({ state: 'stored' })).toEqual([two.id]);
      expect(await ids({ messageId: three.messageId })).toEqual([three.id]);
      expect(await ids({ deliveryId: four.deliveryId })).toEqual([four.id]);
      expect(await ids({ shown: true })).toEqual([one.id]);
      const first = await store.pushes(all, { after: null, limit: 3 });
      expect([first.total, first.entries.length]).toEqual([4, 3]);
      const next = await store.pushes(all, { after: first.next, limit: 3 });
      expect([next.next, next.entries.map((push) => push.id)]).toEqual([null, [one.id]]);
    });

    it('lead their deliveries to where they end, once', async () => {
      const { store } = await opened();
      const ends: readonly (readonly [PushState, readonly unknown[]])[] = [
        ['delivered', ['delivered', null, null, 'why']],
        ['expired', ['undeliverable', null, 'expired', 'why']],
        ['collapsed', ['undeliverable', null, 'collapsed', 'why']],
        ['discarded', ['undeliverable', null, 'expired', 'why']],
        ['lost', ['sent', 'unconfirmed', null, 'why']],
      ];
      for (const [state, end] of ends) {
        const push = await accepted(store, stored());
        expect(await standing(store, push)).toEqual(['sent', 'held', null, 'the device is off']);
        expect(await store.changePush({ id: push.id, nowMs: nowMs + 1, state, reason: 'why' })).toBe(true);
        expect(await standing(store, push)).toEqual(end);
        await store.changePush({ id: push.id, nowMs: nowMs + 2, state, reason: 'again' });
        expect((await standing(store, push)).slice(0, 3)).toEqual(end.slice(0, 3));
        expect((await store.push(push.id))?.deliveredAtMs).toBe(state === 'delivered' ? nowMs + 1 : null);
      }
      expect(await store.changePush({ id: 'nobody', nowMs, state: 'lost' })).toBe(false);
    });

    it('have the time at which they came, not the one at which they were to come', async () => {
      const { store } = await opened();
      const late = await accepted(store, stored({ deliveredAtMs: nowMs + hourMs }));
      expect((await store.push(late.id))?.deliveredAtMs).toBe(nowMs + hourMs);
      await store.changePush({ id: late.id, nowMs, state: 'stored', deliveredAtMs: null });
      expect((await store.push(late.id))?.deliveredAtMs).toBeNull();
      await store.changePush({ id: late.id, nowMs: nowMs + 2 * hourMs, state: 'delivered' });
      expect((await store.push(late.id))?.deliveredAtMs).toBe(nowMs + 2 * hourMs);
    });

    it('take the place of earlier ones in the transaction that stores them, and acts come with them', async () => {
      const { store } = await opened();
      const first = await accepted(store, stored());
      const next = stored();
      await accepted(store, next, [{ id: first.id, nowMs, state: 'collapsed', reason: 'a newer one' }]);
      expect(await standing(store, first)).toEqual(['undeliverable', null, 'collapsed', 'a newer one']);
      await store.keepPushes({
        puts: [],
        changes: [{ id: next.id, nowMs, state: 'delivered', shown: true, reason: null }],
        acts: [{ dueAtMs: nowMs + 5, kind: 'push_expiry', data: { pushId: next.id } }],
      });
      expect(await standing(store, next)).toEqual(['delivered', null, null, null]);
      expect(await store.dueActs(nowMs + 5, 10)).toMatchObject([{ kind: 'push_expiry' }]);
    });

    it('of our own sends settle their deliveries with the attempt, or after it', async () => {
      const { store } = await opened();
      const delivery = newDelivery();
      const message = submission({ channel: 'push', delivery: { nowMs, to: [delivery] } });
      await store.accept(message);
      const push = stored({ messageId: message.id, deliveryId: delivery.id });
      await store.keepPushes({ puts: [push], changes: [], acts: [] });
      expect((await standing(store, push))[0]).toBe('queued');
      expect((await store.push(push.id))?.messageId).toBe(message.id);
    });

    it('are kept while they wait, whatever the limits say, and go with their message', async () => {
      const { store } = await opened();
      const waits = await accepted(store, stored());
      const came = await accepted(store, newPush());
      const none = { countMax: 0, ageMaxMs: null, bytesMax: null };
      while (await store.prune(none, nowMs + hourMs));
      expect([(await store.push(waits.id))?.state, await store.push(came.id)]).toEqual(['stored', null]);
      await store.changePush({ id: waits.id, nowMs, state: 'expired' });
      while (await store.prune(none, nowMs + hourMs));
      expect(await store.push(waits.id)).toBeNull();
    });

    it('come with what becomes of phones, which is news', async () => {
      const one = await opened();
      const document = { phone: { id: 'phone-1', name: 'x' } };
      const kept = { puts: [], changes: [], acts: [] };
      const news = { phoneId: 'phone-1', news: { online: false }, nowMs };
      await one.store.keepPushes({ ...kept, phones: [{ ...news, document }] });
      const store = await one.crash();
      expect(await store.documents('phone')).toEqual([{ key: 'phone-1', value: document }]);
      expect(one.published.at(-1)).toMatchObject({
        type: 'phone',
        virtualAtMs: nowMs,
        data: { phoneId: 'phone-1', online: false },
      });
      await store.keepPushes({ ...kept, phones: [{ ...news, document: null, deliveryId: 'd' }] });
      expect(await store.documents('phone')).toEqual([]);
      expect(one.published.at(-1)).toMatchObject({ type: 'phone', deliveryId: 'd' });
    });

    it('tell of each change, by phone and message', async () => {
      const one = await opened();
      const push = await accepted(one.store, stored());
      await one.store.changePush({ id: push.id, nowMs: nowMs + 1, state: 'delivered', shown: true });
      expect(one.published.filter((event) => event.type === 'phone')).toMatchObject([
        {
          messageId: push.messageId,
          deliveryId: push.deliveryId,
          virtualAtMs: nowMs + 1,
          data: { phoneId: 'phone-1', pushId: push.id, state: 'delivered' },
        },
      ]);
      expect(one.published.some((event) => event.type === 'delivered')).toBe(true);
    });
  });
}
