/** The core that already holds the data folder, as its `core.json` names it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { requestCore } from '../core-request.ts';
import type { CoreAddress } from './core.ts';

const answerMsMax = 2_000;

const coreFileSchema = z.object({
  url: z.url({ protocol: /^https?$/ }),
  version: z.string(),
  token: z.string().nullish(),
});

const statusSchema = z.object({ version: z.string() });

/**
 * A core that was killed leaves its file behind, so that only one that answers counts.
 *
 * @returns null when nobody answers, or a core of another version does: the start that follows then says so
 */
export async function findHeldCore(dataDir: string, version: string): Promise<CoreAddress | null> {
  const file = await readCoreFile(join(dataDir, 'core.json'));
  if (file === null || file.version !== version) return null;
  const address = { url: file.url, token: file.token ?? null };
  return (await versionOf(address)) === version ? address : null;
}

/** @returns what a core that listens off loopback asks for, as it wrote it beside its data */
export async function tokenOf(dataDir: string): Promise<string | null> {
  return (await readCoreFile(join(dataDir, 'core.json')))?.token ?? null;
}

/** @returns the version that a core says it has, or null when none answers there */
export async function versionOf(address: CoreAddress): Promise<string | null> {
  try {
    const reply = await requestCore(address, { method: 'GET', path: 'v1/status', timeoutMs: answerMsMax });
    const parsed = statusSchema.safeParse(JSON.parse(reply.body.toString('utf8')));
    return reply.status === 200 && parsed.success ? parsed.data.version : null;
  } catch {
    // Refused, timed out, or not JSON: whatever is there, it is no core to attach to.
    return null;
  }
}

async function readCoreFile(path: string): Promise<z.infer<typeof coreFileSchema> | null> {
  try {
    const parsed = coreFileSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    // No file, or half a file, means no core: the start that follows finds out for certain.
    return null;
  }
}
