/** The report of an app that ended by an error of its own, kept for the next start. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const reportCharsMax = 100_000;

export interface CrashFile {
  readonly path: string;
  write(report: string): void;
  /** @returns the report of the last run, once: it is then kept beside, as `crash-report-seen.txt` */
  take(): string | null;
}

export function openCrashFile(folder: string): CrashFile {
  const path = join(folder, 'crash-report.txt');
  return {
    path,
    // Whoever calls this may be about to end.
    write(report) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(path, report.slice(0, reportCharsMax), { mode: 0o600 });
    },
    take() {
      try {
        const report = readFileSync(path, 'utf8').slice(0, reportCharsMax);
        renameSync(path, join(folder, 'crash-report-seen.txt'));
        return report;
      } catch {
        // As nearly always: the last run ended in order.
        return null;
      }
    },
  };
}
