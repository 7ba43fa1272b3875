/** What every store must do for holds: since when, what for, what was let go, and with what envelope. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { everyDelivery } from '../../core/delivery/queue.ts';
import type { NewDelivery } from '../../core/model/delivery.ts';
import type { DeliveryOrder, RecordedResult } from '../../core/store/deliveries.ts';
import type { Store } from '../../core/store/store.ts';
import { type OpenedStore, type OpenStore, submission } from './store.ts';
import { newDelivery } from './store-deliveries.ts';

const nowMs = Date.UTC(2026, 0, 31, 12);
const hourMs = 3_600_000;

const hold = (about: Partial<Extract<DeliveryOrder, { kind: 'hold' }>> = {}): DeliveryOrder => ({
  kind: 'hold',
  nowMs,
  reason: 'held',
  ...about,
});
const release = (about: Partial<Extract<DeliveryOrder, { kind: 'release' }>> = {}): DeliveryOrder => ({
  kind: 'release',
  nowMs,
  reason: 'released by hand',
  ...about,
});
const waiting = (seq: number, id: string, change: RecordedResult['change']): RecordedResult => ({
  seq,
  id,
  change,
  attempted: change.kind !== 'postpone',
  class: null,
  reason: 'it waits',
  code: null,
  enhanced: null,
  text: '',
  nextHop: null,
  suppress: null,
  softBounce: null,
});
const recorded = (atMs: number, result: RecordedResult) => ({
  nowMs: atMs,
  startedAtMs: atMs,
  startedAtWallMs: atMs,
  durationMs: 1,
  evidence: null,
  results: [result],
});

export function holdsContract(name: string, openStore: OpenStore): void {
  async function opened(): Promise<OpenedStore> {
    const one = await openStore();
    onTestFinished(() => one.store.close());
    return one;
  }
  const open = async (): Promise<Store> => (await opened()).store;
  async function accepted(store: Store, ...deliveries: readonly NewDelivery[]): Promise<string> {
    const message = submission({ delivery: { nowMs, to: deliveries } });
    await store.accept(message);
    return message.id;
  }
  const rowOf = async (store: Store, id: string) => (await store.delivery(id))?.delivery;

  describe(`${name}: holds`, () => {
    it('say since when and what for, and what let go is remembered for the next claim', async () => {
      const store = await open();
      const one = newDelivery();
      await accepted(store, one);
      await store.order(
        [one.id],
        hold({ nowMs: nowMs + 1, reason: 'by the rule “legal”', cause: 'r1', causeLabel: 'legal' }),
      );
      expect(await rowOf(store, one.id)).toMatchObject({
        substatus: 'held',
        waitsFor: 'hold',
        heldSinceMs: nowMs + 1,
        heldBy: { key: 'r1', label: 'legal' },
        releasedFrom: [],
      });
      await store.order([one.id], release({ nowMs: nowMs + hourMs }));
      expect(await rowOf(store, one.id)).toMatchObject({
        substatus: null,
        waitsFor: null,
        heldSinceMs: null,
        heldBy: null,
        releasedAtMs: nowMs + hourMs,
        releasedFrom: ['r1'],
      });
      const [claimed] = await store.claim({ nowMs: nowMs + hourMs, limit: 1 });
      expect(claimed?.delivery.releasedFrom).toEqual(['r1']);
    });

    it('remember all that let go across a restart, and a hold by hand after it', async () => {
      const one = await opened();
      const delivery = newDelivery();
      await accepted(one.store, delivery);
      for (const order of [
        hold({ cause: '+hold' }),
        hold({ cause: 'r1' }),
        hold({ cause: '+hold' }),
        hold(),
      ]) {
        await one.store.order([delivery.id], order);
        await one.store.order([delivery.id], release());
      }
      const store = await one.crash();
      const [claimed] = await store.claim({ nowMs, limit: 1 });
      expect(claimed?.delivery.releasedFrom).toEqual(['r1', '+hold']);
    });

    it('say since when a suspension or a limit lets them wait, until an attempt is made', async () => {
      const store = await open();
      const one = newDelivery();
      await accepted(store, one);
      const wait = async (atMs: number, waitsFor: 'suspension' | 'limit') => {
        const [row] = await store.claim({ nowMs: atMs, limit: 1 });
        await store.record(
          recorded(
            atMs,
            waiting(row?.delivery.seq ?? 0, one.id, {
              kind: 'postpone',
              dueAtMs: atMs + hourMs,
              waitsFor,
            }),
          ),
        );
      };
      await wait(nowMs, 'suspension');
      expect(await rowOf(store, one.id)).toMatchObject({ waitsFor: 'suspension', heldSinceMs: nowMs });
      await wait(nowMs + hourMs, 'limit');
      expect(await rowOf(store, one.id)).toMatchObject({ waitsFor: 'limit', heldSinceMs: nowMs });
      const atMs = nowMs + 2 * hourMs;
      const [row] = await store.claim({ nowMs: atMs, limit: 1 });
      await store.record(
        recorded(
          atMs,
          waiting(row?.delivery.seq ?? 0, one.id, { kind: 'defer', dueAtMs: nowMs + 3 * hourMs }),
        ),
      );
      expect(await rowOf(store, one.id)).toMatchObject({ waitsFor: 'retry', heldSinceMs: null });
    });

    it('keep the time that the sender asked for through a hold', async () => {
      const store = await open();
      const one = newDelivery({ dueAtMs: nowMs + hourMs });
      await accepted(store, one);
      expect(await rowOf(store, one.id)).toMatchObject({ waitsFor: 'schedule', heldSinceMs: null });
      await store.order([one.id], hold());
      await store.order([one.id], release());
      expect(await rowOf(store, one.id)).toMatchObject({
        waitsFor: 'schedule',
        nextAttemptAtMs: nowMs + hourMs,
      });
    });

    it('are released with another envelope, and keep what it was', async () => {
      const one = await opened();
      const { store } = one;
      const delivery = newDelivery({ substatus: 'held', dueAtMs: null });
      const other = newDelivery();
      await accepted(store, delivery, other);
      await store.order(
        [delivery.id],
        release({
          envelope: {
            from: 'other@example.net',
            to: { recipient: 'Bob@Example.org', domain: 'example.org', provider: 'gmail' },
          },
        }),
      );
      const claimed = await store.claim({ nowMs, limit: 2 });
      expect(claimed.map((row) => [row.delivery.recipient, row.message?.envelopeFrom])).toEqual([
        ['Bob@Example.org', 'other@example.net'],
        ['jane@example.com', 'from@example.com'],
      ]);
      expect(claimed[0]?.delivery).toMatchObject({
        domain: 'example.org',
        provider: 'gmail',
        mailFrom: 'other@example.net',
        editedFrom: { from: 'from@example.com', to: 'jane@example.com' },
      });
      const released = one.published.find((event) => event.type === 'released');
      expect(released?.data).toMatchObject({
        recipient: 'Bob@Example.org',
        heldSinceMs: nowMs,
        envelope: {
          from: { before: 'from@example.com', after: 'other@example.net' },
          to: { before: 'jane@example.com', after: 'Bob@Example.org' },
        },
      });
      await store.record(
        recorded(
          nowMs,
          waiting(claimed[0]?.delivery.seq ?? 0, delivery.id, { kind: 'defer', dueAtMs: nowMs + 1 }),
        ),
      );
      await store.order([delivery.id], hold());
      await store.order([delivery.id], release({ envelope: { from: '' } }));
      expect(await rowOf(store, delivery.id)).toMatchObject({
        mailFrom: '',
        recipient: 'Bob@Example.org',
        editedFrom: { from: 'from@example.com', to: 'jane@example.com' },
      });
    });

    it('are found by their ids, and released together where they are sent too', async () => {
      const store = await open();
      const queued = newDelivery({ substatus: 'held', dueAtMs: null });
      const sent = newDelivery({ status: 'sent', substatus: 'held', dueAtMs: null });
      const left = newDelivery({ substatus: 'held', dueAtMs: null });
      await accepted(store, queued, sent, left);
      const ids = [queued.id, sent.id];
      const step = await store.orderMatching({ ...everyDelivery, substatus: 'held', ids }, release(), {
        from: 0,
        upTo: 100,
      });
      expect(step).toEqual({ done: 2, last: null });
      expect(await rowOf(store, queued.id)).toMatchObject({ status: 'queued', substatus: null });
      expect(await rowOf(store, sent.id)).toMatchObject({ status: 'sent', substatus: null });
      expect(await rowOf(store, left.id)).toMatchObject({ substatus: 'held' });
    });

    it('stop what the far side has yet to do, and make it due when they are released', async () => {
      const store = await open();
      const one = newDelivery({ status: 'sent', substatus: 'held', dueAtMs: null });
      const two = newDelivery({ status: 'sent', dueAtMs: null });
      await accepted(store, one, two);
      await store.addActs([
        { dueAtMs: null, kind: 'place', data: { one: true }, awaitedBy: one.id },
        { dueAtMs: nowMs + 72 * hourMs, kind: 'place', data: { late: true }, awaitedBy: one.id },
        { dueAtMs: nowMs + hourMs, kind: 'place', data: { two: true }, awaitedBy: two.id },
      ]);
      expect(await store.nextDue()).toBe(nowMs + hourMs);
      await store.order([two.id], hold({ nowMs }));
      expect(await store.nextDue()).toBe(nowMs + 72 * hourMs);
      expect(await store.dueActs(nowMs + 2 * hourMs, 10)).toEqual([]);

      await store.order([one.id], release({ nowMs: nowMs + 1 }));
      expect((await store.dueActs(nowMs + 1, 10)).map(({ data }) => data)).toEqual([
        { one: true },
        { late: true },
      ]);
      await store.order([two.id], release({ nowMs: nowMs + 2 }));
      // Its own time had not come yet.
      expect((await store.dueActs(nowMs + hourMs, 10)).length).toBe(3);
      expect((await store.dueActs(nowMs + hourMs - 1, 10)).length).toBe(2);
      await store.order([two.id], { kind: 'bounce', nowMs, reason: 'no', class: null });
      expect((await store.dueActs(nowMs + hourMs, 10)).map(({ data }) => data)).not.toContainEqual({
        two: true,
      });
    });

    it('are bounced with a reply, told to the sender, and suppressed when that is asked for', async () => {
      const one = await opened();
      const { store } = one;
      const delivery = newDelivery({ substatus: 'held', dueAtMs: null });
      const messageId = await accepted(store, delivery);
      await store.order([delivery.id], {
        kind: 'bounce',
        nowMs,
        reason: '550 5.1.1 No such user',
        class: 'bad_address',
        reply: { code: 550, enhanced: '5.1.1', text: '550 5.1.1 No such user' },
        suppress: {
          suppression: {
            scope: 'all',
            reason: 'hard_bounce',
            source: 'api',
            class: 'bad_address',
            detail: '550 5.1.1 No such user',
            createdAtMs: nowMs,
            expiresAtMs: null,
          },
          runMax: null,
        },
      });
      expect(one.published.find((event) => event.type === 'undeliverable')?.data).toMatchObject({
        code: 550,
        enhanced: '5.1.1',
        providerStatus: '550 5.1.1 No such user',
        class: 'bad_address',
        byHand: true,
      });
      const [act] = await store.dueActs(nowMs, 10);
      expect(act).toMatchObject({
        kind: 'own_dsn',
        data: {
          about: 'failure',
          messageId,
          deliveries: [{ id: delivery.id, said: { text: '550 5.1.1 No such user', status: '5.1.1' } }],
        },
      });
      expect(await store.suppressed(['jane@example.com'], nowMs)).toMatchObject([
        { reason: 'hard_bounce', deliveryId: delivery.id, source: 'api' },
      ]);
    });

    it('owe a notice to each MAIL FROM apart', async () => {
      const store = await open();
      const edited = newDelivery({ substatus: 'held', dueAtMs: null });
      const plain = newDelivery({ recipient: 'bob@example.com' });
      await accepted(store, edited, plain);
      await store.order([edited.id], release({ envelope: { from: 'other@example.net' } }));
      await store.order([edited.id, plain.id], { kind: 'bounce', nowMs, reason: 'no', class: null });
      const acts = await store.dueActs(nowMs, 10);
      expect(acts.map(({ data }) => data.deliveries)).toEqual([[{ id: edited.id }], [{ id: plain.id }]]);
    });

    it('leave out of the queue what was taken and is never confirmed, and its message may go', async () => {
      const one = await opened();
      const { store } = one;
      const lost = newDelivery({
        status: 'sent',
        substatus: 'unconfirmed',
        dueAtMs: null,
        reason: 'by the rule “black hole”',
      });
      const messageId = await accepted(store, lost);
      expect(store.counts()).toMatchObject({ queued: 0, deferred: 0, held: 0 });
      expect(await rowOf(store, lost.id)).toMatchObject({
        status: 'sent',
        substatus: 'unconfirmed',
        waitsFor: null,
        heldSinceMs: null,
      });
      expect(await store.claim({ nowMs: nowMs + 100 * hourMs, limit: 10 })).toEqual([]);
      expect(one.published.find((event) => event.type === 'sent')?.data).toMatchObject({
        substatus: 'unconfirmed',
        reason: 'by the rule “black hole”',
        permanent: false,
      });
      await accepted(store, newDelivery({ status: 'sent', substatus: 'held', dueAtMs: null }));
      await accepted(store, newDelivery());
      await store.prune({ countMax: 1, ageMaxMs: null, bytesMax: null }, Date.now());
      expect(await store.message(messageId)).toBeNull();
      expect((await store.messages({ query: [], project: null }, { after: null, limit: 10 })).total).toBe(2);
    });

    it('let go with their message of what would wait for a release that cannot come', async () => {
      const store = await open();
      const one = newDelivery({ status: 'sent', substatus: 'held', dueAtMs: null });
      const messageId = await accepted(store, one);
      await store.addActs([{ dueAtMs: null, kind: 'place', data: {}, awaitedBy: one.id }]);
      await store.deleteMessages([messageId]);
      await store.order([one.id], release());
      expect(await store.dueActs(nowMs + hourMs, 10)).toEqual([]);
    });
  });
}
