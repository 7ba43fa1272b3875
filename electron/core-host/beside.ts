/** The way for an Electron whose Node is too old for the store: `sandpost serve` under the pinned Node. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type CoreEnd, failed, failureCodeOf, lastWords, type StartOutcome, type WayToCore } from './core.ts';
import { tokenOf } from './held-core.ts';
import { tailOf } from './log-tail.ts';
import { parseReadyLine, type ReadyLine } from './ready-line.ts';
import { type AnswerVault, coreEnvironment } from './vault-port.ts';

const startMsMax = 30_000;
const stopMsMax = 10_000;
const readyLineCharsMax = 64 * 1024;

export interface BesideOptions {
  /** A Node that can run the core, or null when the machine has none. */
  readonly node: string | null;
  /** The script of the `sandpost` command. */
  readonly script: string;
  /** What follows `serve`. */
  readonly serveArguments: readonly string[];
  readonly log: (text: string) => void;
  /** Null: the core keeps its credentials itself. */
  readonly vault: AnswerVault | null;
}

export function beside(options: BesideOptions): WayToCore {
  return {
    name: 'beside',
    doing: 'Starting the core',
    async start(signal) {
      if (options.node === null) {
        const detail = 'No Node that can run the core was found. Install Node 24, then try again.';
        return failed('node_missing', detail, []);
      }
      return await startChild(options.node, options, signal);
    },
  };
}

async function startChild(node: string, options: BesideOptions, signal: AbortSignal): Promise<StartOutcome> {
  const { script, serveArguments, log, vault } = options;
  const child = spawn(node, [script, 'serve', ...serveArguments, '--json', '--exit-with-stdin'], {
    stdio: ['pipe', 'pipe', 'pipe', ...(vault === null ? [] : ['ipc' as const])],
    env: coreEnvironment(vault),
    windowsHide: true,
  });
  if (child.stdout === null || child.stderr === null || child.stdin === null) {
    throw new Error('a child process has no streams');
  }
  child.on('message', (message: unknown) => {
    const answer = vault?.(message) ?? null;
    // One that ends meanwhile needs no answer.
    if (answer !== null && child.connected) child.send(answer, () => undefined);
  });
  const tail = tailOf(child.stderr, log);
  const ended = untilEnded(child);
  // A core that dies while we write to it is reported by its exit, not by the broken pipe.
  child.stdin.on('error', (error) => log(`the core's input closed: ${error.message}\n`));
  const stop = () => stopChild(child, ended);
  const first = await Promise.race([
    readyLineOf(child.stdout),
    ended,
    abortedOrLate(
      signal,
      ended.then(() => undefined),
    ),
  ]);
  if (first === 'late') {
    await stop();
    return failed(
      'start_timed_out',
      `The core was not ready after ${startMsMax / 1000} seconds.`,
      tail.lines(),
    );
  }
  if ('exitCode' in first) {
    const detail = lastWords(tail.lines()) ?? endedDetail(first);
    return failed(failureCodeOf(first.exitCode), detail, tail.lines());
  }
  const gone = ended.then((end): CoreEnd => ({ detail: endedDetail(end), log: tail.lines() }));
  const { url, dataDir } = first;
  const token = await tokenOf(dataDir);
  return { kind: 'ready', core: { way: 'beside', url, token, dataDir, gone, stop } };
}

interface ChildEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly error: Error | null;
}

function untilEnded(child: ChildProcess): Promise<ChildEnd> {
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ exitCode: null, signal: null, error }));
    child.on('close', (exitCode, signal) => resolve({ exitCode, signal, error: null }));
  });
}

function endedDetail({ exitCode, signal, error }: ChildEnd): string {
  if (error !== null) return `The core could not be started: ${error.message}.`;
  return signal === null
    ? `The core ended by itself with exit code ${exitCode ?? 'unknown'}.`
    : `The core was ended by ${signal}.`;
}

/** Never settles when the output ends without a ready line; the exit that follows does. */
function readyLineOf(stdout: Readable): Promise<ReadyLine> {
  return new Promise((resolve) => {
    let text = '';
    stdout.setEncoding('utf8');
    stdout.on('data', (chunk: string) => {
      if (text.length > readyLineCharsMax) return;
      text += chunk;
      const ready = text
        .split('\n')
        .map(parseReadyLine)
        .find((line) => line !== null);
      if (ready) resolve(ready);
    });
  });
}

function abortedOrLate(signal: AbortSignal, over: Promise<void>): Promise<'late'> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve('late'), startMsMax);
    signal.addEventListener('abort', () => resolve('late'), { once: true });
    over.then(() => clearTimeout(timer), reject);
  });
}

/** The end of its input asks the core to finish; SIGKILL is for one that does not. */
async function stopChild(child: ChildProcess, ended: Promise<ChildEnd>): Promise<void> {
  child.stdin?.end();
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMsMax);
  await ended;
  clearTimeout(timer);
}
