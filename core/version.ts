import { readFileSync } from 'node:fs';
import { z } from 'zod';

const manifest: unknown = JSON.parse(readFileSync(new URL(manifestPath(), import.meta.url), 'utf8'));
export const version = z.object({ version: z.string() }).parse(manifest).version;

/** From `core/` when run from source, from `out/core/` when built. */
function manifestPath(): string {
  return import.meta.url.endsWith('.ts') ? '../package.json' : '../../package.json';
}
