/** What rules and magic users do to requests of the in-app door, by real requests. */
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import type { RuleInput } from '../../../core/rules/schema.ts';
import { type InAppWorld, inAppWorld } from './inapp-world.ts';

async function ruled(...rules: readonly Omit<RuleInput, 'stage'>[]): Promise<InAppWorld> {
  const world = await inAppWorld();
  await setRules(world, rules);
  return world;
}

async function setRules({ api }: InAppWorld, rules: readonly Omit<RuleInput, 'stage'>[]): Promise<void> {
  const { status, body } = await api('PUT', '/v1/rules', {
    rules: rules.map((rule) => ({ stage: 'farSide', ...rule })),
  });
  if (status !== 200) throw new Error(JSON.stringify(body));
}

const titles = (body: { readonly entries: readonly { readonly title: string }[] }): readonly string[] =>
  body.entries.map(({ title }) => title);
const modal = { display: { kind: 'modal' } };

test('refuses what an app hands in with a status and a reason, and keeps nothing', async () => {
  const { call, api } = await ruled({
    when: { moment: 'send', subject: 'Sale' },
    then: { do: 'answer', reason: 'rate_limited', retryAfterS: 7 },
  });
  const refused = await call('POST', '/v1/messages', { user: 'jane', title: 'Big sale' });
  expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([
    429,
    'rate_limited',
    '7',
  ]);
  expect((await call('POST', '/v1/messages', { user: 'jane', title: 'Order' })).status).toBe(202);
  expect((await api('GET', '/v1/messages?q=channel:inapp')).body.total).toBe(1);
  const { body } = await api('POST', '/v1/messages', { channel: 'inapp', to: ['jane'], title: 'Sale' });
  expect(body).toMatchObject({ code: 'rejected_by_rule', detail: expect.stringMatching(/429 rate_limited/) });
});

test('holds, delays, ends and loses what was handed in', async () => {
  const { send, delivery, call, api, advance } = await ruled(
    { id: 'h', when: { channel: 'inapp', recipient: 'held' }, then: { do: 'hold' } },
    { id: 'd', when: { channel: 'inapp', recipient: 'late' }, then: { do: 'delay', ms: 600_000 } },
    { id: 'e', when: { channel: 'inapp', recipient: 'brief' }, then: { do: 'expire', afterMs: 60_000 } },
    { id: 'b', when: { channel: 'inapp', recipient: 'lost' }, then: { do: 'blackHole' } },
  );
  const sent = await Promise.all(
    ['held', 'late', 'brief', 'lost'].map((user) => send(user, { title: 'Hello' })),
  );
  const [held, , brief, lost] = await Promise.all(sent.map(({ id }) => delivery(id)));
  expect(held).toMatchObject({ status: 'queued', substatus: 'held' });
  expect(lost).toMatchObject({ status: 'sent', substatus: 'unconfirmed' });
  const total = async (user: string): Promise<number> =>
    (await call('GET', `/v1/users/${user}/messages`)).body.total;
  expect([await total('held'), await total('late'), await total('lost')]).toEqual([0, 0, 0]);
  await api('POST', `/v1/deliveries/${held?.id}/release`);
  expect(await total('held')).toBe(1);
  await advance(61_000);
  expect(await delivery(sent[2]?.id ?? '')).toMatchObject({
    id: brief?.id,
    status: 'undeliverable',
    class: 'expired',
  });
  await advance(600_000);
  expect(await total('late')).toBe(1);
});

test('hands out nothing, and later what is there', async () => {
  const world = await ruled({ when: { moment: 'pull', atMost: 1 }, then: { do: 'empty' } });
  const { id } = await world.send('jane', { title: 'Hello' });
  const empty = await world.call('GET', '/v1/users/jane/messages');
  expect(empty.body).toMatchObject({ entries: [], nextCursor: null, unread: 1 });
  expect(empty.headers.get('etag')).toBeNull();
  expect(await world.delivery(id)).toMatchObject({ status: 'queued' });
  expect(titles((await world.call('GET', '/v1/users/jane/messages')).body)).toEqual(['Hello']);
});

