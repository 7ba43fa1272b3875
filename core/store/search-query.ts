/**
 * The search language, parsed: free words, "quoted", field:value, `-` negates. Pure; the SQL is made elsewhere.
 * Every term must hold (AND). Words match from their beginning; quoted ones as a phrase of whole words.
 */
import { AppError } from '../model/app-error.ts';

export type SearchTerm =
  | {
      readonly kind: 'text';
      readonly column: TextColumn | null;
      readonly value: string;
      readonly phrase: boolean;
      readonly not: boolean;
    }
  | { readonly kind: 'is'; readonly value: 'read' | 'unread' | 'tagged' | 'part'; readonly not: boolean }
  | { readonly kind: 'has'; readonly value: 'attachment'; readonly not: boolean }
  | {
      readonly kind: 'equals';
      readonly column: EqualsColumn;
      readonly value: string;
      readonly not: boolean;
    }
  | {
      readonly kind: 'received';
      readonly compare: 'before' | 'after';
      readonly atMs: number;
      readonly not: boolean;
    }
  | {
      readonly kind: 'size';
      readonly compare: 'larger' | 'smaller';
      readonly bytes: number;
      readonly not: boolean;
    };

const equalsFields = [
  'channel',
  'project',
  'status',
  'provider',
  'tag',
  'door',
  'user',
  'template',
  'topic',
  'part-of',
] as const;
export type EqualsColumn = (typeof equalsFields)[number];
export type TextColumn = 'sender' | 'recipients' | 'cc' | 'bcc' | 'subject' | 'message_id' | 'attachments';
export type SearchQuery = readonly SearchTerm[];

export const queryCharsMax = 1024;
const termsMax = 32;

const textFields: Readonly<Record<string, TextColumn>> = {
  from: 'sender',
  to: 'recipients',
  cc: 'cc',
  bcc: 'bcc',
  subject: 'subject',
  'message-id': 'message_id',
  filename: 'attachments',
};

/**
 * @param nowMs for relative dates (`after:2h`, `before:yesterday`), milliseconds since the epoch
 * @throws AppError `bad_query`, saying which term and what is expected
 */
export function parseSearch(text: string, nowMs: number): SearchQuery {
  if (text.length > queryCharsMax) throw bad(`the search is longer than ${queryCharsMax} characters`);
  const terms = [...words(text)].map((word) => parseTerm(word, nowMs));
  if (terms.length > termsMax) throw bad(`the search has more than ${termsMax} terms`);
  return terms.filter((term) => term !== null);
}

interface Word {
  readonly not: boolean;
  readonly field: string | null;
  readonly value: string;
  readonly quoted: boolean;
}

const wordPattern = /(-?)(?:([A-Za-z][A-Za-z-]*):)?(?:"([^"]*)("|$)|(\S+))?/y;

function* words(text: string): Generator<Word> {
  let at = 0;
  for (;;) {
    while (at < text.length && /\s/.test(text.charAt(at))) at++;
    if (at >= text.length) return;
    wordPattern.lastIndex = at;
    const match = wordPattern.exec(text);
    if (match === null || match[0] === '') {
      at++;
      continue;
    }
    at += match[0].length;
    const [, minus, field, quoted, , bare] = match;
    const known = field !== undefined && knownField(field.toLowerCase());
    yield {
      not: minus === '-',
      field: known && field !== undefined ? field.toLowerCase() : null,
      // `http://…` is no field: what looked like one is part of the words.
      value: quoted ?? (known || field === undefined ? (bare ?? '') : `${field}:${bare ?? ''}`),
      quoted: quoted !== undefined,
    };
  }
}

function knownField(field: string): boolean {
  return (
    Object.hasOwn(textFields, field) ||
    equalsFields.some((known) => known === field) ||
    ['has', 'is', 'before', 'after', 'larger', 'smaller'].includes(field)
  );
}

function parseTerm(word: Word, nowMs: number): SearchTerm | null {
  const { not, field, value } = word;
  if (field === null) {
    return value === '' ? null : { kind: 'text', column: null, value, phrase: word.quoted, not };
  }
  if (value === '') throw bad(`"${field}:" needs a value behind the colon`);
  const column = textFields[field];
  if (column !== undefined) return { kind: 'text', column, value, phrase: word.quoted, not };
  const equals = equalsFields.find((known) => known === field);
  if (equals !== undefined) return { kind: 'equals', column: equals, value, not };
  return parseSpecial(field, value, not, nowMs);
}

function parseSpecial(field: string, value: string, not: boolean, nowMs: number): SearchTerm {
  const lower = value.toLowerCase();
  switch (field) {
    case 'has':
      if (lower !== 'attachment' && lower !== 'attachments')
        throw bad(`has:${value} is not known; has:attachment is`);
      return { kind: 'has', value: 'attachment', not };
    case 'is':
      if (lower !== 'unread' && lower !== 'read' && lower !== 'tagged' && lower !== 'part') {
        throw bad(`is:${value} is not known; is:unread, is:read, is:tagged and is:part are`);
      }
      return { kind: 'is', value: lower, not };
    case 'before':
    case 'after':
      return { kind: 'received', compare: field, atMs: parseTime(lower, field, nowMs), not };
    default:
      return {
        kind: 'size',
        compare: field === 'larger' ? 'larger' : 'smaller',
        bytes: parseSize(lower, field),
        not,
      };
  }
}

const dayMs = 86_400_000;
const unitsMs: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: dayMs,
  w: 7 * dayMs,
};

/**
 * A point in time as people write it: a date, ISO 8601, `today`, `yesterday`, or `2h` for that long ago.
 * @throws AppError `bad_query`
 */
export function parseTime(value: string, field: string, nowMs: number): number {
  const ago = /^(\d{1,6})([smhdw])$/.exec(value);
  if (ago) return nowMs - Number(ago[1]) * (unitsMs[ago[2] ?? ''] ?? 0);
  const midnight = nowMs - (nowMs % dayMs);
  if (value === 'today') return midnight;
  if (value === 'yesterday') return midnight - dayMs;
  const parsed = /^\d{4}-\d{2}-\d{2}/.test(value) ? Date.parse(value.toUpperCase()) : Number.NaN;
  if (Number.isNaN(parsed)) {
    throw bad(
      `${field}:${value} is no time; write 2026-01-31, 2026-01-31T10:00Z, today, yesterday, or 2h, 3d for that long ago`,
    );
  }
  return parsed;
}

function parseSize(value: string, field: string): number {
  const match = /^(\d+(?:\.\d+)?)([kmg]?)b?$/.exec(value);
  if (match === null) throw bad(`${field}:${value} is no size; write 500, 10k, 2M`);
  const factor = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[match[2] ?? ''] ?? 1;
  return Math.round(Number(match[1]) * factor);
}

function bad(detail: string): AppError {
  return new AppError('bad_query', detail);
}
