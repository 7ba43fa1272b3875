/**
 * The one status vocabulary, each row that names an SMS provider: reached in a whole Sandpost by what the provider, the
 * carrier or the handset does, or where nothing natural leads there by a rule, and looked at on our delivery. What stands
 * here is the table itself; a row that is not reached fails.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Delivery } from '../../../core/api/schema.ts';
import { type SmsProvider, smsProviders } from '../../../core/model/sms.ts';
import { hourMs, type SmsPeers, startSmsPeers } from './peers.ts';
import {
  type Api,
  plainSender as from,
  type PlainRequests,
  plainRequests,
  twilioBasic,
  twilioPath,
} from './plain-requests.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Status, sub-status, class. */
type Left = readonly [status: string, substatus: string | null, outcome: string | null];

interface Row {
  /** As the table has it. */
  readonly says: string;
  readonly left: Left;
  /** @param to a number of its own @returns the delivery that it left */
  reach(to: string): Promise<Delivery>;
}

const service = 'MG0123456789abcdef0123456789abcdef';

let peers: SmsPeers;
let plain: PlainRequests;
beforeAll(async () => {
  peers = await startSmsPeers();
  plain = await plainRequests(peers.port);
});
afterAll(async () => {
  plain.close();
  await peers.close();
});

async function deliveryTo(to: string): Promise<Delivery> {
  const { id } = await peers.newest(to);
  return peers.only(id);
}

/** Where its provider says that it stands. */
async function wordOf({ messageId }: Delivery): Promise<readonly (string | null)[]> {
  const [sms] = await peers.sms(messageId ?? '');
  const step = sms?.steps.at(-1);
  return [step?.status ?? null, step?.code ?? null];
}

/** By what is natural: nothing is asked for but what the request and the handset are. */
function natural(
  says: string,
  left: Left,
  api: Api,
  about: {
    readonly handset?: Fields;
    readonly request?: Fields;
    readonly text?: string;
    /** What happens after the provider's answer. */
    readonly then?: (to: string, answer: unknown) => Promise<unknown>;
    readonly word?: string;
  } = {},
): Row {
  return {
    says: `${says}, by itself`,
    left,
    async reach(to) {
      if (about.handset !== undefined) {
        await peers.newHandset(to);
        await peers.changeHandset(to, about.handset);
      }
      const answer = await plain.send(api, to, about.request ?? {}, about.text ?? 'Hello');
      await about.then?.(to, answer);
      const delivery = await deliveryTo(to);
      if (about.word !== undefined) expect((await wordOf(delivery))[0]).toBe(about.word);
      return delivery;
    },
  };
}

/** A rule has the provider say so in its report: to a stranger's request, and to one of our own core, which hears of it. */
function reported(says: string, left: Left, api: Api, status: string, code?: string): readonly Row[] {
  const rule = { do: 'report', status, afterMs: 0, ...(code === undefined ? {} : { code }) };
  const provider: SmsProvider = api === 'vonageMessages' ? 'vonage' : api;
  const stranger: Row = {
    says: `${says}, of an app`,
    left,
    async reach(to) {
      await peers.smsRules({ name: says, when: { recipient: to }, then: rule });
      await plain.send(api, to, {}, 'Hello');
      const delivery = await deliveryTo(to);
      expect(await wordOf(delivery)).toEqual([status, code ?? expect.toSatisfy(isCode)]);
      return delivery;
    },
  };
  const own: Row = {
    says: `${says}, of the core`,
    left,
    async reach(to) {
      await peers.smsRules({ name: says, when: { recipient: to }, then: rule });
      return one(await peers.send({ provider, to, from, body: 'Hello' }));
    },
  };
  // The core speaks to Vonage by its SMS API.
  return api === 'vonageMessages' ? [stranger] : [stranger, own];
}

const isCode = (value: unknown): boolean => value === null || typeof value === 'string';

/** In place of the yes, to our own core: a stranger's request that is refused is no message. */
function refused(says: string, left: Left, provider: SmsProvider, reason: string): Row {
  return {
    says: `${says} in place of the yes`,
    left,
    async reach(to) {
      await peers.smsRules({ name: says, when: { recipient: to }, then: { do: 'answer', reason } });
      return one(await peers.send({ provider, to, from, body: 'Hello' }));
    },
  };
}

function sending(says: string, left: Left, provider: SmsProvider, about: Own): Row {
  return {
    says,
    left,
    async reach(to) {
      await about.before?.(to);
      const message = await peers.send({ provider, to, from, body: 'Hello', ...about.request?.() });
      await about.then?.(one(message), to);
      await peers.settled();
      return peers.only(message.id);
    },
  };
}

