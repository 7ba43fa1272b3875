/** Errors of the main process that nobody caught: written down for the next start, before it is too late. */
import type { CrashFile } from './crash-file.ts';
import type { Incidents } from './incidents.ts';
import { type ReportFacts, writeReport } from './report.ts';

export interface OwnErrorsOptions {
  readonly incidents: Incidents;
  readonly crashFile: CrashFile;
  readonly facts: () => ReportFacts;
  readonly exit: (code: number) => void;
}

export function watchOwnErrors({ incidents, crashFile, facts, exit }: OwnErrorsOptions): void {
  const write = (code: string, error: unknown) => {
    console.error(`sandpost: ${code}:`, error);
    try {
      crashFile.write(writeReport({ code, detail: messageOf(error), log: stackOf(error) }, facts()));
    } catch (cause) {
      console.error('sandpost: the report could not be written:', cause);
    }
  };
  // Whoever read the output is gone, a closed terminal for one; that is no error of the app.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  process.on('uncaughtException', (error) => {
    write('app_crashed', error);
    // What state it is in nobody knows; the core finishes in order when its shell is gone.
    exit(1);
  });
  process.on('unhandledRejection', (reason) => {
    incidents.note(`a promise was rejected: ${messageOf(reason)}`);
    write('promise_rejected', reason);
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function stackOf(error: unknown): readonly string[] {
  return error instanceof Error && error.stack !== undefined ? error.stack.split('\n') : [];
}
