import { describe, expect, it } from 'vitest';
import type { Event, MessageDetail } from '../../core/api/schema.ts';
import { noContent } from '../../core/model/push-content.ts';
import type { JourneyFacts, Stage } from '../../renderer/src/journey/stage.ts';
import { stagesOf } from '../../renderer/src/journey/stages.ts';
import { tabsOf } from '../../renderer/src/message/message-tabs.ts';
import { platformsOf } from '../../renderer/src/message/push-view.ts';
import { actionsFor } from '../../renderer/src/status/delivery-actions.ts';
import { attempt, delivery, deliveryDetail, event, iso } from './delivery.ts';

type View = NonNullable<MessageDetail['push']>;

const view = (about: Partial<View['content']> = {}): View => ({
  details: {
    provider: 'apns',
    target: { kind: 'token', value: 'a1b2' },
    app: 'com.example.shop',
    environment: 'development',
    pushType: 'alert',
    priority: '10',
    collapseKey: null,
    expiresAt: null,
    nowOrNever: false,
    providerId: '1',
    headers: [['apns-topic', 'com.example.shop']],
    credentials: {
      kind: 'apnsToken',
      header: {},
      claims: {},
      signature: 'valid',
      checks: [{ check: 'age', result: 'pass', detail: 'a minute old' }],
    },
    plain: null,
  },
  content: { ...noContent, title: 'Hello', actions: [], data: {}, silent: false, ...about },
  problems: [],
});

const pushed = {
  carriage: 'push',
  provider: 'apns',
  recipient: 'a1b2',
  domain: 'api.push.apple.com',
} as const;

function journey(events: readonly Event[], about: Partial<JourneyFacts> = {}): readonly Stage[] {
  return stagesOf({
    message: { door: 'apns', receivedAt: iso(0), user: null, push: view() },
    exchange: null,
    delivery: deliveryDetail({ ...pushed, status: 'delivered' }),
    events,
    receipts: [],
    suppressions: [],
    ...about,
  });
}

const words = (stages: readonly Stage[]): readonly string[] =>
  stages.map(({ word, line }) => (line === '' ? word : `${word}: ${line}`));

