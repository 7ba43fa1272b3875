/** @googleapis/fcm by its rootUrl, google-auth-library by the metadata server, curl by hand. */
import { describe, expect, it } from 'vitest';
import { findProgram, run } from '../../../run-program.ts';
import { sdkWorld } from './sdk-world.ts';

const print = 'console.log(JSON.stringify(value)); process.exit();';

describe('@googleapis/fcm', () => {
  const root = (port: number | undefined): string =>
    JSON.stringify({ rootUrl: `http://127.0.0.1:${port}/fcm/` });
  const send = (port: number | undefined, message: string, of: 'client' | 'call' = 'client'): string => `
    const { fcm } = require('@googleapis/fcm');
    const { GoogleAuth } = require('google-auth-library');
    const auth = new GoogleAuth({ scopes: ['https://www.googleapis.com/auth/firebase.messaging'] });
    const client = fcm({ version: 'v1', auth, ...${of === 'client' ? root(port) : '{}'} });
    const request = { parent: 'projects/demo-project', requestBody: { message: ${message} } };
    client.projects.messages.send(request, { retry: false, ...${of === 'call' ? root(port) : '{}'} }).then(
      ({ data }) => data,
      ({ status, response }) => ({ status, error: response?.data?.error }),
    ).then((value) => { ${print} });`;

  it('sends to the plain door, with a token of the metadata server', async () => {
    const world = await sdkWorld({ strict: true });
    const environment = {
      GCE_METADATA_HOST: `127.0.0.1:${world.doorPorts.metadata}`,
      METADATA_SERVER_DETECTION: 'assume-present',
    };
    world.device('jane');
    const message = "{ token: 'jane', notification: { title: 'Hi' } }";
    // Made with the root of its client, and with that of a single call, which alone keeps the path.
    for (const of of ['client', 'call'] as const)
      expect(await world.script(send(world.doorPorts.providers, message, of), environment)).toEqual({
        name: expect.stringMatching(/^projects\/demo-project\/messages\//),
      });
    expect(world.accepted[0]).toMatchObject({ user: 'sandbox@demo-project.iam.gserviceaccount.com' });
    expect(world.accepted[0]?.details?.push?.credentials).toMatchObject({ signature: 'valid' });

    world.device('gone', { goneSinceMs: 0 });
    expect(
      await world.script(send(world.doorPorts.providers, "{ token: 'gone' }"), environment),
    ).toMatchObject({
      status: 404,
      error: { status: 'NOT_FOUND', details: [{ errorCode: 'UNREGISTERED' }] },
    });
    expect(
      await world.script(send(world.doorPorts.providers, "{ token: 'jane', data: { n: 12 } }"), environment),
    ).toMatchObject({
      status: 400,
      error: { details: [{ fieldViolations: [{ field: 'message.data[0].value' }] }] },
    });
  });
});

describe('google-auth-library', () => {
  it('finds the metadata server, its project, its account and its token', async () => {
    const world = await sdkWorld();
    const code = `
      const { GoogleAuth } = require('google-auth-library');
      const auth = new GoogleAuth({ scopes: ['https://www.googleapis.com/auth/cloud-platform'] });
      (async () => ({
        project: await auth.getProjectId(),
        account: (await auth.getCredentials()).client_email,
        universe: await auth.getUniverseDomain(),
        token: (await auth.getAccessToken()).slice(0, 5),
      }))().catch((error) => String(error)).then((value) => { ${print} });`;
    const seen = {
      project: 'demo-project',
      account: 'sandbox@demo-project.iam.gserviceaccount.com',
      universe: 'googleapis.com',
      token: 'ya29.',
    };
    const GCE_METADATA_HOST = `127.0.0.1:${world.doorPorts.metadata}`;
    expect(
      await world.script(code, { GCE_METADATA_HOST, METADATA_SERVER_DETECTION: 'assume-present' }),
    ).toEqual(seen);
    // Without being told that it is there it looks for it itself.
    expect(await world.script(code, { GCE_METADATA_HOST })).toEqual(seen);
  });
});

describe.skipIf(findProgram('curl') === null)('curl', () => {
  it('sees status, fields and body as Google has them, with a question mark behind the address too', async () => {
    const world = await sdkWorld();
    const base = `http://127.0.0.1:${world.doorPorts.providers}/fcm/v1/projects/demo/messages:send`;
    const json = '{"message":{"token":"jane","notification":{"title":"Hi"}}}';
    const curl = async (...args: readonly string[]) =>
      (await run('curl', ['-sS', '-i', '-d', json, ...args], { env: {} })).stdout;
    const accepted = await curl('-H', 'authorization: Bearer x', `${base}?`);
    expect(accepted).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(accepted).toMatch(/\r\n\r\n\{\n {2}"name": "projects\/demo\/messages\/[^"]+"\n\}\n$/);
    const refused = await curl(base);
    expect(refused).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
    expect(refused).toMatch(/www-authenticate: Bearer realm="https:\/\/accounts\.google\.com\/"\r\n/i);
    expect(refused).toContain('"status": "UNAUTHENTICATED"');
  });
});
