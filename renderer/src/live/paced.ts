/**
 * Runs an action at most once per interval, never twice at a time, and once more when it was asked for meanwhile:
 * five hundred events a second then cost four requests, and the last event is never missed.
 */
export function paced(
  action: () => Promise<void>,
  intervalMs: number,
): { run: () => void; stop: () => void } {
  let state: 'idle' | 'busy' | 'busy and asked again' = 'idle';
  let timer: ReturnType<typeof setTimeout> | null = null;
  let stopped = false;

  const begin = (): void => {
    state = 'busy';
    const rest = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, intervalMs);
    });
    // An action reports its own errors; the pace goes on either way.
    void Promise.all([action().catch(() => undefined), rest]).then(() => {
      const again = state === 'busy and asked again';
      state = 'idle';
      if (again && !stopped) begin();
    });
  };

  return {
    run: () => {
      if (stopped) return;
      if (state === 'idle') begin();
      else state = 'busy and asked again';
    },
    stop: () => {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}
