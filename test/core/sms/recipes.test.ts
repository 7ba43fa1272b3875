/**
 * What the Connect room has for SMS, in a project of somebody who follows it to the letter; and every SDK as it comes, led here
 * by the preload or by the proxy as `sandpost env` prints them.
 */
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProgram, type Ran, run } from '../../run-program.ts';
import { type SmsPeers, startSmsPeers } from './peers.ts';

interface Recipe {
  readonly id: string;
  readonly group: string;
  readonly language: string;
  readonly code: string;
}

let peers: SmsPeers;
let project: string;
const recipes = new Map<string, Recipe>();
beforeAll(async () => {
  peers = await startSmsPeers();
  const { recipes: all } = await peers.call<{ readonly recipes: readonly Recipe[] }>('GET', '/v1/connect');
  for (const recipe of all) if (recipe.group === 'sms') recipes.set(recipe.id, recipe);
  project = await mkdtemp(join(tmpdir(), 'sandpost-project-'));
  await symlink(resolve(import.meta.dirname, '../../../node_modules'), join(project, 'node_modules'));
  await write('package.json', '{"type":"module"}');
});
afterAll(async () => {
  await peers.close();
  await rm(project, { recursive: true, force: true });
});

function write(name: string, text: string): Promise<void> {
  return writeFile(join(project, name), text);
}

function codeOf(id: string): string {
  const recipe = recipes.get(id);
  if (recipe === undefined) throw new Error(`there is no recipe ${id}`);
  return recipe.code;
}

/** By a shell that starts in the project, with `node` of this test. */
async function shell(script: string): Promise<Ran> {
  const here = `cd '${project}'; node() { '${process.execPath}' --no-warnings "$@"; }\n`;
  // What this machine may have set is not the newcomer's.
  const clean =
    'unset SSL_CERT_FILE CURL_CA_BUNDLE REQUESTS_CA_BUNDLE NODE_EXTRA_CA_CERTS NODE_OPTIONS HTTP_PROXY\n';
  return run('bash', ['-c', `${here}${clean}${script}`]);
}

const to = '+14155552671';

/** What became of the newest message: of the provider whose recipe it was, delivered. */
async function delivered(door: string): Promise<void> {
  await peers.settled();
  expect(await peers.newest(to)).toMatchObject({
    door,
    snippet: 'Your code is 471147',
    deliveries: [{ status: 'delivered', provider: door }],
  });
}

describe.skipIf(findProgram('bash') === null)('a recipe, followed to the letter', () => {
  it.each([
    ['twilio-node', 'twilio', /^SM[0-9a-f]{32} queued\n$/],
    ['vonage-node', 'vonage', /status: '0'/],
    ['sinch-node', 'sinch', /^[0-9A-Z]{26}\n$/],
    ['infobip-node', 'infobip', /PENDING_ACCEPTED/],
    ['telnyx-node', 'telnyx', /status: 'queued'/],
    ['smpp-node', 'smpp', /^0 \S+\nid:\S+ .* stat:DELIVRD/],
  ] as const)('%s', async (id, door, says) => {
    await write('app.js', codeOf(id));
    const { code, stdout, stderr } = await shell('node app.js');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(says);
    await delivered(door);
  });

  it('messagebird-node', async () => {
    await write(
      'app.js',
      `import messagebird from 'messagebird';
      messagebird.initClient('live_any').messages.create(
        { originator: '+15005550006', recipients: ['${to}'], body: 'Your code is 471147' },
        (error, data) => console.log(error, data.recipients.items[0].status),
      );`,
    );
    const { code, stdout, stderr } = await shell(codeOf('messagebird-node'));
    expect([code, stdout, stderr]).toEqual([0, 'null sent\n', '']);
    await delivered('messagebird');
  });

  it.skipIf(findProgram('curl') === null)('twilio-curl, and any language by the proxy', async () => {
    const { stdout } = await shell(codeOf('twilio-curl'));
    expect(JSON.parse(stdout)).toMatchObject({ status: 'queued', to });
    await delivered('twilio');
    const [exports = ''] = codeOf('twilio-proxy').split('php ');
    const account = 'AC0123456789abcdef0123456789abcdef';
    const url = `https://api.twilio.com/2010-04-01/Accounts/${account}/Messages.json`;
    const body = `--data-urlencode 'To=${to}' -d 'From=%2B15005550006' -d 'Body=Hi'`;
    // curl has a variable of its own for what SSL_CERT_FILE is to Go and Ruby.
    const client = `CURL_CA_BUNDLE="$SSL_CERT_FILE" curl -sS '${url}' -u ${account}:x ${body}`;
    const proxied = await shell(`${exports}\n${client}`);
    expect(proxied).toMatchObject({ stdout: expect.stringContaining('"status":"queued"'), stderr: '' });
  });
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
    await write('app.js', unchanged);
    const { stdout, stderr } = await run(process.execPath, ['--no-warnings', join(project, 'app.js')], {
      env: { ...peers.environment('node') },
    });
    expect(JSON.parse(stdout), stderr).toEqual(answers);
  });

  it('is led here by the proxy', async () => {
    await write('app.js', unchanged);
    const { HTTPS_PROXY = '', ...environment } = peers.environment('proxy');
    const { stdout, stderr } = await run(process.execPath, ['--no-warnings', join(project, 'app.js')], {
      // Twilio's reads this one alone.
      env: { ...environment, HTTPS_PROXY, HTTP_PROXY: HTTPS_PROXY },
    });
    expect(JSON.parse(stdout), stderr).toEqual(answers);
  });
});
