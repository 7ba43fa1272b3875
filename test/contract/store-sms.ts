/** What every store must do for SMS: with the message in one transaction, their deliveries, callbacks, handsets and acts. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { smsDeliveryOf } from '../../core/delivery/sms-deliveries.ts';
import type { KeptSms } from '../../core/model/message.ts';
import type { DeliveryStep, NewSms, SmsState, SmsStep } from '../../core/model/sms.ts';
import { noSmscNote, smscKey } from '../../core/model/smsc.ts';
import type { SmsFilter, Store } from '../../core/store/store.ts';
import { type OpenedStore, type OpenStore, submission } from './store.ts';
import { newDelivery } from './store-deliveries.ts';

const nowMs = Date.UTC(2026, 0, 31, 12);
const hourMs = 3_600_000;
const page = { after: null, limit: 100 };
const nothing: KeptSms = { puts: [], changes: [], acts: [], callbacks: [] };

let lastId = 0;
const newId = (): string => `00000000-0000-7000-9001-${String(++lastId).padStart(12, '0')}`;

export function smsStep(state: SmsState, about: Partial<SmsStep> = {}): SmsStep {
  return { state, atMs: nowMs, cause: null, status: state, code: null, reason: null, ...about };
}

export function newSms(about: Partial<NewSms> = {}): NewSms {
  const id = newId();
  return {
    id,
    provider: 'twilio',
    account: 'AC1',
    providerId: `SM${id}`,
    batchId: null,
    direction: 'mt',
    number: '+33612345678',
    sender: '+33700000001',
    service: null,
    messageId: newId(),
    deliveryId: newId(),
    own: false,
    text: 'Hello',
    media: [],
    encoding: 'GSM-7',
    parts: 1,
    price: { amount: '0.0079', currency: 'USD' },
    receivedAtMs: nowMs,
    expiresAtMs: nowMs + 72 * hourMs,
    steps: [smsStep('accepted'), smsStep('sent'), smsStep('delivered')],
    record: { to: 'x', n: [1, 'ü'] },
    ...about,
  };
}

const held = (about: Partial<NewSms> = {}): NewSms =>
  newSms({
    steps: [smsStep('accepted'), smsStep('sent'), smsStep('held', { reason: 'it is off' })],
    ...about,
  });

const step = (kind: DeliveryStep['kind'], about: Partial<DeliveryStep> = {}): DeliveryStep => ({
  kind,
  class: null,
  reason: null,
  providerStatus: 'x',
  code: null,
  ...about,
});

export function smsContract(name: string, openStore: OpenStore): void {
  async function opened(): Promise<OpenedStore> {
    const one = await openStore();
    onTestFinished(() => one.store.close());
    return one;
  }
  /** As a provider's door accepts it. */
  async function accepted(store: Store, sms: NewSms, kept: Partial<KeptSms> = {}): Promise<NewSms> {
    const facts = {
      id: sms.deliveryId ?? newId(),
      host: 'api.example',
      stream: 'transactional',
      nowMs,
    } as const;
    await store.accept(
      submission({
        id: sms.messageId ?? newId(),
        channel: 'sms',
        delivery: { nowMs, to: [smsDeliveryOf(sms, facts)] },
        sms: { ...nothing, puts: [sms], ...kept },
      }),
    );
    return sms;
  }
  const standing = async (store: Store, { deliveryId }: NewSms) => {
    const delivery = (await store.delivery(deliveryId ?? ''))?.delivery;
    return [delivery?.status, delivery?.substatus, delivery?.class, delivery?.reason];
  };

  describe(`${name}: SMS`, () => {
    it('come with their message, as they are, and survive a crash', async () => {
      const one = await opened();
      const media = [{ url: 'https://example/a.png', contentType: 'image/png' }];
      const sms = await accepted(one.store, newSms({ media, service: 'MG1', batchId: 'b1', price: null }));
      const store = await one.crash();
      expect(await store.sms(sms.id)).toEqual({ ...sms, seq: 1 });
      expect(await store.smsOf('twilio', sms.providerId)).toEqual({ ...sms, seq: 1 });
      expect(await store.smsOf('vonage', sms.providerId)).toBeNull();
      expect(await store.sms('nobody')).toBeNull();
      expect(await standing(store, sms)).toEqual(['delivered', null, null, null]);
    });

    it('are found by all that providers list them by, newest first, in pages', async () => {
      const { store } = await opened();
      const one = await accepted(store, newSms());
      const two = await accepted(store, held({ number: '+33611111111', batchId: 'b1' }));
      const three = await accepted(store, newSms({ provider: 'vonage', account: 'key', sender: 'Shop' }));
      const four = newSms({
        direction: 'mo',
        messageId: null,
        deliveryId: null,
        receivedAtMs: nowMs + hourMs,
        steps: [smsStep('received')],
      });
      await store.keepSms({ ...nothing, puts: [four] }, nowMs);
      const ids = async (filter: SmsFilter) => (await store.smses(filter, page)).entries.map(({ id }) => id);
      expect(await ids({})).toEqual([four.id, three.id, two.id, one.id]);
      expect(await ids({ number: '+33612345678' })).toEqual([four.id, three.id, one.id]);
      expect(await ids({ number: '+33612345678', sender: '+33700000001' })).toEqual([four.id, one.id]);
      expect(await ids({ provider: 'vonage', account: 'key' })).toEqual([three.id]);
      expect(await ids({ batchId: 'b1' })).toEqual([two.id]);
      expect(await ids({ messageId: one.messageId ?? '' })).toEqual([one.id]);
      expect(await ids({ deliveryId: two.deliveryId ?? '' })).toEqual([two.id]);
      expect(await ids({ direction: 'mo' })).toEqual([four.id]);
      expect(await ids({ waiting: true })).toEqual([two.id]);
      expect(await ids({ fromMs: nowMs + 1 })).toEqual([four.id]);
      expect(await ids({ untilMs: nowMs + 1, provider: 'twilio' })).toEqual([two.id, one.id]);
      expect(await ids({ ids: [one.id, three.id] })).toEqual([three.id, one.id]);
      const first = await store.smses({}, { after: null, limit: 3 });
      expect([first.total, first.entries.length]).toEqual([4, 3]);
      const next = await store.smses({}, { after: first.next, limit: 3 });
      expect([next.next, next.entries.map(({ id }) => id)]).toEqual([null, [one.id]]);
    });

    it('make threads, the newest first', async () => {
      const { store } = await opened();
      await accepted(store, newSms());
      await accepted(store, newSms({ sender: 'Shop' }));
      const last = await accepted(store, newSms({ text: 'last' }));
      await accepted(store, newSms({ number: '+33611111111' }));
      const threads = await store.smsThreads('+33612345678', 10);
      expect(threads.map(({ sender, messages }) => [sender, messages])).toEqual([
        ['+33700000001', 2],
        ['Shop', 1],
      ]);
      expect(threads[0]?.last.id).toBe(last.id);
      expect((await store.smsThreads(null, 10)).map(({ number }) => number)).toEqual([
        '+33611111111',
        '+33612345678',
        '+33612345678',
      ]);
      expect(await store.smsThreads(null, 1)).toHaveLength(1);
    });

    it('have steps added, and lead their deliveries to where they end, once', async () => {
      const { store } = await opened();
      const ends = [
        ['deliver', {}, ['delivered', null, null, null]],
        ['fail', { class: 'expired', reason: 'why' }, ['undeliverable', null, 'expired', 'why']],
        ['unconfirm', { reason: 'why' }, ['sent', 'unconfirmed', null, 'why']],
        ['defer', { reason: 'why' }, ['sent', 'deferred', null, 'why']],
      ] as const;
      for (const [kind, about, end] of ends) {
        const sms = await accepted(store, held());
        expect(await standing(store, sms)).toEqual(['sent', 'held', null, 'it is off']);
        const change = { id: sms.id, nowMs: nowMs + 1, steps: [smsStep('delivered', { atMs: nowMs + 1 })] };
        await store.keepSms({ ...nothing, changes: [{ ...change, delivery: step(kind, about) }] }, nowMs + 1);
        expect(await standing(store, sms)).toEqual(end);
        expect((await store.sms(sms.id))?.steps).toEqual([...sms.steps, ...change.steps]);
        await store.keepSms({ ...nothing, changes: [{ ...change, delivery: step('fail') }] }, nowMs + 2);
        if (kind === 'deliver' || kind === 'fail') expect(await standing(store, sms)).toEqual(end);
      }
      // One that is not there is passed over.
      await store.keepSms({ ...nothing, changes: [{ id: 'nobody', nowMs }] }, nowMs);
    });

    it('of their time later wait in the queue’s sight, and can be called back', async () => {
      const { store } = await opened();
      const sms = await accepted(store, newSms({ steps: [smsStep('scheduled')] }));
      expect((await standing(store, sms))[0]).toBe('queued');
      const steps = [smsStep('canceled')];
      await store.keepSms(
        { ...nothing, changes: [{ id: sms.id, nowMs, steps, delivery: step('cancel') }] },
        nowMs,
      );
      expect((await standing(store, sms))[0]).toBe('canceled');
    });

    it('are redacted, and what is noted with them is merged', async () => {
      const { store } = await opened();
      const sms = await accepted(store, newSms({ media: [{ url: 'https://x', contentType: null }] }));
      const change = { id: sms.id, nowMs, text: '', media: [], expiresAtMs: nowMs + 5, record: { more: 1 } };
      await store.keepSms({ ...nothing, changes: [change] }, nowMs);
      expect(await store.sms(sms.id)).toMatchObject({
        text: '',
        media: [],
        expiresAtMs: nowMs + 5,
        steps: sms.steps,
        record: { ...sms.record, more: 1 },
      });
    });

    it('bring callbacks and acts along, in the transaction that stores them', async () => {
      const one = await opened();
      const callback = newDelivery({
        recipient: 'http://127.0.0.1:9/hook',
        domain: '127.0.0.1:9',
        about: 'm1',
        parameters: { callback: '{}' },
        dueAtMs: nowMs,
      });
      await accepted(one.store, newSms(), {
        callbacks: [callback],
        acts: [{ dueAtMs: nowMs + 5, kind: 'sms_expiry', data: { smsId: 'x' } }],
      });
      const store = await one.crash();
      const filter = { ...anyDelivery, about: ['m1'] };
      const { entries } = await store.deliveries(filter, page);
      expect(entries).toMatchObject([
        { id: callback.id, carriage: 'callback', status: 'queued', about: 'm1' },
      ]);
      expect(await store.dueActs(nowMs + 5, 10)).toMatchObject([
        { kind: 'sms_expiry', data: { smsId: 'x' } },
      ]);
      const claimed = await store.claim({ nowMs, limit: 10, calls: { perHostMax: 5, underWay: {} } });
      expect(claimed.map(({ delivery }) => delivery.id)).toEqual([callback.id]);
    });

    it('that a rule holds go on when their delivery is released', async () => {
      const { store } = await opened();
      const note = { ...noSmscNote, waits: 'release', heldBy: { key: 'r1', label: 'a rule' } };
      const sms = held({ record: { [smscKey]: note } });
      const act = { dueAtMs: null, kind: 'sms_release', data: { smsId: sms.id }, awaitedBy: sms.deliveryId };
      await accepted(store, sms, { acts: [act] });
      expect(await store.dueActs(nowMs + 100 * hourMs, 10)).toEqual([]);
      const ids = [sms.deliveryId ?? ''];
      expect(await store.order(ids, { kind: 'release', nowMs: nowMs + 1, reason: 'x' })).toEqual(ids);
      expect(await store.dueActs(nowMs + 1, 10)).toMatchObject([{ kind: 'sms_release' }]);
    });

    it('come with what becomes of handsets and senders, which is news', async () => {
      const one = await opened();
      const document = { kind: 'handset', key: '+33612345678', news: { online: false }, nowMs };
      await one.store.keepSms({ ...nothing, documents: [{ ...document, value: { online: false } }] }, nowMs);
      const store = await one.crash();
      expect(await store.documents('handset')).toEqual([{ key: '+33612345678', value: { online: false } }]);
      expect(one.published.at(-1)).toMatchObject({
        type: 'handset',
        virtualAtMs: nowMs,
        data: { online: false },
      });
      await store.keepSms({ ...nothing, documents: [{ ...document, value: null }] }, nowMs);
      expect(await store.documents('handset')).toEqual([]);
    });

    it('are kept while they wait, whatever the limits say, and go with their message', async () => {
      const { store } = await opened();
      const waits = await accepted(store, held());
      const came = await accepted(store, newSms());
      const none = { countMax: 0, ageMaxMs: null, bytesMax: null };
      while (await store.prune(none, nowMs + hourMs));
      expect([(await store.sms(waits.id))?.id, await store.sms(came.id)]).toEqual([waits.id, null]);
      const change = { id: waits.id, nowMs, steps: [smsStep('expired')], delivery: step('fail') };
      await store.keepSms({ ...nothing, changes: [change] }, nowMs);
      while (await store.prune(none, nowMs + hourMs));
      expect(await store.sms(waits.id)).toBeNull();
    });

    it('tell of each change, and of answers as such', async () => {
      const one = await opened();
      const sms = await accepted(one.store, held());
      const change = {
        id: sms.id,
        nowMs: nowMs + 1,
        steps: [smsStep('delivered')],
        delivery: step('deliver'),
      };
      await one.store.keepSms({ ...nothing, changes: [change] }, nowMs + 1);
      expect(one.published.filter(({ type }) => type === 'handset')).toMatchObject([
        {
          messageId: sms.messageId,
          deliveryId: sms.deliveryId,
          virtualAtMs: nowMs + 1,
          data: { number: sms.number, smsId: sms.id, state: 'delivered' },
        },
      ]);
      expect(one.published.some(({ type }) => type === 'delivered')).toBe(true);
      const answer = newSms({
        direction: 'mo',
        messageId: null,
        deliveryId: null,
        steps: [smsStep('received')],
      });
      await one.store.keepSms({ ...nothing, puts: [answer] }, nowMs);
      expect(one.published.at(-1)).toMatchObject({ type: 'inbound', data: { smsId: answer.id } });
    });
  });
}

const anyDelivery = {
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
} as const;
