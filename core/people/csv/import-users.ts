/**
 * Users from a file: CSV as RFC 4180 has it and as programs write it (a byte order mark, semicolons, tabs, line breaks in
 * quotes). It is read while it comes, kept step by step, and a line that is wrong does not stop the others.
 */

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { TextDecoder } from 'node:util';
import { AppError } from '../../model/app-error.ts';
import { type Profile, profileSchema, userIdSchema } from '../user-schema.ts';
import { readText, readValue } from './cell.ts';
import { type Column, columnName, columnsOf } from './columns.ts';

export const importBytesMax = 64 * 1024 * 1024;
export const importRowsMax = 200_000;
export const refusalsShownMax = 100;
const recordCharsMax = 1024 * 1024;
const rowsAtOnce = 1_000;
/** After so many lines everybody else has a turn. */
const rowsInATurn = 50;
/** What the delimiter is found out from. */
const sniffedCharsMax = 64 * 1024;
const delimiters = [',', ';', '\t'];

export interface ImportOutcome {
  /** Users, not lines: who stands in the file twice counts once. */
  readonly created: number;
  readonly updated: number;
  /** Lines. */
  readonly refusedTotal: number;
  /** The first ones. */
  readonly refused: readonly LineRefusal[];
  /** What became of the columns; `field` is null for one that is left out. */
  readonly columns: readonly { readonly header: string; readonly field: string | null }[];
  readonly delimiter: string;
}

export interface LineRefusal {
  readonly line: number;
  readonly field: string | null;
  readonly detail: string;
}

export interface GivenUser {
  readonly id: string;
  readonly profile: Profile;
}

export interface KeptStep {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  /** Of what was given, by its place there. */
  readonly refused: readonly {
    readonly at: number;
    readonly field: string | null;
    readonly detail: string;
  }[];
}

interface Row extends GivenUser {
  readonly line: number;
}

/**
 * @param empty what an empty cell means: it leaves what is there (`keep`), or takes it away
 * @param keep keeps a step of users
 * @throws AppError `bad_request` where no column says who it is, `too_large`
 */
export async function importUsers(
  bytes: AsyncIterable<Uint8Array>,
  empty: 'keep' | 'clear',
  keep: (given: readonly GivenUser[]) => Promise<KeptStep>,
): Promise<ImportOutcome> {
  // Loaded when it is needed: the start must not wait for it.
  const { parse } = await import('csv-parse');
  const created = new Set<string>();
  const updated = new Set<string>();
  const refusals: LineRefusal[] = [];
  let refusedTotal = 0;
  const refuse = (refusal: LineRefusal): void => {
    refusedTotal++;
    if (refusals.length < refusalsShownMax) refusals.push(refusal);
  };
  let waiting: Row[] = [];
  const keepRows = async (rows: readonly Row[]): Promise<void> => {
    const kept = await keep(rows);
    for (const id of kept.created) created.add(id);
    for (const id of kept.updated) if (!created.has(id)) updated.add(id);
    for (const { at, field, detail } of kept.refused) refuse({ line: rows[at]?.line ?? 0, field, detail });
  };
  /** One step is kept while the next one is read. */
  let keeping: Promise<void> = Promise.resolve();
  const flush = async (): Promise<void> => {
    const rows = waiting;
    waiting = [];
    await keeping;
    if (rows.length === 0) return;
    keeping = keepRows(rows);
    // It is waited for before the next one, and at the end; until then nobody else hears of it.
    keeping.catch(() => undefined);
  };

  const { text, delimiter } = await sniffed(decoded(limited(bytes)));
  const parser = parse({
    delimiter,
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_records_with_error: true,
    max_record_size: recordCharsMax,
    on_skip: (error) => {
      refuse({ line: error === undefined ? 0 : lineOf(error), field: null, detail: plain(error) });
      return undefined;
    },
  });
  const header: { names: readonly string[]; columns: readonly Column[] | null } = {
    names: [],
    columns: null,
  };
  let rows = 0;
  let lastLine = 0;
  await pipeline(Readable.from(text), parser, async (records: AsyncIterable<ParsedRecord>) => {
    for await (const { record, info } of records) {
      const line = lastLine + 1;
      lastLine = info.lines;
      if (record.every((cell) => cell.trim() === '')) continue;
      if (header.columns === null) {
        header.names = record;
        header.columns = identified(columnsOf(record));
        continue;
      }
      if (++rows > importRowsMax)
        throw new AppError(
          'too_large',
          `The file has more than ${importRowsMax} lines; ${created.size + updated.size} users were taken. Send the rest in another one.`,
        );
      const read = rowOf(record, header.columns, empty);
      if ('detail' in read) refuse({ line, ...read });
      else waiting.push({ ...read, line });
      if (waiting.length >= rowsAtOnce) await flush();
      if (rows % rowsInATurn === 0) await setImmediate();
    }
  });
  await flush();
  await keeping;
  if (header.columns === null)
    throw new AppError('bad_request', 'The file is empty; its first line names the columns.');
  return {
    created: created.size,
    updated: updated.size,
    refusedTotal,
    refused: refusals.toSorted((a, b) => a.line - b.line),
    columns: header.columns.map((column, at) => ({
      header: header.names[at] ?? '',
      field: columnName(column),
    })),
    delimiter,
  };
}

