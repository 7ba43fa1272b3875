/** How quick the API is: lists and searches with many messages stored, and how fast reading catches up. */
import { z } from 'zod';
import { median } from './disk.ts';

const statsSchema = z.object({ messages: z.int(), waitingForIndex: z.int() });
const pollMs = 50;

export async function stats(url: string): Promise<z.infer<typeof statsSchema>> {
  return statsSchema.parse(await (await fetch(`${url}/v1/stats`)).json());
}

export async function waitForIndex(url: string): Promise<void> {
  while ((await stats(url)).waitingForIndex > 0) await pause(pollMs);
}

/** Messages a second that are read and indexed once the doors are quiet. */
export async function catchUpRate(url: string): Promise<number> {
  const waiting = (await stats(url)).waitingForIndex;
  const startedMs = performance.now();
  await waitForIndex(url);
  return waiting / ((performance.now() - startedMs) / 1000);
}

/** Median and worst of several requests, milliseconds, measured from outside. */
export async function timed(
  url: string,
  times = 30,
): Promise<{ readonly median: number; readonly worst: number }> {
  const taken: number[] = [];
  for (let round = 0; round < times; round++) {
    const startedMs = performance.now();
    const response = await fetch(url);
    await response.arrayBuffer();
    taken.push(performance.now() - startedMs);
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  }
  return { median: median(taken), worst: Math.max(...taken) };
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
