import type { LiveStatus } from '../api/live-relay.ts';

/** Something is on its way, or may go, for real: the clock cannot be moved then. @returns why */
export function clockIsFixed(status: LiveStatus | null): string | null {
  if (status === null) return null;
  if (status.live)
    return 'Live relay is on, and goes by wall time: the clock stays as it is until it is over.';
  return status.released > 0
    ? 'What was released by hand is still under way, by wall time: the clock stays as it is until it has ended.'
    : null;
}
