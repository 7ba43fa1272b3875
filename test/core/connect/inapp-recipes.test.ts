/** What the Connect room has for in-app messages in the app's backend: run as it is printed, where the language is there. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recipes as recipesOf } from '../../../core/connect/recipes.ts';
import { itWith, itWithPeer, noShell, type RecipeProject, recipeProject } from './recipe-project.ts';

const facts = {
  host: '127.0.0.1',
  ports: { providers: 48_026 },
  url: '',
  caFile: '/data/ca.pem',
};

describe('recipes for in-app messages', () => {
  const inapp = recipesOf(facts);

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
  });

  it('name the door that this core really has', () => {
    for (const { id, code } of inapp) {
      if (!id.includes('-hash-')) expect(code, id).toContain('48026');
      expect(code, id).not.toMatch(/undefined|\b(?:8025|8026)\b/);
    }
  });

  it('are none where the door is closed', () => {
    expect(recipesOf({ ...facts, ports: {} })).toEqual([]);
  });
});

describe.skipIf(noShell)('a recipe for in-app messages, followed to the letter', () => {
  let project: RecipeProject;
  beforeAll(async () => {
    project = await recipeProject(['--deliver']);
  });
  afterAll(() => project.close());

  /** Runs what hands one in. @returns what it printed; it is an error where nothing came of it */
  const handedIn = async (ran: () => ReturnType<RecipeProject['shell']>): Promise<string> => {
    const waiting = async (): Promise<number> =>
      (await project.peers.messages()).filter(({ door }) => door === 'inapp').length;
    const before = await waiting();
    const { stdout, stderr } = await ran();
    expect(await waiting(), stderr).toBe(before + 1);
    return stdout;
  };

  it('inapp-node', async () => {
    expect(await handedIn(() => project.node('inapp-node'))).toMatch(/^202 /);
  });

  itWith('curl', 'inapp-curl, and a pull', async () => {
    const quiet = (id: string): string => project.codeOf(id).replaceAll('curl ', 'curl -sS ');
    expect(await handedIn(() => project.shell(quiet('inapp-curl')))).toMatch(/"id"/);
    const pulled = await project.shell(quiet('inapp-pull'));
    expect(pulled.stdout, pulled.stderr).toMatch(/etag: /i);
    expect(pulled.stdout).toContain('It is on its way.');
    expect(pulled.stdout).toMatch(/"chosen":\{/);
  });

  itWith('python3', 'inapp-python', async () => {
    expect(await handedIn(() => project.program('inapp-python', 'app.py', 'python3'))).toMatch(/^202 /);
  });

  itWithPeer('go', 'inapp-go', async () => {
    expect(await handedIn(() => project.program('inapp-go', 'app.go', 'go run'))).toBe('202 Accepted\n');
  });

  itWithPeer('php', 'inapp-php', async () => {
    expect(await handedIn(() => project.program('inapp-php', 'app.php', 'php'))).toMatch(/"id"/);
  });

  const hash = createHmac('sha256', 'sk_secret').update('anna').digest('hex');
  for (const [id, file, command] of [
    ['inapp-hash-node', 'hash.js', 'node'],
    ['inapp-hash-python', 'hash.py', 'python3'],
    ['inapp-hash-ruby', 'hash.rb', 'ruby'],
    ['inapp-hash-php', 'hash.php', 'php'],
  ] as const)
    (command === 'ruby' || command === 'php' ? itWithPeer : itWith)(
      command === 'node' ? 'bash' : command,
      `${id} makes the hash that the door knows`,
      async () => {
        const { stdout, stderr } = await project.program(id, file, command);
        expect(stdout.trim(), stderr).toBe(hash);
      },
    );
});
