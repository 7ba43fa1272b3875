/** Pushes of the send API, from the request to the lock screen, through the doors of the providers. */
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../../core/api/schema.ts';
import { hourMs, minuteMs } from './journey.ts';
import { app, page, startPushWorld } from './push-world.ts';

describe('a push to a user', () => {
  it('is delivered to an iPhone, an Android phone and a browser, and shown on each', async () => {
    const world = await startPushWorld();
    const phones = {
      apns: await world.phone('ios', { user: 'jane' }),
      fcm: await world.phone('android', { user: 'jane' }),
      webpush: await world.phone('browser', { user: 'jane' }),
    };
    await world.phone('ios', { user: 'joe' });
    const message = await world.push({
      to: { user: 'jane' },
      image: 'https://cdn.example/van.png',
      link: 'shop://orders/7',
      data: { order: '7' },
      collapseKey: 'order-7',
      ttlSeconds: 3600,
    });
    expect(message).toMatchObject({
      channel: 'push',
      door: 'api',
      subject: 'Your order',
      snippet: 'It is on its way.',
      to: [{ address: 'user:jane' }],
      push: { details: null, content: { title: 'Your order', link: 'shop://orders/7' }, problems: [] },
    });
    const found = Object.fromEntries(message.deliveries.map((one) => [one.provider, one]));
    for (const [provider, { id, token }] of Object.entries(phones)) {
      expect(found[provider]).toMatchObject({ status: 'delivered', recipient: token, attempts: 1 });
      expect(await world.pushesOn(id)).toMatchObject([
        {
          state: 'delivered',
          shown: true,
          content: {
            title: 'Your order',
            body: 'It is on its way.',
            image: 'https://cdn.example/van.png',
            link: 'shop://orders/7',
          },
        },
      ]);
    }
    expect(message.deliveries).toHaveLength(3);
    // One send is one message: the doors recognised it.
    expect((await world.messages('channel:push')).map(({ id }) => id)).toEqual([message.id]);
    const events = (await world.events(message.id)).map(({ type }) => type);
    for (const type of ['queued', 'attempted', 'sent', 'delivered'])
      expect(events.filter((one) => one === type)).toHaveLength(3);
  });

  it('goes to the app that is asked for, and once to a device that is named twice', async () => {
    const world = await startPushWorld();
    const { id, token } = await world.phone('ios', { user: 'jane' });
    await world.call('POST', `/v1/phones/${id}/register`, { app: 'com.example.other' });
    const { deliveries } = await world.push({
      to: [
        { user: 'jane', app },
        { phone: id, app },
      ],
    });
    expect(deliveries.map((one) => one.recipient)).toEqual([token]);
  });

  it('ends at once where no device is theirs, and says so; the rest goes on', async () => {
    const world = await startPushWorld();
    const { token } = await world.phone('android', { user: 'jane' });
    const { id, deliveries } = await world.push({ to: [{ user: 'nobody' }, { user: 'jane' }] });
    expect(deliveries).toMatchObject([
      {
        recipient: 'user:nobody',
        provider: null,
        status: 'undeliverable',
        class: 'inactive',
        reason: 'no_channel: there is nowhere to send it, for no device is theirs',
        attempts: 0,
      },
      { recipient: token, status: 'delivered' },
    ]);
    const [first] = deliveries;
    const types = (await world.events(id))
      .filter((one) => one.deliveryId === first?.id)
      .map(({ type }) => type);
    expect(types).toEqual(['queued', 'undeliverable']);
  });

  it('is refused for a phone that is not there, with the field at fault', async () => {
    const world = await startPushWorld();
    await expect(world.push({ to: [{ phone: 'none' }] })).rejects.toThrow(
      /422 .*"field":"to\[0\]\.phone","code":"unknown_phone"/,
    );
  });

  it('is refused with every field at fault', async () => {
    const world = await startPushWorld();
    await expect(
      world.push({ to: { token: 'xyz', provider: 'apns', app }, ttlSeconds: -1, data: { aps: 'x' } }),
    ).rejects.toThrow(/422 .*"to.token".*"data.aps".*"ttlSeconds"/);
  });
});

describe('a push to a topic', () => {
  it('is one delivery, and reaches whoever takes part in it', async () => {
    const world = await startPushWorld();
    const inIt = await world.phone('android', { topics: ['news'] });
    const too = await world.phone('android', { topics: ['news'] });
    const not = await world.phone('android');
    const delivery = await world.one({ to: { topic: 'news' } });
    // FCM takes it, and tells nobody where it got to.
    expect(delivery).toMatchObject({ recipient: '/topics/news', provider: 'fcm', status: 'sent' });
    expect(await world.pushesOn(inIt.id)).toMatchObject([{ state: 'delivered', shown: true }]);
    expect(await world.pushesOn(too.id)).toMatchObject([{ state: 'delivered', shown: true }]);
    expect(await world.pushesOn(not.id)).toEqual([]);
  });

  it('of nobody is sent, and never confirmed', async () => {
    const world = await startPushWorld();
    expect(await world.one({ to: { topic: 'void' } })).toMatchObject({ status: 'sent' });
  });
});

