/**
 * How many calls to the app (webhooks, callbacks of providers) may be under way, in all and at one host. They are claimed
 * apart: one that the app does not answer takes its time, and must keep neither mail nor other receivers waiting.
 */
import type { ClaimedRow } from '../store/deliveries.ts';
import type { ClaimRequest } from '../store/store.ts';

/** Beyond `calls` every receiver that has none under way gets one still, up to `hosts`. */
interface CallsMax {
  readonly calls: number;
  readonly atHost: number;
  readonly hosts: number;
}
const callsMax: CallsMax = { calls: 32, atHost: 8, hosts: 256 };
/** While messages come in, and while many do: thousands of reports may be due at once, and nobody waits for them at a door. */
const callsAsideMax: CallsMax = { calls: 8, atHost: 3, hosts: 256 };
const callsBusyMax: CallsMax = { calls: 4, atHost: 2, hosts: 16 };

export interface CallPlacesPorts {
  /** See `EnginePorts`. */
  readonly busy: () => boolean;
  /** See `EnginePorts`. */
  readonly quiet?: () => boolean;
}

export interface CallPlaces {
  /** Claimed and not recorded yet. */
  underWay(): number;
  room(): { readonly limit: number; readonly perHostMax: number };
  /** What the next claim is to go by. */
  claimed(): Omit<NonNullable<ClaimRequest['calls']>, 'perHostMax'>;
  /** These were claimed. */
  take(rows: readonly ClaimedRow[]): void;
  free(row: ClaimedRow): void;
  fullHosts(): string[];
  /** Messages come in: calls to the app give way. */
  isAside(): boolean;
}

export function createCallPlaces({ busy, quiet }: CallPlacesPorts): CallPlaces {
  /** By host. */
  const callsAt = new Map<string, number>();
  let calls = 0;
  /** Whom the last claim of calls served last: the next one begins behind it. */
  let lastHost = '';

  function maxNow(): CallsMax {
    if (busy()) return callsBusyMax;
    return quiet?.() === false ? callsAsideMax : callsMax;
  }

  function room(): { readonly limit: number; readonly perHostMax: number } {
    const max = maxNow();
    return calls < max.calls
      ? { limit: max.calls - calls, perHostMax: max.atHost }
      : { limit: max.hosts - calls, perHostMax: 1 };
  }

  return {
    underWay: () => calls,
    room,
    claimed: () => ({ underWay: Object.fromEntries(callsAt), after: lastHost }),

    take(rows) {
      for (const { delivery } of rows) {
        calls++;
        callsAt.set(delivery.domain, (callsAt.get(delivery.domain) ?? 0) + 1);
        lastHost = delivery.domain;
      }
    },

    free({ delivery }) {
      calls--;
      const left = (callsAt.get(delivery.domain) ?? 1) - 1;
      if (left > 0) callsAt.set(delivery.domain, left);
      else callsAt.delete(delivery.domain);
    },

    fullHosts() {
      const { perHostMax } = room();
      return [...callsAt].flatMap(([host, underWay]) => (underWay >= perHostMax ? [host] : []));
    },

    isAside: () => !busy() && quiet?.() === false,
  };
}
