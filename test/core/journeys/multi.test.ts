/** One send, several channels: which way it goes, and why. */
import { describe, expect, it, vi } from 'vitest';
import { hourMs, minuteMs } from './journey.ts';
import { type MultiWorld, startMultiWorld, words } from './multi-world.ts';

vi.setConfig({ testTimeout: 120_000 });

/** Nobody has it: `…726335`. */
const deadNumber = '+14155726335';

/** The app's own pull: what it hands out for the first time is sent. */
async function pull(world: MultiWorld, user: string): Promise<readonly { readonly id: string }[]> {
  const answer = await fetch(
    `http://127.0.0.1:${world.core.port('providers')}/inapp/v1/users/${user}/messages`,
  );
  const page: { entries: { id: string }[] } = JSON.parse(await answer.text());
  return page.entries;
}

async function see(world: MultiWorld, id: string): Promise<void> {
  const url = `http://127.0.0.1:${world.core.port('providers')}/inapp/v1/messages/${id}/seen`;
  const answer = await fetch(url, { method: 'PUT' });
  expect(answer.ok).toBe(true);
}

async function way(world: MultiWorld, id: string) {
  return (await world.parts(id))
    .toReversed()
    .map(({ step, channel, status, why, passedOver }) => [step, channel, status, why, passedOver]);
}

it('goes by the first channel that works, and says why each one before did not', async () => {
  const world = await startMultiWorld();
  await world.user('jane', { email: 'jane@gmail.com', preferences: { channels: { push: false } } });
  const id = await world.multi({ channels: ['push', 'sms', 'email'], to: ['jane'] });
  expect(await world.of(id)).toMatchObject({
    carriage: 'multi',
    recipient: 'jane',
    status: 'delivered',
    attempts: 3,
  });
  const parts = await world.parts(id);
  expect(parts).toMatchObject([
    { step: 3, channel: 'email', status: 'delivered', why: 'undeliverable', user: 'jane' },
    { step: 2, channel: 'sms', status: 'undeliverable', reason: expect.stringContaining('no_channel') },
    { step: 1, channel: 'push', status: 'undeliverable', reason: expect.stringContaining('filtered') },
  ]);
  expect(await world.inbox('jane@gmail.com')).toHaveLength(1);
  expect(await world.read(parts[0]?.messageId ?? '')).toMatchObject({
    channel: 'email',
    subject: 'Your order',
  });
  expect(
    (await world.events(id)).map(({ type, data }) => [type, data.channel ?? null, data.outcome ?? null]),
  ).toEqual([
    ['accepted', null, null],
    ['queued', null, null],
    ['attempted', 'push', 'failed'],
    ['attempted', 'sms', 'failed'],
    ['attempted', 'email', 'begun'],
    ['reported', 'email', 'delivered'],
    ['sent', 'email', null],
    ['delivered', 'email', null],
  ]);
  expect(await world.read(id)).toMatchObject({
    channel: 'multi',
    subject: 'Your order',
    multi: { channels: ['push', 'sms', 'email'], routing: 'first', recipients: ['user:jane'] },
  });
  await world.clock({ advanceMs: hourMs });
  expect(await world.parts(id)).toHaveLength(3);
});

it('to a user with push off, a dead number and a full mailbox ends in-app, each step explained', async () => {
  const world = await startMultiWorld();
  await world.user('jane', {
    email: 'jane@gmail.com',
    phone: deadNumber,
    preferences: { channels: { push: false } },
  });
  await world.mailbox('jane@gmail.com', { state: 'full' });
  const id = await world.multi({
    channels: ['push', 'sms', 'email', 'inapp'],
    to: ['jane'],
    fallback: { giveUpAfterSeconds: 300 },
  });
  // The mailbox is full for now: its sender would go on for two days.
  expect(await way(world, id)).toEqual([
    [1, 'push', 'undeliverable', 'first', null],
    [2, 'sms', 'undeliverable', 'undeliverable', null],
    [3, 'email', 'queued', 'undeliverable', null],
  ]);
  expect(await world.of(id)).toMatchObject({ status: 'sent' });
  await world.clock({ advanceMs: 5 * minuteMs });
  expect(await way(world, id)).toEqual([
    [1, 'push', 'undeliverable', 'first', null],
    [2, 'sms', 'undeliverable', 'undeliverable', null],
    [3, 'email', 'canceled', 'undeliverable', 'given_up'],
    [4, 'inapp', 'queued', 'given_up', null],
  ]);
  const [entry] = await pull(world, 'jane');
  expect(entry).toMatchObject({ title: 'Your order', body: 'It is on its way.' });
  await see(world, entry?.id ?? '');
  expect(await world.of(id)).toMatchObject({ status: 'delivered', reason: null });
  const reasons = (await world.parts(id)).toReversed().map(({ reason }) => reason);
  expect(reasons).toEqual([
    expect.stringMatching(/^filtered: jane wants nothing by push/),
    expect.stringContaining('30005'),
    'not delivered by mail within 300 s; the next way is tried',
    null,
  ]);
  await world.clock({ advanceMs: 72 * hourMs });
  expect(await world.of(id)).toMatchObject({ status: 'delivered' });
  expect(await world.parts(id)).toHaveLength(4);
});

