/** Suppression lists as files: CSV (with or without a line of names) or JSON lines. Pure. */
import { z } from '@hono/zod-openapi';
import { csvLine, readCsv } from '../model/csv.ts';
import {
  type NewSuppression,
  type SuppressionRow,
  suppressionReasons,
  suppressionScopes,
} from '../model/suppression.ts';
import { isoOrNull } from './iso-time.ts';

export const suppressionLinesMax = 100_000;
/** Lines that an answer complains about; the rest is counted. */
export const lineErrorsMax = 100;
const detailCharsMax = 1_000;

const columns = ['address', 'scope', 'reason', 'detail', 'expiresAt'] as const;

/** A mail address, or a phone number as E.164 has it: of those whose owners wrote STOP. */
export const addressToSuppressSchema = z
  .string()
  .trim()
  .toLowerCase()
  .max(320)
  .regex(
    /^[^\s@<>,;]+@[^\s@<>,;]+$|^"[^"\r\n]+"@[^\s@<>,;]+$|^\+[1-9]\d{6,14}$/,
    'is no mail address and no phone number; write jane@example.com, or +14155550123',
  );

/** One entry as it comes in: over the API, or as a line of a file. */
export const suppressionEntrySchema = z.object({
  address: addressToSuppressSchema,
  scope: z.enum(suppressionScopes).default('all'),
  reason: z.enum(suppressionReasons).default('manual'),
  detail: z.string().trim().max(detailCharsMax).nullish(),
  expiresAt: z.iso
    .datetime({ offset: true })
    .nullish()
    .openapi({ description: 'virtual; without it, until it is taken away' }),
});
export type SuppressionEntry = z.infer<typeof suppressionEntrySchema>;

export interface LineError {
  readonly line: number;
  readonly detail: string;
}

export interface ReadFile {
  readonly entries: readonly SuppressionEntry[];
  /** The first ones; `refused` counts all. */
  readonly errors: readonly LineError[];
  readonly refused: number;
}

/** Takes what can be read and says what cannot, line by line. */
export function readSuppressionFile(text: string): ReadFile {
  const lines = /^\s*\{/.test(text) ? jsonLines(text) : csvLines(text);
  const entries: SuppressionEntry[] = [];
  const errors: LineError[] = [];
  let refused = 0;
  for (const { line, value } of lines) {
    const read = value instanceof Error ? null : suppressionEntrySchema.safeParse(value);
    if (read?.success === true) entries.push(read.data);
    else {
      refused++;
      const detail =
        read === null
          ? String(value)
          : read.error.issues.map((one) => `${one.path.join('.')}: ${one.message}`).join('; ');
      if (errors.length < lineErrorsMax) errors.push({ line, detail });
    }
  }
  return { entries, errors, refused };
}

interface Line {
  readonly line: number;
  /** An error when it is not even a line of its kind. */
  readonly value: unknown;
}

function jsonLines(text: string): Line[] {
  return text.split(/\r?\n/).flatMap((content, index): Line[] => {
    if (content.trim() === '') return [];
    try {
      return [{ line: index + 1, value: JSON.parse(content) }];
    } catch (error) {
      return [{ line: index + 1, value: new Error('is no JSON object', { cause: error }) }];
    }
  });
}

function csvLines(text: string): Line[] {
  const { records, unclosed } = readCsv(text.replace(/^\uFEFF/, ''));
  const [first, ...rest] = records;
  if (first === undefined) return [];
  const names = first.fields.map((name) => name.trim().toLowerCase());
  const named = names.includes('address') || names.includes('email');
  const order: readonly (string | undefined)[] = named ? names.map((name) => columnOf(name)) : columns;
  const lines = (named ? rest : records).map(({ line, fields }): Line => {
    if (line === unclosed) return { line, value: new Error('a quote begins here and never ends') };
    const value: Record<string, string> = {};
    fields.forEach((field, index) => {
      const column = order[index];
      if (column !== undefined && field.trim() !== '') value[column] = field.trim();
    });
    return { line, value };
  });
  return lines;
}

/** Lists of other systems call the column `email`, and have columns of their own, which are left out. */
function columnOf(name: string): string | undefined {
  return name === 'email' ? 'address' : columns.find((column) => column.toLowerCase() === name);
}

export const suppressionFileHead = csvLine([...columns, 'source', 'class', 'createdAt']);

export function suppressionLine(row: SuppressionRow): string {
  return csvLine([
    row.address,
    row.scope,
    row.reason,
    row.detail,
    isoOrNull(row.expiresAtMs),
    row.source,
    row.class,
    isoOrNull(row.createdAtMs),
  ]);
}

export function toSuppression(
  entry: SuppressionEntry,
  source: 'api' | 'import',
  nowMs: number,
): NewSuppression {
  return {
    address: entry.address,
    scope: entry.scope,
    reason: entry.reason,
    source,
    class: null,
    detail: entry.detail ?? null,
    deliveryId: null,
    createdAtMs: nowMs,
    expiresAtMs:
      entry.expiresAt === undefined || entry.expiresAt === null ? null : Date.parse(entry.expiresAt),
  };
}
