/** One load of a page at a time: of two that overlap Chromium may drop the later one, and says nothing of it. */
const aborted = -3;

export interface PageLoads {
  /** Loads it now, or when what loads is over; of several that wait, the last one counts. */
  load(url: string): void;
  /** True while a page waits for another to be over. */
  readonly waiting: () => boolean;
  /** Ends what loads, so that what comes next need not wait for a core that is gone. */
  interrupt(): void;
  /** The page's process is gone, and with it perhaps the word on what loaded: nothing is waited for any more. */
  abandon(): void;
}

export interface PageLoadsOptions {
  /** Settles when the page is there, or is not; rejects with Chromium's number of the error as `errno`. */
  readonly loadUrl: (url: string) => Promise<void>;
  readonly stop: () => void;
  readonly onStart: () => void;
  readonly onFailed: (detail: string) => void;
}

export function createPageLoads({ loadUrl, stop, onStart, onFailed }: PageLoadsOptions): PageLoads {
  let loading = false;
  let next: string | null = null;
  let current = 0;

  const loadNext = () => {
    if (next === null) return;
    const url = next;
    next = null;
    loading = true;
    current += 1;
    const mine = current;
    onStart();
    loadUrl(url).then(
      () => settled(mine, null),
      (error: unknown) => settled(mine, error),
    );
  };
  const settled = (load: number, error: unknown) => {
    if (load !== current) return;
    loading = false;
    if (next !== null) loadNext();
    else if (error !== null && errorNumberOf(error) !== aborted) {
      onFailed(error instanceof Error ? error.message : String(error));
    }
  };
  return {
    load(url) {
      next = url;
      if (!loading) loadNext();
    },
    waiting: () => next !== null,
    interrupt() {
      if (loading) stop();
    },
    abandon() {
      current += 1;
      loading = false;
    },
  };
}

function errorNumberOf(error: unknown): unknown {
  return error instanceof Error && 'errno' in error ? error.errno : null;
}