it('says of mail whose queue lifetime is over what its mailbox said to the last', async () => {
  const world = await startMultiWorld();
  await world.user('jane', { email: 'jane@gmail.com' });
  await world.mailbox('jane@gmail.com', { state: 'full' });
  const id = await world.multi({ channels: ['email', 'inapp'], to: ['jane'] });
  await world.clock({ advanceMs: 50 * hourMs });
  const [inapp, mail] = await world.parts(id);
  expect(inapp).toMatchObject({ channel: 'inapp', status: 'queued', why: 'undeliverable' });
  expect(mail).toMatchObject({ channel: 'email', status: 'undeliverable', class: 'expired' });
  expect(mail?.reason).toMatch(
    /^expired: The queue lifetime is over after \d+ attempts\. Last time: 452 4\.2\.2 /,
  );
});

it('ends undeliverable when no way is left, with every way in its reason', async () => {
  const world = await startMultiWorld();
  const id = await world.multi({
    channels: ['push', 'sms', 'email'],
    to: [{ user: 'jane', phone: deadNumber }],
  });
  const delivery = await world.of(id);
  expect(delivery).toMatchObject({ status: 'undeliverable', class: 'inactive' });
  expect(delivery.reason).toMatch(
    /^none of 3 ways worked: 1\. push: no_channel: .*; 2\. SMS: .*30005.*; 3\. mail: no_channel: /,
  );
});

it('goes by all channels at once, and is delivered when one of them is', async () => {
  const world = await startMultiWorld();
  const id = await world.multi({
    channels: ['sms', 'email', 'inapp'],
    routing: 'all',
    to: [{ user: 'jane', email: 'jane@gmail.com', phone: deadNumber }],
  });
  expect(await world.of(id)).toMatchObject({ status: 'delivered' });
  expect(new Set(await way(world, id))).toEqual(
    new Set([
      [1, 'sms', 'undeliverable', 'all', null],
      [2, 'email', 'delivered', 'all', null],
      [3, 'inapp', 'queued', 'all', null],
    ]),
  );
});

describe('unread for so long', () => {
  it('goes by the next channel too, and stays delivered', async () => {
    const world = await startMultiWorld();
    const id = await world.multi({
      channels: ['email', 'sms'],
      to: [{ user: 'jane', email: 'jane@gmail.com', phone: '+14155550123' }],
      fallback: { unreadAfterSeconds: 3600 },
    });
    await world.clock({ advanceMs: 59 * minuteMs });
    expect(await world.parts(id)).toHaveLength(1);
    await world.clock({ advanceMs: 2 * minuteMs });
    expect(await way(world, id)).toEqual([
      [1, 'email', 'delivered', 'first', 'unread'],
      [2, 'sms', 'delivered', 'unread', null],
    ]);
    expect(await world.of(id)).toMatchObject({ status: 'delivered' });
    const statuses = (await world.events(id)).flatMap(({ type }) =>
      ['queued', 'sent', 'delivered', 'undeliverable', 'canceled'].includes(type) ? [type] : [],
    );
    expect(statuses).toEqual(['queued', 'sent', 'delivered']);
  });

  it('stays with the first where it was read', async () => {
    const world = await startMultiWorld();
    const id = await world.multi({
      channels: ['inapp', 'email'],
      to: [{ user: 'jane', email: 'jane@gmail.com' }],
      fallback: { unreadAfterSeconds: 3600 },
    });
    const [entry] = await pull(world, 'jane');
    await see(world, entry?.id ?? '');
    await world.clock({ advanceMs: 2 * hourMs });
    expect(await way(world, id)).toEqual([[1, 'inapp', 'delivered', 'first', null]]);
  });

  it('counts for an in-app message that nobody pulled', async () => {
    const world = await startMultiWorld();
    const id = await world.multi({
      channels: ['inapp', 'email'],
      to: [{ user: 'jane', email: 'jane@gmail.com' }],
      fallback: { unreadAfterSeconds: 3600 },
    });
    expect(await world.of(id)).toMatchObject({ status: 'queued' });
    await world.clock({ advanceMs: 2 * hourMs });
    expect(await way(world, id)).toEqual([
      [1, 'inapp', 'queued', 'first', 'unread'],
      [2, 'email', 'delivered', 'unread', null],
    ]);
    expect(await world.of(id)).toMatchObject({ status: 'delivered' });
  });
});

