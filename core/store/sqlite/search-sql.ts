/** The search language as SQL conditions on `messages m`, and as an FTS5 expression. Pure. */
import { assertNever } from '../../model/app-error.ts';
import { substatuses } from '../../model/delivery.ts';
import type { EqualsColumn, SearchQuery, SearchTerm } from '../search-query.ts';
import type { Selection } from '../store.ts';

export interface SearchSql {
  /** For `search MATCH ?`, or null when no text is asked for. */
  readonly match: string | null;
  /** Joined by AND; true of `m`. */
  readonly conditions: readonly string[];
  readonly parameters: readonly (string | number)[];
}

export function searchSql(selection: Selection): SearchSql {
  const conditions: string[] = [];
  const parameters: (string | number)[] = [];
  if (selection.project !== null) {
    conditions.push('m.project = (SELECT id FROM projects WHERE name = ?)');
    parameters.push(selection.project);
  }
  const positive = selection.query.filter((term) => term.kind === 'text' && !term.not).map(matchOf);
  for (const term of selection.query) {
    if (term.kind === 'text' && !term.not) continue;
    const [sql, ...values] = conditionOf(term);
    conditions.push(term.not ? `NOT (${sql})` : sql);
    parameters.push(...values);
  }
  return { match: positive.length === 0 ? null : positive.join(' AND '), conditions, parameters };
}

/** Is there anything in it besides the project? */
export function isUnfiltered(query: SearchQuery): boolean {
  return query.length === 0;
}

export function isOnlyUnread(query: SearchQuery): boolean {
  const [term] = query;
  return query.length === 1 && term?.kind === 'is' && term.value === 'unread' && !term.not;
}

function matchOf(term: SearchTerm): string {
  if (term.kind !== 'text') return '';
  // FTS5 takes a NUL for the end of the expression.
  const phrase = `"${term.value.replaceAll('"', '""').replaceAll('\0', ' ')}"${term.phrase ? '' : ' *'}`;
  const columns = term.column === null ? '' : `${term.column} : `;
  return `(${columns}${phrase})`;
}

function conditionOf(term: SearchTerm): readonly [string, ...(string | number)[]] {
  switch (term.kind) {
    case 'text':
      return ['m.seq IN (SELECT rowid FROM search WHERE search MATCH ?)', matchOf(term)];
    case 'is':
      if (term.value === 'tagged') return ["m.tags <> '[]'"];
      // What a send over several channels led to.
      if (term.value === 'part') return ['m.part_of IS NOT NULL'];
      return [term.value === 'unread' ? 'm.read = 0' : 'm.read = 1'];
    case 'has':
      return ["EXISTS (SELECT 1 FROM summaries s2 WHERE s2.seq = m.seq AND s2.attachments <> '[]')"];
    case 'received':
      return [term.compare === 'before' ? 'm.received_at < ?' : 'm.received_at >= ?', term.atMs];
    case 'size':
      return [term.compare === 'larger' ? 'm.bytes > ?' : 'm.bytes < ?', term.bytes];
    case 'equals':
      return equalsOf(term.column, term.value);
    default:
      return assertNever(term);
  }
}

/** What waits is looked for by what it waits for, as the screen names it. */
const substatusNames: ReadonlySet<string> = new Set(substatuses);

function equalsOf(column: EqualsColumn, value: string): readonly [string, ...(string | number)[]] {
  switch (column) {
    case 'project':
      return ['m.project = (SELECT id FROM projects WHERE name = ? COLLATE NOCASE)', value];
    case 'tag':
      return [
        "m.tags <> '[]' AND EXISTS (SELECT 1 FROM json_each(m.tags) t WHERE t.value = ? COLLATE NOCASE)",
        value,
      ];
    case 'channel':
      return ['m.channel = ? COLLATE NOCASE', value];
    case 'door':
      return ['m.door = ? COLLATE NOCASE', value];
    case 'user':
      // Whom it is for, by the id that the app calls them; else who signed in at the door. A push is addressed `user:…`.
      return [
        `(coalesce(m.user, '') = ? COLLATE NOCASE
          OR m.seq IN (SELECT message FROM deliveries WHERE user_id = ? AND user_id IS NOT NULL))`,
        value,
        value,
      ];
    case 'template':
      return ['m.template = ? AND m.template IS NOT NULL', value];
    case 'topic':
      return ['m.topic = ? AND m.topic IS NOT NULL', value];
    case 'part-of':
      return ['m.part_of = ? AND m.part_of IS NOT NULL', value];
    case 'status':
      return [
        `EXISTS (SELECT 1 FROM deliveries d WHERE d.message = m.seq AND ${substatusNames.has(value.toLowerCase()) ? 'd.substatus' : 'd.status'} = ?)`,
        value.toLowerCase(),
      ];
    case 'provider':
      return [
        'EXISTS (SELECT 1 FROM deliveries d WHERE d.message = m.seq AND d.provider = ? COLLATE NOCASE)',
        value,
      ];
    default:
      return assertNever(column);
  }
}
