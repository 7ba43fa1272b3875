/** Fills in the texts of a template for one user. */
import { messageOf } from '../../model/app-error.ts';
import { htmlCharsMax, renderedCharsMax } from '../limits.ts';
import { usesIn } from './analyze.ts';
import type { Moment } from './formats.ts';
import { withPreheader } from './html-document.ts';
import { type Engine, engineFor, problemFrom } from './liquid.ts';
import type { Rendered, RenderRequest, SourceText, VariableUse } from './requests.ts';
import { textOfHtml } from './text-of-html.ts';

let moment: Moment = { nowMs: 0, timezone: 'UTC' };

export function render(request: RenderRequest): Rendered {
  const { texts, variables, mail } = request;
  moment = { nowMs: request.nowMs, timezone: usableTimezone(request.timezone) };
  const locale = usableLocale(request.locale);
  const missing = new Set<string>();
  const made: string[] = [];
  for (const text of texts) {
    const engine = engineFor(text.mode === 'html' ? 'html' : 'plain', locale, () => moment);
    try {
      made.push(renderOne(engine, text, variables));
      for (const name of missingIn(engine, text.source, variables)) missing.add(name);
    } catch (error) {
      return { ok: false, problem: problemFrom(error, text.field, text.source) };
    }
  }
  if (mail === null) return { ok: true, texts: made, text: null, missing: [...missing] };
  const html = made[mail.bodyAt] ?? '';
  const preheader = mail.preheaderAt === null ? '' : (made[mail.preheaderAt] ?? '');
  made[mail.bodyAt] = preheader === '' ? html : withPreheader(html, preheader);
  try {
    return { ok: true, texts: made, text: mail.makeText ? textOfHtml(html) : null, missing: [...missing] };
  } catch (error) {
    const field = texts[mail.bodyAt]?.field ?? 'email.body';
    return {
      ok: false,
      problem: { field, line: null, detail: `No text can be made of it: ${messageOf(error)}.` },
    };
  }
}

function renderOne(
  engine: Engine,
  { mode, source }: SourceText,
  variables: RenderRequest['variables'],
): string {
  if (!source.includes('{{') && !source.includes('{%')) return mode === 'line' ? oneLine(source) : source;
  const rendered: unknown = engine.liquid.renderSync(engine.parse(source), variables);
  const text = typeof rendered === 'string' ? rendered : '';
  const charsMax = mode === 'html' ? htmlCharsMax : renderedCharsMax;
  if (text.length > charsMax)
    throw new Error(`it becomes ${text.length} characters long; ${charsMax} are the limit`);
  return mode === 'line' ? oneLine(text) : text;
}

/** A line break in a subject would begin another header (RFC 5322 §2.2). */
function oneLine(text: string): string {
  return text.replace(/[\r\n\t\v\f\u0085\u2028\u2029\0]+/g, ' ').trim();
}

const usesMax = 500;
const knownUses = new WeakMap<object, readonly Omit<VariableUse, 'field'>[]>();

function missingIn(engine: Engine, source: string, variables: RenderRequest['variables']): readonly string[] {
  if (!source.includes('{{') && !source.includes('{%')) return [];
  const templates = engine.parse(source);
  let uses = knownUses.get(templates);
  if (uses === undefined) {
    uses = usesIn(templates, source).slice(0, usesMax);
    knownUses.set(templates, uses);
  }
  return uses
    .filter(({ path, guarded }) => !guarded && isMissing(variables, path))
    .map(({ path }) => path.join('.'));
}

function isMissing(variables: RenderRequest['variables'], path: readonly string[]): boolean {
  let value: unknown = variables;
  for (const name of path) {
    // What Liquid makes of lists and texts itself.
    if (Array.isArray(value) || typeof value === 'string') return !['size', 'first', 'last'].includes(name);
    if (typeof value !== 'object' || value === null) return true;
    if (name === 'size' && !Object.hasOwn(value, name)) return false;
    value = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
  }
  return value === undefined || value === null;
}

const usable = new Map<string, string>();
const usableMax = 1_000;

/** What a user's profile says may be no time zone. */
function usableTimezone(timezone: string): string {
  return remembered(`zone ${timezone}`, () => {
    try {
      return new Intl.DateTimeFormat('en', { timeZone: timezone }).resolvedOptions().timeZone;
    } catch {
      // UTC is wrong by some hours; no message at all would be worse.
      return 'UTC';
    }
  });
}

function usableLocale(locale: string): string {
  return remembered(`locale ${locale}`, () => {
    try {
      return Intl.getCanonicalLocales(locale)[0] ?? 'en';
    } catch {
      // As with time zones: the text is there, a number in it is written as in English.
      return 'en';
    }
  });
}

function remembered(key: string, find: () => string): string {
  const known = usable.get(key);
  if (known !== undefined) return known;
  if (usable.size >= usableMax) usable.clear();
  const found = find();
  usable.set(key, found);
  return found;
}
