import { expect, test } from 'vitest';
import { readApnsPayload, readFcmMessage } from '../../../core/model/push-content.ts';

test('the arguments of a localized text may be anything, and nothing is thrown', () => {
  const alert = { 'loc-key': 'GREETING', 'loc-args': ['Jane', 2, null, { toString: 1, valueOf: 1 }] };
  const { content } = readApnsPayload(Buffer.from(JSON.stringify({ aps: { alert } })));
  expect(content.body).toBe('GREETING(Jane, 2, null, {"toString":1,"valueOf":1})');
});

test('a message of FCM is read the same in both spellings of its names', () => {
  const snake = {
    notification: { title: 'Hello' },
    android: { notification: { channel_id: 'news', notification_count: 3, click_action: 'OPEN' } },
    apns: { payload: { aps: {} }, fcm_options: { image: 'https://cdn.example/a.png' } },
    webpush: { fcm_options: { link: 'https://shop.example/' } },
  };
  const camel = {
    notification: { title: 'Hello' },
    android: { notification: { channelId: 'news', notificationCount: 3, clickAction: 'OPEN' } },
    apns: { payload: { aps: {} }, fcmOptions: { image: 'https://cdn.example/a.png' } },
    webpush: { fcmOptions: { link: 'https://shop.example/' } },
  };
  for (const platform of ['android', 'ios', 'browser'] as const)
    expect(readFcmMessage(camel, platform)).toEqual(readFcmMessage(snake, platform));
  expect(readFcmMessage(camel, 'android').content).toMatchObject({
    category: 'news',
    badge: 3,
    link: 'OPEN',
  });
  expect(readFcmMessage(camel, 'ios').content.image).toBe('https://cdn.example/a.png');
  expect(readFcmMessage(camel, 'browser').content.link).toBe('https://shop.example/');
});
