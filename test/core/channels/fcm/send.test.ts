import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../core/model/app-error.ts';
import { anyToken, fcmWorld } from './fcm-world.ts';

const dayMs = 86_400_000;
const notification = { title: 'Sale', body: 'Half price' };

describe('a send to a device', () => {
  it('is answered with its name, once the message and its push are stored together', async () => {
    const world = fcmWorld();
    world.device('jane');
    const told = await world.send({ token: 'jane', notification, data: { order: '7' } });
    expect(told.status).toBe(200);
    expect(told.headers['content-type']).toBe('application/json; charset=UTF-8');
    expect(told.json()).toEqual({
      name: expect.stringMatching(/^projects\/demo\/messages\/0:\d+%[0-9a-f]+$/),
    });
    const [handover] = world.accepted;
    expect(handover).toMatchObject({
      channel: 'push',
      door: 'fcm',
      envelopeFrom: 'demo',
      envelopeTo: ['jane'],
    });
    expect(JSON.parse(Buffer.from(handover?.tail ?? []).toString())).toMatchObject({
      message: { token: 'jane' },
    });
    expect(handover?.delivery?.to).toMatchObject([
      { recipient: 'jane', domain: 'fcm.googleapis.com', provider: 'fcm', status: 'delivered', shown: true },
    ]);
    expect(handover?.pushes?.puts).toMatchObject([
      { phoneId: 'phone-of-jane', messageId: handover?.id, content: { title: 'Sale', data: { order: '7' } } },
    ]);
    expect(handover?.exchange?.end).toMatchObject({ outcome: 'accepted' });
    expect(world.settled).toHaveLength(1);
  });

  it('keeps what the request says, without the secret', async () => {
    const world = fcmWorld();
    await world.send({
      token: 'jane',
      android: { ttl: '3600s', priority: 'high', collapse_key: 'sale' },
      data: { a: 'b' },
    });
    const push = world.accepted[0]?.details?.push;
    expect(push).toMatchObject({
      provider: 'fcm',
      target: { kind: 'token', value: 'jane' },
      app: 'demo',
      priority: 'high',
      collapseKey: 'sale',
      expiresAtMs: world.clock.wallMs() + 3_600_000,
      nowOrNever: false,
      headers: [['authorization', 'Bearer ***']],
      credentials: { kind: 'oauth', signature: 'none', checks: [{ check: 'token', result: 'unchecked' }] },
    });
    expect(JSON.stringify(world.accepted[0])).not.toContain('any-token-will-do');
  });

  it.each([
    ['nothing said', 'android', {}, 28 * dayMs, null, false],
    ['a ttl of no time', 'android', { android: { ttl: '0s' } }, 0, null, true],
    ['a ttl with a fraction', 'android', { android: { ttl: '1.9s' } }, 1_000, null, false],
    ['nothing said', 'ios', {}, 30 * dayMs, null, false],
    ['a collapse id', 'ios', { apns: { headers: { 'apns-collapse-id': 'x' } } }, 30 * dayMs, 'x', false],
    ['an expiration of 0', 'ios', { apns: { headers: { 'apns-expiration': '0' } } }, 0, null, true],
    ['nothing said', 'browser', {}, 28 * dayMs, null, false],
    ['TTL and Topic', 'browser', { webpush: { headers: { TTL: '15', Topic: 't' } } }, 15_000, 't', false],
  ] as const)(
    'with %s on %s keeps, collapses and expires as that platform does',
    async (_, platform, blocks, forMs, key, never) => {
      const world = fcmWorld();
      world.device('jane', { platform, online: false });
      await world.send({ token: 'jane', notification, ...blocks });
      expect(world.accepted[0]?.pushes?.puts).toMatchObject([
        { state: 'stored', expiresAtMs: world.clock.wallMs() + forMs, collapseKey: key },
      ]);
      expect(world.accepted[0]?.delivery?.to).toMatchObject([{ status: 'sent', substatus: 'held' }]);
      expect(platform !== 'android' || world.accepted[0]?.details?.push?.nowOrNever === never).toBe(true);
    },
  );

  it('takes an absolute expiration for one of the wall clock, and moves it by as much as virtual time is ahead', async () => {
    const world = fcmWorld();
    world.aheadMs = 5 * dayMs;
    world.device('jane', { platform: 'ios' });
    const inOneHour = String(world.clock.wallMs() / 1000 + 3_600);
    await world.send({ token: 'jane', notification, apns: { headers: { 'apns-expiration': inOneHour } } });
    expect(world.accepted[0]?.pushes?.puts[0]?.expiresAtMs).toBe(
      world.clock.wallMs() + 5 * dayMs + 3_600_000,
    );
  });

  it('is a message of data alone: nothing is shown, and it collapses with nothing', async () => {
    const world = fcmWorld();
    await world.send({ token: 'jane', data: { sync: 'now' } });
    expect(world.accepted[0]?.pushes?.puts).toMatchObject([
      { collapseKey: null, shown: false, content: { silent: true } },
    ]);
  });

  it('is not delivered and not stored when it is only to be validated', async () => {
    const world = fcmWorld();
    const told = await world.send({ token: 'jane', notification }, { validate_only: true });
    expect(told.json()).toEqual({ name: 'projects/demo/messages/fake_message_id' });
    expect(world.accepted).toEqual([]);
  });

  it('finds a device by the id of its installation too', async () => {
    const world = fcmWorld();
    world.device('cSsBAAxxQfa');
    const told = await world.send({ fid: 'cSsBAAxxQfa', notification });
    expect(told.status).toBe(200);
  });

  it('is told to try again when it could not be stored, and nothing is left of it', async () => {
    const world = fcmWorld();
    world.storeError = new AppError('disk_full', 'the disk is full');
    const told = await world.send({ token: 'jane', notification });
    expect(told.status).toBe(503);
    expect(told.headers['retry-after']).toBe('10');
    expect(told.json()).toMatchObject({ error: { status: 'UNAVAILABLE' } });
    expect(world.undone).toHaveLength(1);
    expect(world.settled).toEqual([]);
  });

  it('takes names in camel case as well, as the protocol buffers do', async () => {
    const world = fcmWorld();
    await world.send({
      token: 'jane',
      notification,
      android: { collapseKey: 'k', notification: { channelId: 'c' } },
    });
    expect(world.accepted[0]?.pushes?.puts).toMatchObject([{ collapseKey: 'k', content: { category: 'c' } }]);
  });
});

