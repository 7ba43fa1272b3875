/** What the Connect room has for in-app messages and for sends over several channels: run as it is printed, where the language is there. */
import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recipes as recipesOf } from '../../../core/connect/recipes.ts';
import { findProgram, type Ran, run } from '../../run-program.ts';
import { type Peers, startPeers } from '../push/peers.ts';

const facts = {
  host: '127.0.0.1',
  ports: { providers: 48_026 },
  url: 'http://127.0.0.1:40025',
  caFile: '/data/ca.pem',
};

describe('recipes for in-app messages', () => {
  const inapp = recipesOf(facts).filter(({ group }) => group === 'inapp');
  const send = recipesOf(facts).filter(({ group }) => group === 'send');

  it('cover the page, the backend, and the hash of the user', () => {
    expect(inapp.map(({ id }) => id)).toEqual([
      'inapp-script',
      'inapp-npm',
      'inapp-react',
      'inapp-vue',
      'inapp-curl',
      'inapp-node',
      'inapp-python',
      'inapp-go',
      'inapp-php',
      'inapp-pull',
      'inapp-hash-node',
      'inapp-hash-python',
      'inapp-hash-ruby',
      'inapp-hash-php',
    ]);
    expect(send.map(({ id }) => id)).toEqual([
      'send-curl',
      'send-node',
      'send-python',
      'send-user',
      'send-template',
    ]);
  });

  it('name the doors that this core really has', () => {
    for (const { id, code } of inapp) if (!id.includes('-hash-')) expect(code, id).toContain('48026');
    for (const { id, code } of send) expect(code, id).toContain('40025');
    for (const { id, code } of [...inapp, ...send])
      expect(code, id).not.toMatch(/undefined|\b(?:8025|8026)\b/);
  });

  it('are none where the door is closed', () => {
    expect(recipesOf({ ...facts, ports: {}, url: '' })).toEqual([]);
  });
});

describe.skipIf(findProgram('bash') === null)('a recipe for in-app messages, followed to the letter', () => {
  let peers: Peers;
  let project: string;
  const codes = new Map<string, string>();
  beforeAll(async () => {
    peers = await startPeers(['--deliver']);
    const { recipes } = await peers.call<{ readonly recipes: readonly { id: string; code: string }[] }>(
      'GET',
      '/v1/connect',
    );
    for (const { id, code } of recipes) codes.set(id, code);
    project = await mkdtemp(join(tmpdir(), 'sandpost-project-'));
    await writeFile(join(project, 'package.json'), '{"type":"module"}');
  });
  afterAll(async () => {
    await peers.close();
    await rm(project, { recursive: true, force: true });
  });

  const codeOf = (id: string): string => {
    const code = codes.get(id);
    if (code === undefined) throw new Error(`there is no recipe ${id}`);
    return code;
  };
  const inProject = (script: string): Promise<Ran> =>
    run('bash', ['-c', `cd '${project}'; unset NODE_OPTIONS HTTPS_PROXY https_proxy\n${script}`]);
  const program = async (id: string, file: string, command: string): Promise<Ran> => {
    await writeFile(join(project, file), codeOf(id));
    return inProject(`${command} ${file}`);
  };
  const node = (id: string): Promise<Ran> => program(id, 'app.mjs', `'${process.execPath}' --no-warnings`);
  const waiting = async (): Promise<number> =>
    (await peers.messages()).filter(({ channel }) => channel === 'inapp').length;

  it('inapp-node', async () => {
    const { stdout, stderr, code } = await node('inapp-node');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^202 /);
  });

  it.skipIf(findProgram('curl') === null)('inapp-curl, and a pull', async () => {
    const before = await waiting();
    const said = await inProject(codeOf('inapp-curl').replace('curl ', 'curl -sS '));
    expect(said.stdout, said.stderr).toMatch(/"id"/);
    expect(await waiting()).toBe(before + 1);
    const pulled = await inProject(codeOf('inapp-pull').replaceAll('curl ', 'curl -sS '));
    expect(pulled.stdout, pulled.stderr).toMatch(/etag: /i);
    expect(pulled.stdout).toContain('It is on its way.');
    expect(pulled.stdout).toMatch(/"chosen":\{/);
  });

  it.skipIf(findProgram('python3') === null)('inapp-python', async () => {
    const { stdout, stderr } = await program('inapp-python', 'app.py', 'python3');
    expect(stdout, stderr).toMatch(/^202 /);
  });

  it.skipIf(findProgram('php') === null)('inapp-php', async () => {
    const { stdout, stderr } = await program('inapp-php', 'app.php', 'php');
    expect(stdout, stderr).toMatch(/"id"/);
  });

  const newest = async (): Promise<string> =>
    (await peers.messages()).filter(({ channel }) => channel === 'multi').at(-1)?.id ?? '';
  const waysOf = async (id: string): Promise<readonly string[]> => {
    const { entries } = await peers.call<{ readonly entries: readonly { channel: string }[] }>(
      'GET',
      `/v1/messages/${id}/parts`,
    );
    return entries.map(({ channel }) => channel);
  };

  it('send-node', async () => {
    const { stdout, stderr, code } = await node('send-node');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^202 /);
    // Nobody has a device of hers: the SMS goes out.
    const id = await newest();
    await expect.poll(async () => new Set(await waysOf(id))).toEqual(new Set(['push', 'sms']));
  });

  it.skipIf(findProgram('python3') === null)('send-python', async () => {
    const { stdout, stderr } = await program('send-python', 'send.py', 'python3');
    expect(stdout, stderr).toMatch(/^202 /);
  });

  it.skipIf(findProgram('curl') === null)('send-curl, and a user who is kept', async () => {
    const kept = await inProject(codeOf('send-user').replace('curl ', 'curl -sS '));
    expect(kept.stdout, kept.stderr).toContain('anna@example.com');
    const sent = await inProject(codeOf('send-curl').replace('curl ', 'curl -sS '));
    expect(sent.stdout, sent.stderr).toMatch(/"deliveries"/);
  });

  it.skipIf(findProgram('curl') === null)('send-template: made, published, and sent', async () => {
    const said = await inProject(codeOf('send-template').replaceAll('curl ', 'curl -sS '));
    expect(said.stdout, said.stderr).toMatch(/"published":1\D.*"deliveries"/s);
    const id = /"id":"([^"]+)","deliveries"/.exec(said.stdout)?.[1] ?? '';
    await expect.poll(async () => new Set(await waysOf(id))).toEqual(new Set(['push', 'sms']));
  });

  const hash = createHmac('sha256', 'sk_secret').update('anna').digest('hex');
  it.each([
    ['inapp-hash-node', 'hash.mjs', process.execPath],
    ['inapp-hash-python', 'hash.py', 'python3'],
    ['inapp-hash-ruby', 'hash.rb', 'ruby'],
    ['inapp-hash-php', 'hash.php', 'php'],
  ] as const)('%s makes the hash that the door knows', async (id, file, command) => {
    if (command !== process.execPath && findProgram(command) === null) return;
    const { stdout, stderr } = await program(id, file, command);
    expect(stdout.trim(), stderr).toBe(hash);
  });
});
