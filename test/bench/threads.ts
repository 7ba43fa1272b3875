/** Processor time of each thread of this process, by its name. Linux only: elsewhere there is nothing to tell. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const tasks = '/proc/self/task';

/** What a thread is called by the system, and what it does in a delivery. */
const stages: readonly { readonly thread: string; readonly stage: string }[] = [
  { thread: 'MainThread', stage: 'compose, queue, both ends of SMTP' },
  { thread: 'sp-mail', stage: 'egress and sign' },
  { thread: 'sp-examine', stage: 'verify and judge' },
  { thread: 'sp-writer', stage: 'store' },
  { thread: 'sp-reader', stage: 'read' },
  { thread: 'sp-inspect', stage: 'index' },
  { thread: 'V8Worker', stage: 'V8 (compile, collect)' },
];

/** @returns milliseconds of processor time by thread id */
export function threadTimes(): ReadonlyMap<string, { readonly thread: string; readonly ms: number }> {
  const times = new Map<string, { readonly thread: string; readonly ms: number }>();
  if (!existsSync(tasks)) return times;
  for (const id of readdirSync(tasks)) {
    const [ns] = readFileSync(`${tasks}/${id}/schedstat`, 'utf8').split(' ');
    times.set(id, {
      thread: readFileSync(`${tasks}/${id}/comm`, 'utf8').trim(),
      ms: Number(ns) / 1_000_000,
    });
  }
  return times;
}

/** @returns milliseconds a message by stage, the largest first */
export function stageTimes(
  before: ReturnType<typeof threadTimes>,
  messages: number,
): readonly { readonly stage: string; readonly ms: number }[] {
  const sums = new Map<string, number>();
  for (const [id, { thread, ms }] of threadTimes()) {
    const stage = stages.find((one) => one.thread === thread)?.stage ?? 'other';
    sums.set(stage, (sums.get(stage) ?? 0) + ms - (before.get(id)?.ms ?? 0));
  }
  return [...sums].map(([stage, ms]) => ({ stage, ms: ms / messages })).sort((a, b) => b.ms - a.ms);
}
