/** One status log for every channel: what became of a delivery, in one vocabulary, with the provider's words as they came. */
import { describe, expect, it } from 'vitest';
import type {
  AttemptResponse,
  ProviderReport,
  StatusChange,
  StatusLog,
  StatusStats,
} from '../../../core/api/log-schema.ts';
import type { List, MessageDetail } from '../../../core/api/schema.ts';
import { startWorld } from './journey.ts';
import { startPushWorld } from './push-world.ts';

type World = Pick<Awaited<ReturnType<typeof startWorld>>, 'call' | 'core' | 'clock'>;

type Row = readonly [
  status: StatusChange['status'],
  substatus: StatusChange['substatus'],
  code: string | null,
  outcomeClass: StatusChange['class'],
];

const rows = (log: StatusLog): readonly Row[] =>
  log.entries.map((one) => [one.status, one.substatus, one.code, one.class]);

async function sent(world: World, request: Readonly<Record<string, unknown>>): Promise<MessageDetail> {
  const { id } = await world.call<{ readonly id: string }>('POST', '/v1/messages', request);
  await world.core.app.settled();
  return world.core.json<MessageDetail>(`/v1/messages/${id}`);
}

const firstOf = ({ deliveries }: MessageDetail): string => deliveries[0]?.id ?? '';

async function logOf(world: World, deliveryId: string): Promise<StatusLog> {
  const log = await world.core.json<StatusLog>(`/v1/deliveries/${deliveryId}/log`);
  expect(log.complete).toBe(true);
  const order = ['queued', 'sent', 'delivered', 'undeliverable', 'canceled'];
  const ranks = log.entries.map(({ status }) => Math.min(order.indexOf(status), 2));
  expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
  return log;
}

const mail = (to: string) => ({
  channel: 'email',
  from: 'shop@example.com',
  to: [to],
  subject: 'Hi',
  text: 'Hi',
});
const responseOf = (world: World, deliveryId: string, attempt = 1): Promise<AttemptResponse> =>
  world.core.json<AttemptResponse>(`/v1/deliveries/${deliveryId}/attempts/${attempt}/response`);

