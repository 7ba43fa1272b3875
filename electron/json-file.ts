/** Small settings files of the shell's own: read whole, replaced whole. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** @returns null for a file that is not there or not JSON: the defaults then hold */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // A first start has no file, and half a file must not keep the app from starting.
    return null;
  }
}

/** A write that breaks off leaves the old file whole. */
export function writeJson(file: string, value: unknown): void {
  const next = `${file}.next`;
  writeFileSync(next, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(next, file);
}
