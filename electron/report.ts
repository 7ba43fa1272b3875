/** What a person pastes into a bug report after something failed: facts of the machine, no content of messages. */
import { maskSecrets } from './mask-secrets.ts';

/** What failed: a core, the screen, or the app itself. */
export interface Incident {
  readonly code: string;
  readonly detail: string;
  readonly log: readonly string[];
}

export interface ReportFacts {
  readonly version: string;
  readonly platform: string;
  readonly versions: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
  /** What must not be in it, wherever it stands. */
  readonly secrets: readonly string[];
  /** What else went wrong in this run, oldest first. */
  readonly noted: readonly string[];
}

export function writeReport({ code, detail, log }: Incident, facts: ReportFacts): string {
  const { electron, chrome, node } = facts.versions;
  const text = [
    `Sandpost ${facts.version} on ${facts.platform}`,
    `Electron ${electron ?? '?'}, Chromium ${chrome ?? '?'}, Node ${node ?? '?'}`,
    `${code}: ${detail}`,
    '',
    ...log,
    ...(facts.noted.length === 0 ? [] : ['', 'Before that:', ...facts.noted]),
    '',
  ].join('\n');
  return maskSecrets(text, facts);
}
