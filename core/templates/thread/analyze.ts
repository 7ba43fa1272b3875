/** What can be said of a Liquid text before it is rendered: whether it can be read, and what variables it uses. */
import { analyzeSync, Output, type Template, type Variable } from 'liquidjs';
import { type Engine, engineFor, problemFrom } from './liquid.ts';
import type { Analysis, AnalyzeRequest, TextProblem, VariableUse } from './requests.ts';

export function analyzeTexts({ texts }: AnalyzeRequest): Analysis {
  const errors: TextProblem[] = [];
  const uses: VariableUse[] = [];
  const unescaped: TextProblem[] = [];
  for (const { field, mode, source } of texts) {
    const engine = engineFor(mode === 'html' ? 'html' : 'plain', 'en', () => ({ nowMs: 0, timezone: 'UTC' }));
    try {
      const templates = engine.parse(source);
      uses.push(...usesIn(templates, source).map((use) => ({ ...use, field })));
      if (mode === 'html') unescaped.push(...rawOutputs(templates, engine).map((one) => ({ ...one, field })));
    } catch (error) {
      errors.push(problemFrom(error, field, source));
    }
  }
  return { errors, uses, unescaped };
}

/** Variables that whoever renders it is to give; names that the text makes itself are none. */
export function usesIn(templates: Template[], source: string): readonly Omit<VariableUse, 'field'>[] {
  const lineStarts = lineStartsOf(source);
  return Object.values(analyzeSync(templates, { partials: false }).globals)
    .flat()
    .map((variable) => {
      const { row, col } = variable.location;
      const at = (lineStarts[row - 1] ?? 0) + col - 1;
      return { line: row, path: pathOf(variable), guarded: isGuarded(source, at) };
    })
    .filter(({ path }) => path.length > 0);
}

function pathOf({ segments }: Variable): readonly string[] {
  const known: string[] = [];
  for (const segment of segments) {
    // A number is a place in a list; a variable in brackets may be anything.
    if (typeof segment !== 'string') break;
    known.push(segment);
  }
  return known;
}

/** It stands in a condition, or has a default beside it. */
function isGuarded(source: string, at: number): boolean {
  const begin = Math.max(source.lastIndexOf('{{', at), source.lastIndexOf('{%', at));
  if (begin < 0) return false;
  const close = source.startsWith('{{', begin) ? '}}' : '%}';
  const end = source.indexOf(close, at);
  const piece = source.slice(begin, end < 0 ? undefined : end);
  return /^\{%-?\s*(?:if|elsif|unless|case|when)\b/.test(piece) || /\|\s*default\b/.test(piece);
}

function lineStartsOf(source: string): readonly number[] {
  const starts = [0];
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function rawOutputs(templates: readonly Template[], engine: Engine): readonly Omit<TextProblem, 'field'>[] {
  return templates.flatMap((template) => [
    ...(template instanceof Output && template.value.filters.at(-1)?.name === 'raw'
      ? [{ line: template.token.getPosition()[0] ?? null, detail: template.token.getText() }]
      : []),
    ...rawOutputs(childrenOf(template), engine),
  ]);
}

function childrenOf(template: Template): readonly Template[] {
  const children = template.children?.(false, true);
  if (children === undefined) return [];
  // Without partials there is nothing that it would wait for.
  const step = children.next();
  return step.done === true ? step.value : [];
}
