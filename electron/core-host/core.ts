/** What the shell knows of a core, whichever way it came to it. */
export type WayName = 'attach' | 'own' | 'beside';

export interface CoreAddress {
  readonly url: string;
  /** Needed off loopback only. */
  readonly token: string | null;
}

export interface RunningCore extends CoreAddress {
  readonly way: WayName;
  readonly dataDir: string | null;
  /** Settles when the core is gone, asked for or not. */
  readonly gone: Promise<CoreEnd>;
  /** Lets it finish what is under way; a core that is only attached to is left running. */
  stop(): Promise<void>;
}

export interface CoreEnd {
  readonly detail: string;
  /** The last lines it logged, for the report. */
  readonly log: readonly string[];
}

export type StartFailureCode =
  | 'node_missing'
  | 'usage'
  | 'node_too_old'
  | 'folder_held'
  | 'input_output'
  | 'port_taken'
  | 'unreachable'
  | 'start_timed_out'
  | 'crashed';

export interface StartFailure extends CoreEnd {
  readonly code: StartFailureCode;
}

export type StartOutcome =
  | { readonly kind: 'ready'; readonly core: RunningCore }
  | { readonly kind: 'failed'; readonly failure: StartFailure };

export interface WayToCore {
  readonly name: WayName;
  /** What the window says meanwhile. */
  readonly doing: string;
  start(signal: AbortSignal): Promise<StartOutcome>;
}

/** The exit codes of `sandpost serve`; they follow sysexits.h. */
const failureCodes = new Map<number, StartFailureCode>([
  [64, 'usage'],
  [69, 'node_too_old'],
  [73, 'folder_held'],
  [74, 'input_output'],
  [75, 'port_taken'],
]);

export function failureCodeOf(exitCode: number | null): StartFailureCode {
  return failureCodes.get(exitCode ?? -1) ?? 'crashed';
}

export function failed(code: StartFailureCode, detail: string, log: readonly string[]): StartOutcome {
  return { kind: 'failed', failure: { code, detail, log } };
}

/** The last line that a core wrote before it ended says why, without its own name in front. */
export function lastWords(log: readonly string[]): string | null {
  return (
    log
      .filter((line) => line.trim() !== '')
      .at(-1)
      ?.replace(/^sandpost: /, '') ?? null
  );
}
