import { describe, expect, it } from 'vitest';
import {
  type Rendered,
  renderApns,
  renderFcm,
  renderWebPush,
} from '../../../../core/channels/push/render.ts';
import { readApnsPayload, readFcmMessage, readWebPush } from '../../../../core/model/push-content.ts';
import { type PushSubmission, readSubmission } from '../../../../core/model/push-submission.ts';

function submission(said: Partial<PushSubmission> = {}): PushSubmission {
  const read = readSubmission(
    Buffer.from(JSON.stringify({ channel: 'push', to: [{ user: 'jane' }], ...said })),
  );
  if (read === null) throw new Error('no submission');
  return read;
}

const full = submission({
  title: 'Your order',
  subtitle: 'Number 7',
  body: 'It is on its way 🚚',
  image: 'https://cdn.example/van.png',
  badge: 3,
  sound: 'bell.caf',
  data: { order: '7' },
  link: 'shop://orders/7',
  ttlSeconds: 60,
  collapseKey: 'order-7',
  priority: 'high',
  group: 'orders',
  category: 'ORDER',
});

const json = ({ payload }: Rendered): unknown => JSON.parse(Buffer.from(payload).toString());

describe('a push for APNs', () => {
  it('has its words in aps and its data beside it', () => {
    const rendered = renderApns(full, { app: 'com.example.shop', expiresAtWallMs: 1_769_860_860_000 });
    expect(json(rendered)).toEqual({
      aps: {
        alert: { title: 'Your order', subtitle: 'Number 7', body: 'It is on its way 🚚' },
        badge: 3,
        sound: 'bell.caf',
        category: 'ORDER',
        'thread-id': 'orders',
        'mutable-content': 1,
      },
      link: 'shop://orders/7',
      image: 'https://cdn.example/van.png',
      order: '7',
    });
    expect(Object.fromEntries(rendered.fields)).toEqual({
      'apns-topic': 'com.example.shop',
      'apns-push-type': 'alert',
      'apns-priority': '10',
      'apns-expiration': '1769860860',
      'apns-collapse-id': 'order-7',
    });
  });

  it('is of the type background, with priority 5, where it shows nothing', () => {
    const rendered = renderApns(submission({ silent: true, ttlSeconds: 0 }), {
      app: 'a',
      expiresAtWallMs: null,
    });
    expect(json(rendered)).toEqual({ aps: { 'content-available': 1 } });
    expect(Object.fromEntries(rendered.fields)).toEqual({
      'apns-topic': 'a',
      'apns-push-type': 'background',
      'apns-priority': '5',
      'apns-expiration': '0',
    });
  });

  it('has the piece for iOS merged in, member by member', () => {
    const rendered = renderApns(
      submission({
        title: 'a',
        body: 'b',
        ios: { aps: { alert: { title: 'c' }, 'interruption-level': 'critical' }, x: 1 },
      }),
      { app: 'a', expiresAtWallMs: null },
    );
    expect(json(rendered)).toEqual({
      aps: { alert: { title: 'c', body: 'b' }, 'interruption-level': 'critical' },
      x: 1,
    });
    expect(rendered.changes).toEqual([{ code: 'override', detail: '`ios` is merged in: aps, x.' }]);
  });

  it('sets no prototype by a member named like one', () => {
    const piece: unknown = JSON.parse('{"__proto__": {"polluted": true}}');
    const ios = piece as Readonly<Record<string, unknown>>;
    const rendered = renderApns(submission({ title: 'a', ios }), { app: 'a', expiresAtWallMs: null });
    expect(Buffer.from(rendered.payload).toString()).toContain('"__proto__":{"polluted":true}');
    expect(Reflect.get({}, 'polluted')).toBe(undefined);
  });
});