test('says 304 though something is new, and gives what was there before', async () => {
  const { call, send } = await ruled({ when: { moment: 'pull' }, then: { do: 'stale' } });
  await send('jane', { title: 'Old' });
  const first = await call('GET', '/v1/users/jane/messages');
  const tag = first.headers.get('etag') ?? '';
  await send('jane', { title: 'New' });
  const named = await call('GET', '/v1/users/jane/messages', undefined, { 'if-none-match': tag });
  expect([named.status, named.headers.get('etag')]).toEqual([304, tag]);
  expect(titles((await call('GET', '/v1/users/jane/messages')).body)).toEqual(['Old']);
});

test('cuts a page in its middle, which is pulled all the same, and leaves an exchange that says why', async () => {
  const world = await ruled({
    id: 'tunnel',
    name: 'Tunnel',
    when: { moment: 'pull', atMost: 1 },
    then: { do: 'disconnect', at: 'midData' },
  });
  const { id } = await world.send('jane', { title: 'Hello' });
  await expect(world.call('GET', '/v1/users/jane/messages')).rejects.toThrow(/terminated/);
  expect(await world.delivery(id)).toMatchObject({ status: 'sent' });
  // The exchange is kept once the connection is gone.
  const exchanges = async () =>
    JSON.stringify((await world.api('GET', '/v1/exchanges?door=inapp')).body.entries);
  await expect.poll(exchanges, { timeout: 10_000 }).toMatch(/cut in the middle, by the rule “Tunnel”/);
  expect((await world.call('GET', '/v1/users/jane/messages')).body.total).toBe(1);
});

test('cuts the connection in place of the answer, and nothing is pulled', async () => {
  const world = await ruled({
    when: { moment: 'pull', nth: 1 },
    then: { do: 'disconnect', at: 'endOfData' },
  });
  const { id } = await world.send('jane', { title: 'Hello' });
  await expect(world.call('GET', '/v1/users/jane/messages')).rejects.toThrow(/fetch failed/);
  expect(await world.delivery(id)).toMatchObject({ status: 'queued' });
});

test('takes a user out of the net for a while, with all that is asked', async () => {
  const { call, advance, send } = await ruled({
    when: { channel: 'inapp', atMost: 1 },
    then: { do: 'offline', forMs: 60_000 },
  });
  const { rows } = await send('jane', { title: 'Hello' });
  for (const path of ['users/jane/messages', 'users/jane/eligible', 'users/jane/counts'])
    await expect(call('GET', `/v1/${path}`), path).rejects.toThrow(/fetch failed/);
  await expect(call('PUT', `/v1/messages/${rows[0]}/seen`)).rejects.toThrow(/fetch failed/);
  expect((await call('GET', '/v1/users/otto/messages')).status).toBe(200);
  await advance(60_001);
  expect((await call('GET', '/v1/users/jane/messages')).body.total).toBe(1);
});

test('hands entries out twice, of all or of what is about something', async () => {
  const world = await ruled({ when: { moment: 'pull' }, then: { do: 'duplicate', copies: 2 } });
  await world.send('jane', { title: 'One' });
  await world.send('jane', { title: 'Two' });
  const pull = async () => titles((await world.call('GET', '/v1/users/jane/messages')).body);
  expect(await pull()).toEqual(['Two', 'Two', 'One', 'One']);
  await setRules(world, [{ when: { moment: 'pull', subject: 'Three' }, then: { do: 'empty' } }]);
  expect(await pull()).toEqual(['Two', 'One']);
  await world.send('jane', { title: 'Three' });
  expect(await pull()).toEqual([]);
});

test('mixes up the order, and shows the second best', async () => {
  const { call, send } = await ruled({ when: { channel: 'inapp' }, then: { do: 'shuffle' } });
  for (const [title, priority] of [
    ['Low', 100],
    ['High', 900],
    ['Middle', 500],
  ] as const)
    await send('jane', { title, priority, ...modal });
  expect(titles((await call('GET', '/v1/users/jane/messages?archived=include')).body)).not.toEqual([
    'Middle',
    'High',
    'Low',
  ]);
  const { body } = await call('GET', '/v1/users/jane/eligible');
  expect(body.chosen.title).toBe('Middle');
});

