/**
 * What the Connect room has for push, in a project of somebody who follows it to the letter: what is there to be run is run
 * as it is printed, and what only sets variables has an app to run that knows nothing of Sandpost.
 */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recipes } from '../../../core/connect/recipes.ts';
import type { Ran } from '../../run-program.ts';
import { itWith, noShell, type RecipeProject, recipeProject } from './recipe-project.ts';
import { serviceAccount } from './service-account.ts';

const ports = {
  smtp: 40_125,
  providers: 48_026,
  tls: 48_443,
  proxy: 48_027,
  apns: 42_197,
  apnsManage: 42_195,
  metadata: 48_028,
};
const facts = { host: '127.0.0.1', ports, url: 'http://127.0.0.1:40025', caFile: '/data/ca.pem' };
const push = recipes(facts).filter(({ group }) => group === 'push');

describe('recipes for push', () => {
  it('cover the SDKs of each provider, in the languages that have one', () => {
    expect(push.map(({ id }) => id)).toEqual([
      ...['node-preload', 'connect-proxy', 'node-apn', 'apns2'],
      ...[
        'firebase-admin',
        'firebase-admin-python',
        'firebase-admin-java',
        'firebase-admin-go',
        'firebase-admin-dotnet',
      ],
      ...[
        'googleapis-fcm',
        'google-auth-library',
        'web-push',
        'pywebpush',
        'web-push-php',
        'curl-apns',
        'curl-fcm',
      ],
    ]);
  });

  it('name the ports and files that this core really has', () => {
    for (const { id, code } of push) {
      expect(code, id).toMatch(/4[028]\d{3}|\/data\/sandpost-redirect\.cjs/);
      expect(code, id).not.toMatch(/undefined|null|\b(?:2197|8026|8027|8028|8443)\b/);
    }
  });

  it('name a path of Windows so that source code and options can hold it', () => {
    const windows = recipes({ ...facts, caFile: 'C:\\Users\\Jo Doe\\Sandpost\\ca.pem' });
    const of = (id: string) => windows.find((one) => one.id === id)?.code ?? '';
    expect(of('node-apn')).toContain("readFileSync('C:/Users/Jo Doe/Sandpost/ca.pem')");
  });

  it('are none while a door is closed, and leave those for mail alone', () => {
    const { proxy: _, ...closed } = ports;
    expect(recipes({ ...facts, ports: closed }).some(({ group }) => group === 'push')).toBe(false);
    const { smtp: __, ...pushOnly } = ports;
    const others = ['sms', 'inapp', 'send'];
    const left = recipes({ ...facts, ports: pushOnly }).filter(({ group }) => !others.includes(group));
    expect(left).toEqual(push);
  });
});

let project: RecipeProject;

async function startProject(): Promise<void> {
  project = await recipeProject();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await project.write('AuthKey.p8', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  await project.write(
    'account.json',
    JSON.stringify({
      type: 'service_account',
      project_id: serviceAccount.projectId,
      client_email: serviceAccount.clientEmail,
      private_key: serviceAccount.privateKey,
      token_uri: 'https://oauth2.googleapis.com/token',
    }),
  );
}

/** JavaScript as it is printed, with the variables that its first line names, where it names some. */
async function javascript(id: string): Promise<Ran> {
  const code = project.codeOf(id);
  await project.write('app.js', code);
  const named = /^\/\/ (.*)$/m.exec(code.split('\n')[0] ?? '')?.[1];
  return project.shell(named === undefined ? 'node app.js' : asShell(named));
}

/** `A=1 node app.js`: the function that stands for node here takes no variables before it. */
function asShell(line: string): string {
  return line.replace(/^(.*?) ?(node .*)$/, (_, variables: string, command: string) =>
    variables === '' ? command : `export ${variables}\n${command}`,
  );
}

/** Shell as it is printed; where it only sets variables, with the start of the app behind it. */
async function shellRecipe(id: string, app: string, before = ''): Promise<Ran> {
  await project.write('app.js', app);
  const code = project.codeOf(id).split('\n').map(asShellLine).join('\n');
  return project.shell(`${before}${code}\n${code.includes('node app.js') ? '' : 'node app.js'}`);
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

describe.skipIf(noShell)('a recipe for push, followed to the letter', () => {
  beforeAll(startProject);
  afterAll(() => project.close());

  it('node-apn', async () => {
    const { stdout, stderr, code } = await javascript('node-apn');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/apns-id.*\] \[\]\n$/s);
    expect(await project.peers.messages('5'.repeat(64))).toMatchObject([{ subject: 'Hello' }]);
  });

  it('googleapis-fcm, with google-auth-library', async () => {
    const { stdout, stderr, code } = await javascript('googleapis-fcm');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^projects\/shop\/messages\//);
    const app = project.codeOf('googleapis-fcm').replace(/^.*\n/, '');
    const again = await shellRecipe('google-auth-library', app);
    expect(again.stdout, again.stderr).toMatch(/^projects\/shop\/messages\//);
  });

  it('web-push', async () => {
    const { stdout, stderr, code } = await javascript('web-push');
    expect([code, stdout, stderr]).toEqual([0, '201\n', '']);
    expect((await project.peers.messages()).at(-1)).toMatchObject({ door: 'webpush', subject: 'Hello' });
  });

  it('apns2, and any app by the preload', async () => {
    for (const id of ['apns2', 'node-preload'])
      expect(await shellRecipe(id, apns2App)).toMatchObject({ stdout: 'sent\n', code: 0, stderr: '' });
    expect(await project.peers.messages('a2'.repeat(32))).toHaveLength(2);
  });

  it('firebase-admin', async () => {
    const { stdout, stderr } = await shellRecipe('firebase-admin', firebaseApp, account);
    expect(stdout, stderr).toMatch(/^projects\/shop\/messages\/\S+ 1\n$/);
  });

  it('any app that reads HTTPS_PROXY: fetch of Node', async () => {
    const { stdout, stderr } = await shellRecipe('connect-proxy', fetchApp);
    expect(stdout, stderr).toBe('200\n');
  });

  itWith('curl', 'curl, at FCM, at APNs with a token of openssl, and by the proxy', async () => {
    const fcm = await project.shell(project.codeOf('curl-fcm'));
    expect(fcm.stdout, fcm.stderr).toMatch(/"name": "projects\/shop\/messages\//);
    const apns = await project.shell(project.codeOf('curl-apns'));
    expect(apns.stdout, apns.stderr).toMatch(/^HTTP\/2 200/);
    expect((await project.peers.messages('5'.repeat(64))).at(-1)).toMatchObject({
      door: 'apns',
      subject: 'Hello',
    });
    const url = 'https://fcm.googleapis.com/v1/projects/shop/messages:send';
    const proxied = await project.shell(
      `${project.codeOf('connect-proxy')}\ncurl -sS -w '%{http_code}' -o /dev/null ${url} -d '{}'`,
    );
    expect(proxied.stdout, proxied.stderr).toBe('401');
  });

  itWith('python3', 'Python’s own client, by the proxy', async () => {
    await project.write(
      'app.py',
      [
        'import json, urllib.request',
        'request = urllib.request.Request("https://fcm.googleapis.com/v1/projects/shop/messages:send",',
        '  json.dumps({"message": {"token": "python-1", "notification": {"title": "Hello"}}}).encode(),',
        '  {"authorization": "Bearer any", "content-type": "application/json"})',
        'print(urllib.request.urlopen(request).status)',
      ].join('\n'),
    );
    const ran = await project.shell(`${project.codeOf('connect-proxy')}\npython3 app.py`);
    expect(ran.stdout, ran.stderr).toBe('200\n');
  });
});