describe('what a platform says by itself', () => {
  it('is merged into its payload, and the attempt shows what went out', async () => {
    const world = await startPushWorld();
    const ios = await world.phone('ios', { user: 'jane' });
    const android = await world.phone('android', { user: 'jane' });
    const browser = await world.phone('browser', { user: 'jane' });
    const { deliveries } = await world.push({
      to: { user: 'jane' },
      ios: { aps: { alert: { title: 'On iOS' }, 'interruption-level': 'time-sensitive' } },
      android: { notification: { title: 'On Android' } },
      web: { title: 'In a browser', actions: [{ action: 'track', title: 'Track' }] },
    });
    const shown = await Promise.all([ios, android, browser].map(({ id }) => world.pushesOn(id)));
    expect(shown).toMatchObject([
      [{ content: { title: 'On iOS', body: 'It is on its way.', interruption: 'time-sensitive' } }],
      [{ content: { title: 'On Android', body: 'It is on its way.' } }],
      [{ content: { title: 'In a browser', actions: [{ id: 'track', title: 'Track' }] } }],
    ]);
    for (const { id } of deliveries) {
      const [attempt] = (await world.journey(id)).attemptLog;
      expect(attempt?.evidence?.changes.map(({ code }) => code)).toEqual(['override', 'rendered']);
      expect(JSON.stringify(attempt?.evidence)).not.toMatch(/bearer ey|Bearer ya29|t=ey|sandpost-send/);
    }
  });

  it('too large ends before the wire, in words', async () => {
    const world = await startPushWorld();
    const { id, token } = await world.phone('ios');
    const delivery = await world.one({ to: { phone: id }, body: 'x'.repeat(4_090) });
    expect(delivery).toMatchObject({
      recipient: token,
      status: 'undeliverable',
      class: 'too_large',
      reason: expect.stringMatching(
        /^The payload is \d+ bytes; APNs takes 4096 bytes of JSON\. Nothing was sent/,
      ),
    });
    expect(await world.pushesOn(id)).toEqual([]);
  });
});

describe('a provider that refuses', () => {
  it.each(['ios', 'android', 'browser'] as const)(
    'a token that is gone has it dropped from its user’s device (%s), and nothing goes there any more',
    async (platform) => {
      const world = await startPushWorld();
      const { id, token } = await world.phone(platform, { user: 'jane' });
      await world.call('POST', `/v1/phones/${id}/uninstall`, { app: platform === 'browser' ? page : app });
      const message = await world.push({ to: { user: 'jane' } });
      expect(message.deliveries).toMatchObject([
        { recipient: token, status: 'undeliverable', class: 'bad_address' },
      ]);
      const phone = await world.phoneOf(id);
      expect(phone.apps[0]?.dropped?.why).toBe(message.deliveries[0]?.reason);
      const { entries } = await world.core.json<{ entries: { type: string; data: object }[] }>(
        '/v1/events?limit=1000',
      );
      expect(entries.filter((one) => one.type === 'phone').map((one) => one.data)).toContainEqual(
        expect.objectContaining({ phoneId: id, dropped: token, user: 'jane' }),
      );
      expect(await world.one({ to: { user: 'jane' } })).toMatchObject({
        recipient: 'user:jane',
        status: 'undeliverable',
        reason: expect.stringContaining('no_channel'),
      });
    },
  );

  it.each([
    ['ios', 'TooManyRequests'],
    ['android', 'QUOTA_EXCEEDED'],
    ['browser', 'TooManyRequests'],
  ] as const)('for now, with Retry-After, is believed (%s)', async (platform, reason) => {
    const world = await startPushWorld();
    const { id } = await world.phone(platform);
    await world.rules({ then: { do: 'answer', reason, retryAfterS: 90, times: 1 } });
    const message = await world.push({ to: { phone: id } });
    const [delivery] = message.deliveries;
    expect(delivery).toMatchObject({
      status: 'queued',
      substatus: 'deferred',
      class: 'rate_limited',
      attempts: 1,
    });
    const { virtualAt } = await world
      .clock({ advanceMs: 0 })
      .catch(() => world.call<{ virtualAt: string }>('GET', '/v1/clock'));
    expect(Date.parse(delivery?.nextAttemptAt ?? '') - Date.parse(virtualAt)).toBe(90_000);
    expect(await world.pushesOn(id)).toEqual([]);
    await world.clock({ advanceMs: 90_000 });
    expect(await world.again(message.id)).toMatchObject({ status: 'delivered', attempts: 2 });
    expect(await world.pushesOn(id)).toHaveLength(1);
    const [first, second] = (await world.journey(delivery?.id ?? '')).attemptLog;
    expect(first?.evidence?.rules).toMatchObject([{ ruleId: 'r1', action: 'answer' }]);
    expect(second?.evidence?.rules).toEqual([]);
  });

  it('is asked again after 15 minutes by APNs, after 10 seconds by FCM, by the schedule elsewhere', async () => {
    const world = await startPushWorld();
    const phones = {
      ios: await world.phone('ios'),
      android: await world.phone('android'),
      browser: await world.phone('browser'),
    };
    await world.rules(
      { when: { provider: 'apns' }, then: { do: 'answer', reason: 'ServiceUnavailable', times: 1 } },
      { when: { provider: 'fcm' }, then: { do: 'answer', reason: 'UNAVAILABLE', times: 2 } },
      { when: { provider: 'webpush' }, then: { do: 'answer', reason: 'ServiceUnavailable', times: 1 } },
    );
    const ios = await world.push({ to: { phone: phones.ios.id } });
    const android = await world.push({ to: { phone: phones.android.id } });
    const browser = await world.push({ to: { phone: phones.browser.id } });
    expect(await world.again(ios.id)).toMatchObject({ substatus: 'deferred', class: 'provider_down' });
    await world.clock({ advanceMs: 15_000 });
    expect(await world.again(ios.id)).toMatchObject({ substatus: 'deferred', attempts: 1 });
    expect(await world.again(android.id)).toMatchObject({ substatus: 'deferred', attempts: 2 });
    expect(await world.again(browser.id)).toMatchObject({ status: 'delivered', attempts: 2 });
    await world.clock({ advanceMs: 20_000 });
    expect(await world.again(android.id)).toMatchObject({ status: 'delivered', attempts: 3 });
    await world.clock({ advanceMs: 15 * minuteMs });
    expect(await world.again(ios.id)).toMatchObject({ status: 'delivered', attempts: 2 });
  });
});

