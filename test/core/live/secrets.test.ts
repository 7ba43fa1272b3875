/**
 * What opens a relay stands nowhere but where it is kept: each kind of credential is used, against servers that say back
 * whatever they hear, and then everything that Sandpost keeps, tells or answers is looked through.
 */
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { openZip, zipLimits } from '../../../core/workspace/zip-reader.ts';
import type { Peers } from '../push/peers.ts';
import { type LiveWorld, startLive, startProviders } from './live-world.ts';

const testMsMax = 120_000;
/** Where credentials are kept, and the key of what is sealed. */
const keptIn: ReadonlySet<string> = new Set(['credentials.json', 'secret.key']);

let real: Peers;
beforeAll(async () => {
  real = await startProviders();
});
afterAll(() => real.close());

/** A provider that repeats the credential in its answer, as some do in their errors. */
async function echo(): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.writeHead(401, { 'content-type': 'application/json', 'x-heard': 'your words' });
      response.end(JSON.stringify({ heard: request.headers, body: Buffer.concat(chunks).toString('utf8') }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A smarthost that repeats the password when it refuses it. */
async function talkative(): Promise<number> {
  const server = new SMTPServer({
    allowInsecureAuth: true,
    hideSTARTTLS: true,
    disableReverseLookup: true,
    onAuth: ({ username, password, accessToken }, _session, done) =>
      done(new Error(`${username} may not come in with ${password ?? accessToken}`)),
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return (server.server.address() as AddressInfo).port;
}

interface Used {
  readonly channel: string;
  readonly relay: string;
  readonly secrets: readonly string[];
}

async function useAll(world: LiveWorld): Promise<readonly Used[]> {
  const smtpPort = await talkative();
  const url = await echo();
  const smtp = { kind: 'smtp', host: '127.0.0.1', port: smtpPort, tls: 'off' };
  const key = await real.apnsKey();
  const account = await real.serviceAccount({ projectId: 'shop-7' });
  const made: Used[] = [];
  const make = async (
    channel: string,
    name: string,
    settings: Readonly<Record<string, unknown>>,
    credential: Readonly<Record<string, string>>,
  ): Promise<void> => {
    const relay = await world.relay(name, settings, credential);
    const { user: _, ...secret } = credential;
    made.push({ channel, relay, secrets: Object.values(secret) });
  };
  await make('email', 'plain', { ...smtp, auth: 'plain' }, { user: 'shop', password: 'plain-5ecret-31' });
  await make('email', 'login', { ...smtp, auth: 'login' }, { user: 'shop', password: 'login-5ecret-32' });
  await make('email', 'token', { ...smtp, auth: 'xoauth2' }, { user: 'shop', accessToken: 'ya29.5ecret-33' });
  await make(
    'apns',
    'apple',
    {
      kind: 'apns',
      keyId: key.kid,
      teamId: key.teamId,
      url: `https://127.0.0.1:${real.port('apns')}`,
      ca: real.ca,
    },
    { privateKey: key.privateKey },
  );
  await make(
    'fcm',
    'google',
    {
      kind: 'fcm',
      projectId: account.project_id,
      clientEmail: account.client_email,
      url: `${url}/fcm`,
      tokenUrl: `${url}/token`,
    },
    { privateKey: account.private_key },
  );
  for (const kind of ['twilio', 'vonage', 'messagebird', 'sinch', 'infobip', 'telnyx'])
    await make(
      'sms',
      kind,
      { kind, account: 'shop', sender: '+15005550006', url },
      { secret: `${kind}-5ecret-34` },
    );
  await make(
    'sms',
    'webhook',
    { kind: 'webhook', url },
    { secret: `whsec_${Buffer.from('0123456789abcdef-5ecret').toString('base64')}` },
  );
  return made;
}

const rewriteTo: Readonly<Record<string, string>> = {
  email: 'me@real.example',
  apns: 'a'.repeat(64),
  fcm: 'token-of-mine',
  sms: '+14155550123',
};
const messages: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  email: { channel: 'email', from: 'a@shop.example', to: ['jane@real.example'], subject: 'x', text: 'x' },
  apns: {
    channel: 'push',
    to: { token: 'b'.repeat(64), provider: 'apns', app: 'com.example.shop' },
    body: 'x',
  },
  fcm: { channel: 'push', to: { token: 'token-1', provider: 'fcm' }, body: 'x' },
  sms: { channel: 'sms', to: '+14155550199', body: 'x' },
};

/** As it is, and as it may be written elsewhere; of a key each of its lines. */
function formsOf(secret: string): readonly string[] {
  const lines = secret.includes('-----BEGIN')
    ? secret.split('\n').filter((line) => line.length > 20 && !line.startsWith('-----'))
    : [secret];
  return lines.flatMap((line) => [
    line,
    Buffer.from(line).toString('base64').replace(/=+$/, ''),
    Buffer.from(`\0shop\0${line}`).toString('base64').replace(/=+$/, ''),
    Buffer.from(`shop:${line}`).toString('base64').replace(/=+$/, ''),
    encodeURIComponent(line),
  ]);
}

/** @returns which of them stand in it, by where it was found */
function foundIn(where: string, content: Buffer, needles: readonly string[]): readonly string[] {
  return needles.filter((needle) => content.includes(needle)).map((needle) => `${where}: ${needle}`);
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !keptIn.has(name))
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());
}

/** Every route of the API that is read without an id, and those with the ids that are known. */
async function readAll(world: LiveWorld, ids: Readonly<Record<string, readonly string[]>>) {
  const { paths } = await world.core.json<{
    readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  }>('/v1/openapi.json');
  const answers: { readonly path: string; readonly body: Buffer }[] = [];
  for (const [path, methods] of Object.entries(paths)) {
    if (!('get' in methods) || /\/wait$|\/stream$|^\/v1\/live$/.test(path)) continue;
    const noun = /^\/v1\/(?:live-relay\/)?([a-z]+)\/\{id\}/.exec(path)?.[1];
    const filled = path.includes('{')
      ? noun === undefined || path.replace('{id}', '').includes('{')
        ? []
        : (ids[noun] ?? []).map((id) => path.replace('{id}', id))
      : [path];
    for (const one of filled) {
      const answer = await world.core.get(one);
      answers.push({ path: one, body: Buffer.from(await answer.arrayBuffer()) });
    }
  }
  return answers;
}

it(
  'is in no database, log, export or answer, whatever the other side says',
  async () => {
    const world = await startLive();
    const used = await useAll(world);
    const needles = used.flatMap(({ secrets }) => secrets.flatMap(formsOf));
    const deliveries: string[] = [];
    const sentMessages: string[] = [];
    for (const { channel, relay } of used) {
      await world.verify(relay);
      await world.goLive(channel, relay, { kind: 'rewrite', to: rewriteTo[channel] ?? '' });
      const sent = await world.send(messages[channel] ?? {});
      deliveries.push(sent.id);
      if (sent.messageId !== null) sentMessages.push(sent.messageId);
      // It was brought there, and the answer is kept.
      expect(await world.attempt(sent.id), channel).toBeDefined();
      await world.stop();
    }
    await world.core.app.caughtUp();

    const relays = used.map(({ relay }) => relay);
    const answers = await readAll(world, { relays, deliveries, messages: sentMessages });
    const read = answers.map(({ path }) => path);
    expect(read).toEqual(
      expect.arrayContaining([
        '/v1/live-relay/relays',
        '/v1/live-relay/audit',
        '/v1/events',
        '/v1/exchanges',
        `/v1/live-relay/relays/${relays[0]}`,
        `/v1/deliveries/${deliveries[0]}`,
      ]),
    );
    const exported = await world.core.get('/v1/workspace/export?messages=eml&privateKeys=true');
    const archive = join(world.core.dataDir, 'exported.zip');
    const bytes = Buffer.from(await exported.arrayBuffer());
    writeFileSync(archive, bytes);
    const zip = await openZip(archive, bytes.length, zipLimits);
    const entries: { readonly path: string; readonly body: Buffer }[] = [];
    for (const [name, entry] of zip.entries) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of entry.read()) chunks.push(chunk);
      entries.push({ path: `export ${name}`, body: Buffer.concat(chunks) });
    }
    zip.close();
    const { dataDir, log } = world.core;
    const said = Buffer.from(log.join('\n'));
    await world.core.close();
    const files = filesOf(dataDir);
    expect(files.map((file) => file.slice(dataDir.length + 1))).toContain('sandpost.db');

    const found = [
      ...answers.flatMap(({ path, body }) => foundIn(path, body, needles)),
      ...entries.flatMap(({ path, body }) => foundIn(path, body, needles)),
      ...foundIn('the log', said, needles),
      ...files.flatMap((file) => foundIn(file, readFileSync(file), needles)),
    ];
    expect(found).toEqual([]);
    // The look itself finds what is there: where it belongs.
    const vault = readFileSync(join(dataDir, 'credentials.json'));
    expect(foundIn('vault', vault, ['plain-5ecret-31', 'twilio-5ecret-34'])).toHaveLength(2);
    expect(statSync(join(dataDir, 'credentials.json')).mode & 0o777).toBe(0o600);
  },
  testMsMax,
);