interface Own {
  readonly request?: () => Fields;
  readonly before?: (to: string) => Promise<unknown>;
  readonly then?: (delivery: Delivery, to: string) => Promise<unknown>;
}

function one({
  id,
  deliveries,
}: {
  readonly id: string;
  readonly deliveries: readonly Delivery[];
}): Delivery {
  const [first] = deliveries;
  if (first === undefined || deliveries.length > 1)
    throw new Error(`${id} has ${deliveries.length} deliveries`);
  return first;
}

const inAnHour = (): string => new Date(Date.now() + hourMs).toISOString();
const inHalfADay = (): string => new Date(Date.now() + 12 * hourMs).toISOString();
const gambling = 'Free spins at our online casino';

const queued: Left = ['queued', null, null];
const sent: Left = ['sent', null, null];
const held: Left = ['sent', 'held', null];
const deferred: Left = ['sent', 'deferred', null];
const unconfirmed: Left = ['sent', 'unconfirmed', null];
const delivered: Left = ['delivered', null, null];
const canceled: Left = ['canceled', null, null];
const failed: Left = ['undeliverable', null, null];
const ended = (outcome: string): Left => ['undeliverable', null, outcome];
const putOff = (outcome: string): Left => ['queued', 'deferred', outcome];

const tables: Readonly<Record<string, readonly Row[]>> = {
  'queued: scheduled at the provider': [
    {
      says: 'Twilio scheduled',
      left: queued,
      reach: async (to) => {
        const request = { MessagingServiceSid: service, ScheduleType: 'fixed', SendAt: inAnHour() };
        expect(await plain.send('twilio', to, request, 'Hello')).toMatchObject({ status: 'scheduled' });
        return deliveryTo(to);
      },
    },
    {
      says: 'MessageBird scheduled',
      left: queued,
      reach: async (to) => {
        const answer = await plain.send('messagebird', to, { scheduledDatetime: inAnHour() }, 'Hello');
        expect(answer).toMatchObject({ recipients: { items: [{ status: 'scheduled' }] } });
        return deliveryTo(to);
      },
    },
  ],
  'sent: the next hop took it': [
    ...reported('Twilio queued', sent, 'twilio', 'queued'),
    ...reported('Twilio accepted', sent, 'twilio', 'accepted'),
    ...reported('Twilio sending', sent, 'twilio', 'sending'),
    ...reported('Twilio sent', sent, 'twilio', 'sent'),
    ...reported('Sinch Queued', sent, 'sinch', 'Queued'),
    ...reported('Infobip PENDING', sent, 'infobip', 'PENDING_ENROUTE'),
    ...reported('Infobip PENDING, accepted', sent, 'infobip', 'PENDING_ACCEPTED'),
    ...reported('Telnyx queued', sent, 'telnyx', 'queued'),
    ...reported('Telnyx sending', sent, 'telnyx', 'sending'),
    sending('Vonage "0", nothing more is heard', sent, 'vonage', {
      before: (to) =>
        peers.smsRules({ name: 'lost', when: { recipient: to }, then: { do: 'reports', how: 'lose' } }),
    }),
    {
      says: 'Vonage 202',
      left: sent,
      reach: async (to) => {
        await peers.smsRules({ name: 'lost', when: { recipient: to }, then: { do: 'blackHole' } });
        expect(await plain.send('vonageMessages', to, {}, 'Hello')).toMatchObject({
          message_uuid: expect.any(String),
        });
        return deliveryTo(to);
      },
    },
    ...reported('Vonage accepted', sent, 'vonage', 'accepted'),
    ...reported('Vonage submitted', sent, 'vonageMessages', 'submitted'),
    ...reported('Sinch Dispatched', sent, 'sinch', 'Dispatched'),
    ...reported('Infobip id 2', sent, 'infobip', 'DELIVERED_TO_OPERATOR'),
    ...reported('Telnyx sent', sent, 'telnyx', 'sent'),
    ...reported('MessageBird sent', sent, 'messagebird', 'sent'),
    ...reported('SMPP ENROUTE', sent, 'smpp', 'ENROUTE'),
    ...reported('SMPP ACCEPTD', sent, 'smpp', 'ACCEPTD'),
  ],
  'deferred: for now not': [
    ...reported('Vonage buffered', deferred, 'vonage', 'buffered'),
    ...reported('MessageBird buffered', deferred, 'messagebird', 'buffered'),
    refused('Vonage status 1', putOff('rate_limited'), 'vonage', '1'),
    refused('Vonage status 5, the provider’s own fault', putOff('provider_down'), 'vonage', '5'),
    refused('Twilio 20429', putOff('rate_limited'), 'twilio', '20429'),
    refused('Twilio 21611', putOff('rate_limited'), 'twilio', '21611'),
  ],
  'held: the handset is off, or a rule of the user': [
    ...smsProviders.map((provider) =>
      natural(`${provider}, off`, held, provider, { handset: { online: false } }),
    ),
    ...smsProviders.map((provider): Row => {
      return {
        says: `${provider}, held by a rule`,
        left: held,
        async reach(to) {
          await peers.smsRules({ name: 'held', when: { recipient: to }, then: { do: 'hold' } });
          await plain.send(provider, to, {}, 'Hello');
          return deliveryTo(to);
        },
      };
    }),
  ],
  delivered: [
    natural('Twilio delivered', delivered, 'twilio', { word: 'delivered' }),
    natural('Vonage delivered', delivered, 'vonage', { word: 'delivered' }),
    natural('Vonage delivered, Messages', delivered, 'vonageMessages', { word: 'delivered' }),
    natural('Telnyx delivered', delivered, 'telnyx', { word: 'delivered' }),
    natural('MessageBird delivered', delivered, 'messagebird', { word: 'delivered' }),
    natural('Sinch Delivered', delivered, 'sinch', { word: 'Delivered' }),
    natural('Infobip id 5', delivered, 'infobip', { word: 'DELIVERED_TO_HANDSET' }),
    natural('DELIVRD', delivered, 'smpp', { word: 'DELIVRD' }),
    ...smsProviders.map((provider) => sending(`${provider}, heard by the core`, delivered, provider, {})),
  ],
  'undeliverable: bad address': [
    refused('Twilio 21211', ended('bad_address'), 'twilio', '21211'),
    refused('Twilio 21614', ended('bad_address'), 'twilio', '21614'),
    natural('Twilio 30005', ended('bad_address'), 'twilio', {
      handset: { line: 'unknown' },
      word: 'undelivered',
    }),
    natural('Twilio 30006', ended('bad_address'), 'twilio', {
      handset: { line: 'landline' },
      word: 'undelivered',
    }),
    natural('Sinch Deleted', ended('bad_address'), 'sinch', {
      handset: { line: 'unknown' },
      word: 'Deleted',
    }),
    ...reported('Twilio 30005', ended('bad_address'), 'twilio', 'undelivered', '30005'),
    ...reported('Twilio 30006', ended('bad_address'), 'twilio', 'undelivered', '30006'),
    ...reported('Sinch Deleted', ended('bad_address'), 'sinch', 'Deleted', '1'),
  ],
  'undeliverable: opted out or blocked': [
    refused('Twilio 21610', ended('opted_out'), 'twilio', '21610'),
    refused('Telnyx 40300', ended('opted_out'), 'telnyx', '40300'),
    refused('Vonage 7', ended('opted_out'), 'vonage', '7'),
    natural('Twilio 30004', ended('opted_out'), 'twilio', { handset: { blocked: true } }),
    natural('Twilio 30007', ended('opted_out'), 'twilio', { text: gambling }),
    ...reported('Twilio 30004', ended('opted_out'), 'twilio', 'undelivered', '30004'),
    ...reported('Twilio 30007', ended('opted_out'), 'twilio', 'undelivered', '30007'),
    sending('on the suppression list', ended('opted_out'), 'twilio', {
      request: () => ({ sendAt: inHalfADay() }),
      then: async (_, to) => {
        await peers.call('POST', '/v1/suppressions', { address: to, reason: 'unsubscribed' });
        await peers.clock({ advanceMs: 13 * hourMs });
      },
    }),
  ],
  'undeliverable: config or payload': [
    refused('Twilio 20003', ended('config'), 'twilio', '20003'),
    ...['2', '3', '4', '6', '8', '9', '10', '11', '12', '13', '14', '15'].map((status) =>
      refused(`Vonage ${status}`, ended('config'), 'vonage', status),
    ),
  ],
  'undeliverable: expired': [
    ...(
      [
        ['vonage', 'expired'],
        ['sinch', 'Expired'],
        ['messagebird', 'expired'],
        ['infobip', 'EXPIRED_EXPIRED'],
        ['telnyx', 'expired'],
        ['smpp', 'EXPIRED'],
      ] as const
    ).flatMap(([provider, word]) => [
      natural(`${provider} ${word}`, ended('expired'), provider, {
        handset: { online: false },
        then: () => peers.clock({ advanceMs: 73 * hourMs }),
        word,
      }),
      ...reported(`${provider} ${word}`, ended('expired'), provider, word),
    ]),
  ],
  'undeliverable: failed': [
    ...reported('Twilio failed', failed, 'twilio', 'failed', '30001'),
    ...reported('Twilio undelivered', failed, 'twilio', 'undelivered', '30008'),
    ...reported('Telnyx sending_failed', failed, 'telnyx', 'sending_failed', '40011'),
    ...reported('Telnyx delivery_failed', failed, 'telnyx', 'delivery_failed', '40008'),
    ...reported('MessageBird delivery_failed', failed, 'messagebird', 'delivery_failed', '34'),
    natural('MessageBird delivery_failed', failed, 'messagebird', { handset: { line: 'unknown' } }),
    ...reported('Vonage failed', failed, 'vonage', 'failed', '8'),
    ...reported('Vonage rejected', failed, 'vonage', 'rejected', '14'),
    ...reported('Vonage undeliverable', failed, 'vonageMessages', 'undeliverable', '1'),
    ...reported('Sinch Aborted', failed, 'sinch', 'Aborted', '403'),
    ...reported('Sinch Rejected', failed, 'sinch', 'Rejected', '993'),
    ...reported('Sinch Failed', failed, 'sinch', 'Failed', '36'),
    ...reported('Infobip group 2', failed, 'infobip', 'UNDELIVERABLE_NOT_DELIVERED', '34'),
    ...reported('Infobip group 5', failed, 'infobip', 'REJECTED_NETWORK'),
    ...reported('UNDELIV', failed, 'smpp', 'UNDELIV', '034'),
    ...reported('REJECTD', failed, 'smpp', 'REJECTD'),
    natural('UNDELIV', failed, 'smpp', { handset: { line: 'unknown' }, word: 'UNDELIV' }),
  ],
  canceled: [
    {
      says: 'Twilio canceled',
      left: canceled,
      reach: async (to) => {
        const request = { MessagingServiceSid: service, ScheduleType: 'fixed', SendAt: inAnHour() };
        const { sid } = Object(await plain.send('twilio', to, request, 'Hello'));
        const body = new URLSearchParams({ Status: 'canceled' });
        expect(await plain.post(`${twilioPath}/${sid}.json`, twilioBasic, body)).toMatchObject({
          status: 'canceled',
        });
        return deliveryTo(to);
      },
    },
    {
      says: 'Sinch Cancelled',
      left: canceled,
      reach: async (to) => {
        const { id } = Object(await plain.send('sinch', to, { send_at: inAnHour() }, 'Hello'));
        expect(
          await plain.post(`/sinch/xms/v1/plan/batches/${id}`, 'Bearer token', {}, 'DELETE'),
        ).toMatchObject({
          canceled: true,
        });
        const delivery = await deliveryTo(to);
        expect(await wordOf(delivery)).toEqual(['Cancelled', '407']);
        return delivery;
      },
    },
    ...reported('Twilio canceled', canceled, 'twilio', 'canceled'),
    ...reported('Sinch Cancelled', canceled, 'sinch', 'Cancelled', '407'),
    sending('canceled by the user while queued', canceled, 'twilio', {
      request: () => ({ sendAt: inAnHour() }),
      then: ({ id }) => peers.call('POST', `/v1/deliveries/${id}/cancel`, {}),
    }),
  ],
  'sent, unconfirmed': [
    ...reported('Telnyx delivery_unconfirmed', unconfirmed, 'telnyx', 'delivery_unconfirmed'),
    ...reported('Sinch Unknown', unconfirmed, 'sinch', 'Unknown', '500'),
    ...reported('Vonage unknown', unconfirmed, 'vonage', 'unknown', '1'),
  ],
};

let made = 0;
/** Numbers of a range that nobody has. */
function newNumber(): string {
  made += 1;
  return `+4479112${String(made).padStart(5, '0')}`;
}

for (const [name, rows] of Object.entries(tables))
  describe(name, () => {
    it.each(rows)('$says', async ({ left, reach }) => {
      const { status, substatus, class: outcome, reason } = await reach(newNumber());
      expect([status, substatus, outcome], reason ?? '').toEqual(left);
    });
  });