describe('the status log', () => {
  it('of mail has each change with the reply that led to it, word for word', async () => {
    const world = await startWorld();
    const good = firstOf(await sent(world, mail('ann@gmail.com')));
    expect(rows(await logOf(world, good))).toEqual([
      ['queued', null, null, null],
      ['sent', null, '250', null],
      ['delivered', null, null, null],
    ]);
    const { responses } = await responseOf(world, good);
    expect(responses).toMatchObject([{ protocol: 'smtp', status: 250, encoding: 'utf8', truncated: false }]);
    expect(responses[0]?.body).toMatch(/^250 2\.0\.0 .*\r\n$/);

    const bad = firstOf(await sent(world, mail('ann+bounce-550-5.1.1@gmail.com')));
    const log = await logOf(world, bad);
    expect(rows(log)).toEqual([
      ['queued', null, null, null],
      ['undeliverable', null, '550', 'bad_address'],
    ]);
    expect(log.entries.at(-1)).toMatchObject({
      provider: 'gmail',
      enhanced: '5.1.1',
      permanent: true,
      attempt: 1,
    });
    const refused = await responseOf(world, bad);
    expect(refused.responses[0]?.body).toBe(`${refused.text}\r\n`);
    expect(log.entries.at(-1)?.providerStatus).toBe(refused.text);

    const later = firstOf(await sent(world, mail('ann+defer-421-x1@gmail.com')));
    await world.clock({ toNext: true });
    await world.core.app.settled();
    expect(rows(await logOf(world, later))).toEqual([
      ['queued', null, null, null],
      ['queued', 'deferred', '421', expect.anything()],
      ['sent', null, '250', null],
      ['delivered', null, null, null],
    ]);
    expect((await world.core.get(`/v1/deliveries/${later}/attempts/3/response`)).status).toBe(404);
  });

  it('of an SMS has the answer of the provider, and its reports as they came', async () => {
    const world = await startWorld();
    const id = firstOf(
      await sent(world, { channel: 'sms', to: '+14155550123', body: 'Hello', provider: 'twilio' }),
    );
    const log = await logOf(world, id);
    expect(log.entries.map(({ status }) => status)).toEqual(['queued', 'sent', 'delivered']);
    expect(log.entries.at(-1)).toMatchObject({ provider: 'twilio', providerStatus: 'delivered' });
    const { responses } = await responseOf(world, id);
    expect(responses).toMatchObject([{ protocol: 'http', status: 201, encoding: 'utf8' }]);
    expect(JSON.parse(responses[0]?.body ?? '')).toMatchObject({ status: 'queued', to: '+14155550123' });
    expect(responses[0]?.fields.map(([name]) => name.toLowerCase())).toContain('content-type');
    const reports = await world.core.json<List<ProviderReport>>(`/v1/deliveries/${id}/reports`);
    const last = reports.entries.find((one) => one.id === log.entries.at(-1)?.report);
    expect(last).toMatchObject({ provider: 'twilio', protocol: 'http', method: 'POST', truncated: false });
    expect(last?.body).toContain('MessageStatus=delivered');
    // The key of our own address is no word of Twilio's.
    expect(last?.target).toBe(`/v1/sms/reports/twilio?delivery=${id}`);
    expect(last?.fields.some(([name]) => name.toLowerCase() === 'x-twilio-signature')).toBe(true);
  });

  it.each([
    ['ios', 200],
    ['android', 200],
    ['browser', 201],
  ] as const)('of a push to %s has the answer of its provider', async (platform, status) => {
    const world = await startPushWorld();
    const phone = await world.phone(platform);
    const id = firstOf(await sent(world, { channel: 'push', to: { phone: phone.id }, title: 'Hi' }));
    const log = await logOf(world, id);
    expect(log.entries.map((one) => one.status)).toEqual(['queued', 'sent', 'delivered']);
    expect(log.entries[1]?.code).toBe(String(status));
    const { responses } = await responseOf(world, id);
    expect(responses).toMatchObject([{ protocol: 'http', status, truncated: false }]);
    expect(responses[0]?.fields.length).toBeGreaterThan(0);
  });

  it('of an in-app message follows what the app tells', async () => {
    const world = await startWorld();
    const message = await sent(world, { channel: 'inapp', to: ['ann'], title: 'Hi' });
    const id = firstOf(message);
    expect(message).toMatchObject({ user: 'ann', partOf: null, template: null });
    const door = `http://127.0.0.1:${world.core.port('providers')}/inapp/v1`;
    const pulled = await fetch(`${door}/users/ann/messages`);
    const { entries } = (await pulled.json()) as { entries: { id: string }[] };
    await fetch(`${door}/messages/${entries[0]?.id}/seen`, { method: 'PUT' });
    await world.core.app.settled();
    expect((await logOf(world, id)).entries.map(({ status }) => status)).toEqual([
      'queued',
      'sent',
      'delivered',
    ]);
    const found = await world.core.json<List<MessageDetail>>(
      '/v1/messages?user=ann&channel=inapp&status=delivered',
    );
    expect(found.entries.map((one) => one.id)).toEqual([message.id]);
  });

  it('is counted over time, by channel and status, with rates', async () => {
    const world = await startWorld();
    await sent(world, mail('ann@gmail.com'));
    await sent(world, mail('ann+bounce-550-5.1.1@gmail.com'));
    await sent(world, { channel: 'sms', to: '+14155550123', body: 'Hello' });
    const stats = await world.core.json<StatusStats>('/v1/stats/statuses?bucket=minute');
    expect(stats.buckets).toHaveLength(60);
    expect(stats.buckets.at(-1)?.queued).toBe(3);
    expect(stats.totals).toEqual({
      queued: 3,
      sent: 2,
      delivered: 2,
      undeliverable: 1,
      canceled: 0,
      opened: 0,
      clicked: 0,
    });
    expect(stats.rates).toEqual({ delivered: 0.6667, undeliverable: 0.3333, opened: 0, clicked: 0 });
    expect(stats.undeliverable).toEqual([{ channel: 'email', class: 'bad_address', count: 1, rate: 0.5 }]);
    expect(stats.channels.map(({ channel }) => channel)).toEqual(['email', 'sms']);
    const sms = await world.core.json<StatusStats>('/v1/stats/statuses?channel=sms&clock=wall&bucket=day');
    expect(sms.totals.delivered).toBe(1);
    expect((await world.core.get('/v1/stats/statuses?bucket=minute&from=2020-01-01')).status).toBe(400);
    expect((await world.core.get('/v1/stats/statuses?from=never')).status).toBe(400);
  });
});
