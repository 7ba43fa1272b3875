/** New versions of the app: looked for, fetched and put in only where a feed is set. Until then nobody is asked anything. */
import type { UpdateState } from './bridge.ts';

/** What fetches and installs; opened for one feed. */
export interface Updater {
  /** @returns the version that is new, or null */
  check(): Promise<string | null>;
  download(onPercent: (percent: number) => void): Promise<void>;
  /** Ends the app and starts the new one. */
  install(): void;
}

export interface Updates {
  readonly state: () => UpdateState;
  check(): Promise<UpdateState>;
  download(): Promise<UpdateState>;
  install(): void;
  /** The feed may be another one now, or none. */
  feedChanged(): void;
  /** Looks now, and again every few hours while there is a feed. */
  keepLooking(): void;
}

export interface UpdatesOptions {
  readonly feed: () => string | null;
  readonly open: (feed: string) => Promise<Updater>;
  readonly after: (delayMs: number, run: () => void) => () => void;
  readonly onState: (state: UpdateState) => void;
}

const checkEveryMs = 6 * 60 * 60 * 1_000;

export function createUpdates({ feed, open, after, onState }: UpdatesOptions): Updates {
  let state: UpdateState = feed() === null ? { kind: 'off' } : { kind: 'idle' };
  let opened: { readonly feed: string; readonly updater: Updater } | null = null;
  let cancelNext: (() => void) | null = null;

  const enter = (next: UpdateState): UpdateState => {
    state = next;
    onState(next);
    return next;
  };
  const failed = (error: unknown) =>
    enter({ kind: 'failed', detail: error instanceof Error ? error.message : String(error) });
  const updaterOf = async (wanted: string) => {
    if (opened?.feed !== wanted) opened = { feed: wanted, updater: await open(wanted) };
    return opened.updater;
  };
  const busy = () => ['checking', 'downloading', 'ready'].includes(state.kind);

  const check = async () => {
    const wanted = feed();
    if (wanted === null) return enter({ kind: 'off' });
    if (busy()) return state;
    enter({ kind: 'checking' });
    try {
      const version = await (await updaterOf(wanted)).check();
      // The feed may have been taken away while it was asked.
      if (feed() !== wanted) return enter(feed() === null ? { kind: 'off' } : { kind: 'idle' });
      return enter(version === null ? { kind: 'current' } : { kind: 'available', version });
    } catch (error) {
      return failed(error);
    }
  };
  const keepLooking = () => {
    cancelNext?.();
    cancelNext = null;
    if (feed() === null) return;
    // What goes wrong is in the state.
    void check();
    cancelNext = after(checkEveryMs, keepLooking);
  };
  return {
    state: () => state,
    check,
    keepLooking,
    async download() {
      const found = state;
      if (found.kind !== 'available' || opened === null) return state;
      const { version } = found;
      const mine = opened;
      // The feed may have been taken away meanwhile: what came of it is then nothing to install.
      const enterMine = (next: UpdateState) => (opened === mine ? enter(next) : state);
      enter({ kind: 'downloading', version, percent: 0 });
      try {
        await mine.updater.download((percent) =>
          enterMine({ kind: 'downloading', version, percent: Math.floor(percent) }),
        );
        return enterMine({ kind: 'ready', version });
      } catch (error) {
        return opened === mine ? failed(error) : state;
      }
    },
    install() {
      if (state.kind === 'ready') opened?.updater.install();
    },
    feedChanged() {
      opened = null;
      enter(feed() === null ? { kind: 'off' } : { kind: 'idle' });
      keepLooking();
    },
  };
}
