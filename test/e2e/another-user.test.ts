/**
 * Another user, off loopback and without the token: on a machine of its own beside the one that the core runs on (a network
 * joined by a cable), and on the same machine, where files are what keeps secrets.
 */
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bin } from '../core-process.ts';
import { findProgram, run } from '../run-program.ts';
import { temporaryFolder } from '../start-core.ts';
import type { NeighbourSaw } from './another-user-visit.ts';

const visitMsMax = 120_000;

describe('another user', async () => {
  const lacking = await whatIsLacking();
  it.skipIf(lacking !== null).each([
    ['a data folder that Sandpost made', 'made'],
    ['one that everybody may look into', 'open'],
  ] as const)(
    `without the token is refused everywhere, and reads nothing of %s${lacking === null ? '' : ` (skipped: ${lacking})`}`,
    { timeout: visitMsMax + 10_000 },
    async (_, folder) => {
      const saw = await visit(folder);
      expect(saw.routesAsked).toBeGreaterThan(150);
      expect(saw.notRefused).toEqual([]);
      expect(saw.withToken).toBe(200);
      expect(saw.sockets).toEqual([]);
      expect(saw.filesSeen).toContain('sandpost.db');
      // The certificate of the local CA and what leads apps here are nobody's secrets.
      expect(saw.filesRead.filter((name) => !publicFiles.includes(name))).toEqual([]);
      expect(saw.filesWritten).toEqual([]);
    },
  );
});

const publicFiles = ['ca.pem', 'ca-bundle.pem', 'sandpost-redirect.cjs', 'sandpost-redirect.json'];

async function whatIsLacking(): Promise<string | null> {
  if (process.getuid?.() !== 0) return 'becoming another user needs root';
  for (const program of ['unshare', 'nsenter', 'ip'])
    if (findProgram(program) === null) return `${program} is not installed`;
  const ran = await run('unshare', [
    '-n',
    'ip',
    'link',
    'add',
    'here',
    'type',
    'veth',
    'peer',
    'name',
    'there',
  ]);
  return ran.code === 0 ? null : 'networks of its own are not permitted here';
}

async function visit(folder: 'made' | 'open'): Promise<NeighbourSaw> {
  const script = resolve(import.meta.dirname, 'another-user-visit.ts');
  const { stdout, stderr } = await run(
    'unshare',
    ['-n', process.execPath, script, bin, join(await temporaryFolder(), 'data'), folder],
    { timeoutMs: visitMsMax },
  );
  if (!stdout.startsWith('{')) throw new Error(`the visit failed: ${stderr.slice(-4_000)}`);
  const saw: NeighbourSaw = JSON.parse(stdout);
  return saw;
}