test('has nothing to display though something is due', async () => {
  const { call, send } = await ruled({ when: { moment: 'display', atMost: 1 }, then: { do: 'empty' } });
  await send('jane', { title: 'Hello', ...modal });
  expect((await call('GET', '/v1/users/jane/eligible')).body).toEqual({
    chosen: null,
    inline: [],
    ineligible: [],
  });
  expect((await call('GET', '/v1/users/jane/eligible')).body.chosen.title).toBe('Hello');
});

test('loses impressions, keeps them unheard, and refuses them so often', async () => {
  const world = await ruled({ when: { moment: 'track' }, then: { do: 'blackHole' } });
  const { id, rows } = await world.send('jane', { title: 'Hello', ...modal });
  const seen = () => world.call('PUT', `/v1/messages/${rows[0]}/seen`, { user: 'jane' });
  await world.call('GET', '/v1/users/jane/messages');
  expect([(await seen()).status, (await world.delivery(id)).status]).toEqual([200, 'sent']);
  await setRules(world, [
    { when: { moment: 'track' }, then: { do: 'answer', reason: 'internal_error', times: 2 } },
  ]);
  expect([(await seen()).status, (await seen()).status]).toEqual([500, 500]);
  await setRules(world, [
    { when: { moment: 'track', atMost: 1 }, then: { do: 'disconnect', at: 'endOfData', keep: true } },
  ]);
  await expect(seen()).rejects.toThrow(/fetch failed/);
  expect(await world.delivery(id)).toMatchObject({ status: 'delivered' });
});

test('asks by whose message it is where nobody says so, and by what it says', async () => {
  const { call, send } = await ruled({
    when: { moment: 'track', recipient: 'jane', tag: 'offers' },
    then: { do: 'answer', reason: 'unavailable' },
  });
  const offer = await send('jane', { title: 'Hello', tags: ['offers'] });
  const other = await send('jane', { title: 'Hello' });
  const others = await send('otto', { title: 'Hello', tags: ['offers'] });
  const status = async ({ rows }: typeof offer) => (await call('PUT', `/v1/messages/${rows[0]}/seen`)).status;
  expect([await status(offer), await status(other), await status(others)]).toEqual([503, 200, 200]);
});

test('refuses a stranger as ever, whatever rules say', async () => {
  const { call, api, send } = await ruled({ when: { moment: 'pull' }, then: { do: 'stale' } });
  await send('jane', { title: 'Secret' });
  await call('GET', '/v1/users/jane/messages');
  await api('PUT', '/v1/inapp/settings', { requireHash: true });
  expect((await call('GET', '/v1/users/jane/messages')).status).toBe(403);
});

test('answers magic users, and no other', async () => {
  const { call, send } = await inAppWorld();
  for (const user of ['anna+answer-503-x1', 'anna+empty@shop.example', 'anna+duplicate', 'anna'])
    await send(user, { title: 'Hello' });
  const pull = async (user: string) => {
    const { status, body } = await call('GET', `/v1/users/${encodeURIComponent(user)}/messages`);
    return [status, body.entries?.length ?? null];
  };
  expect(await pull('anna+answer-503-x1')).toEqual([503, null]);
  expect(await pull('anna+answer-503-x1')).toEqual([200, 1]);
  expect(await pull('anna+empty@shop.example')).toEqual([200, 0]);
  expect(await pull('anna+duplicate')).toEqual([200, 2]);
  expect(await pull('anna')).toEqual([200, 1]);
});

test('the dry run and the journey speak of it', async () => {
  const { api, send, call } = await ruled(
    { id: 'one', name: 'One', when: { moment: 'pull', subject: 'Hello' }, then: { do: 'empty' } },
    { id: 'two', name: 'Two', when: { channel: 'inapp', recipient: 'otto' }, then: { do: 'hold' } },
    { id: 'three', name: 'Three', when: { channel: 'sms' }, then: { do: 'blackHole' } },
  );
  const { id } = await send('jane', { title: 'Hello' });
  const { body } = await api('POST', '/v1/rules/dry-run', { messageId: id });
  const [{ farSide }] = body.recipients;
  expect(farSide.met).toMatchObject([{ ruleId: 'one', point: 'pull' }]);
  expect(farSide.others).toMatchObject([
    { ruleId: 'two', why: [expect.stringContaining('recipient is jane')] },
    { ruleId: 'three' },
  ]);
  await call('GET', '/v1/users/jane/messages');
  const hits = (await api('GET', '/v1/rules/hits')).body.entries;
  expect(hits[0]).toMatchObject({ label: 'One', point: 'pull', action: 'empty', recipient: 'jane' });
});

