/**
 * `firebase-admin`, unmodified, by the preload (its hosts are its own): HTTP/1.1 for one message, its default HTTP/2 for
 * many and for topics, and its legacy transport; and by the proxy, where it takes an agent.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { serviceAccount } from '../connect/service-account.ts';
import { fcmAnswers, fcmRefusals } from './fcm-answers.ts';
import { type Peers, startPeers } from './peers.ts';

const app = 'com.example.shop';
let peers: Peers;
beforeAll(async () => {
  peers = await startPeers();
});
afterAll(() => peers.close());
beforeEach(() => peers.rules());

const tokens = JSON.stringify(fcmAnswers.map(({ token }) => token));
const adminCodes = fcmAnswers.map(({ admin }) => admin);

/** An app with firebase-admin. `code` has `messaging` and ends with the value that it prints. */
function withAdmin(
  code: string,
  {
    way = 'node',
    options = `{ credential: cert(${JSON.stringify(serviceAccount)}) }`,
    env = {},
  }: {
    readonly way?: 'node' | 'proxy' | 'ca';
    /** Of its app, in source. */
    readonly options?: string | undefined;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<unknown> {
  return peers.script(
    `import { applicationDefault, cert, initializeApp } from 'firebase-admin/app';
    import { getMessaging } from 'firebase-admin/messaging';
    import { HttpsProxyAgent } from 'https-proxy-agent';
    const messaging = getMessaging(initializeApp(${options}));
    const notification = { title: 'Sale', body: 'Half price' };
    const said = (promise) => promise.then((name) => /^projects\\/shop\\/messages\\/[^/]+$/.test(name) ? 'sent' : name,
      ({ code, message }) => code ?? message);
    const each = ({ responses }) => responses.map(({ success, error }) => success ? 'sent' : error.code);
    const joined = ({ successCount, errors }) => [successCount, ...errors.map(({ index, error }) => [index, error.code])];
    console.log(JSON.stringify(await (async () => { ${code} })()));
    process.exit();`,
    { ...peers.environment(way), ...env },
  );
}

describe('firebase-admin', () => {
  it('sends by send, sendEach and sendEachForMulticast, and the phone shows each', async () => {
    const jane = await peers.phone('android', { app });
    const joe = await peers.phone('android', { app });
    const said = await withAdmin(`
      const [jane, joe] = ${JSON.stringify([jane.token, joe.token])};
      return {
        send: await said(messaging.send({ token: jane, notification, data: { link: 'shop://sale' },
          android: { priority: 'high', ttl: 3600000, collapseKey: 'sale' } })),
        each: each(await messaging.sendEach([{ token: jane, notification }, { token: joe, notification }])),
        multicast: each(await messaging.sendEachForMulticast({ tokens: [jane, joe], notification })),
        dryRun: await messaging.send({ token: jane, notification }, true),
      };`);
    expect(said).toEqual({
      send: 'sent',
      each: ['sent', 'sent'],
      multicast: ['sent', 'sent'],
      dryRun: 'projects/shop/messages/fake_message_id',
    });
    expect(await peers.messages(joe.token)).toHaveLength(2);
    const [message] = await peers.messages(jane.token);
    expect(message).toMatchObject({
      channel: 'push',
      door: 'fcm',
      subject: 'Sale',
      envelope: { from: 'shop', to: [jane.token] },
      deliveries: [{ provider: 'fcm', status: 'delivered' }],
    });
    expect(await peers.message(message?.id ?? '')).toMatchObject({
      push: {
        details: { app: 'shop', collapseKey: 'sale', priority: 'high', credentials: { kind: 'oauth' } },
      },
    });
    const shown = await peers.pushesOn(jane.phoneId);
    expect(shown).toHaveLength(3);
    expect(shown[0]).toMatchObject({
      state: 'delivered',
      shown: true,
      collapseKey: 'sale',
      content: { title: 'Sale', body: 'Half price', link: 'shop://sale' },
    });
  });

  it.each(['its default HTTP/2', 'its legacy transport'])(
    'is told each error that a rule asks for, over %s',
    async (transport) => {
      await peers.refuse(fcmRefusals);
      const said = await withAdmin(`
        ${transport === 'its legacy transport' ? 'messaging.enableLegacyHttpTransport();' : ''}
        const tokens = ${tokens};
        return {
          send: await Promise.all(tokens.map((token) => said(messaging.send({ token, notification })))),
          each: each(await messaging.sendEach(tokens.map((token) => ({ token, notification })))),
          multicast: each(await messaging.sendEachForMulticast({ tokens, notification })),
        };`);
      expect(said).toEqual({ send: adminCodes, each: adminCodes, multicast: adminCodes });
      expect(await peers.messages(fcmAnswers[0]?.token)).toEqual([]);
    },
  );

  it('meets the errors that have a cause of their own', async () => {
    const gone = await peers.phone('android', { app });
    await peers.call('POST', `/v1/phones/${gone.phoneId}/uninstall`, { app });
    const foreign = await peers.phone('android', { app, project: 'another-shop' });
    const jane = await peers.phone('android', { app });
    const said = await withAdmin(`
      const [gone, foreign, jane] = ${JSON.stringify([gone.token, foreign.token, jane.token])};
      const bad = [
        { token: gone, notification },
        { token: foreign, notification },
        { token: 'no token', notification },
        { fid: gone, notification },
        { token: jane, data: { from: 'me' } },
        { token: jane, data: { much: 'x'.repeat(4096) } },
        { topic: 'news', data: { much: 'x'.repeat(2048) } },
      ];
      return [await Promise.all(bad.map((one) => said(messaging.send(one)))), each(await messaging.sendEach(bad))];`);
    const codes = [
      'messaging/registration-token-not-registered',
      'messaging/mismatched-credential',
      'messaging/invalid-argument',
      'messaging/installation-id-not-registered',
      'messaging/invalid-argument',
      'messaging/invalid-argument',
      'messaging/invalid-argument',
    ];
    expect(said).toEqual([codes, codes]);
    expect(await peers.messages(jane.token)).toEqual([]);
  });

  it('is told why a device cannot join a topic', async () => {
    const full = await peers.phone('android', {
      app,
      topics: Array.from({ length: 2_000 }, (_, at) => `topic-${at}`),
    });
    const gone = await peers.phone('android', { app });
    await peers.call('POST', `/v1/phones/${gone.phoneId}/uninstall`, { app });
    const said = await withAdmin(`
      const tokens = ${JSON.stringify([full.token, gone.token, 'no token'])};
      return [joined(await messaging.subscribeToTopic(tokens, 'news')), joined(await messaging.subscribeToTopicLegacy(tokens, 'news'))];`);
    const refused = [
      0,
      [0, 'messaging/too-many-topics'],
      [1, 'messaging/registration-token-not-registered'],
      [2, 'messaging/invalid-registration-token'],
    ];
    expect(said).toEqual([refused, refused]);
  });

  it('is judged by its account, where only known ones are let in', async () => {
    await peers.doors({ fcm: { strict: true, projects: [{ id: 'shop' }, { id: 'another-shop' }] } });
    const account = await peers.serviceAccount({ projectId: 'shop' });
    const jane = await peers.phone('android', { app });
    const code = `return [
      await said(messaging.send({ token: '${jane.token}', notification })),
      each(await messaging.sendEach([{ token: '${jane.token}', notification }])),
    ];`;
    // The file as it is handed out.
    expect(await withAdmin(code, { options: `{ credential: cert(${JSON.stringify(account)}) }` })).toEqual([
      'sent',
      ['sent'],
    ]);
    const [message] = await peers.messages(jane.token);
    expect(await peers.message(message?.id ?? '')).toMatchObject({
      push: { details: { credentials: { signature: 'valid' } } },
    });
    const first = `return said(messaging.send({ token: '${jane.token}', notification }));`;
    expect(await withAdmin(first)).toBe('app/invalid-credential');
    const forged = { ...account, private_key: serviceAccount.privateKey };
    const options = `{ credential: cert(${JSON.stringify(forged)}) }`;
    expect(await withAdmin(first, { options })).toBe('app/invalid-credential');
    const foreign = `{ projectId: 'another-shop', credential: cert(${JSON.stringify(account)}) }`;
    expect(await withAdmin(first, { options: foreign })).toBe('messaging/mismatched-credential');
    const join = `return joined(await messaging.subscribeToTopic(['${jane.token}'], 'news'));`;
    expect(await withAdmin(join, { options: foreign })).toEqual([0, [0, 'messaging/authentication-error']]);
    expect(await peers.messages(jane.token)).toHaveLength(2);
  });

  it('meets the limits of a device, where they are switched on', async () => {
    await peers.doors({ fcm: { collapsibleRate: true } });
    const { token } = await peers.phone('android', { app });
    const said = await withAdmin(`
      const message = { token: '${token}', notification, android: { collapseKey: 'score' } };
      return each(await messaging.sendEach(Array(21).fill(message)));`);
    expect(said).toEqual([...Array<string>(20).fill('sent'), 'messaging/message-rate-exceeded']);
  });

  it('tries 503 and a cut connection again by itself, and gets through; 429 is for the caller', async () => {
    const names = ['one', 'many', 'old', 'cut', 'busy'] as const;
    const [one, many, old, cut, busy] = await Promise.all(
      names.map(async () => (await peers.phone('android', { app })).token),
    );
    const unavailable = { do: 'answer', reason: 'UNAVAILABLE', retryAfterS: 1, times: 1 };
    await peers.rules(
      { stage: 'farSide', when: { recipient: [one, many, old] }, then: unavailable },
      { stage: 'farSide', when: { recipient: cut, atMost: 1 }, then: { do: 'disconnect', at: 'endOfData' } },
      {
        stage: 'farSide',
        when: { recipient: busy },
        then: { do: 'answer', reason: 'QUOTA_EXCEEDED', retryAfterS: 1, times: 1 },
      },
    );
    const said = await withAdmin(`
      const [one, many, old, cut, busy] = ${JSON.stringify([one, many, old, cut, busy])};
      const before = Date.now();
      const answers = {
        send: await said(messaging.send({ token: one, notification })),
        cut: await said(messaging.send({ token: cut, notification })),
        each: each(await messaging.sendEach([{ token: many, notification }])),
        busy: [await said(messaging.send({ token: busy, notification })), await said(messaging.send({ token: busy, notification }))],
      };
      messaging.enableLegacyHttpTransport();
      answers.legacy = each(await messaging.sendEach([{ token: old, notification }]));
      // It waited as long as Retry-After said, three times.
      answers.waited = Date.now() - before >= 3000;
      return answers;`);
    expect(said).toEqual({
      send: 'sent',
      cut: 'sent',
      each: ['sent'],
      busy: ['messaging/message-rate-exceeded', 'sent'],
      legacy: ['sent'],
      waited: true,
    });
    for (const token of [one, many, old, cut, busy]) expect(await peers.messages(token)).toHaveLength(1);
  });

  it.each([
    ['over HTTP/2', 'subscribeToTopic', 'unsubscribeFromTopic', ''],
    [
      'over its legacy transport',
      'subscribeToTopic',
      'unsubscribeFromTopic',
      'messaging.enableLegacyHttpTransport();',
    ],
    ['by the Instance ID service', 'subscribeToTopicLegacy', 'unsubscribeFromTopicLegacy', ''],
  ])('joins a topic %s, sends to it and leaves it', async (_, join, leave, first) => {
    const jane = await peers.phone('android', { app });
    const gone = await peers.phone('android', { app });
    await peers.call('POST', `/v1/phones/${gone.phoneId}/uninstall`, { app });
    const said = await withAdmin(`
      ${first}
      const tokens = ${JSON.stringify([jane.token, gone.token])};
      return [
        joined(await messaging.${join}(tokens, 'news')),
        await said(messaging.send({ topic: 'news', notification })),
        await said(messaging.send({ condition: "'news' in topics && !('sport' in topics)", notification })),
        joined(await messaging.${leave}(tokens, '/topics/news')),
        await said(messaging.send({ topic: 'news', notification })),
      ];`);
    const oneIsGone = [1, [1, 'messaging/registration-token-not-registered']];
    expect(said).toEqual([oneIsGone, 'sent', 'sent', oneIsGone, 'sent']);
    expect(await peers.pushesOn(jane.phoneId)).toMatchObject([{ shown: true }, { shown: true }]);
    expect((await peers.messages('/topics/news')).at(-1)).toMatchObject({
      deliveries: [{ recipient: '/topics/news', status: 'sent' }],
    });
  });

  it('gets its token of the metadata server, with no account at all', async () => {
    const jane = await peers.phone('android', { app });
    const said = await withAdmin(`return messaging.send({ token: '${jane.token}', notification });`, {
      options: '{ credential: applicationDefault() }',
      env: {
        GCE_METADATA_HOST: `127.0.0.1:${peers.port('metadata')}`,
        METADATA_SERVER_DETECTION: 'assume-present',
      },
    });
    expect(said).toMatch(/^projects\/demo-project\/messages\//);
    expect(await peers.pushesOn(jane.phoneId)).toHaveLength(1);
  });

  describe('through the proxy', () => {
    const agent = (): string => `new HttpsProxyAgent('http://127.0.0.1:${peers.port('proxy')}')`;
    it.each([
      [
        'with an agent of its own',
        'ca',
        // Its own credential asks oauth2.googleapis.com without the agent: so the app has another.
        () => `{ projectId: 'shop', httpAgent: ${agent()}, credential: {
          getAccessToken: () => Promise.resolve({ access_token: 'any', expires_in: 3600 }) } }`,
      ],
      ['as Node reads it from the environment', 'proxy', (): undefined => undefined],
    ] as const)('sends, is refused, tries again and joins topics %s', async (_, way, options) => {
      const jane = await peers.phone('android', { app });
      const late = await peers.phone('android', { app });
      await peers.refuse({ ...fcmRefusals, [late.token]: { reason: 'UNAVAILABLE', times: 1 } });
      const said = await withAdmin(
        `
        const [jane, late] = ${JSON.stringify([jane.token, late.token])};
        // HTTP/2 is the one that takes no agent.
        messaging.enableLegacyHttpTransport();
        const tokens = ${tokens};
        return {
          send: await said(messaging.send({ token: jane, notification })),
          each: each(await messaging.sendEach([{ token: jane, notification }, { token: late, notification }])),
          refused: await Promise.all(tokens.map((token) => said(messaging.send({ token, notification })))),
          topic: joined(await messaging.subscribeToTopic([jane], 'proxied')),
          old: joined(await messaging.unsubscribeFromTopicLegacy([jane], 'proxied')),
        };`,
        { way, options: options() },
      );
      expect(said).toEqual({
        send: 'sent',
        each: ['sent', 'sent'],
        refused: adminCodes,
        topic: [1],
        old: [1],
      });
      expect(await peers.pushesOn(jane.phoneId)).toHaveLength(2);
      expect(await peers.messages(late.token)).toHaveLength(1);
    });
  });
});
