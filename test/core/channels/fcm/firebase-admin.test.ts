/** firebase-admin as it is, by the preload: its own OAuth, HTTP/1.1 for one message, HTTP/2 for many and for topics. */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sdkWorld } from './sdk-world.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const account = {
  projectId: 'shop',
  clientEmail: 'app@shop.iam.gserviceaccount.com',
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
};

/** Prints what `run` comes to, or the code and the message of what it fails with. */
function admin(run: string): string {
  return `
    const { initializeApp, cert } = require('firebase-admin/app');
    const { getMessaging } = require('firebase-admin/messaging');
    const messaging = getMessaging(initializeApp({ credential: cert(${JSON.stringify(account)}) }));
    const told = (error) => ({ code: error.code, message: error.message });
    const results = ({ responses, successCount, failureCount }) => ({ successCount, failureCount,
      codes: responses.map((one) => one.success ? 'sent' : one.error.code) });
    (async () => ${run})().catch(told).then((value) => { console.log(JSON.stringify(value)); process.exit(); });`;
}

describe('firebase-admin', () => {
  it('sends, with a token that it got for its account', async () => {
    const world = await sdkWorld({ strict: false });
    world.device('jane');
    const name = await world.script(
      admin(`messaging.send({
        token: 'jane', notification: { title: 'Sale', imageUrl: 'https://example.com/a.png' }, data: { order: '7' },
        android: { ttl: 3600000, priority: 'high', collapseKey: 'sale', notification: {
          color: '#336699', channelId: 'offers', priority: 'max', visibility: 'public', eventTimestamp: new Date(),
          vibrateTimingsMillis: [100, 50], lightSettings: { color: '#112233', lightOnDurationMillis: 10, lightOffDurationMillis: 20 } } },
        apns: { headers: { 'apns-priority': '5' }, payload: { aps: { alert: { title: 'iOS' }, badge: 1, contentAvailable: true } } },
        webpush: { headers: { TTL: '60' }, notification: { actions: [{ action: 'a', title: 'A' }] } },
        fcmOptions: { analyticsLabel: 'sale-1' } })`),
    );
    expect(name).toMatch(/^projects\/shop\/messages\/0:\d+%/);
    const [handover] = world.accepted;
    expect(handover).toMatchObject({ user: account.clientEmail, envelopeFrom: 'shop', envelopeTo: ['jane'] });
    expect(handover?.details?.push).toMatchObject({ collapseKey: 'sale', priority: 'high' });
    expect(handover?.pushes?.puts[0]?.content).toMatchObject({
      title: 'Sale',
      image: 'https://example.com/a.png',
      category: 'offers',
      data: { order: '7' },
    });
    // The exchange goes with the message; that of its token stands alone, without the secrets.
    expect(handover?.exchange?.transcript).toContain('POST /v1/projects/shop/messages:send');
    expect(handover?.exchange?.transcript).not.toContain('ya29.');
    const [oauth] = world.ended;
    expect(oauth).toMatchObject({ outcome: 'accepted' });
    expect(oauth?.transcript).toMatch(/assertion=\*\*\*/);
    expect(oauth?.transcript).not.toContain('ya29.');
  });

  it.each([
    ['INVALID_ARGUMENT', 'messaging/invalid-argument'],
    ['UNREGISTERED', 'messaging/registration-token-not-registered'],
    ['SENDER_ID_MISMATCH', 'messaging/mismatched-credential'],
    ['QUOTA_EXCEEDED', 'messaging/message-rate-exceeded'],
    ['INTERNAL', 'messaging/internal-error'],
    ['THIRD_PARTY_AUTH_ERROR', 'messaging/third-party-auth-error'],
    ['PERMISSION_DENIED', 'messaging/mismatched-credential'],
    ['UNAUTHENTICATED', 'messaging/third-party-auth-error'],
  ])('understands %s as %s', async (reason, code) => {
    const world = await sdkWorld();
    world.rules({ stage: 'farSide', then: { do: 'answer', reason } });
    expect(await world.script(admin("messaging.send({ token: 'jane', data: { a: 'b' } })"))).toMatchObject({
      code,
    });
  });

  it('reads what is wrong with the payload in FCM’s own words', async () => {
    const world = await sdkWorld();
    const told = await world.script(admin("messaging.send({ token: 'jane', data: { from: 'b' } })"));
    expect(told).toEqual({ code: 'messaging/invalid-argument', message: 'Invalid data payload key: from' });
  });

  it('tries again what is unavailable, as often as Retry-After lets it, and each try can be seen', async () => {
    const world = await sdkWorld();
    world.rules({
      stage: 'farSide',
      when: { atMost: 2 },
      then: { do: 'answer', reason: 'UNAVAILABLE', retryAfterS: 0 },
    });
    expect(await world.script(admin("messaging.send({ token: 'jane', data: { a: 'b' } })"))).toMatch(
      /^projects/,
    );
    expect(world.ended.filter(({ outcome }) => outcome === 'refused')).toHaveLength(2);
    expect(world.accepted).toHaveLength(1);
  });

  it('sends to many over its HTTP/2, and is told of each by itself', async () => {
    const world = await sdkWorld();
    world.device('gone', { goneSinceMs: 0 });
    const run =
      "messaging.sendEachForMulticast({ tokens: ['jane', 'gone', 'no token'], notification: { title: 'x' } })";
    expect(await world.script(admin(`${run}.then(results)`))).toEqual({
      successCount: 1,
      failureCount: 2,
      codes: ['sent', 'messaging/registration-token-not-registered', 'messaging/invalid-argument'],
    });
    expect(world.accepted.map(({ envelopeTo }) => envelopeTo)).toEqual([['jane']]);
  });

  it('sends several messages at once, to tokens, topics and conditions', async () => {
    const world = await sdkWorld();
    world.device('jane', { topics: ['news'] });
    const run = `messaging.sendEach([
      { token: 'jane', notification: { title: 'a' } },
      { topic: 'news', notification: { title: 'b' } },
      { condition: "'news' in topics && !('sport' in topics)", data: { c: 'd' } }])`;
    expect(await world.script(admin(`${run}.then(results)`))).toMatchObject({ successCount: 3 });
    expect(new Set(world.accepted.map(({ envelopeTo }) => envelopeTo[0]))).toEqual(
      new Set(['jane', '/topics/news', "'news' in topics && !('sport' in topics)"]),
    );
  });

  it('only validates with dryRun', async () => {
    const world = await sdkWorld();
    const name = await world.script(admin("messaging.send({ token: 'jane', data: { a: 'b' } }, true)"));
    expect(name).toBe('projects/shop/messages/fake_message_id');
    expect(world.accepted).toEqual([]);
  });

  it('joins and leaves topics, by the new way and the old', async () => {
    const world = await sdkWorld();
    const jane = world.device('jane');
    world.device('gone', { goneSinceMs: 0 });
    const change = (what: string) =>
      world.script(
        admin(`messaging.${what}(['jane', 'gone'], 'news').then(({ successCount, errors }) =>
          ({ successCount, errors: errors.map(({ index, error }) => [index, error.code]) }))`),
      );
    const oneGone = { successCount: 1, errors: [[1, 'messaging/registration-token-not-registered']] };
    expect(await change('subscribeToTopic')).toEqual(oneGone);
    expect(jane.topics).toEqual(['news']);
    expect(await change('subscribeToTopic')).toEqual(oneGone);
    expect(await change('unsubscribeFromTopic')).toEqual(oneGone);
    expect(jane.topics).toEqual([]);
    expect(await change('subscribeToTopicLegacy')).toEqual(oneGone);
    expect(jane.topics).toEqual(['news']);
    expect(await change('unsubscribeFromTopicLegacy')).toEqual(oneGone);
    expect(jane.topics).toEqual([]);
  });

  it('is told when its account is refused', async () => {
    const world = await sdkWorld({ strict: true });
    expect(await world.script(admin("messaging.send({ token: 'jane', data: { a: 'b' } })"))).toMatchObject({
      code: 'app/invalid-credential',
      message: expect.stringContaining('Invalid grant: account not found'),
    });
  });
});
