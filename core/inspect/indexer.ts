/**
 * Reads what was stored, in the background, and hands the findings to the index. It follows behind the doors: while
 * they are busy it takes a small share only, when they are quiet it goes at full speed.
 */
import type { Clock } from '../clock.ts';
import { messageOf } from '../model/app-error.ts';
import { emptySummary } from '../model/empty-summary.ts';
import type { MessageSummary } from '../model/message.ts';
import type { Store } from '../store/store.ts';
import { type InspectThread, UnreadableError } from './inspect-thread.ts';
import type { InspectValues } from './worker.ts';

const batchMessagesMax = 64;
const batchBytesMax = 8 * 1024 * 1024;
/** Without a new message for this long the doors count as quiet. */
const quietMs = 40;
/** While they are busy: how long to rest for each millisecond of reading, and at the most. */
const restPerWork = 8;
const restMsMax = 1_500;
const retryMs = 2_000;

export interface Indexer {
  /** Messages were stored: there is something to read. */
  stored(): void;
  /** Settles when everything stored so far is indexed. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

export function startIndexer(ports: {
  readonly store: Store;
  readonly thread: InspectThread;
  readonly clock: Clock;
  /** Is there other work that goes before it? */
  readonly othersBusy?: () => boolean;
  readonly onProblem: (text: string) => void;
}): Indexer {
  const { store, thread, clock } = ports;
  let running: Promise<void> | null = null;
  let more = false;
  let closed = false;
  let lastStoredMs = Number.NEGATIVE_INFINITY;
  let wake: (() => void) | null = null;

  function stored(): void {
    lastStoredMs = clock.monotonicMs();
    start();
  }

  function busy(): boolean {
    return clock.monotonicMs() - lastStoredMs < quietMs || ports.othersBusy?.() === true;
  }

  function start(): void {
    more = true;
    if (running !== null || closed) return;
    running = work().finally(() => {
      running = null;
      if (more && !closed) start();
    });
  }

  async function work(): Promise<void> {
    more = false;
    for (;;) {
      if (closed) return;
      const rows = await store.unindexed(batchMessagesMax).catch(() => []);
      if (rows.length === 0 || closed) return;
      const startedMs = clock.monotonicMs();
      const taken = firstBytes(rows);
      await readBatch(taken);
      // A single message is read at once; behind a stream of them the doors get most of the machine.
      if ((rows.length >= batchMessagesMax || taken.length < rows.length) && busy())
        await restAfter(clock.monotonicMs() - startedMs);
    }
  }

  async function restAfter(workMs: number): Promise<void> {
    const untilMs = clock.monotonicMs() + Math.min(workMs * restPerWork, restMsMax);
    while (!closed && busy() && clock.monotonicMs() < untilMs) await pause(quietMs);
  }

  async function readBatch(seqs: readonly number[]): Promise<void> {
    const [first] = seqs;
    if (first === undefined) return;
    let found: InspectValues['summarize'];
    try {
      found = await thread.ask('summarize', { seqs });
    } catch (error) {
      if (closed) return;
      if (error instanceof UnreadableError) return giveUpOn(error.seq ?? first, seqs, messageOf(error));
      if (seqs.length === 1) return giveUpOn(first, seqs, messageOf(error));
      for (const one of seqs) await readBatch([one]);
      return;
    }
    await keep(found);
  }

  async function keep(found: InspectValues['summarize']): Promise<void> {
    try {
      await store.index(found);
    } catch (error) {
      // A full disk, most likely: the messages are safe, and their turn comes again.
      ports.onProblem(`indexing is put off: ${messageOf(error)}`);
      if (!closed) await pause(retryMs);
    }
  }

  /** The message stays stored, listed and readable as source; what happened is shown as its problem. */
  async function giveUpOn(seq: number, others: readonly number[], why: string): Promise<void> {
    const before = others.slice(0, Math.max(0, others.indexOf(seq)));
    for (const one of before) await readBatch([one]);
    await keep([{ seq, summary: unreadable(why) }]);
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(ms, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });
  }

  return {
    stored,
    async caughtUp() {
      while (running !== null) await running;
    },
    async close() {
      closed = true;
      wake?.();
      await thread.close();
      if (running !== null) await running;
    },
  };
}

function firstBytes(rows: readonly { readonly seq: number; readonly bytes: number }[]): number[] {
  let bytes = 0;
  const taken: number[] = [];
  for (const row of rows) {
    bytes += row.bytes;
    if (taken.length > 0 && bytes > batchBytesMax) break;
    taken.push(row.seq);
  }
  return taken;
}

function unreadable(why: string): MessageSummary {
  return { ...emptySummary, problems: [{ code: 'unreadable', detail: why }] };
}