interface Heard {
  readonly type: string;
  readonly retryAfterMs?: number;
  readonly entry?: { readonly title: string };
}

/** @returns what it heard, and how it ended */
function listen(world: InAppWorld, user: string, until: (heard: readonly Heard[]) => boolean) {
  const socket = new WebSocket(
    `ws://127.0.0.1:${world.core.port('providers')}/inapp/v1/ws?user=${encodeURIComponent(user)}`,
  );
  onTestFinished(() => socket.terminate());
  const heard: Heard[] = [];
  const enough = Promise.withResolvers<readonly Heard[]>();
  socket.on('message', (data) => {
    heard.push(JSON.parse(String(data)));
    if (until(heard)) enough.resolve(heard);
  });
  socket.on('error', (error) => enough.reject(error));
  const ended = once(socket, 'close').then(
    ([code]) => Number(code),
    () => 0,
  );
  void enough.promise.catch(() => undefined);
  return { heard: enough.promise, ended };
}

const types = (heard: readonly Heard[]): readonly string[] => heard.map(({ type }) => type);

test('realtime: refused with a status, reset, told to come back', async () => {
  const world = await ruled({ when: { moment: 'realtime' }, then: { do: 'answer', reason: 'unavailable' } });
  await expect(listen(world, 'jane', () => true).heard).rejects.toThrow(/503/);
  await setRules(world, [
    { when: { moment: 'realtime' }, then: { do: 'refuseConnection', how: 'reset', code: 554, text: 'No' } },
  ]);
  await expect(listen(world, 'jane', () => true).heard).rejects.toThrow(/socket hang up|ECONNRESET/);
  await setRules(world, [
    {
      when: { moment: 'realtime' },
      then: { do: 'goAway', reason: 'Deploy', answered: false, retryAfterMs: 5_000 },
    },
  ]);
  const away = listen(world, 'jane', (heard) => heard.some(({ type }) => type === 'reconnect'));
  expect((await away.heard).at(-1)).toEqual({ type: 'reconnect', retryAfterMs: 5_000 });
  await away.ended;
});

test('realtime: each event twice; cut after so many; one of them lost by what it says', async () => {
  const world = await ruled({ when: { moment: 'realtime' }, then: { do: 'duplicate', copies: 2 } });
  const twice = listen(world, 'jane', (heard) => heard.length >= 3);
  const greeted = listen(world, 'jane', (heard) => heard.length >= 1);
  await greeted.heard;
  await world.send('jane', { title: 'Hello' });
  expect(types(await twice.heard).slice(0, 3)).toEqual(['hello', 'message.created', 'message.created']);

  await setRules(world, [
    { when: { moment: 'realtime' }, then: { do: 'disconnect', at: 'midData', afterEvents: 1 } },
  ]);
  const cut = listen(world, 'otto', (heard) => heard.length >= 2);
  const there = listen(world, 'otto', (heard) => heard.length >= 1);
  await there.heard;
  await world.send('otto', { title: 'One' });
  expect((await cut.heard).at(-1)?.entry?.title).toBe('One');
  await world.send('otto', { title: 'Two' });
  expect(await cut.ended).toBe(1006);

  await setRules(world, [{ when: { moment: 'realtime', subject: 'Secret' }, then: { do: 'blackHole' } }]);
  const some = listen(world, 'berta', (heard) => heard.length >= 2);
  const first = listen(world, 'berta', (heard) => heard.length >= 1);
  await first.heard;
  await world.send('berta', { title: 'Secret' });
  await world.send('berta', { title: 'Plain' });
  expect((await some.heard).at(-1)?.entry?.title).toBe('Plain');
});