describe('a phone that is off', () => {
  it.each(['ios', 'android', 'browser'] as const)(
    'has it held, and gets it when it comes back (%s)',
    async (platform) => {
      const world = await startPushWorld();
      const { id } = await world.phone(platform);
      await world.call('POST', `/v1/phones/${id}/offline`, { forMs: hourMs });
      const message = await world.push({ to: { phone: id }, ttlSeconds: 7_200 });
      expect(message.deliveries).toMatchObject([{ status: 'sent', substatus: 'held', waitsFor: 'device' }]);
      expect(await world.pushesOn(id)).toMatchObject([{ state: 'stored' }]);
      await world.clock({ advanceMs: hourMs });
      expect(await world.again(message.id)).toMatchObject({ status: 'delivered', attempts: 1 });
      expect(await world.pushesOn(id)).toMatchObject([{ state: 'delivered', shown: true }]);
    },
  );

  it.each(['ios', 'android', 'browser'] as const)(
    'does not get what expired meanwhile (%s)',
    async (platform) => {
      const world = await startPushWorld();
      const { id } = await world.phone(platform);
      await world.call('POST', `/v1/phones/${id}/offline`, { forMs: 2 * hourMs });
      const message = await world.push({ to: { phone: id }, ttlSeconds: 3_600 });
      await world.clock({ advanceMs: hourMs + minuteMs });
      expect(await world.again(message.id)).toMatchObject({ status: 'undeliverable', class: 'expired' });
      await world.clock({ advanceMs: hourMs });
      expect(await world.pushesOn(id)).toMatchObject([{ state: 'expired', shown: false }]);
    },
  );

  it('does not get what is tried once and never stored', async () => {
    const world = await startPushWorld();
    const { id } = await world.phone('ios');
    await world.call('POST', `/v1/phones/${id}/offline`, {});
    expect(await world.one({ to: { phone: id }, ttlSeconds: 0 })).toMatchObject({
      status: 'undeliverable',
      class: 'expired',
    });
  });
});

it('waits for the time that its sender asked for', async () => {
  const world = await startPushWorld();
  const { id } = await world.phone('android');
  const sendAt = new Date(Date.now() + hourMs).toISOString();
  const message = await world.push({ to: { phone: id }, sendAt });
  expect(message.deliveries).toMatchObject([{ status: 'queued', waitsFor: 'schedule' }]);
  await world.clock({ advanceMs: hourMs + minuteMs });
  expect(await world.again(message.id)).toMatchObject({ status: 'delivered' });
});