describe('the journey of a push', () => {
  it('goes from the provider to the tap, with the request and its credentials as evidence', () => {
    const stages = journey([
      event('queued'),
      event('sent'),
      event('delivered', { data: { shown: true } }),
      event('opened', { data: { app: 'com.example.shop' } }),
      event('clicked', { data: { url: 'shop://orders/1', opens: 'customScheme', app: 'com.example.shop' } }),
    ]);
    expect(words(stages)).toEqual([
      'Accepted: by APNs, credentials good',
      'Delivered: to the device',
      'Permission: granted',
      'Shown: on the lock screen',
      'Tapped: opened by its user',
      'Deep link: shop://orders/1, opens by its scheme, com.example.shop',
    ]);
    expect(stages[0]?.evidence).toMatchObject({ kind: 'pushRequest', request: { app: 'com.example.shop' } });
  });

  it('is stored for a device that is off, and ends when its time is over', () => {
    const waits = journey(
      [event('queued'), event('sent'), event('held', { data: { reason: 'the device is off' } })],
      {
        delivery: deliveryDetail({ ...pushed, status: 'sent', substatus: 'held', waitsFor: 'device' }),
      },
    );
    expect(waits.map(({ kind }) => kind)).toEqual(['submitted', 'stored', 'waiting']);
    expect(waits.at(-1)?.line).toContain('until the device is back');

    const ended = journey(
      [
        event('sent'),
        event('held'),
        event('expired', { data: { reason: 'its time was over' } }),
        event('undeliverable', { data: { class: 'expired', reason: 'its time was over' } }),
      ],
      { delivery: deliveryDetail({ ...pushed, status: 'undeliverable', class: 'expired' }) },
    );
    expect(words(ended).at(-1)).toBe(
      'Undeliverable: Its time was over before the device could have it. Its time was over.',
    );
    expect(ended.filter(({ kind }) => kind === 'ended')).toHaveLength(1);
  });

  it('tells a black hole from what has nothing to show', () => {
    const unseen = [event('delivered', { data: { shown: false, reason: 'notifications are switched off' } })];
    expect(journey(unseen).at(-1)).toMatchObject({ kind: 'permission', word: 'Not shown', tone: 'bad' });
    const silent = {
      door: 'apns',
      receivedAt: iso(0),
      user: null,
      push: view({ title: null, silent: true }),
    };
    expect(journey(unseen, { message: silent }).at(-1)).toMatchObject({ kind: 'shown', tone: 'quiet' });
    expect(
      journey([event('reported', { data: { unconfirmed: true, reason: 'lost on purpose' } })]).at(-1),
    ).toMatchObject({ kind: 'lost', word: 'Lost', tone: 'bad' });
  });

  it('of our own send has its queue, its rendering and its attempts, and the token that was dropped', () => {
    const evidence = {
      routing: [],
      changes: [
        { code: 'image_left_out', detail: 'An image needs an extension of the app.' },
        { code: 'rendered', detail: 'For APNs, with apns-topic: a, apns-priority: 10, 12 bytes: {"aps":{}}' },
        { code: 'wait', detail: 'Apple asks to wait.' },
      ],
      signatures: [],
      identity: null,
      transcript: [],
      authentication: null,
      rules: [],
      live: null,
    };
    const stages = journey(
      [
        event('queued'),
        event('held', { data: { reason: 'by hand' } }),
        event('released'),
        event('attempted', { data: { attempt: 1 } }),
        event('undeliverable', { data: { attempt: 1, reason: 'Unregistered' } }),
        event('phone', { data: { dropped: 'a1b2', why: '410 Unregistered', user: 'jane' } }),
      ],
      {
        message: { door: 'api', receivedAt: iso(0), user: null, push: { ...view(), details: null } },
        delivery: deliveryDetail({
          ...pushed,
          status: 'undeliverable',
          class: 'bad_address',
          attempts: 1,
          attemptLog: [
            attempt(1, { outcome: 'failed', class: 'bad_address', text: '410 Unregistered', evidence }),
          ],
        }),
      },
    );
    expect(stages.map(({ kind }) => kind)).toEqual([
      'submitted',
      'queued',
      'held',
      'released',
      'rendered',
      'attempt',
      'ended',
      'suppressed',
    ]);
    expect(stages.find(({ kind }) => kind === 'rendered')?.line).toBe(
      'An image needs an extension of the app. For APNs, 12 bytes',
    );
    expect(stages.at(-1)?.line).toContain('gone from the devices of jane: 410 Unregistered');
  });
});

describe('the page of a push', () => {
  it('has the views that make sense for it', () => {
    expect(tabsOf({ channel: 'push', door: 'apns', exchangeId: 'x' })).toEqual([
      'journey',
      'log',
      'preview',
      'payload',
      'headers',
      'auth',
      'source',
      'exchange',
    ]);
    expect(tabsOf({ channel: 'push', door: 'api', exchangeId: null })).not.toContain('headers');
    expect(tabsOf({ channel: 'email', door: 'smtp', exchangeId: null })).not.toContain('payload');
  });

  it('shows it on the screens that it goes to', () => {
    const to = (...providers: readonly string[]) => providers.map((provider) => ({ provider }));
    expect(platformsOf(view(), to('apns'))).toEqual(['ios']);
    const own = { ...view(), details: null };
    expect(platformsOf(own, to('webpush', 'fcm', 'apns', 'fcm'))).toEqual(['ios', 'android', 'browser']);
    expect(platformsOf(own, [])).toEqual(['ios']);
  });

  it('offers nothing to be done by hand to what waits for its device', () => {
    expect(actionsFor(delivery({ status: 'sent', substatus: 'held', waitsFor: 'device' }))).toEqual([]);
  });
});
