/** What differs between two texts, line by line. Pure. */
import { diffLines } from 'diff';

export interface DiffLine {
  readonly kind: 'same' | 'gone' | 'new';
  /** Number of the line, from 1, in the text before; null: it is not there. */
  readonly before: number | null;
  readonly after: number | null;
  readonly text: string;
  /** Where in the text what differs from its counterpart begins and ends; null: the whole line differs. */
  readonly changed: readonly [number, number] | null;
}

/** Lines that nothing happened to, and that are not shown unless somebody asks. */
export interface DiffFold {
  readonly kind: 'fold';
  readonly lines: readonly DiffLine[];
}

/** Lines that may differ before two texts are taken for different ones: looking further takes long, and says nothing. */
const editsMax = 2_000;
const searchMsMax = 500;
/** Lines around a change that tell where it is. */
const aroundLines = 3;

export function linesBetween(before: string, after: string): readonly DiffLine[] {
  const parts = diffLines(before, after, { maxEditLength: editsMax, timeout: searchMsMax }) ?? [
    { value: before, added: false, removed: true },
    { value: after, added: true, removed: false },
  ];
  const lines: DiffLine[] = [];
  let [atBefore, atAfter] = [0, 0];
  for (const { value, added, removed } of parts)
    for (const text of linesOf(value))
      lines.push({
        kind: added ? 'new' : removed ? 'gone' : 'same',
        before: added ? null : ++atBefore,
        after: removed ? null : ++atAfter,
        text,
        changed: null,
      });
  return marked(lines);
}

/** Far from every change lines are folded away. */
export function folded(lines: readonly DiffLine[]): readonly (DiffLine | DiffFold)[] {
  const near = lines.map(() => false);
  lines.forEach(({ kind }, at) => {
    if (kind !== 'same') near.fill(true, Math.max(0, at - aroundLines), at + aroundLines + 1);
  });
  const shown: (DiffLine | DiffFold)[] = [];
  let fold: DiffLine[] = [];
  const close = () => {
    // One line takes no more room than the word that it is folded.
    if (fold.length > 1) shown.push({ kind: 'fold', lines: fold });
    else shown.push(...fold);
    fold = [];
  };
  lines.forEach((line, at) => {
    if (near[at] !== true) {
      fold.push(line);
      return;
    }
    close();
    shown.push(line);
  });
  close();
  return shown;
}

function linesOf(text: string): readonly string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

/** Lines that went, and as many that came in their place, are held against each other. */
function marked(lines: readonly DiffLine[]): readonly DiffLine[] {
  const result = [...lines];
  for (let at = 0; at < lines.length; ) {
    const gone = runOf(lines, at, 'gone');
    const came = runOf(lines, at + gone, 'new');
    if (gone === came)
      for (let each = at; each < at + gone; each++) {
        const [old, next] = [lines[each], lines[each + gone]];
        if (old === undefined || next === undefined) continue;
        const [start, oldEnd, nextEnd] = partBetween(old.text, next.text);
        if (start === 0 && oldEnd === old.text.length && nextEnd === next.text.length) continue;
        result[each] = { ...old, changed: [start, oldEnd] };
        result[each + gone] = { ...next, changed: [start, nextEnd] };
      }
    at += Math.max(1, gone + came);
  }
  return result;
}

function runOf(lines: readonly DiffLine[], from: number, kind: DiffLine['kind']): number {
  let to = from;
  while (lines[to]?.kind === kind) to++;
  return to - from;
}

/** What both begin and end with is the same; words are told apart as wholes. */
function partBetween(before: string, after: string): readonly [number, number, number] {
  const [old, next] = [wordsOf(before), wordsOf(after)];
  const shorter = Math.min(old.length, next.length);
  let start = 0;
  while (start < shorter && old[start] === next[start]) start++;
  let end = 0;
  while (end < shorter - start && old.at(-1 - end) === next.at(-1 - end)) end++;
  const units = (words: readonly string[]) => words.join('').length;
  return [
    units(old.slice(0, start)),
    before.length - units(old.slice(old.length - end)),
    after.length - units(next.slice(next.length - end)),
  ];
}

/** Words, spaces, and each other sign by itself; nothing is left out. */
const wordsOf = (text: string): readonly string[] =>
  text.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? [];