describe('orders by hand', () => {
  it('take no step while it is held, and go on with its release', async () => {
    const world = await startMultiWorld();
    const id = await world.ask({
      channels: ['email'],
      to: [{ user: 'jane', email: 'jane@gmail.com' }],
      sendAt: new Date(Date.now() + hourMs).toISOString(),
    });
    const { id: deliveryId, waitsFor } = await world.of(id);
    expect(waitsFor).toBe('schedule');
    await world.call('POST', `/v1/deliveries/${deliveryId}/hold`, {});
    await world.clock({ advanceMs: 2 * hourMs });
    expect(await world.of(id)).toMatchObject({ status: 'queued', substatus: 'held' });
    expect(await world.parts(id)).toHaveLength(0);
    await world.call('POST', `/v1/deliveries/${deliveryId}/release`, {});
    expect(await world.of(id)).toMatchObject({ status: 'delivered', attempts: 1 });
  });

  it('cancel what is scheduled, and what was made of it and is still queued', async () => {
    const world = await startMultiWorld();
    const later = await world.ask({
      channels: ['email'],
      to: [{ user: 'jane', email: 'jane@gmail.com' }],
      sendAt: new Date(Date.now() + hourMs).toISOString(),
    });
    const waiting = await world.multi({ channels: ['inapp'], to: ['jane'] });
    for (const id of [later, waiting])
      await world.call('POST', `/v1/deliveries/${(await world.of(id)).id}/cancel`, {});
    await world.clock({ advanceMs: 2 * hourMs });
    expect(await world.of(later)).toMatchObject({ status: 'canceled' });
    expect(await world.parts(later)).toHaveLength(0);
    expect(await world.of(waiting)).toMatchObject({ status: 'canceled' });
    expect(await way(world, waiting)).toEqual([[1, 'inapp', 'canceled', 'first', null]]);
    expect(await pull(world, 'jane')).toEqual([]);
  });

  it('retry it after its end, from the first way on', async () => {
    const world = await startMultiWorld();
    const id = await world.multi({ channels: ['email'], to: ['jane'] });
    const ended = await world.of(id);
    expect(ended).toMatchObject({ status: 'undeliverable' });
    await world.user('jane', { email: 'jane@gmail.com' });
    await world.call('POST', `/v1/deliveries/${ended.id}/retry`, {});
    await world.core.app.settled();
    const { deliveries } = await world.read(id);
    expect(deliveries.find((one) => one.retryOf === ended.id)).toMatchObject({ status: 'delivered' });
    expect(await world.inbox('jane@gmail.com')).toHaveLength(1);
  });
});

it('is one message however often it is asked for by the same Idempotency-Key', async () => {
  const world = await startMultiWorld();
  const ask = async () => {
    const answer = await world.core.get('/v1/messages', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'order-1' },
      body: JSON.stringify({
        channels: ['email'],
        to: [{ user: 'jane', email: 'jane@gmail.com' }],
        content: words,
      }),
    });
    expect(answer.status).toBe(202);
    return answer.text();
  };
  const [first, second] = [await ask(), await ask()];
  expect(second).toBe(first);
  await world.core.app.settled();
  expect(await world.inbox('jane@gmail.com')).toHaveLength(1);
});

it('ends a way whose message was deleted, and waits for it no longer', async () => {
  const world = await startMultiWorld();
  const id = await world.multi({ channels: ['inapp'], to: ['jane'] });
  const [part] = await world.parts(id);
  await world.call('DELETE', `/v1/messages/${part?.messageId}`);
  expect(await world.of(id)).toMatchObject({ status: 'canceled', reason: 'its message was deleted' });
});

it('ends a way whose message was deleted when a provider had it, and says so of the send', async () => {
  const world = await startMultiWorld();
  const id = await world.multi({ channels: ['inapp', 'email'], to: ['jane'] });
  await pull(world, 'jane');
  const [part] = await world.parts(id);
  expect([part?.status, (await world.of(id)).status]).toEqual(['sent', 'sent']);
  await world.call('DELETE', `/v1/messages/${part?.messageId}`);
  expect(await world.of(id)).toMatchObject({ status: 'canceled', reason: 'its message was deleted' });
  expect(await way(world, id)).toEqual([[1, 'inapp', 'canceled', 'first', null]]);
  const statuses = (await world.events(id)).flatMap(({ type }) =>
    ['queued', 'sent', 'delivered', 'undeliverable', 'canceled'].includes(type) ? [type] : [],
  );
  expect(statuses).toEqual(['queued', 'sent', 'canceled']);
});

