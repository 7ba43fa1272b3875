/** What the app was asked to open: links go to a place in the window, files become messages. */
import { basename } from 'node:path';
import { app } from 'electron';
import type { CoreAddress } from './core-host/core.ts';
import { parseDeepLink } from './deep-link.ts';
import { type ImportOutcome, importFile } from './import-file.ts';
import type { Opening } from './start-arguments.ts';

/** Files that wait for a core; a person who drops more than this on a core that is not there drops a folder. */
const waitingFilesMax = 100;

export interface Openings {
  open(openings: readonly Opening[]): void;
  /** There is a core now, so that what waited for it can be imported. */
  importWaiting(): void;
}

export interface OpeningsOptions {
  readonly core: () => CoreAddress | null;
  readonly navigate: (path: string) => void;
  readonly onRefused: (name: string, detail: string) => void;
}

export function createOpenings({ core, navigate, onRefused }: OpeningsOptions): Openings {
  let waitingFiles: readonly string[] = [];

  const finish = (name: string, outcome: ImportOutcome) => {
    if (outcome.kind === 'imported') navigate(`/messages/${outcome.id}`);
    else onRefused(name, outcome.detail);
  };
  const importOne = (file: string) => {
    const running = core();
    if (running === null) {
      waitingFiles = [...waitingFiles, file].slice(-waitingFilesMax);
      return;
    }
    importFile(running, file).then(
      (outcome) => finish(basename(file), outcome),
      (error: unknown) => onRefused(basename(file), error instanceof Error ? error.message : String(error)),
    );
  };
  return {
    open(openings) {
      for (const opening of openings) {
        if (opening.kind === 'path') navigate(opening.path);
        else importOne(opening.file);
      }
    },
    importWaiting() {
      const files = waitingFiles;
      waitingFiles = [];
      for (const file of files) importOne(file);
    },
  };
}

/**
 * macOS hands links and files over as events, which may come before there is a window to show them in.
 *
 * @returns takes who opens them from now on, those that came before included
 */
export function collectOpenings(): (open: (openings: readonly Opening[]) => void) => void {
  let waiting: readonly Opening[] = [];
  let take = (openings: readonly Opening[]) => {
    waiting = [...waiting, ...openings];
  };
  app.on('open-url', (event, url) => {
    event.preventDefault();
    const path = parseDeepLink(url);
    if (path !== null) take([{ kind: 'path', path }]);
  });
  app.on('open-file', (event, file) => {
    event.preventDefault();
    take([{ kind: 'file', file }]);
  });
  return (open) => {
    take = open;
    open(waiting);
  };
}
