/** `apns2`, unmodified: its hosts and port 443 are its own, so that the preload leads it here. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { apnsAnswers, apnsKey, apnsRefusals } from './apns-answers.ts';
import { type Peers, startPeers } from './peers.ts';

const app = 'com.example.shop';
let peers: Peers;
beforeAll(async () => {
  peers = await startPeers();
});
afterAll(() => peers.close());
beforeEach(() => peers.rules());

/** An app with apns2: `send(client, …)` gives 'sent' or what the error says. */
function withApns2(code: string): Promise<unknown> {
  return peers.script(
    `import { ApnsClient, ApnsError, Errors, Host, Notification, PushType } from 'apns2';
    const clientOf = (host) => new ApnsClient({
      team: '${apnsKey.teamId}', keyId: '${apnsKey.keyId}', signingKey: ${JSON.stringify(apnsKey.key)},
      defaultTopic: '${app}', ...(host === undefined ? {} : { host }),
    });
    const send = (client, token, options = { alert: { title: 'Order 7', body: 'It is here' } }) =>
      client.send(new Notification(token, options)).then(() => 'sent', (error) => {
        if (!(error instanceof ApnsError)) throw error;
        return [error.statusCode, error.reason, ...(error.timestamp === undefined ? [] : [typeof error.timestamp])];
      });
    ${code}
    process.exit();`,
    peers.environment('node'),
  );
}

describe('apns2', () => {
  it('sends to production and to development, each to its own tokens', async () => {
    const production = await peers.phone('ios', { app, environment: 'production' });
    const development = await peers.phone('ios', { app, environment: 'development' });
    const said = await withApns2(`
      const tokens = ${JSON.stringify([production.token, development.token])};
      const clients = [clientOf(), clientOf(Host.development)];
      const said = [];
      for (const client of clients) for (const token of tokens)
        said.push(await send(client, token, { alert: { title: 'Order 7', body: 'It is here' }, badge: 2,
          collapseId: 'order-7', data: { link: 'shop://orders/7' } }));
      console.log(JSON.stringify(said));`);
    expect(said).toEqual(['sent', [400, 'BadDeviceToken'], [400, 'BadDeviceToken'], 'sent']);
    expect(await peers.messages(production.token)).toMatchObject([
      { channel: 'push', subject: 'Order 7', deliveries: [{ provider: 'apns', status: 'delivered' }] },
    ]);
    expect(await peers.pushesOn(development.phoneId)).toMatchObject([
      {
        state: 'delivered',
        shown: true,
        collapseKey: 'order-7',
        content: { title: 'Order 7', body: 'It is here', badge: 2, link: 'shop://orders/7' },
      },
    ]);
  });

  it('throws an ApnsError with each reason that a rule asks for, and emits it', async () => {
    await peers.refuse(apnsRefusals);
    const said = await withApns2(`
      const client = clientOf();
      const emitted = [];
      client.on(Errors.error, ({ reason }) => emitted.push(reason));
      const said = [];
      for (const token of ${JSON.stringify(apnsAnswers.map(({ token }) => token))}) said.push(await send(client, token));
      console.log(JSON.stringify({ said, emitted }));`);
    expect(said).toEqual({
      said: apnsAnswers.map(({ status, reason }) => [status, reason, ...(status === 410 ? ['number'] : [])]),
      emitted: apnsAnswers.map(({ reason }) => reason),
    });
    expect(await peers.messages(apnsAnswers[0]?.token)).toEqual([]);
  });

  it('meets the reasons that have a cause of their own', async () => {
    const gone = await peers.phone('ios', { app, environment: 'production' });
    await peers.call('POST', `/v1/phones/${gone.phoneId}/uninstall`, { app });
    const other = await peers.phone('ios', { app: 'com.example.other', environment: 'production' });
    const { token } = await peers.phone('ios', { app, environment: 'production' });
    const said = await withApns2(`
      const client = clientOf();
      console.log(JSON.stringify([
        await send(client, '${gone.token}'),
        await send(client, '${other.token}'),
        await send(client, 'no token'),
        await send(client, '${token}', { topic: 'not a bundle id' }),
        await send(client, '${token}', { alert: 'x'.repeat(4096) }),
        await send(client, '${token}', { alert: 'x', collapseId: 'x'.repeat(65) }),
        await send(client, '${token}', { alert: 'x', type: PushType.voip }),
        await send(client, '${token}', { alert: 'x', priority: 7 }),
      ]));`);
    expect(said).toEqual([
      [410, 'Unregistered', 'number'],
      [400, 'DeviceTokenNotForTopic'],
      [400, 'BadDeviceToken'],
      [400, 'BadTopic'],
      [413, 'PayloadTooLarge'],
      [400, 'BadCollapseId'],
      [400, 'DeviceTokenNotForTopic'],
      [400, 'BadPriority'],
    ]);
  });

  it('is refused a key of the other environment', async () => {
    const { kid, teamId, privateKey } = await peers.apnsKey({ environment: 'development' });
    const said = await withApns2(`
      const key = { keyId: '${kid}', team: '${teamId}', signingKey: ${JSON.stringify(privateKey)}, defaultTopic: '${app}' };
      console.log(JSON.stringify([
        await send(new ApnsClient(key), 'c0ffee'),
        await send(new ApnsClient({ ...key, host: Host.development }), 'c0ffee'),
      ]));`);
    expect(said).toEqual([[403, 'BadEnvironmentKeyIdInToken'], 'sent']);
  });

  it('gets through when the caller tries again, each time on the same connection', async () => {
    const { token, phoneId } = await peers.phone('ios', { app, environment: 'production' });
    const again = async (refusal: Readonly<Record<string, unknown>>): Promise<unknown> => {
      await peers.rules({
        stage: 'farSide',
        when: { recipient: token },
        then: { do: 'answer', times: 1, ...refusal },
      });
      return withApns2(`
        const client = clientOf();
        console.log(JSON.stringify([await send(client, '${token}'), await send(client, '${token}')]));`);
    };
    expect(await again({ reason: 'ServiceUnavailable' })).toEqual([[503, 'ServiceUnavailable'], 'sent']);
    expect(await again({ reason: 'TooManyRequests', retryAfterS: 1 })).toEqual([
      [429, 'TooManyRequests'],
      'sent',
    ]);
    // It forgets its token then, and signs another.
    expect(await again({ reason: 'ExpiredProviderToken' })).toEqual([[403, 'ExpiredProviderToken'], 'sent']);
    expect(await peers.messages(token)).toHaveLength(3);
    expect(await peers.pushesOn(phoneId)).toHaveLength(3);
  });

  it('sends many at once', async () => {
    const said = await withApns2(`
      const client = clientOf();
      const tokens = Array.from({ length: 200 }, (_, at) => 'e0' + at.toString(16).padStart(62, '0'));
      const answers = await client.sendMany(tokens.map((token) => new Notification(token, { alert: 'Sale' })));
      console.log(JSON.stringify(answers.filter((one) => one.error !== undefined).map(({ error }) => String(error))));`);
    expect(said).toEqual([]);
    expect(await peers.messages(`e0${'0'.repeat(62)}`)).toHaveLength(1);
    expect((await peers.messages()).filter(({ subject }) => subject === 'Sale')).toHaveLength(200);
  });
});
