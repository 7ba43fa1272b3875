/**
 * A project of somebody who follows the Connect room to the letter, beside a whole Sandpost: what is printed there is run as
 * it is, by the programs of this machine.
 */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { it } from 'vitest';
import { findProgram, type Ran, run } from '../../run-program.ts';
import { type Peers, startPeers } from '../push/peers.ts';

export interface RecipeProject {
  readonly peers: Peers;
  readonly folder: string;
  codeOf(id: string): string;
  write(name: string, text: string): Promise<void>;
  /** By a shell that starts in the project, with `node` of this test. */
  shell(script: string): Promise<Ran>;
  /** The recipe in a file of its own, run by that command. */
  program(id: string, file: string, command: string): Promise<Ran>;
  /** The same by `node`; in the file `app.js`. */
  node(id: string): Promise<Ran>;
  close(): Promise<void>;
}

const root = resolve(import.meta.dirname, '../../..');
/** The first run of a compiler compiles what the language brings. */
const runMsMax = 180_000;

/** What this machine may have set is not the newcomer's. */
const machinesOwn = [
  'SSL_CERT_FILE',
  'CURL_CA_BUNDLE',
  'REQUESTS_CA_BUNDLE',
  'NODE_EXTRA_CA_CERTS',
  'NODE_OPTIONS',
  'HTTPS_PROXY',
  'https_proxy',
];

/** One for a whole test file: who opens it closes it. */
export async function recipeProject(flags: readonly string[] = []): Promise<RecipeProject> {
  const peers = await startPeers(flags);
  const { recipes } = await peers.call<{ readonly recipes: readonly { id: string; code: string }[] }>(
    'GET',
    '/v1/connect',
  );
  const codes = new Map(recipes.map(({ id, code }) => [id, code]));
  const parent = await mkdtemp(join(tmpdir(), 'sandpost-project-'));
  const folder = join(parent, 'project');
  await mkdir(join(folder, 'node_modules'), { recursive: true });
  // What it has installed is all that Sandpost has, and Sandpost.
  await symlink(join(root, 'node_modules'), join(parent, 'node_modules'));
  await symlink(root, join(folder, 'node_modules', 'sandpost'));

  const project: RecipeProject = {
    peers,
    folder,
    codeOf(id) {
      const code = codes.get(id);
      if (code === undefined) throw new Error(`there is no recipe ${id}`);
      return code;
    },
    write: (name, text) => writeFile(join(folder, name), text),
    shell(script) {
      const here = `cd '${folder}'; node() { '${process.execPath}' "$@"; }\nunset ${machinesOwn.join(' ')}\n`;
      // Go and its kind fetch nothing: what is printed needs nothing but the language.
      const env = { GOPROXY: 'off', GOTOOLCHAIN: 'local' };
      return run('bash', ['-c', `${here}${script}`], { env, timeoutMs: runMsMax });
    },
    async program(id, file, command) {
      await project.write(file, project.codeOf(id));
      return project.shell(`${command} ${file}`);
    },
    node: (id) => project.program(id, 'app.js', 'node --no-warnings'),
    async close() {
      await peers.close();
      await rm(parent, { recursive: true, force: true });
    },
  };
  await project.write('package.json', '{"type":"module"}');
  return project;
}

/** Without a shell nothing of it can be run. */
export const noShell = findProgram('bash') === null;

/** A test that runs a program of this machine; where that is missing, its name says so. */
export function itWith(program: string, name: string, test: () => Promise<void>): void {
  const missing = findProgram(program) === null;
  it.skipIf(missing)(missing ? `${name} (needs ${program})` : name, test, runMsMax);
}

/** The same where `npm run test:peers` runs. */
export function itWithPeer(program: string, name: string, test: () => Promise<void>): void {
  if (process.env.SANDPOST_TEST_PEERS !== undefined) itWith(program, name, test);
  else it.skip(`${name} (npm run test:peers)`, test);
}
