/** One page of what a user is handed out, the newest first. */
import type { InAppRow } from '../../model/inapp.ts';
import { pageRefusal } from './page-rules.ts';
import { presentEntry } from './present.ts';
import type { PullQuery } from './room.ts';
import { isInFeed } from './rows.ts';
import type { UserQueue } from './user-queue.ts';

/** @returns one row more than a page has where there is a next one */
export function feedOf(
  queue: UserQueue,
  query: PullQuery,
  nowMs: number,
): { readonly rows: InAppRow[]; readonly total: number } {
  const rows = [...queue.rows()].filter((row) => isInFeed(row, nowMs) && isAskedFor(row, query)).reverse();
  const { after, limit } = query;
  const behind = after === null ? rows : rows.filter((row) => row.seq < after);
  return { rows: behind.slice(0, limit + 1), total: rows.length };
}

export function asPage(
  rows: readonly InAppRow[],
  shown: readonly InAppRow[],
  query: PullQuery,
  counts: { readonly total: number; readonly unread: number; readonly unseen: number },
) {
  const last = shown.at(-1);
  return {
    entries: shown.map(presentEntry),
    nextCursor: rows.length > query.limit && last !== undefined ? String(last.seq) : null,
    ...counts,
  };
}

function isAskedFor(row: InAppRow, { status, archived, tags, url }: PullQuery): boolean {
  if (status === 'unseen' && row.seenAtMs !== null) return false;
  if (status === 'unread' && row.readAtMs !== null) return false;
  if (archived === 'exclude' && row.archivedAtMs !== null) return false;
  if (archived === 'only' && row.archivedAtMs === null) return false;
  if (tags.length > 0 && !tags.some((tag) => row.tags.includes(tag))) return false;
  return url === null || pageRefusal(row.display.pageRules, url) === null;
}
