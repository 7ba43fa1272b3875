/** Query parameters that several routes share: the search, the project, the page. */
import { z } from '@hono/zod-openapi';
import { AppError } from '../../model/app-error.ts';
import { parseSearch } from '../../store/search-query.ts';
import type { Page, PageRequest, Selection } from '../../store/store.ts';

export const selectionQuery = z.object({
  q: z
    .string()
    .optional()
    .openapi({ description: 'the search language', example: 'from:jane has:attachment -is:read' }),
  project: z.string().optional(),
  channel: z.string().optional(),
  status: z.string().optional(),
});
export const pageQuery = z.object({
  after: z.string().optional().openapi({ description: 'nextCursor of the page before' }),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});

export function toSelection(query: z.infer<typeof selectionQuery>, nowMs: number): Selection {
  const terms = [...parseSearch(query.q ?? '', nowMs)];
  for (const column of ['channel', 'status'] as const) {
    const value = query[column];
    if (value !== undefined && value !== '') terms.push({ kind: 'equals', column, value, not: false });
  }
  return {
    query: terms,
    project: query.project === undefined || query.project === '' ? null : query.project,
  };
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
