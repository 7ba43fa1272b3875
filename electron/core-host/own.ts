/** What users get: the core in a utility process of Electron's own. */
import { utilityProcess } from 'electron';
import { z } from 'zod';
import { type CoreEnd, failed, failureCodeOf, lastWords, type StartOutcome, type WayToCore } from './core.ts';
import { tokenOf } from './held-core.ts';
import { tailOf } from './log-tail.ts';
import { parseReady, type ReadyLine } from './ready-line.ts';
import { type AnswerVault, coreEnvironment } from './vault-port.ts';

const startMsMax = 30_000;
const stopMsMax = 10_000;

export interface OwnOptions {
  /** `host.cjs` of the unpacked core: an ES module cannot be forked directly. */
  readonly host: string;
  readonly serveArguments: readonly string[];
  readonly log: (text: string) => void;
  /** Null: the core keeps its credentials itself. */
  readonly vault: AnswerVault | null;
}

/** What the host says to the shell when it is ready; the shell says `{ stop: true }`, and what the vault answers. */
const hostSaysSchema = z.object({ ready: z.object({}).loose() });

export function own(options: OwnOptions): WayToCore {
  return { name: 'own', doing: 'Starting the core', start: (signal) => fork(options, signal) };
}

async function fork(
  { host, serveArguments, log, vault }: OwnOptions,
  signal: AbortSignal,
): Promise<StartOutcome> {
  const child = utilityProcess.fork(host, [...serveArguments], {
    serviceName: 'Sandpost core',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: coreEnvironment(vault),
  });
  child.on('message', (message: unknown) => {
    const answer = vault?.(message) ?? null;
    if (answer !== null) child.postMessage(answer);
  });
  const tails = [child.stdout, child.stderr].flatMap((stream) =>
    stream === null ? [] : [tailOf(stream, log)],
  );
  const lines = () => tails.flatMap((tail) => tail.lines());
  const ended = new Promise<number>((resolve) => {
    child.once('exit', async (exitCode) => {
      await Promise.resolve();
      await Promise.all(tails.map((tail) => tail.ended()));
      resolve(exitCode);
    });
  });
  const said = new Promise<ReadyLine>((resolve) => {
    child.on('message', (message: unknown) => {
      const ready = parseReady(hostSaysSchema.safeParse(message).data?.ready);
      if (ready !== null) resolve(ready);
    });
  });
  const late = new Promise<'late'>((resolve) => {
    const timer = setTimeout(() => resolve('late'), startMsMax);
    signal.addEventListener('abort', () => resolve('late'), { once: true });
    child.once('exit', () => clearTimeout(timer));
    child.on('message', (message: unknown) => {
      if (hostSaysSchema.safeParse(message).success) clearTimeout(timer);
    });
  });
  const stop = async () => {
    child.postMessage({ stop: true });
    const timer = setTimeout(() => child.kill(), stopMsMax);
    await ended;
    clearTimeout(timer);
  };
  const first = await Promise.race([said, ended, late]);
  if (first === 'late') {
    await stop();
    return failed('start_timed_out', `The core was not ready after ${startMsMax / 1000} seconds.`, lines());
  }
  if (typeof first === 'number') {
    const detail = lastWords(lines()) ?? endedDetail(first);
    return failed(failureCodeOf(first), detail, lines());
  }
  const gone = ended.then((exitCode): CoreEnd => ({ detail: endedDetail(exitCode), log: lines() }));
  const { url, dataDir } = first;
  const token = await tokenOf(dataDir);
  return { kind: 'ready', core: { way: 'own', url, token, dataDir, gone, stop } };
}

function endedDetail(exitCode: number): string {
  return `The core ended by itself with exit code ${exitCode}.`;
}
