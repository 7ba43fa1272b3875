import { describe, expect, it } from 'vitest';
import { anyToken, fcmWorld } from './fcm-world.ts';

const v1 = (token: string, rest = ''): string =>
  `/v1/projects/demo/registrations/${token}/topicSubscriptions${rest}`;
const iid = { ...anyToken, access_token_auth: 'true' };

describe('topics of FCM v1', () => {
  it('are joined, and joined only once', async () => {
    const world = fcmWorld();
    const jane = world.device('jane');
    const ask = { path: v1('jane', '?topic_name=news'), headers: anyToken, body: '{}' };
    const first = await world.ask('fcm', ask);
    expect(first.status).toBe(200);
    expect(first.json()).toEqual({ name: 'projects/demo/registrations/jane/topicSubscriptions/news' });
    const again = await world.ask('fcm', ask);
    expect(again.status).toBe(409);
    expect(again.json()).toMatchObject({ error: { status: 'ALREADY_EXISTS' } });
    expect(jane.topics).toEqual(['news']);
  });

  it('are left, where that is allowed to be for nothing', async () => {
    const world = fcmWorld();
    world.device('jane', { topics: ['news'] });
    const leave = (rest: string) =>
      world.ask('fcm', { method: 'DELETE', path: v1('jane', rest), headers: anyToken });
    expect((await leave('/news')).status).toBe(200);
    expect((await leave('/news?allow_missing=true')).status).toBe(200);
    const missing = await leave('/news');
    expect(missing.status).toBe(404);
    expect(missing.answer.refused).toContain('allow_missing');
  });

  it.each([
    ['a token that nobody has', 'nobody', 'topic_name=news', 404, 'UNREGISTERED'],
    ['a token that is none', 'no%20token', 'topic_name=news', 400, 'INVALID_ARGUMENT'],
    ['a topic that is none', 'jane', 'topic_name=no%20spaces', 400, 'INVALID_ARGUMENT'],
    ['no topic', 'jane', '', 400, 'INVALID_ARGUMENT'],
  ])('refuse %s', async (_, token, query, status, errorCode) => {
    const world = fcmWorld();
    world.device('jane');
    world.makePhones = false;
    const told = await world.ask('fcm', { path: v1(token, `?${query}`), headers: anyToken, body: '{}' });
    expect(told.status).toBe(status);
    expect(told.text).toContain(errorCode);
  });

  it('are 2,000 for one app at the most', async () => {
    const world = fcmWorld();
    world.device('jane', { topics: Array.from({ length: 2_000 }, (_, at) => `t${at}`) });
    const told = await world.ask('fcm', {
      path: v1('jane', '?topic_name=more'),
      headers: anyToken,
      body: '{}',
    });
    expect(told.status).toBe(429);
    expect(told.text).toContain('TOO_MANY_TOPICS');
  });

  it('want credentials', async () => {
    const told = await fcmWorld().ask('fcm', { path: v1('jane', '?topic_name=news') });
    expect(told.status).toBe(401);
  });
});

describe('topics of the Instance ID service', () => {
  it('have a result for each token, in their order', async () => {
    const world = fcmWorld();
    const jane = world.device('jane');
    world.device('gone', { goneSinceMs: 0 });
    const batch = (what: string) =>
      world.ask('google', {
        path: `/iid/v1:${what}`,
        headers: iid,
        body: JSON.stringify({ to: '/topics/news', registration_tokens: ['jane', 'gone', 'no token'] }),
      });
    const results = [{}, { error: 'NOT_FOUND' }, { error: 'INVALID_ARGUMENT' }];
    expect((await batch('batchAdd')).json()).toEqual({ results });
    expect(jane.topics).toEqual(['news']);
    expect((await batch('batchAdd')).json()).toEqual({ results });
    expect((await batch('batchRemove')).json()).toEqual({ results });
    expect(jane.topics).toEqual([]);
  });

  it.each([
    ['a topic that is none', { to: 'news', registration_tokens: ['a'] }, 'InvalidTopicName'],
    ['no tokens', { to: '/topics/news', registration_tokens: [] }, 'MissingAppInstances'],
    [
      'too many tokens',
      { to: '/topics/news', registration_tokens: Array(1_001).fill('a') },
      'TooManyAppInstances',
    ],
  ])('refuse %s', async (_, body, error) => {
    const told = await fcmWorld().ask('google', {
      path: '/iid/v1:batchAdd',
      headers: iid,
      body: JSON.stringify(body),
    });
    expect(told.status).toBe(400);
    expect(told.json()).toEqual({ error });
  });

  it('want the header that says which kind of token it is', async () => {
    const told = await fcmWorld().ask('google', { path: '/iid/v1:batchAdd', headers: anyToken });
    expect(told.status).toBe(401);
    expect(told.text).toContain('<H1>Unauthorized</H1>');
    expect(told.answer.refused).toContain('access_token_auth');
  });

  it('tell of an app instance, and with details of its topics', async () => {
    const world = fcmWorld();
    world.device('jane', { topics: ['news'], platform: 'ios' });
    const info = async (path: string) =>
      (await world.ask('google', { method: 'GET', path, headers: iid })).json();
    expect(await info('/iid/info/jane')).toMatchObject({ application: 'com.example.shop', platform: 'IOS' });
    expect(await info('/iid/info/jane?details=true')).toMatchObject({ rel: { topics: { news: {} } } });
    expect(await info('/iid/info/nobody')).toEqual({ error: 'No information found about this instance id.' });
  });

  it('are joined one by one', async () => {
    const world = fcmWorld();
    const jane = world.device('jane');
    const told = await world.ask('google', { path: '/iid/v1/jane/rel/topics/news', headers: iid });
    expect(told.status).toBe(200);
    expect(jane.topics).toEqual(['news']);
  });
});

describe('a change of topics that cannot be stored', () => {
  it.each([
    ['fcm', { path: v1('jane', '?topic_name=news'), headers: anyToken, body: '{}' }],
    [
      'google',
      {
        path: '/iid/v1:batchAdd',
        headers: iid,
        body: '{"to":"/topics/news","registration_tokens":["jane"]}',
      },
    ],
    ['google', { path: '/iid/v1/jane/rel/topics/news', headers: iid }],
  ] as const)(
    'is answered with 503 and Retry-After, and with a yes at the next try (%s)',
    async (route, ask) => {
      const world = fcmWorld();
      world.device('jane');
      world.storeError = new Error('the disk is full');
      const told = await world.ask(route, ask);
      expect([told.status, told.headers['retry-after']]).toEqual([503, '10']);
      expect(told.answer.refused).toContain('the disk is full');
      world.storeError = null;
      expect([200, 409]).toContain((await world.ask(route, ask)).status);
    },
  );
});
