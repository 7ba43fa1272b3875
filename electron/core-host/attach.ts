/** The way to a core that already runs: in a terminal, a container, on another machine. */
import { setTimeout as delay } from 'node:timers/promises';
import { requestCore } from '../core-request.ts';
import { type CoreAddress, type CoreEnd, failed, type RunningCore, type WayToCore } from './core.ts';

const answerMsMax = 2_000;
const lookEveryMs = 2_000;
const lookAgainMs = 250;
const missesMax = 3;

export interface AttachOptions {
  readonly address: CoreAddress;
  readonly dataDir: string | null;
  /** How long to wait for it at the start: someone may be starting it just now. */
  readonly waitMsMax: number;
}

export function attach({ address, dataDir, waitMsMax }: AttachOptions): WayToCore {
  return {
    name: 'attach',
    doing: `Looking for the core at ${shown(address)}`,
    async start(signal) {
      const deadlineMs = Date.now() + waitMsMax;
      while (!signal.aborted) {
        if (await answers(address)) return { kind: 'ready', core: watch(address, dataDir) };
        if (Date.now() >= deadlineMs) break;
        await pause(lookAgainMs, signal);
      }
      return failed(
        'unreachable',
        `No core answers at ${shown(address)}. Start it there, then try again.`,
        [],
      );
    },
  };
}

function watch(address: CoreAddress, dataDir: string | null): RunningCore {
  const left = new AbortController();
  return {
    ...address,
    way: 'attach',
    dataDir,
    gone: untilGone(address, left.signal),
    async stop() {
      left.abort();
    },
  };
}

async function untilGone(address: CoreAddress, left: AbortSignal): Promise<CoreEnd> {
  for (let misses = 0; misses < missesMax && !left.aborted; ) {
    await pause(misses === 0 ? lookEveryMs : lookAgainMs, left);
    misses = left.aborted || (await answers(address)) ? 0 : misses + 1;
  }
  return { detail: `The core at ${shown(address)} does not answer any more.`, log: [] };
}

async function answers(address: CoreAddress): Promise<boolean> {
  try {
    const reply = await requestCore(address, { method: 'GET', path: 'livez', timeoutMs: answerMsMax });
    return reply.status === 200;
  } catch {
    // Refused or timed out, which is what this asks.
    return false;
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** The address without what must not be on a screen: a token may stand in its query. */
function shown(address: CoreAddress): string {
  const url = new URL(address.url);
  return `${url.origin}${url.pathname === '/' ? '' : url.pathname}`;
}