interface ParsedRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

function identified(columns: readonly Column[]): readonly Column[] {
  if (columns.some((column) => column.kind === 'text' && ['id', 'email', 'phone'].includes(column.field)))
    return columns;
  throw new AppError(
    'bad_request',
    'No column says who it is: the first line must name a column id, email or phone.',
    { errors: [{ field: 'columns', code: 'no_id', detail: 'one of id, email, phone' }] },
  );
}

function rowOf(
  record: readonly string[],
  columns: readonly Column[],
  empty: 'keep' | 'clear',
): GivenUser | { readonly field: string | null; readonly detail: string } {
  if (record.length > columns.length)
    return {
      field: null,
      detail: `has ${record.length} cells, but there are ${columns.length} columns; a cell with the delimiter in it stands in quotes`,
    };
  const texts: Record<string, string | null> = {};
  const values: Record<string, unknown> = {};
  for (const [at, column] of columns.entries()) {
    const cell = record[at];
    if (cell === undefined || column.kind === 'ignored') continue;
    if (column.kind === 'text') {
      const text = readText(cell.trim());
      if (text !== '') texts[column.field] = text;
      else if (empty === 'clear' && column.field !== 'id') texts[column.field] = null;
      continue;
    }
    const value = readValue(cell);
    if (value !== undefined) setAt(values, column.path, value);
    else if (empty === 'clear' && column.path[0] === 'attributes') setAt(values, column.path, null);
  }
  const { id: given, ...rest } = texts;
  const profile = profileSchema.safeParse({ ...rest, ...values });
  if (!profile.success) {
    const [issue] = profile.error.issues;
    const field = issue?.path.join('.') ?? null;
    return { field, detail: `${field}: ${issue?.message ?? 'is wrong'}` };
  }
  const id = userIdSchema.safeParse(given ?? profile.data.email?.toLowerCase() ?? profile.data.phone ?? '');
  return id.success
    ? { id: id.data, profile: profile.data }
    : { field: 'id', detail: `id: ${id.error.issues[0]?.message ?? 'is wrong'}` };
}

function setAt(of: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path;
  if (rest.length === 0) {
    const before = Object.hasOwn(of, first) ? of[first] : undefined;
    of[first] = isObject(before) && isObject(value) ? { ...before, ...value } : value;
    return;
  }
  const before = Object.hasOwn(of, first) ? of[first] : undefined;
  const next = isObject(before) ? before : {};
  of[first] = next;
  setAt(next, rest, value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function* limited(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let sum = 0;
  for await (const chunk of bytes) {
    sum += chunk.length;
    if (sum > importBytesMax)
      throw new AppError(
        'too_large',
        `The file exceeds the limit of ${importBytesMax} bytes; what came before was taken. Send it in pieces.`,
      );
    yield chunk;
  }
}

/** UTF-8, or what the byte order mark says: “Unicode text” of Excel is UTF-16. */
async function* decoded(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let decoder: TextDecoder | null = null;
  let first = Buffer.alloc(0);
  for await (const chunk of bytes) {
    let piece: Uint8Array = chunk;
    if (decoder === null) {
      first = Buffer.concat([first, chunk]);
      if (first.length < 2) continue;
      decoder = new TextDecoder(encodingOf(first));
      piece = first;
    }
    const text = decoder.decode(piece, { stream: true });
    if (text !== '') yield text;
  }
  const rest = decoder === null ? first.toString('utf8') : decoder.decode();
  if (rest !== '') yield rest;
}

function encodingOf(first: Buffer): string {
  if (first[0] === 0xff && first[1] === 0xfe) return 'utf-16le';
  return first[0] === 0xfe && first[1] === 0xff ? 'utf-16be' : 'utf-8';
}

async function sniffed(
  text: AsyncGenerator<string>,
): Promise<{ readonly text: AsyncGenerator<string>; readonly delimiter: string }> {
  let start = '';
  let ended = false;
  while (!ended && start.length < sniffedCharsMax && !/\S[^\r\n]*[\r\n]/.test(start)) {
    const { value, done } = await text.next();
    if (done === true) ended = true;
    else start += value;
  }
  return { text: joined(start, text), delimiter: delimiterOf(start) };
}

async function* joined(start: string, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  yield start;
  yield* rest;
}

/** The one that the first line has most of, outside of quotes. */
export function delimiterOf(text: string): string {
  const line = text.trimStart().split(/[\r\n]/, 1)[0] ?? '';
  const bare = line.replaceAll(/"[^"]*"/g, '');
  const counts = delimiters.map((one) => bare.split(one).length);
  const most = Math.max(...counts);
  return delimiters[counts.indexOf(most)] ?? ',';
}

function lineOf(error: object): number {
  return 'lines' in error && typeof error.lines === 'number' ? error.lines : 0;
}

function plain(error: Error | undefined): string {
  return error === undefined ? 'cannot be read' : `cannot be read: ${error.message}`;
}
