/**
 * The body of mail as HTML, with its Liquid still in it. MJML never sees Liquid: each piece of it is a word of letters
 * meanwhile, for MJML drops text that stands between its elements, its parser reads quotes and `<` in it, and its inliner
 * of styles takes braces for those of CSS.
 */
import { Parser } from 'htmlparser2';
import { messageOf } from '../../model/app-error.ts';
import { htmlCharsMax } from '../limits.ts';
import { asDocument } from './html-document.ts';
import type { Compiled, CompileRequest, TextProblem } from './requests.ts';

type Problem = Omit<TextProblem, 'field'>;

export async function compile({ format, source, lang, dir }: CompileRequest): Promise<Compiled> {
  const refused = refusals(source, format);
  if (refused.length > 0) return { html: '', errors: refused, warnings: [] };
  const hidden = hideLiquid(source);
  if (format === 'html')
    return { html: hidden.restore(asDocument(hidden.text, lang, dir)), errors: [], warnings: [] };
  const unclosed = unclosedElements(hidden.text, hidden.lineAt);
  if (unclosed.length > 0) return { html: '', errors: unclosed, warnings: [] };
  // Only here: it takes a second and 50 MB, and templates of plain HTML do without.
  const { default: mjml2html } = await import('mjml');
  let made: Awaited<ReturnType<typeof mjml2html>>;
  try {
    // Without `fonts`: MJML's own would be loaded from elsewhere. What mj-font names is the author's will.
    made = await mjml2html(hidden.text, { fonts: {}, keepComments: true, ignoreIncludes: true });
  } catch (error) {
    return { html: '', errors: [{ line: null, detail: messageOf(error) }], warnings: [] };
  }
  const found = made.errors.map((error) => ({
    line: error.line,
    detail: `<${error.tagName}>: ${hidden.restore(error.message).trim()}`,
    ofLiquid: hidden.isIn(error.message),
  }));
  const errors: Problem[] = [
    ...found.filter(({ ofLiquid }) => !ofLiquid).map(({ line, detail }) => ({ line, detail })),
    ...hidden.lostIn(made.html).map(({ line, piece }) => ({
      line,
      detail: `${piece} is lost: MJML keeps text in mj-text, mj-button, mj-table and mj-raw alone; write <mj-raw>${piece}</mj-raw>`,
    })),
  ];
  const html = hidden.restore(asDocument(made.html, lang, dir));
  if (html.length > htmlCharsMax)
    errors.push({
      line: null,
      detail: `it becomes ${html.length} characters of HTML; ${htmlCharsMax} are the limit`,
    });
  const warnings = found
    .filter(({ ofLiquid, detail }) => ofLiquid && / for type Unit\b/.test(detail))
    .map(({ line, detail }) => ({ line, detail: `${detail}; MJML cannot reckon with a variable` }));
  return { html: errors.length > 0 ? '' : html, errors, warnings };
}

function refusals(source: string, format: CompileRequest['format']): readonly Problem[] {
  if (format !== 'mjml') return [];
  const include = source.search(/<mj-include\b/i);
  if (include < 0) return [];
  return [
    {
      line: lineOfOffset(source, include),
      detail: '<mj-include> is not there: a template has no other files; write its text in place',
    },
  ];
}

interface HiddenLiquid {
  readonly text: string;
  restore(text: string): string;
  isIn(text: string): boolean;
  /** Pieces that are not in it any more. */
  lostIn(html: string): readonly { readonly line: number; readonly piece: string }[];
  lineAt(offset: number): number;
}

/** Comments of HTML and of Liquid may be lost; what stands in them says nothing. */
function hideLiquid(source: string): HiddenLiquid {
  const pieces: { readonly piece: string; readonly line: number; readonly mayBeLost: boolean }[] = [];
  let stem = 'liquidpiece';
  while (source.includes(stem)) stem += 'x';
  const comments = spansOf(
    source,
    /<!--[\s\S]*?-->|\{%-?\s*comment\s*-?%\}[\s\S]*?\{%-?\s*endcomment\s*-?%\}/g,
  );
  const lines = new LineCounter(source);
  const text = source.replace(/\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g, (piece, offset: number) => {
    pieces.push({
      piece,
      line: lines.at(offset),
      mayBeLost: comments.some(([from, to]) => offset >= from && offset < to),
    });
    // As many line breaks as it had, so that MJML's lines are those of the source.
    return `${stem}${pieces.length - 1}z${'\n'.repeat(piece.split('\n').length - 1)}`;
  });
  const word = new RegExp(`${stem}(\\d{1,7})z(\\n*)`, 'g');
  const textLines = new LineCounter(text);
  return {
    text,
    restore: (given) =>
      given.replace(word, (written, n: string, breaks: string) => {
        const piece = pieces[Number(n)]?.piece;
        if (piece === undefined) return written;
        const own = piece.split('\n').length - 1;
        return `${piece}${breaks.slice(own)}`;
      }),
    isIn: (given) => given.includes(stem),
    lostIn(html) {
      const kept = new Set([...html.matchAll(word)].map(([, n]) => Number(n)));
      return pieces.filter(({ mayBeLost }, n) => !mayBeLost && !kept.has(n));
    },
    lineAt: (offset) => textLines.at(offset),
  };
}

function spansOf(source: string, pattern: RegExp): readonly (readonly [from: number, to: number])[] {
  return [...source.matchAll(pattern)].map(({ index, 0: { length } }) => [index, index + length]);
}

/** MJML's parser closes by itself what was left open, wherever that leads. */
function unclosedElements(mjml: string, lineAt: (offset: number) => number): readonly Problem[] {
  const open: { readonly name: string; readonly at: number }[] = [];
  const problems: Problem[] = [];
  const parser = new Parser(
    {
      onopentag(name) {
        open.push({ name, at: parser.startIndex });
      },
      onclosetag(name, implied) {
        const last = open.pop();
        // `<mj-all />` closes itself, where it stands.
        const closesItself = last?.at === parser.startIndex;
        if (
          implied &&
          !closesItself &&
          last !== undefined &&
          /^mj(?:ml$|-)/.test(name) &&
          problems.length < unclosedMax
        )
          problems.push({ line: lineAt(last.at), detail: `<${name}> is not closed` });
      },
    },
    { xmlMode: true, decodeEntities: false },
  );
  parser.end(mjml);
  return problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)).slice(0, unclosedShown);
}
const unclosedMax = 100;
const unclosedShown = 5;

/** Lines from 1. */
class LineCounter {
  readonly #text: string;
  readonly #starts: number[] = [0];
  constructor(text: string) {
    this.#text = text;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }
  at(offset: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? this.#text.length) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }
}

function lineOfOffset(source: string, offset: number): number {
  return new LineCounter(source).at(offset);
}
