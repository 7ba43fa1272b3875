/**
 * What the Connect room has for push, in a project of somebody who follows it to the letter: what is there to be run is run
 * as it is printed, and what only sets variables has an app to run that knows nothing of Sandpost.
 */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProgram, type Ran, run } from '../../run-program.ts';
import { serviceAccount } from '../connect/service-account.ts';
import { type Peers, startPeers } from './peers.ts';

interface Recipe {
  readonly id: string;
  readonly group: string;
  readonly language: string;
  readonly code: string;
}

let peers: Peers;
let project: string;
const recipes = new Map<string, Recipe>();
beforeAll(async () => {
  peers = await startPeers();
  const { recipes: all } = await peers.call<{ readonly recipes: readonly Recipe[] }>('GET', '/v1/connect');
  for (const recipe of all) if (recipe.group === 'push') recipes.set(recipe.id, recipe);
  project = await mkdtemp(join(tmpdir(), 'sandpost-project-'));
  await symlink(resolve(import.meta.dirname, '../../../node_modules'), join(project, 'node_modules'));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await Promise.all([
    write('package.json', '{"type":"module"}'),
    write('AuthKey.p8', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    write(
      'account.json',
      JSON.stringify({
        type: 'service_account',
        project_id: serviceAccount.projectId,
        client_email: serviceAccount.clientEmail,
        private_key: serviceAccount.privateKey,
        token_uri: 'https://oauth2.googleapis.com/token',
      }),
    ),
  ]);
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
  const here = `cd '${project}'; node() { '${process.execPath}' "$@"; }\n`;
  // What this machine may have set is not the newcomer's.
  const clean = 'unset SSL_CERT_FILE CURL_CA_BUNDLE REQUESTS_CA_BUNDLE NODE_EXTRA_CA_CERTS NODE_OPTIONS\n';
  return run('bash', ['-c', `${here}${clean}${script}`]);
}

/** JavaScript as it is printed, with the variables that its first line names, where it names some. */
async function javascript(id: string): Promise<Ran> {
  const code = codeOf(id);
  await write('app.js', code);
  const named = /^\/\/ (.*)$/m.exec(code.split('\n')[0] ?? '')?.[1];
  return shell(named === undefined ? 'node app.js' : asShell(named));
}

/** `A=1 node app.js`: the function that stands for node here takes no variables before it. */
function asShell(line: string): string {
  return line.replace(/^(.*?) ?(node .*)$/, (_, variables: string, command: string) =>
    variables === '' ? command : `export ${variables}\n${command}`,
  );
}

/** Shell as it is printed; where it only sets variables, with the start of the app behind it. */
async function shellRecipe(id: string, app: string, before = ''): Promise<Ran> {
  await write('app.js', app);
  const code = codeOf(id).split('\n').map(asShellLine).join('\n');
  return shell(`${before}${code}\n${code.includes('node app.js') ? '' : 'node app.js'}`);
}

function asShellLine(line: string): string {
  return /^[A-Z_]+=.* node /.test(line) ? asShell(line) : line;
}

const apns2App = `
  import { readFileSync } from 'node:fs';
  import { ApnsClient, Notification } from 'apns2';
  const client = new ApnsClient({ team: 'TEAM123456', keyId: 'KEY1234567', defaultTopic: 'com.example.shop',
    signingKey: readFileSync('AuthKey.p8', 'utf8') });
  await client.send(new Notification('${'a2'.repeat(32)}', { alert: 'Hello' }));
  console.log('sent');
  await client.close();`;
const firebaseApp = `
  import { applicationDefault, initializeApp } from 'firebase-admin/app';
  import { getMessaging } from 'firebase-admin/messaging';
  initializeApp({ credential: applicationDefault() });
  const message = { token: 'firebase-1', notification: { title: 'Hello' } };
  const { successCount } = await getMessaging().sendEach([message]);
  console.log([await getMessaging().send(message), successCount].join(' '));
  process.exit();`;
const fetchApp = `
  const answer = await fetch('https://fcm.googleapis.com/v1/projects/shop/messages:send', {
    method: 'POST',
    headers: { authorization: 'Bearer any', 'content-type': 'application/json' },
    body: JSON.stringify({ message: { token: 'fetch-1', notification: { title: 'Hello' } } }),
  });
  console.log(answer.status);`;
const account = 'export GOOGLE_APPLICATION_CREDENTIALS=account.json\n';

describe.skipIf(findProgram('bash') === null)('a recipe, followed to the letter', () => {
  it('node-apn', async () => {
    const { stdout, stderr, code } = await javascript('node-apn');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/apns-id.*\] \[\]\n$/s);
    expect(await peers.messages('5'.repeat(64))).toMatchObject([{ subject: 'Hello' }]);
  });

  it('googleapis-fcm, with google-auth-library', async () => {
    const { stdout, stderr, code } = await javascript('googleapis-fcm');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^projects\/shop\/messages\//);
    const app = codeOf('googleapis-fcm').replace(/^.*\n/, '');
    const again = await shellRecipe('google-auth-library', app);
    expect(again.stdout, again.stderr).toMatch(/^projects\/shop\/messages\//);
  });

  it('web-push', async () => {
    const { stdout, stderr, code } = await javascript('web-push');
    expect([code, stdout, stderr]).toEqual([0, '201\n', '']);
    expect((await peers.messages()).at(-1)).toMatchObject({ door: 'webpush', subject: 'Hello' });
  });

  it('apns2, and any app by the preload', async () => {
    for (const id of ['apns2', 'node-preload'])
      expect(await shellRecipe(id, apns2App)).toMatchObject({ stdout: 'sent\n', code: 0, stderr: '' });
    expect(await peers.messages('a2'.repeat(32))).toHaveLength(2);
  });

  it('firebase-admin', async () => {
    const { stdout, stderr } = await shellRecipe('firebase-admin', firebaseApp, account);
    expect(stdout, stderr).toMatch(/^projects\/shop\/messages\/\S+ 1\n$/);
  });

  it('any app that reads HTTPS_PROXY: fetch of Node', async () => {
    const { stdout, stderr } = await shellRecipe('connect-proxy', fetchApp);
    expect(stdout, stderr).toBe('200\n');
  });

  it.skipIf(findProgram('curl') === null)(
    'curl, at FCM, at APNs with a token of openssl, and by the proxy',
    async () => {
      const fcm = await shell(codeOf('curl-fcm'));
      expect(fcm.stdout, fcm.stderr).toMatch(/"name": "projects\/shop\/messages\//);
      const apns = await shell(codeOf('curl-apns'));
      expect(apns.stdout, apns.stderr).toMatch(/^HTTP\/2 200/);
      expect((await peers.messages('5'.repeat(64))).at(-1)).toMatchObject({ door: 'apns', subject: 'Hello' });
      const url = 'https://fcm.googleapis.com/v1/projects/shop/messages:send';
      const proxied = await shell(
        `${codeOf('connect-proxy')}\ncurl -sS -w '%{http_code}' -o /dev/null ${url} -d '{}'`,
      );
      expect(proxied.stdout, proxied.stderr).toBe('401');
    },
  );

  it.skipIf(findProgram('python3') === null)('Python’s own client, by the proxy', async () => {
    await write(
      'app.py',
      [
        'import json, urllib.request',
        'request = urllib.request.Request("https://fcm.googleapis.com/v1/projects/shop/messages:send",',
        '  json.dumps({"message": {"token": "python-1", "notification": {"title": "Hello"}}}).encode(),',
        '  {"authorization": "Bearer any", "content-type": "application/json"})',
        'print(urllib.request.urlopen(request).status)',
      ].join('\n'),
    );
    const ran = await shell(`${codeOf('connect-proxy')}\npython3 app.py`);
    expect(ran.stdout, ran.stderr).toBe('200\n');
  });
});
