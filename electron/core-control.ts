/** Which core the app is on, and what a person can change about that. */
import { app } from 'electron';
import type { RunningCore } from './core-host/core.ts';
import type { VaultPort } from './core-host/vault-port.ts';
import { type CoreState, createCoreHost } from './core-host.ts';
import { createRestartBudget } from './restart-budget.ts';
import { originOf } from './security.ts';
import type { StartArguments } from './start-arguments.ts';
import { findWay } from './ways.ts';

const restartsMax = 3;
const restartWindowMs = 60_000;

export interface CoreControl {
  readonly state: () => CoreState;
  /** The core, while there is one. */
  readonly core: () => RunningCore | null;
  readonly origin: () => string | null;
  /** True while the core is one that a person named, and not the app's own. */
  readonly attached: () => boolean;
  restart(): void;
  restartOnFreePorts(): void;
  /** @param url null for a core of the app's own */
  attachTo(url: string | null): void;
  /** The core of another workspace: the one that runs is stopped first. */
  switchTo(folder: CoreFolder): void;
  stop(): Promise<void>;
}

export interface CoreFolder {
  readonly dataDir: string;
  /** Named to the core only when it was asked for: the core's own settings file may say otherwise. */
  readonly named: boolean;
}

export interface CoreControlOptions {
  readonly start: StartArguments;
  readonly attachUrl: string | null;
  readonly folder: CoreFolder;
  readonly vault: VaultPort | null;
  readonly onState: (state: CoreState) => void;
}

export function createCoreControl(options: CoreControlOptions): CoreControl {
  let attachUrl = options.attachUrl;
  let folder = options.folder;
  let freePorts = false;
  const host = createCoreHost({
    choose: () =>
      findWay({
        start: options.start,
        attachUrl,
        freePorts,
        dataDir: folder.dataDir,
        nameFolder: folder.named,
        vault: options.vault,
        version: app.getVersion(),
        appPath: app.getAppPath(),
        log: (text) => process.stderr.write(text),
      }),
    budget: createRestartBudget(restartsMax, restartWindowMs),
    nowMs: () => performance.now(),
    onState: options.onState,
  });
  const core = () => {
    const state = host.state();
    return state.kind === 'ready' ? state.core : null;
  };
  const restart = () => {
    host.restart().catch((error: unknown) => {
      console.error('sandpost: the core could not be started:', error);
      const detail = error instanceof Error ? error.message : String(error);
      options.onState({ kind: 'failed', failure: { code: 'usage', detail, log: [] } });
    });
  };
  return {
    state: host.state,
    core,
    origin: () => originOf(core()?.url ?? ''),
    attached: () => attachUrl !== null,
    restart,
    restartOnFreePorts() {
      freePorts = true;
      restart();
    },
    attachTo(url) {
      attachUrl = url;
      restart();
    },
    switchTo(next) {
      folder = next;
      attachUrl = null;
      restart();
    },
    stop: host.stop,
  };
}
