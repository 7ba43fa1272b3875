/** A core as its clients see it: the address of its API, and the ports of its doors. */
import { readFile } from 'node:fs/promises';
import type { Status } from '../../core/api/schema.ts';

export interface Reached {
  /** Of the API. */
  readonly url: string;
  port(door: string): number;
}

/** PEM of the local CA. */
export async function caOf(core: Reached): Promise<string> {
  const { caFile }: Status = await (await fetch(`${core.url}/v1/status`)).json();
  return readFile(caFile, 'utf8');
}
