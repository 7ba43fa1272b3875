/** `@googleapis/fcm` by its rootUrl, by the preload and by the proxy; `google-auth-library` by the metadata server. */
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

const scope = 'https://www.googleapis.com/auth/firebase.messaging';

function metadata(): Readonly<Record<string, string>> {
  return {
    GCE_METADATA_HOST: `127.0.0.1:${peers.port('metadata')}`,
    METADATA_SERVER_DETECTION: 'assume-present',
  };
}

/** By the address that it takes; without credentials of its own. */
const ways = {
  rootUrl: () => ({
    root: `http://127.0.0.1:${peers.port('providers')}/fcm/`,
    env: metadata(),
  }),
  preload: () => ({ root: null, env: { ...metadata(), ...peers.environment('node') } }),
  proxy: () => ({ root: null, env: { ...metadata(), ...peers.environment('proxy') } }),
} as const;

/** An app with @googleapis/fcm. `code` has `send(message)`, and ends with the value that it prints. */
function withFcm(way: keyof typeof ways, code: string): Promise<unknown> {
  const { root, env } = ways[way]();
  return peers.script(
    `import { fcm } from '@googleapis/fcm';
    import { GoogleAuth } from 'google-auth-library';
    const auth = new GoogleAuth({ scopes: ['${scope}'] });
    const client = fcm({ version: 'v1', auth, ...${JSON.stringify(root === null ? {} : { rootUrl: root })} });
    const send = (message, options = { retry: false }) =>
      client.projects.messages.send({ parent: 'projects/shop', requestBody: { message } }, options).then(
        ({ status, data }) => [status, data.name?.replace(/[^/]+$/, '…')],
        ({ status, code, response }) => {
          const error = response?.data?.error;
          const named = error?.details?.find((one) => one['@type'].endsWith('.FcmError'))?.errorCode;
          return [status, error?.status, named ?? null];
        });
    console.log(JSON.stringify(await (async () => { ${code} })()));
    process.exit();`,
    env,
  );
}

describe('@googleapis/fcm', () => {
  it.each(['rootUrl', 'preload', 'proxy'] as const)(
    'sends, is refused and gets through, by %s',
    async (way) => {
      const jane = await peers.phone('android', { app });
      const late = await peers.phone('android', { app });
      const busy = await peers.phone('android', { app });
      const gone = await peers.phone('android', { app });
      await peers.call('POST', `/v1/phones/${gone.phoneId}/uninstall`, { app });
      await peers.refuse({
        ...fcmRefusals,
        [late.token]: { reason: 'UNAVAILABLE', times: 1 },
        [busy.token]: { reason: 'QUOTA_EXCEEDED', retryAfterS: 1, times: 1 },
      });
      const said = await withFcm(
        way,
        `const notification = { title: 'Sale', body: 'Half price' };
      const tokens = ${JSON.stringify(fcmAnswers.map(({ token }) => token))};
      return {
        sent: await send({ token: '${jane.token}', notification, data: { link: 'shop://sale' } }),
        refused: await Promise.all(tokens.map((token) => send({ token, notification }))),
        gone: await send({ token: '${gone.token}', notification }),
        bad: await send({ token: '${jane.token}', data: { n: 12 } }),
        // gaxios tries a POST again where it is asked to.
        late: await send({ token: '${late.token}', notification },
          { retry: true, retryConfig: { httpMethodsToRetry: ['POST'], retryDelay: 1 } }),
        busy: [await send({ token: '${busy.token}', notification }), await send({ token: '${busy.token}', notification })],
      };`,
      );
      const yes = [200, 'projects/shop/messages/…'];
      expect(said).toEqual({
        sent: yes,
        refused: fcmAnswers.map(({ status, canonical, reason, fcm }) => [
          status,
          canonical,
          fcm ? reason : null,
        ]),
        gone: [404, 'NOT_FOUND', 'UNREGISTERED'],
        bad: [400, 'INVALID_ARGUMENT', null],
        late: yes,
        busy: [[429, 'RESOURCE_EXHAUSTED', 'QUOTA_EXCEEDED'], yes],
      });
      expect(await peers.messages(jane.token)).toMatchObject([
        { channel: 'push', door: 'fcm', subject: 'Sale', deliveries: [{ status: 'delivered' }] },
      ]);
      expect(await peers.pushesOn(jane.phoneId)).toMatchObject([
        {
          state: 'delivered',
          shown: true,
          content: { title: 'Sale', body: 'Half price', link: 'shop://sale' },
        },
      ]);
      expect(await peers.messages(late.token)).toHaveLength(1);
      expect(await peers.messages(busy.token)).toHaveLength(1);
    },
  );
});

