/** The client as it would be shipped, from its source as it is now, whatever lies in out/. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface BuiltClient {
  file(name: string): Buffer;
  remove(): void;
}

export function buildClient(): BuiltClient {
  const root = resolve(import.meta.dirname, '../..');
  const folder = mkdtempSync(join(tmpdir(), 'sandpost-client-'));
  execFileSync(process.execPath, [join(root, 'scripts/build-client.mjs'), folder], { cwd: root });
  return {
    file: (name) => readFileSync(join(folder, name)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
