/** What a person pastes into a bug report after the core failed: facts of the machine, no content of messages. */
import type { StartFailure } from './core-host/core.ts';

export interface ReportFacts {
  readonly version: string;
  readonly platform: string;
  readonly versions: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
}

export function writeReport({ code, detail, log }: StartFailure, facts: ReportFacts): string {
  const { electron, chrome, node } = facts.versions;
  const text = [
    `Sandpost ${facts.version} on ${facts.platform}`,
    `Electron ${electron ?? '?'}, Chromium ${chrome ?? '?'}, Node ${node ?? '?'}`,
    `${code}: ${detail}`,
    '',
    ...log,
    '',
  ].join('\n');
  // The name of the person stands in the path of the home folder, and need not be in a public report.
  return facts.homeDir === '' ? text : text.replaceAll(facts.homeDir, '~');
}
