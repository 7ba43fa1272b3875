/** `@parse/node-apn`, unmodified, against the whole of Sandpost: by its own settings for address, port and CA. */
import apn from '@parse/node-apn';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { apnsAnswers, apnsKey, apnsRefusals, deviceToken } from './apns-answers.ts';
import { type Peers, startPeers } from './peers.ts';

const app = 'com.example.shop';
let peers: Peers;
beforeAll(async () => {
  peers = await startPeers();
});
afterAll(() => peers.close());
beforeEach(() => peers.rules());

function provider(over: Partial<apn.ProviderOptions> = {}): apn.Provider {
  const made = new apn.Provider({
    token: apnsKey,
    address: '127.0.0.1',
    port: peers.port('apns'),
    manageChannelsAddress: '127.0.0.1',
    manageChannelsPort: peers.port('apnsManage'),
    ca: [peers.ca],
    ...over,
  });
  onTestFinished(() => made.shutdown());
  return made;
}

function note(over: Partial<apn.Notification> = {}): apn.Notification {
  return Object.assign(
    new apn.Notification({ topic: app, pushType: 'alert', alert: { title: 'Order 7', body: 'It is here' } }),
    over,
  );
}

describe('node-apn', () => {
  it('sends to a phone, which shows it; the list has it with the token read', async () => {
    const { token, phoneId } = await peers.phone('ios', { app });
    const { sent, failed } = await provider().send(
      note({ badge: 3, collapseId: 'order-7', payload: { link: 'shop://orders/7' } }),
      token,
    );
    expect(failed).toEqual([]);
    expect(sent).toEqual([
      {
        device: token,
        'apns-id': expect.stringMatching(/^[0-9A-F-]{36}$/),
        // A phone registers for development unless it says otherwise.
        'apns-unique-id': expect.any(String),
      },
    ]);
    const [message] = await peers.messages(token);
    expect(message).toMatchObject({
      channel: 'push',
      door: 'apns',
      subject: 'Order 7',
      envelope: { from: app, to: [token] },
      deliveries: [{ recipient: token, provider: 'apns', status: 'delivered' }],
    });
    expect(await peers.message(message?.id ?? '')).toMatchObject({
      push: {
        details: {
          app,
          pushType: 'alert',
          collapseKey: 'order-7',
          credentials: { kind: 'apnsToken', claims: { iss: apnsKey.teamId } },
        },
      },
    });
    expect(await peers.pushesOn(phoneId)).toMatchObject([
      {
        state: 'delivered',
        shown: true,
        content: { title: 'Order 7', body: 'It is here', badge: 3, link: 'shop://orders/7' },
      },
    ]);
  });

  it('is told each reason that a rule asks for', async () => {
    await peers.refuse(apnsRefusals);
    const client = provider();
    const failed: apn.ResponseFailure[] = [];
    // One after the other: it closes its connection, and whatever else is on it, after a 500.
    for (const { token } of apnsAnswers) {
      const answer = await client.send(note(), token);
      expect(answer.sent).toEqual([]);
      failed.push(...answer.failed);
    }
    const told = failed.map(({ device, status, response, error }) => ({
      token: device,
      status,
      // Two reasons it hands on as an error, the others as they are.
      reason: response?.reason ?? error?.message,
    }));
    expect(told).toEqual(
      apnsAnswers.map((answer) =>
        answer.reason === 'InternalServerError'
          ? { ...answer, reason: 'Error 500, stream ended unexpectedly' }
          : answer,
      ),
    );
    expect(failed.filter(({ status }) => Number(status) === 410).map(({ response }) => response)).toEqual([
      { reason: 'ExpiredToken', timestamp: expect.any(Number) },
      { reason: 'Unregistered', timestamp: expect.any(Number) },
    ]);
    expect(await peers.messages(deviceToken(1))).toEqual([]);
    const [exchange] = await peers.exchanges();
    expect(exchange).toMatchObject({ door: 'apns', outcome: 'refused' });
  });

  it('meets the reasons that have a cause of their own', async () => {
    const client = provider();
    const gone = await peers.phone('ios', { app });
    await peers.call('POST', `/v1/phones/${gone.phoneId}/uninstall`, { app });
    const other = await peers.phone('ios', { app: 'com.example.other' });
    const refusal = async (notification: apn.Notification, to: string): Promise<unknown> => {
      const { sent, failed } = await client.send(notification, to);
      expect(sent).toEqual([]);
      return [failed[0]?.status, failed[0]?.response?.reason];
    };
    expect(await refusal(note(), gone.token)).toEqual([410, 'Unregistered']);
    expect(await refusal(note(), other.token)).toEqual([400, 'DeviceTokenNotForTopic']);
    expect(await refusal(note({ topic: '' }), deviceToken(1))).toEqual([400, 'MissingTopic']);
    expect(await refusal(note({ topic: 'not a bundle id' }), deviceToken(1))).toEqual([400, 'BadTopic']);
    expect(await refusal(note({ pushType: 'voip' }), deviceToken(1))).toEqual([
      400,
      'DeviceTokenNotForTopic',
    ]);
    expect(await refusal(note({ priority: 7 }), deviceToken(1))).toEqual([400, 'BadPriority']);
    expect(await refusal(note({ id: 'order-7' }), deviceToken(1))).toEqual([400, 'BadMessageId']);
    expect(await refusal(note({ collapseId: 'x'.repeat(65) }), deviceToken(1))).toEqual([
      400,
      'BadCollapseId',
    ]);
    expect(await refusal(note({ payload: { much: 'x'.repeat(4_096) } }), deviceToken(1))).toEqual([
      413,
      'PayloadTooLarge',
    ]);
  });

  it('is refused tokens that nobody knows, where the setting says so', async () => {
    const usual = await peers.call<object>('GET', '/v1/phones/settings');
    await peers.call('PUT', '/v1/phones/settings', { ...usual, unknownTokens: 'refuse' });
    onTestFinished(async () => {
      await peers.call('PUT', '/v1/phones/settings', usual);
    });
    expect((await provider().send(note(), deviceToken(99))).failed).toMatchObject([
      { status: 400, response: { reason: 'BadDeviceToken' } },
    ]);
  });

  it('is judged by its key, where only known ones are let in', async () => {
    await peers.doors({ apns: { strict: true } });
    const { kid: keyId, teamId, privateKey: key } = await peers.apnsKey({ topics: [app] });
    const known = provider({ token: { key, keyId, teamId } });
    const { token } = await peers.phone('ios', { app });
    expect((await known.send(note(), token)).sent).toMatchObject([{ device: token }]);
    const [message] = await peers.messages(token);
    expect(await peers.message(message?.id ?? '')).toMatchObject({
      push: { details: { credentials: { signature: 'valid' } } },
    });
    const reasonOf = async (client: apn.Provider, notification = note()): Promise<unknown> => {
      const { failed } = await client.send(notification, token);
      return [failed[0]?.status, failed[0]?.response?.reason];
    };
    expect(await reasonOf(known, note({ topic: 'com.example.other' }))).toEqual([400, 'TopicDisallowed']);
    expect(await reasonOf(provider())).toEqual([403, 'InvalidProviderToken']);
    const forged = provider({ token: { key: apnsKey.key, keyId, teamId } });
    expect(await reasonOf(forged)).toEqual([403, 'InvalidProviderToken']);
    const otherTeam = provider({ token: { key, keyId, teamId: 'TEAM654321' } });
    expect(await reasonOf(otherTeam)).toEqual([403, 'InvalidProviderToken']);
  });

  it.each([
    [{ reason: 'TooManyRequests', retryAfterS: 1 }, 2],
    [{ reason: 'ServiceUnavailable' }, 2],
    [{ reason: 'InternalServerError' }, 2],
    // A new token on the same connection: the one before it was never good for anything.
    [{ reason: 'ExpiredProviderToken' }, 1],
  ])('tries %j again by itself, and gets through', async (refusal, times) => {
    const { token, phoneId } = await peers.phone('ios', { app });
    await peers.refuse({ [token]: { ...refusal, times } });
    const { sent, failed } = await provider().send(note(), token);
    expect(failed).toEqual([]);
    expect(sent).toMatchObject([{ device: token }]);
    expect(await peers.messages(token)).toHaveLength(1);
    expect(await peers.pushesOn(phoneId)).toMatchObject([{ state: 'delivered', shown: true }]);
    expect((await peers.exchanges()).slice(0, times + 1).map(({ outcome }) => outcome)).toEqual([
      'accepted',
      ...Array<string>(times).fill('refused'),
    ]);
  });

  it('opens another connection after Shutdown, and gets through there', async () => {
    const { token } = await peers.phone('ios', { app });
    await peers.rules({
      stage: 'farSide',
      when: { recipient: token, atMost: 1 },
      then: { do: 'goAway', reason: 'Shutdown' },
    });
    const client = provider();
    const first = await client.send(note(), token);
    expect(first.sent).toEqual([]);
    expect(first.failed).toMatchObject([{ device: token, error: expect.any(Error) }]);
    expect((await client.send(note(), token)).sent).toMatchObject([{ device: token }]);
  });

  it.each([
    ['the preload', 'node', {}],
    ['the proxies of its options', 'ca', { proxy: true }],
  ] as const)(
    'reaches the hosts of Apple by %s, for channels too',
    async (_, way, { proxy = false }: { proxy?: boolean }) => {
      const { token, phoneId } = await peers.phone('ios', { app, environment: 'production' });
      const through = { host: '127.0.0.1', port: peers.port('proxy') };
      const options = {
        token: apnsKey,
        production: true,
        ...(proxy ? { proxy: through, manageChannelsProxy: through } : {}),
      };
      const said = await peers.script(
        `import apn from '@parse/node-apn';
      const provider = new apn.Provider(${JSON.stringify(options)});
      const note = Object.assign(new apn.Notification(), { topic: '${app}', pushType: 'alert', alert: 'Hello' });
      const pushed = await provider.send(note, '${token}');
      const made = await provider.manageChannels(
        Object.assign(new apn.Notification(), { payload: { 'message-storage-policy': 0 } }), '${app}', 'create');
      console.log(JSON.stringify([pushed.sent.length, made.sent.length,
        ...[...pushed.failed, ...made.failed].map(({ error, response }) => String(error ?? response.reason))]));
      process.exit();`,
        peers.environment(way),
      );
      expect(said).toEqual([1, 1]);
      expect(await peers.pushesOn(phoneId)).toMatchObject([{ shown: true, content: { body: 'Hello' } }]);
    },
  );

  it('makes a broadcast channel, sends to who takes part in it, and deletes it', async () => {
    const client = provider();
    const [made] = (
      await client.manageChannels(
        Object.assign(new apn.Notification(), { payload: { 'message-storage-policy': 1 } }),
        app,
        'create',
      )
    ).sent;
    const channel = String(Reflect.get(made ?? {}, 'apns-channel-id'));
    const inIt = await peers.phone('ios', { app, topics: [channel] });
    const too = await peers.phone('ios', { app, topics: [`channel:${channel}`] });
    const not = await peers.phone('ios', { app });
    const cast = async () =>
      client.broadcast(
        note({
          channelId: channel,
          pushType: 'liveactivity',
          priority: 10,
          expiry: Math.floor(Date.now() / 1000) + 3_600,
        }),
        app,
      );
    expect((await cast()).failed).toEqual([]);
    expect(await peers.pushesOn(inIt.phoneId)).toHaveLength(1);
    expect(await peers.pushesOn(too.phoneId)).toHaveLength(1);
    expect(await peers.pushesOn(not.phoneId)).toEqual([]);

    const named = (): apn.Notification => Object.assign(new apn.Notification(), { channelId: channel });
    expect((await client.manageChannels(new apn.Notification(), app, 'readAll')).sent).toMatchObject([
      { channels: expect.arrayContaining([channel]) },
    ]);
    expect((await client.manageChannels(named(), app, 'delete')).failed).toEqual([]);
    expect((await cast()).failed).toMatchObject([
      { status: 400, response: { reason: 'ChannelNotRegistered' } },
    ]);
    expect((await client.manageChannels(named(), app, 'read')).failed).toMatchObject([
      { status: 400, response: { reason: 'ChannelNotRegistered' } },
    ]);
  });
});
