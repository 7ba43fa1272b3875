/** Query parameters that several routes share: the search, the project, the page. */
import { z } from '@hono/zod-openapi';
import { AppError, messageOf } from '../../model/app-error.ts';
import { parseSearch, parseTime } from '../../store/search-query.ts';
import type { IdPage, IdPageRequest, Page, PageRequest, Selection } from '../../store/store.ts';

export const selectionQuery = z.object({
  q: z
    .string()
    .optional()
    .openapi({ description: 'the search language', example: 'from:jane has:attachment -is:read' }),
  project: z.string().optional(),
  channel: z.string().optional().openapi({ example: 'inapp' }),
  status: z
    .string()
    .optional()
    .openapi({ description: 'of one of its deliveries; a sub-state too: deferred, held, unconfirmed' }),
  provider: z.string().optional().openapi({ description: 'of one of its deliveries' }),
  user: z
    .string()
    .optional()
    .openapi({ description: "id of one of the app's users that it is for; or who signed in at the door" }),
  template: z.string().optional().openapi({ description: 'id of the template that it was made with' }),
  topic: z.string().optional(),
  tag: z.string().optional(),
  partOf: z
    .string()
    .optional()
    .openapi({ description: 'what the send over several channels with this id led to' }),
  since: z
    .string()
    .optional()
    .openapi({ description: 'received then or later: ISO 8601, or 2h, 3d for that long ago' }),
  until: z.string().optional().openapi({ description: 'received before that' }),
});
export const pageQuery = z.object({
  after: z.string().optional().openapi({ description: 'nextCursor of the page before' }),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});

export function toSelection(query: z.infer<typeof selectionQuery>, nowMs: number): Selection {
  const terms = [...parseSearch(query.q ?? '', nowMs)];
  for (const [name, column] of equalsParameters) {
    const value = query[name];
    if (value !== undefined && value !== '') terms.push({ kind: 'equals', column, value, not: false });
  }
  for (const [name, compare] of [
    ['since', 'after'],
    ['until', 'before'],
  ] as const) {
    const atMs = timeOf(query[name], name, nowMs);
    if (atMs !== null) terms.push({ kind: 'received', compare, atMs, not: false });
  }
  return {
    query: terms,
    project: query.project === undefined || query.project === '' ? null : query.project,
  };
}

const equalsParameters = [
  ['channel', 'channel'],
  ['status', 'status'],
  ['provider', 'provider'],
  ['user', 'user'],
  ['template', 'template'],
  ['topic', 'topic'],
  ['tag', 'tag'],
  ['partOf', 'part-of'],
] as const;

/** @throws AppError `bad_request` naming the field */
export function timeOf(text: string | undefined, field: string, nowMs: number): number | null {
  if (text === undefined || text === '') return null;
  try {
    return parseTime(text.toLowerCase(), field, nowMs);
  } catch (error) {
    throw new AppError('bad_request', messageOf(error));
  }
}

export function toPage(query: z.infer<typeof pageQuery>): PageRequest {
  return {
    after: query.after === undefined || query.after === '' ? null : toCursor(query.after),
    limit: query.limit,
  };
}

export function toCursor(text: string): number {
  const cursor = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(cursor))
    throw new AppError('bad_request', `"${text}" is no cursor; use nextCursor of the page before`);
  return cursor;
}

export function presentPage<T, U>(page: Page<T>, present: (entry: T) => U) {
  return {
    entries: page.entries.map(present),
    nextCursor: page.next === null ? null : String(page.next),
    total: page.total,
  };
}

/** Of lists in the order of ids: the cursor is one. */
export const idPageQuery = z.object({
  after: z.string().optional().openapi({ description: 'nextCursor of the page before' }),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});

export function toIdPage({ after, limit }: z.infer<typeof idPageQuery>): IdPageRequest {
  return { after: after === undefined || after === '' ? null : after, limit };
}

export function presentIdPage<T, U>(page: IdPage<T>, present: (entry: T) => U) {
  return { entries: page.entries.map(present), nextCursor: page.next, total: page.total };
}