it('goes on with the other ways when the message of one was deleted', async () => {
  const world = await startMultiWorld();
  const id = await world.multi({ channels: ['inapp', 'email'], routing: 'all', to: ['jane'] });
  const seen = await world.multi({ channels: ['inapp', 'sms'], routing: 'all', to: ['joe'] });
  const inApp = async (send: string) => (await world.parts(send)).find(({ channel }) => channel === 'inapp');
  await pull(world, 'jane');
  const [entry] = await pull(world, 'joe');
  await see(world, entry?.id ?? '');
  for (const send of [id, seen]) await world.call('DELETE', `/v1/messages/${(await inApp(send))?.messageId}`);
  // The mail had nowhere to go: every way is over, and that one says why.
  expect(await world.of(id)).toMatchObject({
    status: 'undeliverable',
    reason: expect.stringMatching(
      /^none of 2 ways worked: 1\. in-app: its message was deleted; 2\. mail: no_channel/,
    ),
  });
  expect(await world.of(seen)).toMatchObject({ status: 'delivered', reason: null });
});

it('is about what its template is about, unless it says otherwise', async () => {
  const world = await startMultiWorld();
  for (const id of ['news', 'orders']) await world.call('POST', '/v1/topics', { id, name: id });
  await world.user('jane', { preferences: { topics: { news: false } } });
  await world.call('POST', '/v1/templates', {
    name: 'Weekly',
    topic: 'news',
    content: { inapp: { body: 'What is new' } },
  });
  await world.call('POST', '/v1/templates/weekly/publish', {});
  const request = { channels: ['inapp'], to: ['jane'], template: 'weekly', content: {} };
  expect(await world.of(await world.multi(request))).toMatchObject({
    status: 'undeliverable',
    reason: expect.stringContaining('unsubscribed'),
  });
  expect(await world.of(await world.multi({ ...request, topic: 'orders' }))).toMatchObject({
    status: 'queued',
  });
  await world.call('DELETE', '/v1/topics/news');
  await expect(world.multi(request)).rejects.toThrow(/There is no topic news, which its template names/);
});

it('is about nothing where its template is about nothing, and goes by one whose only words have no sample', async () => {
  const world = await startMultiWorld();
  await world.call('POST', '/v1/templates', {
    name: 'Words',
    topic: '',
    content: { inapp: { body: '{{ words }}' } },
    variables: [{ name: 'words', type: 'string', required: true, sample: null }],
  });
  await world.call('POST', '/v1/templates/words/publish', {});
  const request = {
    channels: ['inapp'],
    to: ['jane'],
    template: 'words',
    content: {},
    variables: { words: 'Hi' },
  };
  expect(await world.of(await world.multi(request))).toMatchObject({ status: 'queued' });
});

it('says what is wrong with a request, field by field', async () => {
  const world = await startMultiWorld();
  const refusal = async (request: Readonly<Record<string, unknown>>) => {
    const answer = await world.core.get('/v1/messages', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    const { errors }: { errors: { field: string; code: string }[] } = JSON.parse(await answer.text());
    return [answer.status, ...errors.map(({ field, code }) => `${field} ${code}`)];
  };
  expect(await refusal({ channels: ['push', 'push'], to: [], content: words })).toEqual([
    422,
    'to no_recipients',
    'channels[1] twice',
  ]);
  expect(
    await refusal({ channels: ['sms', 'email'], to: ['jane'], content: { sms: { body: 'Hi' } } }),
  ).toEqual([422, 'content.email no_content']);
  expect(
    await refusal({ channels: ['sms'], to: ['jane'], template: 'welcome', topic: 'news', content: words }),
  ).toEqual([422, 'template unknown_template', 'topic unknown_topic']);
  expect(
    await refusal({
      channels: ['push'],
      to: [{ segment: 'vip' }, { expression: 'user.(' }, 'a', 'b'],
      content: words,
      overrides: { push: { ttlSeconds: -1 } },
    }),
  ).toEqual([
    422,
    'overrides.push.ttlSeconds bad_number',
    'to[0].segment unknown_segment',
    'to[1].expression bad_expression',
  ]);
  const [status, ...fields] = await refusal({ channels: ['fax'], to: ['jane'], content: words });
  expect([status, fields.length > 0]).toEqual([400, true]);
});