describe('google-auth-library', () => {
  it('finds the metadata server with its project, account and token, and FCM takes the token', async () => {
    const { token, phoneId } = await peers.phone('android', { app });
    const said = await peers.script(
      `import { GoogleAuth } from 'google-auth-library';
      const auth = new GoogleAuth({ scopes: ['${scope}'] });
      const url = 'http://127.0.0.1:${peers.port('providers')}/fcm/v1/projects/demo-project/messages:send';
      const data = { message: { token: '${token}', notification: { title: 'Hello' } } };
      const { status } = await auth.request({ url, method: 'POST', data });
      const refused = await auth.request({ url, method: 'POST', data: { message: { token: 'unregistered-jane' } } })
        .catch(({ status }) => status);
      console.log(JSON.stringify({
        project: await auth.getProjectId(),
        account: (await auth.getCredentials()).client_email,
        token: (await auth.getAccessToken()).slice(0, 5),
        status, refused,
      }));`,
      metadata(),
    );
    expect(said).toEqual({
      project: 'demo-project',
      account: 'sandbox@demo-project.iam.gserviceaccount.com',
      token: 'ya29.',
      status: 200,
      refused: 404,
    });
    expect(await peers.pushesOn(phoneId)).toMatchObject([{ shown: true, content: { title: 'Hello' } }]);
  });

  it('gets a token for a service account, by the proxy of its environment', async () => {
    const said = await peers.script(
      `import { JWT } from 'google-auth-library';
      const { clientEmail: email, privateKey: key } = ${JSON.stringify(serviceAccount)};
      const client = new JWT({ email, key, scopes: ['${scope}'] });
      const { token } = await client.getAccessToken();
      const broken = new JWT({ email: '', key, scopes: ['${scope}'] });
      const refusal = await broken.getAccessToken().catch(({ response, message }) => response?.data ?? message);
      console.log(JSON.stringify({ token: token.slice(0, 5), refusal }));`,
      peers.environment('proxy'),
    );
    expect(said).toMatchObject({ token: 'ya29.', refusal: { error: 'invalid_grant' } });
  });
});

describe('fetch of Node, by the proxy', () => {
  it('reaches the providers, and nobody else', async () => {
    const { token } = await peers.phone('android', { app });
    const said = await peers.script(
      `const post = (host) => fetch('https://' + host + '/v1/projects/shop/messages:send', {
        method: 'POST',
        headers: { authorization: 'Bearer any', 'content-type': 'application/json' },
        body: JSON.stringify({ message: { token: '${token}', notification: { title: 'Hello' } } }),
      }).then(({ status }) => status, ({ name }) => name);
      console.log(JSON.stringify([await post('fcm.googleapis.com'), await post('api.example.com')]));`,
      peers.environment('proxy'),
    );
    expect(said).toEqual([200, 'TypeError']);
    await expect
      .poll(() => peers.exchanges())
      .toContainEqual(
        expect.objectContaining({ outcome: 'refused', reason: expect.stringContaining('api.example.com') }),
      );
    expect(await peers.messages(token)).toHaveLength(1);
  });
});