describe('a send to a topic', () => {
  it('reaches each device that takes part, with what its platform makes of it', async () => {
    const world = fcmWorld();
    world.device('a', { topics: ['news'] });
    world.device('b', { topics: ['news'], platform: 'ios', online: false });
    world.device('c', { topics: ['sport'] });
    const told = await world.send({
      topic: 'news',
      notification,
      apns: { payload: { aps: { alert: { title: 'For iOS' } } } },
    });
    expect(told.json()).toEqual({ name: expect.stringMatching(/^projects\/demo\/messages\/\d+$/) });
    const [handover] = world.accepted;
    expect(handover?.envelopeTo).toEqual(['/topics/news']);
    expect(handover?.delivery?.to.map(({ recipient, status }) => [recipient, status])).toEqual([
      ['a', 'delivered'],
      ['b', 'sent'],
    ]);
    expect(handover?.pushes?.puts.map(({ content }) => content.title)).toEqual(['Sale', 'For iOS']);
    expect(handover?.details?.push?.target).toEqual({ kind: 'topic', value: 'news' });
  });

  it('that nobody takes part in is accepted, and stays unconfirmed', async () => {
    const world = fcmWorld();
    expect((await world.send({ topic: '/topics/empty', notification })).status).toBe(200);
    expect(world.accepted[0]?.delivery?.to).toMatchObject([
      { recipient: '/topics/empty', status: 'sent', substatus: 'unconfirmed' },
    ]);
  });

  it('by a condition reaches those that it is true of', async () => {
    const world = fcmWorld();
    world.device('a', { topics: ['dogs'] });
    world.device('b', { topics: ['dogs', 'cats'] });
    await world.send({ condition: "'dogs' in topics && !('cats' in topics)", notification });
    expect(world.accepted[0]?.delivery?.to.map(({ recipient }) => recipient)).toEqual(['a']);
    expect(world.accepted[0]?.details?.push?.target.kind).toBe('condition');
  });
});

describe('one of our own sends', () => {
  it('is no second message: only its push is kept', async () => {
    const world = fcmWorld();
    const own = { messageId: 'message-1', deliveryId: 'delivery-1' };
    const told = await world.ask('fcm', {
      path: '/v1/projects/demo/messages:send',
      headers: anyToken,
      body: JSON.stringify({ message: { token: 'jane', notification } }),
      own,
    });
    expect(told.status).toBe(200);
    expect(world.accepted).toEqual([]);
    expect(world.kept[0]?.puts).toMatchObject([own]);
  });

  it('brings what the rules want along, and is told what was done', async () => {
    const world = fcmWorld();
    const own = { messageId: 'message-1', deliveryId: 'delivery-1' };
    const done: string[] = [];
    world.owns.set('delivery-1', {
      ...own,
      orders: {
        hold: null,
        connection: [],
        answer: null,
        after: [
          { cause: { ruleId: 'r', label: 'r' }, action: { do: 'blackHole' }, point: 'accepted', chance: 0 },
        ],
      },
      carriedOut: ({ action }) => done.push(action),
    });
    await world.ask('fcm', {
      path: '/v1/projects/demo/messages:send',
      headers: anyToken,
      body: JSON.stringify({ message: { token: 'jane', notification } }),
      own,
    });
    expect(world.kept[0]?.puts).toMatchObject([{ state: 'lost' }]);
    expect(done).toEqual(['blackHole']);
  });
});
