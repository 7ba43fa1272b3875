/** Every SDK as it comes, led to a whole Sandpost by the preload or by the proxy as `sandpost env` prints them. */
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../run-program.ts';
import { type SmsPeers, startSmsPeers } from './peers.ts';

let peers: SmsPeers;
let project: string;
beforeAll(async () => {
  peers = await startSmsPeers();
  project = await mkdtemp(join(tmpdir(), 'sandpost-project-'));
  await symlink(resolve(import.meta.dirname, '../../../node_modules'), join(project, 'node_modules'));
  await writeFile(join(project, 'package.json'), '{"type":"module"}');
  await writeFile(join(project, 'app.js'), unchanged);
});
afterAll(async () => {
  await peers.close();
  await rm(project, { recursive: true, force: true });
});

/** The SDKs as their own guides have them: no address of the sandbox anywhere. Twilio's and Sinch's by region too. */
const unchanged = `
  import twilio from 'twilio';
  import { Vonage } from '@vonage/server-sdk';
  import { SinchClient } from '@sinch/sdk-core';
  import { AuthType, Infobip } from '@infobip-api/sdk';
  import Telnyx from 'telnyx';
  const [to, from, text] = ['+447911123456', '+447700900001', 'Hi'];
  const account = 'AC0123456789abcdef0123456789abcdef';
  const said = {};
  const say = async (name, call) => { said[name] = await call().catch((error) => String(error.message)); };
  for (const [name, about] of [['twilio', {}], ['twilio of Dublin', { region: 'ie1', edge: 'dublin' }], ['twilio of ie1', { region: 'ie1' }]])
    await say(name, async () => (await twilio(account, 'x', about).messages.create({ to, from, body: text })).status);
  await say('twilio services', async () =>
    (await twilio(account, 'x').messaging.v1.services.create({ friendlyName: 'Shop' })).friendlyName);
  const vonage = new Vonage({ apiKey: 'abcd1234', apiSecret: 'x' });
  const digits = { to: to.slice(1), from: from.slice(1), text };
  await say('vonage', async () => (await vonage.sms.send(digits)).messages[0].status);
  await say('vonage messages', async () =>
    typeof (await vonage.messages.send({ channel: 'sms', messageType: 'text', ...digits })).messageUUID);
  for (const smsRegion of ['us', 'eu', 'br'])
    for (const [name, who] of [['plan', { servicePlanId: 'p', apiToken: 't' }], ['project', { projectId: 'p', keyId: 'k', keySecret: 's' }]])
      await say('sinch ' + smsRegion + ' ' + name, async () =>
        (await new SinchClient({ ...who, smsRegion, logger: null }).sms.batches.send({ sendSMSRequestBody: { to: [to], from, body: text } })).type);
  await say('infobip', async () =>
    (await new Infobip({ baseUrl: 'https://xyz123.api.infobip.com', apiKey: 'k', authType: AuthType.ApiKey })
      .channels.sms.send({ messages: [{ from, text, destinations: [{ to }] }] })).status);
  await say('telnyx', async () => (await new Telnyx({ apiKey: 'k' }).messages.send({ to, from, text })).data.to[0].status);
  console.log(JSON.stringify(said));`;

const answers = {
  twilio: 'queued',
  'twilio of Dublin': 'queued',
  'twilio of ie1': 'queued',
  'twilio services': 'Shop',
  vonage: '0',
  'vonage messages': 'string',
  'sinch us plan': 'mt_text',
  'sinch us project': 'mt_text',
  'sinch eu plan': 'mt_text',
  'sinch eu project': 'mt_text',
  'sinch br plan': 'mt_text',
  'sinch br project': 'mt_text',
  infobip: 200,
  telnyx: 'queued',
};

describe('every SDK as it comes', () => {
  it('is led here by the preload', async () => {
    const { stdout, stderr } = await run(process.execPath, ['--no-warnings', join(project, 'app.js')], {
      env: { ...peers.environment('node') },
    });
    expect(JSON.parse(stdout), stderr).toEqual(answers);
  });

  it('is led here by the proxy', async () => {
    const { HTTPS_PROXY = '', ...environment } = peers.environment('proxy');
    const { stdout, stderr } = await run(process.execPath, ['--no-warnings', join(project, 'app.js')], {
      // Twilio's reads this one alone.
      env: { ...environment, HTTPS_PROXY, HTTP_PROXY: HTTPS_PROXY },
    });
    expect(JSON.parse(stdout), stderr).toEqual(answers);
  });
});
