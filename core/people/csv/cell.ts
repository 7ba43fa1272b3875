/**
 * Cells of the users' files. What is written here is read back as the same value; a cell that a spreadsheet would take for
 * a formula begins with an apostrophe (OWASP, https://owasp.org/www-community/attacks/CSV_Injection). Pure.
 */

/** Full-width forms too: spreadsheets for East Asia take them for the same. */
const formulaLike = /^'*[=+\-@\t\r\n＝＋－＠]/;
const guarded = /^'+[=+\-@\t\r\n＝＋－＠]/;

export function writeText(text: string): string {
  return formulaLike.test(text) ? `'${text}` : text;
}

export function readText(cell: string): string {
  return guarded.test(cell) ? cell.slice(1) : cell;
}

export function writeValue(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') return JSON.stringify(value);
  const text = writeText(value);
  // A text that looks like something else (42, true, {}) stands in quotes, as JSON has it.
  return readValue(text) === value ? text : JSON.stringify(value);
}

/** As JavaScript writes numbers: `007`, `1.10` and `1e5` are texts. */
const numberLike = /^-?\d+(?:\.\d+)?(?:e[+-]\d+)?$/;

/** @returns undefined for an empty cell */
export function readValue(cell: string): unknown {
  const text = cell.trim();
  if (text === '') return undefined;
  if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  if (text === 'null') return null;
  if (numberLike.test(text) && String(Number(text)) === text) return Number(text);
  if (/^["{[]/.test(text)) {
    const json = parsed(text);
    if (json !== undefined) return json;
  }
  return readText(text);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
