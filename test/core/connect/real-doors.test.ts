/** Unmodified SDKs with hard-coded hosts, led by the preload to the doors that answer as the provider does. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFcmRoutes } from '../../../core/channels/fcm/index.ts';
import { systemClock } from '../../../core/clock.ts';
import { environmentOf } from '../../../core/connect/environment.ts';
import { writeRedirectKit } from '../../../core/connect/redirect-kit.ts';
import { run } from '../../run-program.ts';
import { temporaryFolder } from '../../start-core.ts';
import { apnsWorld, app, kid, privateKey, teamId, token } from '../channels/apns/apns-world.ts';
import { fcmWorld } from '../channels/fcm/fcm-world.ts';
import { startDoors } from '../doors/http/doors.ts';
import { serviceAccount } from './service-account.ts';

const apns2 = `
  const { ApnsClient, Notification } = require('apns2');
  const client = new ApnsClient({
    team: '${teamId}', keyId: '${kid}', defaultTopic: '${app}', signingKey: ${JSON.stringify(privateKey)},
  });
  const send = (alert) => client.send(new Notification('${token}', { alert })).then(
    () => 'sent',
    ({ reason, statusCode }) => [statusCode, reason].join(' '));
  send('Hello').then((said) => { console.log(said); process.exit(); });`;

const firebase = `
  const { initializeApp, cert } = require('firebase-admin/app');
  const { getMessaging } = require('firebase-admin/messaging');
  const messaging = getMessaging(initializeApp({ credential: cert(${JSON.stringify(serviceAccount)}) }));
  const notification = { title: 'Hello' };
  const said = (promise) => promise.then((value) => value, ({ code }) => code);
  (async () => {
    console.log(JSON.stringify({
      send: await said(messaging.send({ token: 'token-1', notification })),
      gone: await said(messaging.send({ token: 'gone-1', notification })),
      each: (await messaging.sendEach([{ token: 'token-1', notification }, { token: 'gone-1', notification }]))
        .responses.map(({ success, error }) => success ? 'sent' : error.code),
    }));
    process.exit();
  })();`;

describe('through the preload', () => {
  it('apns2 sends, is refused and tries again at a door that answers as Apple', async () => {
    const { node, apns } = await sandbox();
    expect((await node(apns2)).stdout.trim()).toBe('sent');
    expect(apns.handovers).toMatchObject([
      { envelopeTo: [token], details: { push: { credentials: { claims: { iss: teamId } } } } },
    ]);
    apns.script = [{ do: 'answer', reason: 'TooManyRequests' }];
    expect((await node(apns2)).stdout.trim()).toBe('429 TooManyRequests');
    apns.script = [];
    expect((await node(apns2)).stdout.trim()).toBe('sent');
  });

  it('firebase-admin sends one and many, and is refused, at a door that answers as Google', async () => {
    const { node, fcm } = await sandbox();
    fcm.device('token-1');
    fcm.device('gone-1', { goneSinceMs: 1 });
    const { stdout, stderr } = await node(firebase);
    expect(stdout, stderr).not.toBe('');
    expect(JSON.parse(stdout)).toEqual({
      send: expect.stringMatching(/^projects\/shop\/messages\//),
      gone: 'messaging/registration-token-not-registered',
      each: ['sent', 'messaging/registration-token-not-registered'],
    });
    expect(fcm.accepted).toHaveLength(2);
  });
});

async function sandbox() {
  const apns = await apnsWorld();
  apns.nowMs = Date.now();
  const fcm = fcmWorld();
  const routes = createFcmRoutes({ ...fcm.ports, clock: systemClock });
  const doors = await startDoors({ routes: [routes.fcm, routes.google], apns: [apns.routes.push] });
  onTestFinished(() => doors.close());
  const caFile = join(await temporaryFolder(), 'ca.pem');
  await writeFile(caFile, doors.ca);
  const facts = { host: '127.0.0.1', ports: { ...doors.ports }, url: '', caFile, current: {} };
  await writeRedirectKit(facts, {
    preloadSource: new URL('../../../bin/sandpost-redirect.cjs', import.meta.url),
    systemRoots: () => Promise.resolve(''),
  });
  const node = (code: string) => run(process.execPath, ['-e', code], { env: environmentOf(facts, 'node') });
  return { apns, fcm, node };
}
