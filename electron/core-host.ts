/** Keeps the shell on a core: starts one or finds one, watches it, and starts it again when it dies. */
import type { RunningCore, StartFailure, WayToCore } from './core-host/core.ts';
import type { RestartBudget } from './restart-budget.ts';

export type CoreState =
  | { readonly kind: 'starting'; readonly doing: string }
  | { readonly kind: 'ready'; readonly core: RunningCore }
  | { readonly kind: 'restarting'; readonly why: string }
  | { readonly kind: 'failed'; readonly failure: StartFailure }
  | { readonly kind: 'stopped' };

export interface CoreHostOptions {
  /** Asked before each start: what holds the data folder may have changed since. */
  readonly choose: () => Promise<WayToCore>;
  readonly budget: RestartBudget;
  readonly nowMs: () => number;
  readonly onState: (state: CoreState) => void;
}

export interface CoreHost {
  readonly state: () => CoreState;
  /** Starts, or starts over: after a failure, or on another core. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export function createCoreHost(options: CoreHostOptions): CoreHost {
  let state: CoreState = { kind: 'stopped' };
  let stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();

  const enter = (next: CoreState) => {
    state = next;
    options.onState(next);
  };

  const stop = async () => {
    stopping.abort();
    if (state.kind === 'ready') await state.core.stop();
    await running;
    if (state.kind !== 'stopped') enter({ kind: 'stopped' });
  };

  return {
    state: () => state,
    stop,
    async restart() {
      await stop();
      options.budget.reset();
      stopping = new AbortController();
      running = keepRunning(options, stopping.signal, enter);
    },
  };
}

async function keepRunning(
  options: CoreHostOptions,
  signal: AbortSignal,
  enter: (state: CoreState) => void,
): Promise<void> {
  while (!signal.aborted) {
    const failure = await runOnce(options, signal, enter);
    if (signal.aborted) return;
    // Only a death is worth another try: a taken port or a held folder stays so until a person acts.
    if (failure.code !== 'crashed' || !options.budget.spend(options.nowMs())) {
      enter({ kind: 'failed', failure });
      return;
    }
    enter({ kind: 'restarting', why: failure.detail });
  }
}

/** One life of a core, from its start to its end. */
async function runOnce(
  { choose }: CoreHostOptions,
  signal: AbortSignal,
  enter: (state: CoreState) => void,
): Promise<StartFailure> {
  const way = await choose();
  if (signal.aborted) return { code: 'crashed', detail: 'stopped', log: [] };
  enter({ kind: 'starting', doing: way.doing });
  const outcome = await way.start(signal);
  if (outcome.kind === 'failed') return outcome.failure;
  if (signal.aborted) await outcome.core.stop();
  else enter({ kind: 'ready', core: outcome.core });
  return { code: 'crashed', ...(await outcome.core.gone) };
}
