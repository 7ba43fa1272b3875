/** What the Connect room has for SMS: the Node recipes are run as they are printed, in a project of their own. */
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recipes as recipesOf } from '../../../core/connect/recipes.ts';
import { findProgram, type Ran, run } from '../../run-program.ts';
import { type Peers, startPeers } from '../push/peers.ts';

interface Recipe {
  readonly id: string;
  readonly group: string;
  readonly code: string;
}

const number = '+14155552671';

describe('recipes for SMS', () => {
  const ports = { providers: 48_026, tls: 48_443, proxy: 48_027, smpp: 42_775 };
  const facts = { host: '127.0.0.1', ports, url: 'http://127.0.0.1:40025', caFile: '/data/ca.pem' };
  const sms = recipesOf(facts).filter(({ group }) => group === 'sms');

  it('cover each provider, and other languages where their SDK takes no address', () => {
    expect(sms.map(({ id }) => id)).toEqual([
      'twilio-node',
      'twilio-python',
      'twilio-proxy',
      'vonage-node',
      'messagebird-node',
      'sinch-node',
      'infobip-node',
      'telnyx-node',
      'twilio-curl',
      'smpp-node',
      'smpp',
    ]);
  });

  it('name the ports and files that this core really has', () => {
    for (const { id, code } of sms) {
      expect(code, id).toMatch(/4[28]\d{3}|\/data\/sandpost-redirect\.cjs/);
      expect(code, id).not.toMatch(/undefined|null|\b(?:2775|8026|8027|8443)\b/);
    }
  });

  it('leave SMPP alone where the other doors are closed', () => {
    const { smpp } = ports;
    const only = recipesOf({ ...facts, ports: { smpp } }).filter(({ group }) => group === 'sms');
    expect(only.map(({ id }) => id)).toEqual(['smpp-node', 'smpp']);
  });
});

describe.skipIf(findProgram('bash') === null)('a recipe for SMS, followed to the letter', () => {
  let peers: Peers;
  let project: string;
  const recipes = new Map<string, Recipe>();
  beforeAll(async () => {
    peers = await startPeers();
    const { recipes: all } = await peers.call<{ readonly recipes: readonly Recipe[] }>('GET', '/v1/connect');
    for (const recipe of all) if (recipe.group === 'sms') recipes.set(recipe.id, recipe);
    project = await mkdtemp(join(tmpdir(), 'sandpost-project-'));
    await symlink(resolve(import.meta.dirname, '../../../node_modules'), join(project, 'node_modules'));
    await writeFile(join(project, 'package.json'), '{"type":"module"}');
  });
  afterAll(async () => {
    await peers.close();
    await rm(project, { recursive: true, force: true });
  });

  const codeOf = (id: string): string => {
    const recipe = recipes.get(id);
    if (recipe === undefined) throw new Error(`there is no recipe ${id}`);
    return recipe.code;
  };
  const shell = (script: string): Promise<Ran> => {
    const here = `cd '${project}'; node() { '${process.execPath}' "$@"; }\n`;
    // What this machine may have set is not the newcomer's.
    const clean =
      'unset SSL_CERT_FILE CURL_CA_BUNDLE NODE_EXTRA_CA_CERTS NODE_OPTIONS HTTPS_PROXY https_proxy\n';
    return run('bash', ['-c', `${here}${clean}${script}`]);
  };
  const javascript = async (id: string): Promise<Ran> => {
    await writeFile(join(project, 'app.js'), codeOf(id));
    return shell('node --no-warnings app.js');
  };
  /** @returns the door of the newest message to the number of the recipes */
  const arrived = async (door: string): Promise<void> => {
    const found = (await peers.messages()).filter((one) => one.door === door);
    expect(found.at(-1), door).toMatchObject({
      channel: 'sms',
      snippet: 'Your code is 471147',
      envelope: { to: [number] },
      deliveries: [{ status: 'delivered' }],
    });
  };

  const nodeRecipes = [
    ['twilio-node', 'twilio', /^SM[0-9a-f]{32} queued\n$/],
    ['vonage-node', 'vonage', /status: '0'/],
    ['sinch-node', 'sinch', /^\w{8,}/],
    ['infobip-node', 'infobip', /messageId/],
    ['telnyx-node', 'telnyx', /queued/],
  ] as const;
  it.each(nodeRecipes)('%s', async (id, door, printed) => {
    const { stdout, stderr, code } = await javascript(id);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(printed);
    await arrived(door);
  });

  it('messagebird-node: an app that knows nothing of Sandpost', async () => {
    await writeFile(
      join(project, 'app.js'),
      `import { initClient } from 'messagebird';
       const client = initClient('any-key');
       client.messages.create(
         { originator: 'Shop', recipients: ['14155552671'], body: 'Your code is 471147' },
         (error, message) => console.log(error === null ? message.recipients.items[0].status : error),
       );`,
    );
    const { stdout, stderr } = await shell(codeOf('messagebird-node'));
    expect(stdout, stderr).toMatch(/^sent\n$/);
  });

  it('smpp-node, which prints its receipt', async () => {
    const { stdout, stderr, code } = await javascript('smpp-node');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/stat:DELIVRD/);
    await arrived('smpp');
  });

  it.skipIf(findProgram('curl') === null)('twilio-curl', async () => {
    const { stdout, stderr } = await shell(codeOf('twilio-curl').replace('curl ', 'curl -sS '));
    expect(stdout, stderr).toMatch(/"status": ?"queued"/);
    await arrived('twilio');
  });
});
