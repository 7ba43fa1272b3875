/** What every store must do for the queue and the far side. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { everyDelivery } from '../../core/delivery/queue.ts';
import type { Authentication } from '../../core/model/authentication.ts';
import type { NewDelivery } from '../../core/model/delivery.ts';
import type { NewCopy } from '../../core/model/mailbox-copy.ts';
import type { Retention } from '../../core/model/message.ts';
import type { NewSuppression } from '../../core/model/suppression.ts';
import type { RecordedResult } from '../../core/store/deliveries.ts';
import { parseSearch } from '../../core/store/search-query.ts';
import type { Store } from '../../core/store/store.ts';
import { type OpenedStore, type OpenStore, submission } from './store.ts';

const nowMs = Date.UTC(2026, 0, 31, 12);
const hourMs = 3_600_000;
const page = { after: null, limit: 100 } as const;

let last = 0;
export const newDelivery = (about: Partial<NewDelivery> = {}): NewDelivery => ({
  id: `30000000-0000-7000-8000-${String(++last).padStart(12, '0')}`,
  recipient: 'jane@example.com',
  domain: 'example.com',
  provider: 'default',
  stream: 'transactional',
  parameters: null,
  dueAtMs: nowMs,
  expiresAtMs: nowMs + 48 * hourMs,
  status: 'queued',
  substatus: null,
  reason: null,
  class: null,
  retryOf: null,
  ...about,
});

const authentication: Authentication = {
  client: {
    ip: '192.0.2.1',
    helo: 'mta.example.com',
    ptr: null,
    ptrConfirmed: false,
    heloMatches: true,
    tls: false,
  },
  spf: { result: 'pass', domain: 'example.com', record: null, why: '', lookups: 1 },
  dkim: [],
  dmarc: {
    result: 'none',
    domain: null,
    policy: null,
    record: null,
    spfAligned: false,
    dkimAligned: false,
    disposition: 'none',
    why: '',
  },
  arc: { result: 'none', why: '' },
  header: 'mx; spf=pass',
  lookups: [],
};

const copyOf = (delivery: NewDelivery | null, messageId: string, about: Partial<NewCopy> = {}): NewCopy => ({
  id: `40000000-0000-7000-8000-${String(++last).padStart(12, '0')}`,
  provider: 'default',
  mailbox: delivery?.recipient ?? 'jane@example.com',
  deliveryId: delivery?.id ?? null,
  messageId,
  receivedAtMs: nowMs,
  placement: 'inbox',
  envelopeFrom: 'app@example.org',
  authentication,
  filter: { score: 0, spamAt: 5, reasons: [] },
  bytes: Buffer.from('Received: x\r\nSubject: x\r\n\r\nbody\r\n'),
  headOnly: false,
  ...about,
});

const sentResult = (seq: number, id: string): RecordedResult => ({
  seq,
  id,
  change: { kind: 'send' },
  attempted: true,
  class: null,
  reason: null,
  code: 250,
  enhanced: '2.0.0',
  text: '250 2.0.0 OK',
  nextHop: 'mx1.default.sandpost.example',
  suppress: null,
  softBounce: null,
});

const recorded = (...results: readonly RecordedResult[]) => ({
  nowMs,
  startedAtMs: nowMs,
  startedAtWallMs: nowMs,
  durationMs: 1.5,
  evidence: null,
  results,
});

const suppression = (about: Partial<NewSuppression> = {}): NewSuppression => ({
  address: 'jane@example.com',
  scope: 'all',
  reason: 'manual',
  source: 'api',
  class: null,
  detail: null,
  deliveryId: null,
  createdAtMs: nowMs,
  expiresAtMs: null,
  ...about,
});

export function deliveriesContract(name: string, openStore: OpenStore): void {
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

  describe(`${name}: deliveries`, () => {
    it('come with their message, in the lists and alone', async () => {
      const store = await open();
      const one = newDelivery({ parameters: { NOTIFY: 'NEVER' } });
      const id = await accepted(store, one, newDelivery({ recipient: 'bob@example.com' }));
      const row = await store.message(id);
      expect(row?.deliveries.map((delivery) => [delivery.recipient, delivery.status])).toEqual([
        ['jane@example.com', 'queued'],
        ['bob@example.com', 'queued'],
      ]);
      const listed = await store.messages({ query: [], project: null }, page);
      expect(listed.entries[0]?.deliveries.length).toBe(2);
      expect((await store.delivery(one.id))?.parameters).toEqual({ NOTIFY: 'NEVER' });
      expect(store.counts()).toMatchObject({ queued: 2, deferred: 0, held: 0 });
    });

    it('are claimed once, oldest due time first, and only what is due', async () => {
      const store = await open();
      const late = newDelivery({ dueAtMs: nowMs + 1 });
      const second = newDelivery({ dueAtMs: nowMs - 1 });
      const first = newDelivery({ dueAtMs: nowMs - 2 });
      await accepted(store, late, second, first);
      const claimed = await store.claim({ nowMs, limit: 10 });
      expect(claimed.map((row) => row.delivery.id)).toEqual([first.id, second.id]);
      expect(claimed[0]?.message).toMatchObject({
        door: 'smtp',
        envelopeFrom: 'from@example.com',
        bytes: 20,
      });
      expect(await store.claim({ nowMs, limit: 10 })).toEqual([]);
      expect(await store.nextDue()).toBe(nowMs + 1);
      expect((await store.claim({ nowMs: nowMs + 1, limit: 10 })).map((row) => row.delivery.id)).toEqual([
        late.id,
      ]);
    });

    it('that are calls to the app are claimed apart, so many at one host, and each host has its turn', async () => {
      const store = await open();
      const call = (domain: string, at = 0): NewDelivery =>
        newDelivery({ domain, provider: 'twilio', recipient: `http://${domain}/`, dueAtMs: nowMs + at });
      const calls = [
        ...Array.from({ length: 5 }, () => call('a:80')),
        ...Array.from({ length: 2 }, () => call('b:80')),
        call('c:80', 1),
        call('d:80'),
      ];
      await store.addDeliveries({ nowMs, messageId: null, carriage: 'callback', deliveries: calls });
      const hook = newDelivery({ domain: 'e', provider: 'webhook', recipient: 'webhook-1' });
      await store.addDeliveries({ nowMs, messageId: null, carriage: 'webhook', deliveries: [hook] });
      await accepted(store, newDelivery());
      const claimed = async (
        limit: number,
        about: { perHostMax: number; underWay?: Record<string, number>; after?: string },
      ): Promise<string[]> =>
        (await store.claim({ nowMs, limit, calls: { underWay: {}, ...about } })).map(
          (row) => row.delivery.domain,
        );
      expect(await claimed(3, { perHostMax: 2 })).toEqual(['a:80', 'a:80', 'b:80']);
      // Behind b, round to it; what is under way counts.
      expect(await claimed(4, { perHostMax: 2, underWay: { 'a:80': 1, 'b:80': 2 }, after: 'b:80' })).toEqual([
        'd:80',
        'e',
        'a:80',
      ]);
      expect(await claimed(9, { perHostMax: 0 })).toEqual([]);
      expect(await claimed(9, { perHostMax: 9, after: 'zz' })).toEqual(['a:80', 'a:80', 'b:80']);
      expect((await store.claim({ nowMs, limit: 10 })).map((row) => row.delivery.domain)).toEqual([
        'example.com',
      ]);
      expect(await claimed(9, { perHostMax: 9 })).toEqual([]);
    });

    it('say when the next call to the app is due, but for hosts that are full, and when all else', async () => {
      const store = await open();
      expect(await store.nextDues([])).toEqual({ calls: null, others: null });
      const call = (domain: string, at: number): NewDelivery =>
        newDelivery({ domain, provider: 'twilio', dueAtMs: nowMs + at });
      await store.addDeliveries({
        nowMs,
        messageId: null,
        carriage: 'callback',
        deliveries: [call('a:80', 1), call('a:80', 5), call('b:80', 3)],
      });
      await accepted(store, newDelivery({ dueAtMs: nowMs + 2 }));
      expect(await store.nextDues([])).toEqual({ calls: nowMs + 1, others: nowMs + 2 });
      expect(await store.nextDues(['a:80'])).toEqual({ calls: nowMs + 3, others: nowMs + 2 });
      expect(await store.nextDues(['a:80', 'b:80'])).toEqual({ calls: null, others: nowMs + 2 });
      expect(await store.nextDue()).toBe(nowMs + 1);
    });

    it('are due again after a crash when they were claimed, and done when their outcome was recorded', async () => {
      const one = await opened();
      const done = newDelivery();
      const lost = newDelivery();
      await accepted(one.store, done, lost);
      const [first] = await one.store.claim({ nowMs, limit: 2 });
      await one.store.record(recorded(sentResult(first?.delivery.seq ?? 0, done.id)));
      const store = await one.crash();
      const again = await store.claim({ nowMs, limit: 10 });
      expect(again.map((row) => row.delivery.id)).toEqual([lost.id]);
      expect((await store.delivery(done.id))?.delivery.status).toBe('sent');
    });

    it('say after a crash that they may have been taken when they were under way', async () => {
      const one = await opened();
      const lost = newDelivery();
      const messageId = await accepted(one.store, lost, newDelivery({ dueAtMs: nowMs + hourMs }));
      await one.store.claim({ nowMs, limit: 2 });
      const store = await one.crash();
      const why = expect.stringMatching(/may have taken.*second copy/);
      expect((await store.delivery(lost.id))?.delivery).toMatchObject({ status: 'queued', reason: why });
      const events = await store.events({ after: 0, limit: 100, messageId });
      expect(events.filter(({ type }) => type === 'interrupted')).toMatchObject([
        { deliveryId: lost.id, virtualAtMs: nowMs, data: { reason: why } },
      ]);
    });

    it('are canceled after a crash when that was asked for while they were under way', async () => {
      const one = await opened();
      const delivery = newDelivery();
      await accepted(one.store, delivery);
      await one.store.claim({ nowMs, limit: 1 });
      const cancel = { kind: 'cancel', nowMs, reason: 'asked' } as const;
      expect(await one.store.order([delivery.id], cancel)).toEqual([delivery.id]);
      const store = await one.crash();
      expect(await store.claim({ nowMs, limit: 10 })).toEqual([]);
      expect((await store.delivery(delivery.id))?.delivery.status).toBe('canceled');
    });

    it('reach delivered through sent, in one transaction, when the far side placed them before it said yes', async () => {
      const one = await opened();
      const { store } = one;
      const delivery = newDelivery();
      const messageId = await accepted(store, delivery);
      const [row] = await store.claim({ nowMs, limit: 1 });
      await store.keepCopies([copyOf(delivery, messageId, { placement: 'promotions' })]);
      expect((await store.delivery(delivery.id))?.delivery.status).toBe('queued');
      await store.record(recorded(sentResult(row?.delivery.seq ?? 0, delivery.id)));
      expect((await store.delivery(delivery.id))?.delivery).toMatchObject({
        status: 'delivered',
        placement: 'promotions',
      });
      const types = one.published
        .filter((event) => event.deliveryId === delivery.id)
        .map((event) => event.type);
      expect(types).toEqual(['queued', 'mailbox', 'attempted', 'sent', 'delivered']);
    });

    it('reach delivered later when they are placed later', async () => {
      const store = await open();
      const delivery = newDelivery();
      const messageId = await accepted(store, delivery);
      const [row] = await store.claim({ nowMs, limit: 1 });
      await store.record(recorded(sentResult(row?.delivery.seq ?? 0, delivery.id)));
      expect((await store.delivery(delivery.id))?.delivery.status).toBe('sent');
      await store.keepCopies([copyOf(delivery, messageId)]);
      expect((await store.delivery(delivery.id))?.delivery).toMatchObject({
        status: 'delivered',
        placement: 'inbox',
      });
    });

    it('are not changed by an outcome that comes after their end', async () => {
      const store = await open();
      const delivery = newDelivery();
      await accepted(store, delivery);
      const [row] = await store.claim({ nowMs, limit: 1 });
      const seq = row?.delivery.seq ?? 0;
      await store.record(
        recorded({ ...sentResult(seq, delivery.id), change: { kind: 'fail' }, class: 'policy' }),
      );
      await store.record(recorded(sentResult(seq, delivery.id)));
      const found = await store.delivery(delivery.id);
      expect(found?.delivery.status).toBe('undeliverable');
      expect(found?.attempts.length).toBe(1);
    });

    it('are found by what they are, and counted by domain', async () => {
      const store = await open();
      await accepted(
        store,
        newDelivery(),
        newDelivery({ recipient: 'a@example.org', domain: 'example.org', provider: 'gmail' }),
        newDelivery({ substatus: 'held', dueAtMs: null, stream: 'marketing' }),
      );
      const count = async (filter: Partial<typeof everyDelivery>): Promise<number> =>
        (await store.deliveries({ ...everyDelivery, ...filter }, page)).total;
      expect(await count({ status: 'queued' })).toBe(3);
      expect(await count({ substatus: 'held' })).toBe(1);
      expect(await count({ provider: 'gmail' })).toBe(1);
      expect(await count({ domain: 'example.com', status: 'queued' })).toBe(2);
      expect(await count({ recipientContains: '@EXAMPLE.ORG' })).toBe(1);
      expect(await count({ recipient: 'A@Example.ORG' })).toBe(1);
      expect(await count({ recipient: '@example.org' })).toBe(0);
      expect(await count({ stream: 'marketing' })).toBe(1);
      expect(await store.deliveryCounts()).toMatchObject({
        queued: 3,
        held: 1,
        byDomain: [
          { domain: 'example.com', queued: 2, held: 1 },
          { domain: 'example.org', queued: 1, provider: 'gmail' },
        ],
      });
      const found = await store.messages({ query: parseSearch('status:held', nowMs), project: null }, page);
      expect(found.entries.length).toBe(1);
      expect(
        (await store.messages({ query: parseSearch('status:delivered', nowMs), project: null }, page)).total,
      ).toBe(0);
      expect(
        (await store.messages({ query: parseSearch('provider:gmail', nowMs), project: null }, page)).total,
      ).toBe(1);
    });

    it('say with every change of status who has them, with what answer, and whether that is for good', async () => {
      const one = await opened();
      const { store } = one;
      const [sent, canceled, bounced] = [newDelivery(), newDelivery({ provider: null }), newDelivery()];
      const messageId = await accepted(store, sent, canceled, bounced);
      const order = (kind: 'hold' | 'release' | 'cancel', id: string) =>
        store.order([id], { kind, nowMs, reason: kind });
      await order('hold', canceled.id);
      await order('release', canceled.id);
      await order('cancel', canceled.id);
      await store.order([bounced.id], { kind: 'bounce', nowMs, reason: 'bounce', class: null });
      const [row] = await store.claim({ nowMs, limit: 1 });
      await store.keepCopies([copyOf(sent, messageId)]);
      await store.record(recorded(sentResult(row?.delivery.seq ?? 0, sent.id)));
      const said = one.published
        .filter(({ type }) => !['accepted', 'queued', 'attempted', 'mailbox'].includes(type))
        .map(({ type, data }) => [
          type,
          data.provider,
          data.providerStatus,
          data.code,
          data.permanent,
          data.reason,
        ]);
      expect(said).toEqual([
        ['held', null, null, null, false, 'hold'],
        ['released', null, null, null, false, 'release'],
        ['canceled', null, null, null, true, 'cancel'],
        ['undeliverable', 'default', null, null, true, 'bounce'],
        ['sent', 'default', '250 2.0.0 OK', 250, false, null],
        ['delivered', 'default', null, null, false, null],
      ]);
    });

    it('are ordered about in steps, each of them once', async () => {
      const store = await open();
      const many = Array.from({ length: 150 }, () => newDelivery());
      await accepted(store, ...many);
      const order = { kind: 'hold', nowMs, reason: 'x' } as const;
      const filter = { ...everyDelivery, status: 'queued' } as const;
      const steps: number[] = [];
      for (let from: number | null = 0; from !== null; ) {
        const step: { readonly done: number; readonly last: number | null } = await store.orderMatching(
          filter,
          order,
          { from, upTo: 1e9 },
        );
        steps.push(step.done);
        from = step.last;
      }
      expect(steps.length).toBeGreaterThan(1);
      expect(steps.reduce((all, one) => all + one, 0)).toBe(150);
      expect(store.counts()).toMatchObject({ queued: 0, held: 150 });
      expect(await store.claim({ nowMs, limit: 10 })).toEqual([]);
    });

    it('go with their message, and everything that hangs on them', async () => {
      const one = await opened();
      const { store } = one;
      const delivery = newDelivery();
      const messageId = await accepted(store, delivery);
      const [row] = await store.claim({ nowMs, limit: 1 });
      const copy = copyOf(delivery, messageId);
      await store.keepCopies([copy]);
      await store.record({
        ...recorded(sentResult(row?.delivery.seq ?? 0, delivery.id)),
        evidence: { routing: [], changes: [], signatures: [], identity: null, transcript: [] },
      });
      await store.deleteMessages([messageId]);
      expect(await store.delivery(delivery.id)).toBeNull();
      expect(await store.copy(copy.id)).toBeNull();
      expect((await store.mailboxes({ text: null }, page)).total).toBe(0);
      expect(store.counts()).toMatchObject({ messages: 0, queued: 0 });
    });

    it('take a suppression along when they are claimed, as long as it lasts and in its scope', async () => {
      const store = await open();
      await store.suppress([suppression({ scope: 'marketing', expiresAtMs: nowMs + 1000 })]);
      await accepted(
        store,
        newDelivery(),
        newDelivery({ stream: 'marketing', recipient: 'Jane@Example.com' }),
      );
      const claimed = await store.claim({ nowMs, limit: 10 });
      expect(claimed.map((row) => row.suppressed)).toEqual([null, { reason: 'manual', scope: 'marketing' }]);
      await accepted(store, newDelivery({ stream: 'marketing', dueAtMs: nowMs + 1000 }));
      expect((await store.claim({ nowMs: nowMs + 1000, limit: 1 }))[0]?.suppressed).toBeNull();
    });
  });

  describe(`${name}: retention`, () => {
    const keep = (countMax: number): Retention => ({ countMax, ageMaxMs: null, bytesMax: null });

    async function pruned(store: Store, general: Retention): Promise<number> {
      let steps = 0;
      do steps++;
      while (await store.prune(general, nowMs));
      return steps;
    }

    async function sent(store: Store): Promise<void> {
      const rows = await store.claim({ nowMs, limit: 100 });
      await store.record(recorded(...rows.map(({ delivery }) => sentResult(delivery.seq, delivery.id))));
    }

    it('leaves alone what waits for its turn or for a release, until it has ended', async () => {
      const one = await opened();
      const { store } = one;
      const held = newDelivery({ substatus: 'held', dueAtMs: null });
      await accepted(store, newDelivery(), held);
      for (let n = 0; n < 3; n++) await accepted(store, newDelivery());
      for (const limits of [keep(2), { ...keep(2), bytesMax: 1 }, { ...keep(2), ageMaxMs: -1 }])
        await pruned(store, limits);
      expect(store.counts()).toMatchObject({ messages: 4, queued: 4, held: 1 });
      // One that was sent is kept for the other delivery of its message.
      await sent(store);
      await pruned(store, keep(2));
      expect(store.counts()).toMatchObject({ messages: 3, held: 1 });
      await store.order([held.id], { kind: 'cancel', nowMs, reason: 'x' });
      await pruned(store, keep(2));
      expect(store.counts()).toMatchObject({ messages: 2, held: 0 });
      const gone = one.published.filter(({ type }) => type === 'deleted');
      expect(gone.map(({ data }) => data.why)).toEqual(['retention', 'retention']);
    });

    it('leaves alone what a provider took and has yet to place or to bounce', async () => {
      const store = await open();
      const delivery = newDelivery();
      await accepted(store, delivery);
      await sent(store);
      await store.addActs([{ dueAtMs: nowMs + 1, kind: 'place', data: {}, awaitedBy: delivery.id }]);
      await pruned(store, keep(0));
      expect(store.counts().messages).toBe(1);
      const [act] = await store.dueActs(nowMs + 1, 1);
      await store.finishActs([act?.seq ?? 0]);
      await pruned(store, keep(0));
      expect(store.counts().messages).toBe(0);
    });

    it('keeps the newest beside what waits, of a project too', async () => {
      const store = await open();
      const small = { project: 'small' } as const;
      await store.saveProject('small', { retention: keep(1) });
      for (let n = 0; n < 3; n++)
        await store.accept(submission({ ...small, delivery: { nowMs, to: [newDelivery()] } }));
      for (let n = 0; n < 3; n++) await store.accept(submission(small));
      await pruned(store, keep(1000));
      expect(store.counts()).toMatchObject({ messages: 4, queued: 3 });
      await sent(store);
      await pruned(store, keep(1000));
      expect(store.counts()).toMatchObject({ messages: 1, queued: 0 });
    });

    it('goes over a long queue in small steps, and finds what is behind it', async () => {
      const store = await open();
      await Promise.all(
        Array.from({ length: 5_500 }, () => accepted(store, newDelivery({ dueAtMs: nowMs + hourMs }))),
      );
      for (let n = 0; n < 3; n++) await store.accept(submission());
      expect(await pruned(store, keep(1))).toBe(2);
      expect(store.counts()).toMatchObject({ messages: 5_501, queued: 5_500 });
      await store.accept(submission());
      expect(await pruned(store, keep(1))).toBe(1);
      expect(store.counts().messages).toBe(5_501);
    });

    it('removes the calls of webhooks that ended, by age and by number, and none that waits', async () => {
      const store = await open();
      const dayMs = 24 * hourMs;
      const call = (about: Partial<NewDelivery> = {}): NewDelivery =>
        newDelivery({ provider: 'webhook', recipient: 'webhook-1', ...about });
      const add = (atMs: number, ...deliveries: readonly NewDelivery[]): Promise<void> =>
        store.addDeliveries({ nowMs: atMs, messageId: null, carriage: 'webhook', deliveries });
      const old = call({ dueAtMs: nowMs - 8 * dayMs });
      // Ended long ago by the virtual clock, which stands still, and just now by the wall clock.
      const still = call({ dueAtMs: nowMs - 8 * dayMs });
      const waits = call({ dueAtMs: nowMs + 1 });
      await add(nowMs - 8 * dayMs, old, still, waits);
      const rows = await store.claim({ nowMs, limit: 10, calls: { perHostMax: 10, underWay: {} } });
      for (const { delivery } of rows) {
        const wallMs = delivery.id === still.id ? nowMs : nowMs - 8 * dayMs;
        await store.record({
          nowMs: nowMs - 8 * dayMs,
          startedAtMs: nowMs - 8 * dayMs,
          startedAtWallMs: wallMs,
          durationMs: 1,
          evidence: { routing: [], changes: [], signatures: [], identity: null, transcript: [] },
          results: [sentResult(delivery.seq, delivery.id)],
        });
      }
      await pruned(store, keep(0));
      const left = async (): Promise<string[]> =>
        (await store.deliveries(everyDelivery, page)).entries.map(({ id }) => id);
      expect(await left()).toEqual([waits.id, still.id]);
      const ended = Array.from({ length: 20_600 }, () => call({ status: 'undeliverable', dueAtMs: null }));
      await add(nowMs, ...ended);
      await pruned(store, keep(0));
      for (const id of [waits.id, ended[600]?.id ?? '']) expect(await store.delivery(id)).not.toBeNull();
      for (const id of [still.id, ended[599]?.id ?? '']) expect(await store.delivery(id)).toBeNull();
    });

    it('is not stopped by who deletes by hand, and that says how much was still queued', async () => {
      const one = await opened();
      const { store } = one;
      const first = await accepted(store, newDelivery(), newDelivery());
      for (let n = 0; n < 3; n++) await accepted(store, newDelivery());
      await pruned(store, keep(1));
      await store.deleteMessages([first]);
      expect(one.published.find(({ type }) => type === 'deleted')?.data).toEqual({
        ids: [first],
        why: 'asked',
        queuedDeliveries: 2,
      });
      await sent(store);
      await pruned(store, keep(1));
      expect(store.counts().messages).toBe(1);
    });
  });

  describe(`${name}: suppressions`, () => {
    it('keep their first reason, and one without an end takes the place of one that ends', async () => {
      const store = await open();
      await store.suppress([suppression({ reason: 'soft_bounces', expiresAtMs: nowMs + 1 })]);
      await store.suppress([suppression({ reason: 'complaint' })]);
      await store.suppress([suppression({ reason: 'manual' })]);
      const { entries, total } = await store.suppressions({ text: 'JANE' }, page);
      expect(total).toBe(1);
      expect(entries[0]).toMatchObject({ reason: 'complaint', expiresAtMs: null });
      expect(await store.suppressed(['Jane@example.com', 'bob@example.com'], nowMs)).toMatchObject([
        { address: 'jane@example.com' },
      ]);
      expect(await store.unsuppress('jane@example.com', 'marketing')).toBe(0);
      expect(await store.unsuppress('jane@example.com', null)).toBe(1);
      expect(await store.suppressed(['jane@example.com'], nowMs)).toEqual([]);
    });
  });

  describe(`${name}: runs of soft bounces`, () => {
    it('end when a message got into the mailbox, and for none that only a webhook was told of', async () => {
      const store = await open();
      const softBounce = { runMax: 2, suppression: suppression({ reason: 'soft_bounces' }) };
      async function sent(about: Partial<NewDelivery> = {}): Promise<readonly [NewDelivery, string]> {
        const delivery = newDelivery(about);
        const messageId = await accepted(store, delivery);
        const [row] = await store.claim({ nowMs, limit: 1 });
        await store.record(recorded(sentResult(row?.delivery.seq ?? 0, delivery.id)));
        return [delivery, messageId];
      }
      async function bounced(): Promise<void> {
        const [{ id: deliveryId }] = await sent();
        const change = { kind: 'fail', class: 'mailbox_full', reason: 'full', softBounce } as const;
        await store.note([{ deliveryId, type: 'bounced', nowMs, data: {}, change }]);
      }
      const suppressed = async (): Promise<number> =>
        (await store.suppressed(['jane@example.com'], nowMs)).length;
      await bounced();
      const [delivery, messageId] = await sent();
      await store.keepCopies([copyOf(delivery, messageId)]);
      await bounced();
      expect(await suppressed()).toBe(0);
      const call = newDelivery({ provider: 'webhook' });
      await store.addDeliveries({ nowMs, messageId: null, carriage: 'webhook', deliveries: [call] });
      const [row] = await store.claim({ nowMs, limit: 1 });
      await store.record(recorded(sentResult(row?.delivery.seq ?? 0, call.id)));
      await bounced();
      expect(await suppressed()).toBe(1);
    });
  });

  describe(`${name}: mailboxes`, () => {
    it('have copies with their report and bytes, and count them by placement', async () => {
      const store = await open();
      const delivery = newDelivery();
      const messageId = await accepted(store, delivery);
      const head = Buffer.from('Received: by mx\r\n');
      const copy = copyOf(delivery, messageId, { bytes: head, headOnly: true });
      const spam = copyOf(delivery, messageId, { placement: 'spam', mailbox: 'bob@example.com' });
      await store.keepCopies([copy, spam]);
      expect((await store.copy(copy.id))?.authentication.spf.result).toBe('pass');
      expect(textOf(await store.copyBytes(copy.id))).toBe('Received: by mx\r\nSubject: x\r\n\r\nbody\r\n');
      expect(textOf(await store.copyBytes(spam.id))).toBe('Received: x\r\nSubject: x\r\n\r\nbody\r\n');
      const boxes = await store.mailboxes({ text: null }, { after: null, limit: 1 });
      expect(boxes).toMatchObject({ total: 2, next: 'bob@example.com' });
      expect(boxes.entries[0]).toMatchObject({
        address: 'bob@example.com',
        unseen: 1,
        counts: { spam: 1, inbox: 0 },
      });
      const moved = await store.changeCopy(spam.id, { placement: 'inbox', flags: { seen: true } });
      expect(moved).toMatchObject({ placement: 'inbox', flags: { seen: true, starred: false } });
      const [bob] = (await store.mailboxes({ text: 'bob' }, page)).entries;
      expect(bob).toMatchObject({ unseen: 0, counts: { spam: 0, inbox: 1 } });
      await store.changeCopy(copy.id, { flags: { deleted: true } });
      const left = async (mailbox: string | null): Promise<string[]> =>
        (await store.copies({ mailbox, placement: null, messageId, deliveryId: null }, page)).entries.map(
          (one) => one.id,
        );
      // Gone from the mailbox; what became of the delivery is told all the same.
      expect(await left(copy.mailbox)).toEqual([]);
      expect(await left(null)).toEqual([spam.id, copy.id]);
      expect(await store.changeCopy('no-such-copy', { flags: { seen: true } })).toBeNull();
    });
  });

  describe(`${name}: acts, documents and answers`, () => {
    it('keep acts with the copies that they are about, or neither', async () => {
      const store = await open();
      const messageId = await accepted(store, newDelivery());
      const other = Buffer.from('Subject: other\r\n\r\n');
      const [first, second] = [copyOf(null, messageId), copyOf(null, messageId, { bytes: other })];
      const act = { dueAtMs: nowMs, kind: 'open', data: { copyId: first.id } };
      await store.keepCopies([first, second], [act]);
      expect(textOf(await store.copyBytes(first.id))).toBe(textOf(first.bytes));
      expect(textOf(await store.copyBytes(second.id))).toBe(textOf(other));
      expect(await store.dueActs(nowMs, 10)).toMatchObject([act]);
      const third = copyOf(null, messageId);
      // A time that no column can take, and a copy that is there already.
      const impossible = { ...act, dueAtMs: Number.NaN, awaitedBy: null };
      await expect(store.keepCopies([third], [impossible])).rejects.toThrow();
      await expect(store.keepCopies([third, first], [act])).rejects.toThrow();
      expect(await store.copy(third.id)).toBeNull();
      expect((await store.dueActs(nowMs, 10)).length).toBe(1);
      // Nothing is in a mailbox yet: only what will come of it.
      await store.keepCopies([], [act]);
      expect((await store.dueActs(nowMs, 10)).length).toBe(2);
    });

    it('keep what is owed for an attempt with it', async () => {
      const one = await opened();
      const delivery = newDelivery();
      await accepted(one.store, delivery);
      await one.store.claim({ nowMs, limit: 1 });
      await one.store.record({
        nowMs,
        startedAtMs: nowMs,
        startedAtWallMs: nowMs,
        durationMs: 1,
        evidence: null,
        results: [],
        acts: [{ dueAtMs: nowMs, kind: 'owed', data: { for: delivery.id } }],
      });
      const store = await one.reopen();
      expect(await store.dueActs(nowMs, 10)).toMatchObject([{ kind: 'owed', data: { for: delivery.id } }]);
    });

    it('owe one notice for what of a message is turned back by hand, at once and under way', async () => {
      const one = await opened();
      const [first, second, third] = [newDelivery(), newDelivery(), newDelivery()];
      const messageId = await accepted(one.store, first, second, third);
      await one.store.claim({ nowMs, limit: 1 });
      const bounce = { kind: 'bounce', nowMs, reason: 'the wrong list', class: null } as const;
      await one.store.order([first.id, second.id, third.id], bounce);
      expect((await one.store.dueActs(nowMs, 10)).map((act) => [act.kind, act.data])).toEqual([
        ['own_dsn', { about: 'failure', messageId, deliveries: [{ id: second.id }, { id: third.id }] }],
      ]);
      // Under way when the store closed: due again, and turned back before it is handed out.
      const store = await one.reopen();
      expect(await store.claim({ nowMs, limit: 10 })).toEqual([]);
      expect((await store.dueActs(nowMs, 10)).at(-1)?.data).toEqual({
        about: 'failure',
        messageId,
        deliveries: [{ id: first.id }],
      });
    });

    it('give acts back when they are due, until they are finished', async () => {
      const one = await opened();
      await one.store.addActs([
        { dueAtMs: nowMs + 5, kind: 'later', data: { a: 1 } },
        { dueAtMs: nowMs, kind: 'now', data: {} },
      ]);
      const store = await one.reopen();
      const [act] = await store.dueActs(nowMs, 10);
      expect(act).toMatchObject({ kind: 'now', dueAtMs: nowMs });
      await store.finishActs([act?.seq ?? 0]);
      expect(await store.dueActs(nowMs, 10)).toEqual([]);
      expect(await store.nextDue()).toBe(nowMs + 5);
    });

    it('keep documents by kind and key, across a restart', async () => {
      const one = await opened();
      await one.store.saveDocument('domain', 'b', { x: 1 });
      await one.store.saveDocument('domain', 'a', { x: 2 });
      await one.store.saveDocument('domain', 'b', { x: 3 });
      await one.store.saveDocument('other', 'a', null);
      const store = await one.reopen();
      expect(await store.documents('domain')).toEqual([
        { key: 'a', value: { x: 2 } },
        { key: 'b', value: { x: 3 } },
      ]);
      await store.deleteDocument('domain', 'a');
      expect((await store.documents('domain')).map((row) => row.key)).toEqual(['b']);
    });

    it('remember an answer to a key for a day', async () => {
      const store = await open();
      const answered = (key: string, answer: unknown, atMs: number): Promise<number> =>
        store.accept(submission({ answer: { key, hash: 'hash', answer, nowMs: atMs } }));
      await answered('k', { id: 1 }, nowMs);
      expect(await store.answerOf('k')).toEqual({ hash: 'hash', answer: { id: 1 } });
      await answered('other', {}, nowMs + 25 * hourMs);
      expect(await store.answerOf('k')).toBeNull();
    });

    it('tie facts to a delivery, and one that ends it does so only after it was sent', async () => {
      const one = await opened();
      const { store } = one;
      const delivery = newDelivery();
      const messageId = await accepted(store, delivery);
      const bounce = {
        deliveryId: delivery.id,
        type: 'bounced',
        nowMs,
        data: { outOfBand: true },
        change: { kind: 'fail', class: 'bad_address', reason: 'gone', softBounce: null },
      } as const;
      await store.note([bounce]);
      expect((await store.delivery(delivery.id))?.delivery.status).toBe('queued');
      const [row] = await store.claim({ nowMs, limit: 1 });
      await store.record(recorded(sentResult(row?.delivery.seq ?? 0, delivery.id)));
      await store.note([bounce]);
      expect((await store.delivery(delivery.id))?.delivery).toMatchObject({
        status: 'undeliverable',
        class: 'bad_address',
        reason: 'gone',
      });
      const events = await store.events({ after: 0, limit: 100, messageId });
      expect(events.map((event) => event.type)).toEqual([
        'accepted',
        'queued',
        'bounced',
        'attempted',
        'sent',
        'bounced',
        'undeliverable',
      ]);
      expect(events.at(-1)).toMatchObject({ deliveryId: delivery.id, virtualAtMs: nowMs });
    });
  });
}

const textOf = (bytes: Uint8Array | null): string => (bytes === null ? '' : Buffer.from(bytes).toString());
