/** Pass-through of pushes: SDKs, unmodified, ask one core; a second one stands in for Apple, Google and the push services. */

import { connect } from 'node:http2';
import apn from '@parse/node-apn';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import webpush, { type PushSubscription } from 'web-push';
import { serviceAccount } from '../connect/service-account.ts';
import { apnsKey } from '../push/apns-answers.ts';
import { openPassWorld, type PassWorld } from './world.ts';

const app = 'com.example.shop';
const listed = 'ab'.repeat(32);
const stranger = 'cd'.repeat(32);
const androidToken = `dGhlLWluc3RhbGxhdGlvbg:APA91b${'x'.repeat(120)}`;

let world: PassWorld;
beforeAll(async () => {
  world = await openPassWorld();
});
afterAll(() => world.close());
afterEach(async () => {
  await world.stop();
});

async function live(
  channel: string,
  settings: Readonly<Record<string, unknown>>,
  values: readonly string[],
): Promise<void> {
  const { id } = await world.relay({ kind: channel, ...settings });
  await world.goLive({
    [channel]: {
      relayId: id,
      passThrough: true,
      recipients: { kind: 'allow', entries: values.map((value) => ({ kind: 'token', value })) },
    },
  });
}

const newest = async (to: string) => (await world.app.messages(to)).at(-1);

describe('what an app brings to APNs’ door while live', () => {
  const liveApns = () => live('apns', { url: world.url('', 'apns') }, [listed.toUpperCase()]);

  function provider(): apn.Provider {
    const made = new apn.Provider({
      token: apnsKey,
      address: '127.0.0.1',
      port: world.app.core.port('apns'),
      ca: [world.app.ca],
    });
    onTestFinished(() => made.shutdown());
    return made;
  }

  const note = (title: string): apn.Notification =>
    new apn.Notification({ topic: app, pushType: 'alert', alert: { title, body: 'It is here' } });

  it('goes on over HTTP/2 with the app’s own token; who is not on the list is held', async () => {
    await liveApns();
    const { sent, failed } = await provider().send(note('Order 7'), [listed, stranger]);
    expect(failed).toEqual([]);
    expect(sent).toHaveLength(2);
    const there = await world.provider.messages();
    expect(there).toMatchObject([
      { door: 'apns', subject: 'Order 7', push: { details: { target: { value: listed } } } },
    ]);
    expect(sent.find(({ device }) => device === listed)).toMatchObject({
      'apns-id': there[0]?.push?.details?.providerId,
    });
    expect((await newest(listed))?.deliveries).toMatchObject([{ status: 'sent', substatus: null }]);
    expect((await newest(stranger))?.deliveries).toMatchObject([
      { substatus: 'held', heldBy: { label: 'Live relay' } },
    ]);
  });

  it('goes on on many streams at once', async () => {
    await liveApns();
    const notes = Array.from({ length: 20 }, (_, at) => note(`Of many ${at}`));
    const one = provider();
    const answers = await Promise.all(notes.map((each) => one.send(each, listed)));
    expect(answers.flatMap(({ sent }) => sent)).toHaveLength(20);
    const there = (await world.provider.messages()).filter(({ subject }) => subject?.startsWith('Of many'));
    expect(there).toHaveLength(20);
  });

  it('is told what Apple says of it, as Apple says it', async () => {
    await world.provider.call('PUT', '/v1/rules', {
      rules: [
        {
          name: 'gone',
          stage: 'farSide',
          when: { recipient: listed },
          then: { do: 'answer', reason: 'Unregistered' },
        },
      ],
    });
    onTestFinished(async () => {
      await world.provider.call('PUT', '/v1/rules', { rules: [] });
    });
    await liveApns();
    const { failed } = await provider().send(note('Too late'), listed);
    expect(failed).toMatchObject([{ status: 410, response: { reason: 'Unregistered' } }]);
    expect((await newest(listed))?.deliveries).toMatchObject([
      { status: 'undeliverable', class: 'bad_address', reason: expect.stringContaining('410 Unregistered') },
    ]);
  });

  it('is told that APNs is not available where it cannot be reached', async () => {
    await live('apns', { url: 'https://127.0.0.1:1' }, [listed]);
    const session = connect(`https://127.0.0.1:${world.app.core.port('apns')}`, { ca: world.app.ca });
    onTestFinished(() => session.destroy());
    const stream = session.request({
      ':method': 'POST',
      ':path': `/3/device/${listed}`,
      'apns-topic': app,
      authorization: 'bearer not.of.sandpost',
    });
    stream.end(JSON.stringify({ aps: { alert: 'x' } }));
    let body = '';
    stream.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    const status = await new Promise((resolve) => {
      stream.on('response', (headers) => stream.on('end', () => resolve(headers[':status'])));
    });
    expect([status, JSON.parse(body)]).toEqual([503, { reason: 'ServiceUnavailable' }]);
    expect((await newest(listed))?.deliveries).toMatchObject([{ status: 'undeliverable', class: 'network' }]);
  });
});

