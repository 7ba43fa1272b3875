/** What every store must do for whoever looks back: searches by what a message is about, status logs, reports, counts. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { everyDelivery } from '../../core/delivery/queue.ts';
import { stepOf } from '../../core/delivery/sms-status.ts';
import type { OutcomeClass, ProviderReport, Status, Substatus } from '../../core/model/delivery.ts';
import type { MessageDetails } from '../../core/model/message.ts';
import { noDetails } from '../../core/model/message-details.ts';
import type { DeliveryStep, SmsProvider } from '../../core/model/sms.ts';
import { statusLog } from '../../core/model/status-log.ts';
import type { DeliveryFilter, RecordedResult } from '../../core/store/deliveries.ts';
import { parseSearch } from '../../core/store/search-query.ts';
import type { StatusCountsRequest } from '../../core/store/status-counts.ts';
import type { Store } from '../../core/store/store.ts';
import { type OpenedStore, type OpenStore, submission } from './store.ts';
import { newDelivery } from './store-deliveries.ts';

const nowMs = Date.UTC(2026, 0, 31, 12);
const minuteMs = 60_000;
const hourMs = 3_600_000;
const page = { after: null, limit: 100 };

const step = (kind: DeliveryStep['kind'], about: Partial<DeliveryStep> = {}): DeliveryStep => ({
  kind,
  class: null,
  reason: null,
  providerStatus: kind,
  code: null,
  ...about,
});

const report: ProviderReport = {
  provider: 'twilio',
  protocol: 'http',
  atMs: nowMs,
  wallMs: nowMs,
  method: 'POST',
  target: '/v1/sms/reports/twilio',
  fields: [['X-Twilio-Signature', 'abc']],
  body: 'MessageStatus=delivered',
  encoding: 'utf8',
  bytes: 23,
  truncated: false,
};

const everyCount: StatusCountsRequest = {
  clock: 'virtual',
  fromMs: nowMs,
  toMs: nowMs + hourMs,
  bucketMs: minuteMs,
  channel: null,
  provider: null,
  project: null,
  stream: null,
  tag: null,
  template: null,
  topic: null,
  user: null,
};

export function logContract(name: string, openStore: OpenStore): void {
  async function opened(): Promise<OpenedStore> {
    const one = await openStore();
    onTestFinished(() => one.store.close());
    return one;
  }
  const found = async (store: Store, text: string): Promise<readonly string[]> => {
    const { entries } = await store.messages({ query: parseSearch(text, nowMs), project: null }, page);
    return entries.map(({ id }) => id);
  };
  const foundDeliveries = async (store: Store, filter: Partial<DeliveryFilter>): Promise<readonly string[]> =>
    (await store.deliveries({ ...everyDelivery, ...filter }, page)).entries.map(({ id }) => id);
  const details = (about: Partial<MessageDetails>): MessageDetails => ({ ...noDetails, ...about });

  describe(`${name}: looking back`, () => {
    it('messages and deliveries are found by user, template, topic and the send they are part of', async () => {
      const { store } = await opened();
      const [ann, ben] = [newDelivery({ user: 'ann' }), newDelivery({ user: 'ben' })];
      const send = submission({
        channel: 'multi',
        details: details({ template: { id: 'welcome', version: 2 }, topic: 'news' }),
        delivery: { nowMs, to: [ann, ben] },
      });
      await store.accept(send);
      const mail = newDelivery({ user: 'ann' });
      const part = submission({
        details: details({
          partOf: { messageId: send.id, deliveryId: ann.id, step: 1 },
          template: { id: 'welcome', version: 2 },
        }),
        delivery: { nowMs: nowMs + minuteMs, to: [mail] },
      });
      await store.accept(part);
      const other = submission({ user: 'Ann', receivedAtMs: nowMs + hourMs });
      await store.accept(other);

      expect(await found(store, 'user:ben')).toEqual([send.id]);
      // Who signed in at a door by that name is found too; an id of a user has one case.
      expect(await found(store, 'user:ann')).toEqual([other.id, part.id, send.id]);
      expect(await found(store, 'template:welcome')).toEqual([part.id, send.id]);
      expect(await found(store, 'template:welcome -is:part')).toEqual([send.id]);
      expect(await found(store, 'topic:news')).toEqual([send.id]);
      expect(await found(store, `part-of:${send.id}`)).toEqual([part.id]);
      expect(await found(store, 'is:part')).toEqual([part.id]);
      expect(await found(store, '-is:part')).toEqual([other.id, send.id]);
      expect(await found(store, '-template:welcome')).toEqual([other.id]);

      expect(await foundDeliveries(store, { user: 'ann' })).toEqual([mail.id, ann.id]);
      expect(await foundDeliveries(store, { template: 'welcome' })).toEqual([mail.id, ben.id, ann.id]);
      expect(await foundDeliveries(store, { topic: 'news', user: 'ben' })).toEqual([ben.id]);
      expect(await foundDeliveries(store, { partOf: send.id })).toEqual([mail.id]);
      expect(await foundDeliveries(store, { sinceMs: nowMs + minuteMs })).toEqual([mail.id]);
      expect(await foundDeliveries(store, { untilMs: nowMs + minuteMs })).toEqual([ben.id, ann.id]);
      expect((await store.message(part.id))?.details).toMatchObject({
        partOf: { messageId: send.id, deliveryId: ann.id, step: 1 },
        template: { id: 'welcome', version: 2 },
      });
    });

    it('the log of a delivery is its own, and survives a crash', async () => {
      const one = await opened();
      const [sms, other] = [newDelivery({ provider: 'twilio' }), newDelivery()];
      await one.store.accept(submission({ channel: 'sms', delivery: { nowMs, to: [sms, other] } }));
      const said = (kind: DeliveryStep['kind'], atMs: number, about: Partial<DeliveryStep> = {}) =>
        ({
          deliveryId: sms.id,
          type: 'reported',
          nowMs: atMs,
          data: { providerStatus: kind },
          change: { kind: 'step', step: step(kind, about) },
        }) as const;
      await one.store.note([said('send', nowMs + 1), said('unconfirm', nowMs + 2)]);
      await one.store.note([{ ...said('fail', nowMs + 3, { code: '30005', class: 'bad_address' }), report }]);
      // Too late: an end stays an end.
      await one.store.note([said('deliver', nowMs + 4)]);
      const store = await one.crash();
      const log = statusLog(await store.deliveryEvents(sms.id));
      expect(
        log.map(({ status, substatus, atMs, code, permanent }) => [status, substatus, atMs, code, permanent]),
      ).toEqual([
        ['queued', null, nowMs, null, false],
        ['sent', null, nowMs + 1, null, false],
        ['sent', 'unconfirmed', nowMs + 2, null, false],
        ['undeliverable', null, nowMs + 3, '30005', true],
      ]);
      const reports = await store.deliveryReports(sms.id);
      expect(reports).toEqual([{ ...report, id: log.at(-1)?.report }]);
      expect(await store.deliveryReports(other.id)).toEqual([]);
      expect(await store.deliveryEvents('nobody')).toEqual([]);
      expect(statusLog(await store.deliveryEvents(other.id))).toHaveLength(1);
    });

    it('says of each word of each SMS provider what the table of statuses says', async () => {
      const { store } = await opened();
      const cases = words.map((row) => ({ row, delivery: newDelivery({ provider: row[0] }) }));
      await store.accept(
        submission({ channel: 'sms', delivery: { nowMs, to: cases.map((one) => one.delivery) } }),
      );
      await store.note(
        cases.map(({ row: [provider, status, code], delivery }) => ({
          deliveryId: delivery.id,
          type: 'reported',
          nowMs,
          data: {},
          change: { kind: 'step', step: stepOf(provider, { status, code, reason: null }) },
        })),
      );
      for (const { row, delivery } of cases) {
        const [provider, status, code, ...expected] = row;
        const last = statusLog(await store.deliveryEvents(delivery.id)).at(-1);
        expect([last?.status, last?.substatus, last?.class], `${provider} ${status} ${code}`).toEqual(
          expected,
        );
        // That it was taken may be told twice over; then the first telling is what is logged.
        expect(last?.providerStatus, `${provider} ${status}`).toBe(status);
      }
    });

    it('reports go with their message, and no more than a hundred are kept of one delivery', async () => {
      const { store } = await opened();
      const sms = newDelivery();
      const message = submission({ channel: 'sms', delivery: { nowMs, to: [sms] } });
      await store.accept(message);
      const fact = { deliveryId: sms.id, type: 'reported', nowMs, data: {}, change: null, report } as const;
      await store.note(Array.from({ length: 101 }, () => fact));
      expect(await store.deliveryReports(sms.id)).toHaveLength(100);
      await store.deleteMessages([message.id]);
      expect(await store.deliveryReports(sms.id)).toEqual([]);
    });

    it('what becomes of the call of a webhook is in its log', async () => {
      const { store } = await opened();
      const call = newDelivery({ provider: 'webhook' });
      await store.addDeliveries({ nowMs, messageId: null, carriage: 'webhook', deliveries: [call] });
      const [claimed] = await store.claim({ nowMs, limit: 1, calls: { perHostMax: 1, underWay: {} } });
      await store.record({
        nowMs: nowMs + 1,
        startedAtMs: nowMs,
        startedAtWallMs: nowMs,
        durationMs: 1,
        evidence: null,
        results: [sentResult(claimed?.delivery.seq ?? 0, call.id)],
      });
      const log = statusLog(await store.deliveryEvents(call.id));
      expect(log.map(({ status, code }) => [status, code])).toEqual([
        ['queued', null],
        ['sent', '200'],
      ]);
    });

    it('deliveries are counted by when they came to each status, once each', async () => {
      const { store } = await opened();
      const mails = Array.from({ length: 3 }, (_, at) => newDelivery({ recipient: `${at}@example.com` }));
      const message = submission({ delivery: { nowMs, to: mails }, tags: ['spring'] });
      await store.accept(message);
      const claimed = await store.claim({ nowMs, limit: 10 });
      await store.record({
        nowMs: nowMs + minuteMs,
        startedAtMs: nowMs,
        startedAtWallMs: nowMs,
        durationMs: 1,
        evidence: null,
        results: claimed.map(({ delivery: { seq, id } }, at) =>
          at === 2 ? failedResult(seq, id) : sentResult(seq, id),
        ),
      });
      const [first = newDelivery()] = mails;
      await store.note([
        {
          deliveryId: first.id,
          type: 'reported',
          nowMs: nowMs + 2 * minuteMs,
          data: {},
          change: { kind: 'step', step: step('deliver') },
        },
        { deliveryId: first.id, type: 'opened', nowMs: nowMs + 3 * minuteMs, data: {}, change: null },
        { deliveryId: first.id, type: 'opened', nowMs: nowMs + 4 * minuteMs, data: {}, change: null },
        // What only the far side knows.
        {
          deliveryId: first.id,
          type: 'clicked',
          nowMs: nowMs + 4 * minuteMs,
          data: { copyId: 'x' },
          change: null,
        },
      ]);
      await store.accept(
        submission({
          channel: 'push',
          delivery: {
            nowMs: nowMs + 90_000,
            to: [newDelivery({ status: 'delivered', provider: 'fcm', user: 'ann' })],
          },
        }),
      );
      await store.addDeliveries({ nowMs, messageId: null, carriage: 'webhook', deliveries: [newDelivery()] });

      const counts = await store.statusCounts(everyCount);
      const none = { queued: 0, sent: 0, delivered: 0, undeliverable: 0, canceled: 0, opened: 0, clicked: 0 };
      expect(counts.buckets).toEqual([
        { atMs: nowMs, channel: 'email', tally: { ...none, queued: 3 } },
        { atMs: nowMs + minuteMs, channel: 'email', tally: { ...none, sent: 2, undeliverable: 1 } },
        { atMs: nowMs + minuteMs, channel: 'push', tally: { ...none, queued: 1, sent: 1, delivered: 1 } },
        { atMs: nowMs + 2 * minuteMs, channel: 'email', tally: { ...none, delivered: 1 } },
        { atMs: nowMs + 3 * minuteMs, channel: 'email', tally: { ...none, opened: 1 } },
      ]);
      expect(counts.byChannel).toContainEqual({
        channel: 'email',
        tally: { ...none, queued: 3, sent: 2, delivered: 1, undeliverable: 1, opened: 1 },
      });
      expect(counts.undeliverable).toEqual([{ channel: 'email', class: 'bad_address', count: 1 }]);
      expect(counts.byProvider.map(({ channel, provider }) => [channel, provider])).toEqual(
        expect.arrayContaining([
          ['email', 'default'],
          ['push', 'fcm'],
        ]),
      );
      const channels = async (about: Partial<StatusCountsRequest>): Promise<readonly string[]> =>
        (await store.statusCounts({ ...everyCount, ...about })).byChannel.map(({ channel }) => channel);
      expect(await channels({ tag: 'Spring' })).toEqual(['email']);
      expect(await channels({ user: 'ann' })).toEqual(['push']);
      expect(await channels({ provider: 'fcm' })).toEqual(['push']);
      expect(await channels({ channel: 'sms' })).toEqual([]);
      expect(await channels({ project: 'nobody' })).toEqual([]);
      expect(await channels({ template: 'welcome' })).toEqual([]);
      // By the clock on the wall it all happened now, and not in virtual January.
      expect(await channels({ clock: 'wall' })).toEqual([]);
      const wall = await store.statusCounts({
        ...everyCount,
        clock: 'wall',
        fromMs: 0,
        toMs: 4e12,
        bucketMs: 4e12,
      });
      expect(wall.byChannel).toEqual(counts.byChannel);
    });
  });
}

/** Words of reports, as the project's table of statuses has them; a word that is not in it is a failure. */
const words: readonly (readonly [
  provider: SmsProvider,
  status: string,
  code: string | null,
  ...expected: readonly [Status, Substatus | null, OutcomeClass | null],
])[] = [
  ['twilio', 'queued', null, 'sent', null, null],
  ['twilio', 'accepted', null, 'sent', null, null],
  ['twilio', 'sending', null, 'sent', null, null],
  ['twilio', 'sent', null, 'sent', null, null],
  ['twilio', 'delivered', null, 'delivered', null, null],
  ['twilio', 'failed', null, 'undeliverable', null, null],
  ['twilio', 'undelivered', null, 'undeliverable', null, null],
  ['twilio', 'undelivered', '30005', 'undeliverable', null, 'bad_address'],
  ['twilio', 'undelivered', '30006', 'undeliverable', null, 'bad_address'],
  ['twilio', 'undelivered', '30004', 'undeliverable', null, 'opted_out'],
  ['twilio', 'undelivered', '30007', 'undeliverable', null, 'opted_out'],
  ['twilio', 'failed', '21610', 'undeliverable', null, 'opted_out'],
  ['twilio', 'canceled', null, 'canceled', null, null],
  ['vonage', 'accepted', null, 'sent', null, null],
  ['vonage', 'submitted', null, 'sent', null, null],
  ['vonage', 'buffered', null, 'sent', 'deferred', null],
  ['vonage', 'delivered', null, 'delivered', null, null],
  ['vonage', 'expired', null, 'undeliverable', null, 'expired'],
  ['vonage', 'failed', null, 'undeliverable', null, null],
  ['vonage', 'rejected', null, 'undeliverable', null, null],
  ['vonage', 'undeliverable', null, 'undeliverable', null, null],
  ['vonage', 'unknown', null, 'sent', 'unconfirmed', null],
  ['messagebird', 'sent', null, 'sent', null, null],
  ['messagebird', 'buffered', null, 'sent', 'deferred', null],
  ['messagebird', 'delivered', null, 'delivered', null, null],
  ['messagebird', 'expired', null, 'undeliverable', null, 'expired'],
  ['messagebird', 'delivery_failed', null, 'undeliverable', null, null],
  ['sinch', 'Queued', null, 'sent', null, null],
  ['sinch', 'Dispatched', null, 'sent', null, null],
  ['sinch', 'Delivered', null, 'delivered', null, null],
  ['sinch', 'Aborted', null, 'undeliverable', null, null],
  ['sinch', 'Rejected', null, 'undeliverable', null, null],
  ['sinch', 'Failed', null, 'undeliverable', null, null],
  ['sinch', 'Deleted', null, 'undeliverable', null, 'bad_address'],
  ['sinch', 'Expired', null, 'undeliverable', null, 'expired'],
  ['sinch', 'Cancelled', null, 'canceled', null, null],
  ['sinch', 'Unknown', null, 'sent', 'unconfirmed', null],
  ['infobip', 'PENDING_ENROUTE', null, 'sent', null, null],
  ['infobip', 'DELIVERED_TO_OPERATOR', null, 'sent', null, null],
  ['infobip', 'DELIVERED_TO_HANDSET', null, 'delivered', null, null],
  ['infobip', 'UNDELIVERABLE_NOT_DELIVERED', null, 'undeliverable', null, null],
  ['infobip', 'REJECTED_NETWORK', null, 'undeliverable', null, null],
  ['infobip', 'EXPIRED_EXPIRED', null, 'undeliverable', null, 'expired'],
  ['telnyx', 'queued', null, 'sent', null, null],
  ['telnyx', 'sending', null, 'sent', null, null],
  ['telnyx', 'sent', null, 'sent', null, null],
  ['telnyx', 'delivered', null, 'delivered', null, null],
  ['telnyx', 'sending_failed', null, 'undeliverable', null, null],
  ['telnyx', 'delivery_failed', null, 'undeliverable', null, null],
  ['telnyx', 'delivery_failed', '40300', 'undeliverable', null, 'opted_out'],
  ['telnyx', 'delivery_unconfirmed', null, 'sent', 'unconfirmed', null],
  ['telnyx', 'expired', null, 'undeliverable', null, 'expired'],
  ['smpp', 'ENROUTE', null, 'sent', null, null],
  ['smpp', 'ACCEPTD', null, 'sent', null, null],
  ['smpp', 'DELIVRD', null, 'delivered', null, null],
  ['smpp', 'EXPIRED', null, 'undeliverable', null, 'expired'],
  ['smpp', 'UNDELIV', null, 'undeliverable', null, null],
  ['smpp', 'REJECTD', null, 'undeliverable', null, null],
];

const result = {
  attempted: true,
  reason: null,
  enhanced: null,
  nextHop: null,
  suppress: null,
  softBounce: null,
} as const;

function sentResult(seq: number, id: string): RecordedResult {
  return { ...result, seq, id, change: { kind: 'send' }, class: null, code: 200, text: '200' };
}

function failedResult(seq: number, id: string): RecordedResult {
  return {
    ...result,
    seq,
    id,
    change: { kind: 'fail' },
    class: 'bad_address',
    code: 550,
    text: '550 5.1.1 no',
  };
}
