/** What becomes of an in-app message in memory: the same as its row on disk. Pure. */
import { type InAppChange, type InAppRow, type InAppState, impressionsKept } from '../../model/inapp.ts';

/** As the writer does it: see write-inapps. */
export function changed(row: InAppRow, change: InAppChange): InAppRow {
  const { impressionAtMs } = change;
  return {
    ...row,
    ...change.times,
    state: change.state ?? row.state,
    impressions: row.impressions + (impressionAtMs === undefined ? 0 : 1),
    impressionsMs:
      impressionAtMs === undefined
        ? row.impressionsMs
        : [...row.impressionsMs, impressionAtMs].slice(-impressionsKept),
  };
}

/** It is there for the user: not held, not over, not yet to come, not put off. */
export function isAvailable(row: InAppRow, nowMs: number): boolean {
  return (
    isCurrent(row.state) && row.availableAtMs <= nowMs && !isExpired(row, nowMs) && !isSnoozed(row, nowMs)
  );
}

/** What was put off is not there, and still can be read, archived or taken back. */
export function isToBeHad(row: InAppRow, nowMs: number): boolean {
  return isAvailable({ ...row, snoozedUntilMs: null }, nowMs);
}

function isCurrent(state: InAppState): boolean {
  return state === 'waiting' || state === 'pulled' || state === 'shown';
}

export function isExpired({ expiresAtMs }: InAppRow, nowMs: number): boolean {
  return expiresAtMs !== null && expiresAtMs <= nowMs;
}

export function isSnoozed({ snoozedUntilMs }: InAppRow, nowMs: number): boolean {
  return snoozedUntilMs !== null && snoozedUntilMs > nowMs;
}

/** What was shown, is not to be shown again and is no part of the inbox leaves the feed. */
export function isInFeed(row: InAppRow, nowMs: number): boolean {
  return isAvailable(row, nowMs) && (isOfInbox(row) || !isShownOut(row));
}

/** A pop-up waits in the same queue, and is no part of the inbox unless it says so. */
export function isOfInbox({ display, saveToInbox }: InAppRow): boolean {
  return saveToInbox || display.kind === 'inbox';
}

/** By its frequency it is not shown any more. */
export function isShownOut({ display, impressions, dismissedAtMs }: InAppRow): boolean {
  switch (display.frequency) {
    case 'always':
      return false;
    case 'untilDismissed':
      return dismissedAtMs !== null;
    case 'once':
      return impressions > 0 || dismissedAtMs !== null;
  }
}

/** When time alone changes what the user gets; infinite: never. */
export function nextChangeMs(row: InAppRow, nowMs: number): number {
  let next = Number.POSITIVE_INFINITY;
  if (row.availableAtMs > nowMs) next = row.availableAtMs;
  if (row.expiresAtMs !== null && row.expiresAtMs > nowMs && row.expiresAtMs < next) next = row.expiresAtMs;
  if (row.snoozedUntilMs !== null && row.snoozedUntilMs > nowMs && row.snoozedUntilMs < next)
    next = row.snoozedUntilMs;
  return next;
}