describe('what an app brings to FCM’s door while live', () => {
  it('goes on by firebase-admin, with a token that the real accounts gave out', async () => {
    const { clientEmail } = { clientEmail: String(Object(serviceAccount).client_email ?? 'a@b.example') };
    await live(
      'fcm',
      { projectId: 'shop', clientEmail, url: world.url('/fcm'), tokenUrl: world.url('/google/token') },
      [androidToken],
    );
    const said = await world.script(
      `import { cert, initializeApp } from 'firebase-admin/app';
      import { getMessaging } from 'firebase-admin/messaging';
      const messaging = getMessaging(initializeApp({ credential: cert(${JSON.stringify(serviceAccount)}) }));
      const notification = { title: 'Sale', body: 'Half price' };
      const name = await messaging.send({ token: '${androidToken}', notification });
      const each = await messaging.sendEach([
        { token: '${androidToken}', notification: { title: 'By HTTP/2' } },
        { token: '${androidToken}x', notification: { title: 'To a stranger' } },
        { topic: 'news', notification: { title: 'To all' } },
      ]);
      const trial = await messaging.send({ token: '${androidToken}', notification }, true);
      console.log(JSON.stringify({ name, each: each.responses.map(({ success }) => success), trial }));
      process.exit();`,
      'node',
    );
    const { name } = Object(said);
    expect(said).toMatchObject({ each: [true, true, true], trial: 'projects/shop/messages/fake_message_id' });
    const there = await world.provider.messages(androidToken);
    expect(there.map(({ subject }) => subject)).toEqual(['Sale', 'By HTTP/2']);
    expect(there[0]?.push?.details?.providerId).toBe(name);
    expect(await world.provider.messages(`${androidToken}x`)).toEqual([]);
    expect(await world.provider.messages('/topics/news')).toEqual([]);
    const here = await world.app.messages(androidToken);
    expect(here.map(({ deliveries }) => deliveries[0]?.status)).toEqual(['sent', 'sent']);
    expect((await newest(`${androidToken}x`))?.deliveries).toMatchObject([
      { substatus: 'held', heldBy: { label: 'Live relay' } },
    ]);
    expect((await newest('/topics/news'))?.deliveries).toMatchObject([
      { substatus: 'held', heldBy: { label: 'Live relay' }, waitsFor: 'hold' },
    ]);
    // Both saw a token asked for: the first handed that on.
    const asked = (await world.exchanges()).filter(({ door }) => door === 'google');
    expect(asked.length).toBeGreaterThan(0);
    const kept = JSON.stringify(await world.exchange(asked[0]?.id ?? ''));
    expect(kept).toContain('access_token');
    expect(kept).not.toMatch(/"?access_token\\?"?: ?\\?"ya29|sandpost\.[\w-]{20}/);
    expect(
      (await world.audit()).filter(({ kind, recipient }) => kind === 'passed_through' && recipient === null),
    ).not.toEqual([]);
  });
});

describe('what an app brings to a browser’s push service while live', () => {
  const vapid = webpush.generateVAPIDKeys();

  it('goes on to the host of its endpoint; other subscriptions are held, the sandbox’s own stay in it', async () => {
    const phone = async (side: PassWorld['app']) => {
      const { id } = await side.call<{ id: string }>('POST', '/v1/phones', { platform: 'browser' });
      const { subscription } = await side.call<{ subscription: PushSubscription }>(
        'POST',
        `/v1/phones/${id}/register`,
        { app: 'https://shop.example' },
      );
      return { id, subscription };
    };
    const real = await phone(world.provider);
    const { endpoint, keys } = real.subscription;
    const id = endpoint.replace(/^.*\//, '');
    const realEndpoint = `https://updates.push.services.mozilla.com/wpush/v2/${id}`;
    await live('webpush', { subject: 'mailto:a@shop.example', publicKey: vapid.publicKey }, [realEndpoint]);
    const said = await world.script(
      `import webpush from 'web-push';
      const vapidDetails = ${JSON.stringify({ subject: 'mailto:push@shop.example', ...vapid })};
      const keys = ${JSON.stringify(keys)};
      const said = [];
      for (const endpoint of ['${realEndpoint}', '${realEndpoint}x']) {
        const sent = await webpush.sendNotification({ endpoint, keys }, JSON.stringify({ title: 'Hello' }), { vapidDetails })
          .catch((error) => error);
        said.push([sent.statusCode, sent.headers?.location ?? null]);
      }
      console.log(JSON.stringify(said));`,
      'node',
    );
    const [first] = Array.isArray(said) ? said : [];
    expect(first).toEqual([201, expect.stringContaining('/m/')]);
    await world.provider.core.app.settled();
    expect(await world.provider.messages(id)).toMatchObject([{ subject: 'Hello', door: 'webpush' }]);
    expect((await newest(realEndpoint))?.deliveries).toMatchObject([{ status: 'sent' }]);
    expect((await world.audit()).filter(({ kind }) => kind === 'held').at(-1)).toMatchObject({
      channel: 'webpush',
    });
  });
});
