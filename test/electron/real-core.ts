/** The product's own core: started in a terminal, and asked about itself. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Folders, root } from './launch-app.ts';

export const sandpostCommand = join(root, 'bin', 'sandpost.js');

/** Free ports, so that a Sandpost that runs on this machine is left alone. */
export const freePorts: readonly string[] = ['--ports', '0'];

export interface CoreFile {
  readonly pid: number;
  readonly url: string;
}

/** What the core says of itself beside its data. */
export function readCoreFile(folders: Folders): CoreFile {
  return JSON.parse(readFileSync(join(folders.data, 'core.json'), 'utf8'));
}

export interface CoreStatus {
  readonly ports: { readonly smtp: number };
}

export async function statusOf(url: string): Promise<CoreStatus> {
  const response = await fetch(new URL('/v1/status', url));
  return await response.json();
}