describe('by hand', () => {
  it('what waits for a device is neither released nor tried again; what has ended is tried anew', async () => {
    const world = await startPushWorld();
    const { id } = await world.phone('android');
    await world.call('POST', `/v1/phones/${id}/offline`, {});
    const message = await world.push({ to: { phone: id }, ttlSeconds: 3_600 });
    const [held] = message.deliveries;
    for (const action of ['release', 'retry', 'cancel', 'bounce'])
      await expect(world.call('POST', `/v1/deliveries/${held?.id}/${action}`, {})).rejects.toThrow(
        /409 .*waits for a device that is off/,
      );
    await world.clock({ advanceMs: 2 * hourMs });
    expect(await world.again(message.id)).toMatchObject({ class: 'expired' });
    await world.call('POST', `/v1/phones/${id}/online`, {});
    await world.call('POST', `/v1/deliveries/${held?.id}/retry`, {});
    await world.core.app.settled();
    const { deliveries } = await world.core.json<{ deliveries: Delivery[] }>(`/v1/messages/${message.id}`);
    expect(deliveries).toMatchObject([{ class: 'expired' }, { status: 'delivered', retryOf: held?.id }]);
  });

  it('what an app brought to its provider itself is not tried again for it', async () => {
    const world = await startPushWorld();
    const { id: other } = await world.phone('android', { token: 'another' });
    await world.call('POST', `/v1/phones/${other}/offline`, {});
    const sent = await fetch(
      `http://127.0.0.1:${world.core.port('providers')}/fcm/v1/projects/demo/messages:send`,
      {
        method: 'POST',
        headers: { authorization: 'Bearer any', 'content-type': 'application/json' },
        body: JSON.stringify({
          message: { token: 'another', notification: { title: 'By the app' }, android: { ttl: '1s' } },
        }),
      },
    );
    expect(sent.status).toBe(200);
    await world.clock({ advanceMs: minuteMs });
    const [message] = await world.messages('channel:push');
    expect(message).toMatchObject({ door: 'fcm', subject: 'By the app', deliveries: [{ class: 'expired' }] });
    await expect(
      world.call('POST', `/v1/deliveries/${message?.deliveries[0]?.id}/retry`, {}),
    ).rejects.toThrow(/409 .*let the app send it again/);
  });
});

describe('rules', () => {
  it('of the door refuse a push, put it off, and hold it', async () => {
    const world = await startPushWorld();
    const { id, token } = await world.phone('android');
    const door = { stage: 'door', when: { door: 'api', channel: 'push', subject: 'order' } };
    await world.rules({ ...door, then: { do: 'reject', code: 550, text: 'No {recipient}' } });
    await expect(world.push({ to: { phone: id } })).rejects.toThrow(/422 .*rejected_by_rule/);
    await world.rules({ ...door, then: { do: 'defer', code: 451, text: 'Later' } });
    await expect(world.push({ to: { phone: id } })).rejects.toThrow(/503 .*deferred_by_rule/);
    await world.rules({ ...door, then: { do: 'hold', reason: 'let me see' } });
    const message = await world.push({ to: { phone: id } });
    expect(message.deliveries).toMatchObject([{ status: 'queued', substatus: 'held', recipient: token }]);
    await world.call('POST', `/v1/deliveries/${message.deliveries[0]?.id}/release`, {});
    await world.core.app.settled();
    expect(await world.again(message.id)).toMatchObject({ status: 'delivered' });
  });

  it('of the far side are asked once for each attempt, by the words of the push', async () => {
    const world = await startPushWorld();
    const { id } = await world.phone('ios');
    await world.rules({
      when: { channel: 'push', body: 'on its way', sender: app },
      then: { do: 'blackHole' },
    });
    expect(await world.one({ to: { phone: id } })).toMatchObject({
      status: 'sent',
      substatus: 'unconfirmed',
    });
    expect(await world.one({ to: { phone: id }, body: 'Something else.' })).toMatchObject({
      status: 'delivered',
    });
    expect((await world.pushesOn(id)).map(({ state }) => state)).toEqual(['lost', 'delivered']);
  });
});

it('answers the same request with the same answer, and sends once', async () => {
  const world = await startPushWorld();
  const { id } = await world.phone('android');
  const request = {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'order-7' },
    body: JSON.stringify({ channel: 'push', to: { phone: id }, title: 'Hello' }),
  };
  const first = await world.core.get('/v1/messages', request);
  await world.core.app.settled();
  const second = await world.core.get('/v1/messages', request);
  expect([first.status, second.status, second.headers.get('idempotency-replayed')]).toEqual([
    202,
    202,
    'true',
  ]);
  expect(await second.json()).toEqual(await first.json());
  await world.core.app.settled();
  expect(await world.pushesOn(id)).toHaveLength(1);
});
