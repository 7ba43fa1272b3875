/** Comma-separated values (RFC 4180), read and written. Pure. */

export interface CsvRecord {
  /** Line on which it begins, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/**
 * Reads leniently: any line end, quotes anywhere at a field's start, blank lines left out.
 *
 * @returns the records; `unclosed` is the line of a quote that never ends, which swallowed the rest
 */
export function readCsv(text: string): {
  readonly records: readonly CsvRecord[];
  readonly unclosed: number | null;
} {
  const records: CsvRecord[] = [];
  let line = 1;
  let start = 1;
  let fields: string[] = [];
  let field = '';
  let quotedSince: number | null = null;
  const endRecord = (): void => {
    fields.push(field);
    if (fields.length > 1 || field.trim() !== '') records.push({ line: start, fields });
    fields = [];
    field = '';
  };
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (quotedSince !== null) {
      if (char === '"' && text[at + 1] === '"') {
        field += '"';
        at++;
      } else if (char === '"') quotedSince = null;
      else {
        field += char;
        if (char === '\n') line++;
      }
    } else if (char === '"' && field.trim() === '') {
      quotedSince = line;
      field = '';
    } else if (char === ',') {
      fields.push(field);
      field = '';
    } else if (char === '\n' || char === '\r') {
      if (char === '\r' && text[at + 1] === '\n') at++;
      endRecord();
      line++;
      start = line;
    } else field += char;
  }
  endRecord();
  return { records, unclosed: quotedSince };
}

export function csvLine(fields: readonly (string | null)[]): string {
  return `${fields.map((field) => quoted(field ?? '')).join(',')}\r\n`;
}

function quoted(field: string): string {
  return /[",\r\n]|^\s|\s$/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