describe('a push for FCM', () => {
  const token = { kind: 'token', value: 'abc' } as const;

  it('has the block of its platform alone', () => {
    const { message } = renderFcm(full, {
      target: token,
      platform: 'android',
      ttlSeconds: 42,
      expiresAtWallMs: 1,
    });
    expect(message).toEqual({
      token: 'abc',
      notification: {
        title: 'Your order',
        body: 'It is on its way 🚚',
        image: 'https://cdn.example/van.png',
      },
      data: { order: '7', link: 'shop://orders/7', group: 'orders' },
      android: {
        collapse_key: 'order-7',
        priority: 'high',
        ttl: '42s',
        notification: { sound: 'bell.caf', tag: 'order-7', channel_id: 'ORDER', notification_count: 3 },
      },
    });
  });

  it('has one for each to a topic', () => {
    const { message } = renderFcm(full, {
      target: { kind: 'topic', value: 'news' },
      platform: null,
      ttlSeconds: 42,
      expiresAtWallMs: 1_769_860_860_000,
    });
    expect(message).toMatchObject({
      topic: 'news',
      android: { ttl: '42s' },
      apns: {
        headers: { 'apns-priority': '10', 'apns-expiration': '1769860860', 'apns-collapse-id': 'order-7' },
        payload: {
          aps: { alert: { subtitle: 'Number 7' }, badge: 3, 'thread-id': 'orders', 'mutable-content': 1 },
        },
      },
      webpush: { headers: { TTL: '42', Urgency: 'high', Topic: 'order-7' } },
    });
  });

  it('has no tag for its group, which would make each take the place of the last', () => {
    const { message } = renderFcm(submission({ title: 'One of many', group: 'chat' }), {
      target: token,
      platform: 'android',
      ttlSeconds: null,
      expiresAtWallMs: null,
    });
    expect(message).toEqual({
      token: 'abc',
      notification: { title: 'One of many' },
      data: { group: 'chat' },
    });
  });

  it('is data alone where it is silent', () => {
    const { message } = renderFcm(submission({ silent: true, data: { a: '1' } }), {
      target: token,
      platform: 'android',
      ttlSeconds: null,
      expiresAtWallMs: null,
    });
    expect(message).toEqual({ token: 'abc', data: { a: '1' } });
  });
});

describe('a push for a browser', () => {
  it('has what a page shows, and the fields of RFC 8030', () => {
    const rendered = renderWebPush(full, { ttlSeconds: 60 });
    expect(json(rendered)).toEqual({
      title: 'Your order',
      body: 'It is on its way 🚚',
      image: 'https://cdn.example/van.png',
      tag: 'order-7',
      app_badge: 3,
      url: 'shop://orders/7',
      data: { order: '7', link: 'shop://orders/7', category: 'ORDER', group: 'orders' },
    });
    expect(rendered.fields).toEqual([
      ['ttl', '60'],
      ['urgency', 'high'],
      ['topic', 'order-7'],
    ]);
  });

  it('has a digest for a Topic where the collapse key is none, and says so', () => {
    const rendered = renderWebPush(submission({ body: 'x', collapseKey: 'score of the game, today' }), {
      ttlSeconds: 1,
    });
    const topic = new Map(rendered.fields).get('topic') ?? '';
    expect(topic).toMatch(/^[\w-]{32}$/);
    expect(rendered.changes).toEqual([
      { code: 'topic_from_collapse_key', detail: expect.stringContaining(topic) },
    ]);
  });
});

it('is read by every platform as it was meant', () => {
  const read = [
    readApnsPayload(renderApns(full, { app: 'a', expiresAtWallMs: null }).payload),
    ...(['android', 'ios'] as const).map((platform) =>
      readFcmMessage(
        renderFcm(full, {
          target: { kind: 'token', value: 'abc' },
          platform,
          ttlSeconds: 1,
          expiresAtWallMs: 1,
        }).message,
        platform,
      ),
    ),
    readWebPush(Buffer.from(renderWebPush(full, { ttlSeconds: 1 }).payload).toString()),
  ];
  for (const { content, problems } of read) {
    expect(problems).toEqual([]);
    expect(content).toMatchObject({
      title: 'Your order',
      body: 'It is on its way 🚚',
      image: 'https://cdn.example/van.png',
      badge: 3,
      link: 'shop://orders/7',
      silent: false,
    });
  }
});
