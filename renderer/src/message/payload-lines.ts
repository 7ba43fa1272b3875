/** JSON laid out line by line, each line with the path of what it shows, so that a problem can point at its field. Pure. */
import type { PayloadProblem } from '../../../core/model/push.ts';

export interface PayloadLine {
  readonly indent: number;
  /** Empty where the line only closes something. */
  readonly name: string;
  readonly text: string;
  readonly kind: 'string' | 'number' | 'word' | 'mark';
  /** `aps.alert.title`, `message.tokens.0`; null: it closes something. */
  readonly path: string | null;
}

export interface PayloadView {
  readonly lines: readonly PayloadLine[];
  /** More lines than are shown. */
  readonly cut: boolean;
}

/** Of a payload of four kilobytes there are a few hundred at the most. */
const linesMax = 5_000;

/** @returns null when it is no JSON */
export function payloadLines(text: string): PayloadView | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  const lines: PayloadLine[] = [];
  lay(lines, value, { indent: 0, name: '', path: '', comma: '' });
  return { lines: lines.slice(0, linesMax), cut: lines.length > linesMax };
}

interface Place {
  readonly indent: number;
  readonly name: string;
  readonly path: string;
  readonly comma: string;
}

function lay(lines: PayloadLine[], value: unknown, at: Place): void {
  if (lines.length > linesMax) return;
  const { indent, name, path, comma } = at;
  const line = (text: string, kind: PayloadLine['kind']) => lines.push({ indent, name, text, kind, path });
  const members = membersOf(value);
  if (members === null) {
    line(`${JSON.stringify(value)}${comma}`, kindOf(value));
    return;
  }
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  if (members.length === 0) {
    line(`${open}${close}${comma}`, 'mark');
    return;
  }
  line(open, 'mark');
  members.forEach(([key, member], index) => {
    lay(lines, member, {
      indent: indent + 1,
      name: Array.isArray(value) ? '' : key,
      path: path === '' ? key : `${path}.${key}`,
      comma: index === members.length - 1 ? '' : ',',
    });
  });
  lines.push({ indent, name: '', text: `${close}${comma}`, kind: 'mark', path: null });
}

function membersOf(value: unknown): readonly (readonly [string, unknown])[] | null {
  return typeof value === 'object' && value !== null ? Object.entries(value) : null;
}

function kindOf(value: unknown): PayloadLine['kind'] {
  if (typeof value === 'string') return 'string';
  return typeof value === 'number' ? 'number' : 'word';
}

/**
 * The problems by the index of the line that they are about. What is missing is told at what it should be in.
 */
export function problemsByLine(
  lines: readonly PayloadLine[],
  problems: readonly PayloadProblem[],
): ReadonlyMap<number, readonly PayloadProblem[]> {
  const byPath = new Map<string, number>();
  lines.forEach(({ path }, index) => {
    if (path !== null && !byPath.has(path)) byPath.set(path, index);
  });
  const found = new Map<number, PayloadProblem[]>();
  for (const problem of problems) {
    const index = lineOf(byPath, plainPath(problem.field));
    const known = found.get(index);
    if (known === undefined) found.set(index, [problem]);
    else known.push(problem);
  }
  return found;
}

/** `a[0].b` and `a.0.b` are the same place. */
const plainPath = (field: string): string => field.replaceAll(/\[(\w+)\]/g, '.$1').replace(/^\./, '');

function lineOf(byPath: ReadonlyMap<string, number>, path: string): number {
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
    const index = byPath.get(at);
    if (index !== undefined) return index;
  }
  return 0;
}
