/**
 * Liquid as templates have it: no files, own members only, with limits, and with filters that know the user's locale and
 * time zone. Output in HTML is escaped; `raw` lets it through.
 *
 * Source: https://liquidjs.com/tutorials/dos.html, https://liquidjs.com/tutorials/escaping.html
 */
import { filters as builtIn, Liquid, LiquidError, type Template } from 'liquidjs';
import { messageOf } from '../../model/app-error.ts';
import { bodyCharsMax, htmlCharsMax, renderMemoryMax, renderMsMax } from '../limits.ts';
import { formatDate, formatMoney, formatNumber, formatPercent, formatTime, type Moment } from './formats.ts';
import type { TextProblem } from './requests.ts';

export interface Engine {
  readonly liquid: Liquid;
  /** @throws LiquidError */
  parse(source: string): Template[];
}

const enginesMax = 40;
const parsedMax = 500;
const parsedCharsMax = 8_000_000;
const engines = new Map<string, Engine>();

/** One for each locale, for a filter is bound to its engine when it is parsed. @param moment of the render under way */
export function engineFor(kind: 'html' | 'plain', locale: string, moment: () => Moment): Engine {
  const key = `${kind} ${locale}`;
  const known = engines.get(key);
  if (known !== undefined) return known;
  const [oldest] = engines.keys();
  if (engines.size >= enginesMax && oldest !== undefined) engines.delete(oldest);
  const made = makeEngine(kind, locale, moment);
  engines.set(key, made);
  return made;
}

function makeEngine(kind: 'html' | 'plain', locale: string, moment: () => Moment): Engine {
  const liquid = new Liquid({
    ...(kind === 'html' ? { outputEscape: 'escape' as const } : {}),
    locale,
    // What is not said in the user's time zone is said in UTC, wherever this machine stands.
    timezoneOffset: 0,
    ownPropertyOnly: true,
    strictFilters: true,
    relativeReference: false,
    templates: {},
    parseLimit: Math.max(bodyCharsMax, htmlCharsMax),
    renderLimit: renderMsMax,
    memoryLimit: renderMemoryMax,
  });
  for (const tag of ['include', 'render', 'layout', 'block']) liquid.registerTag(tag, refusedTag(tag));
  registerFormats(liquid, locale, moment);
  if (kind === 'html') registerEscapes(liquid);
  const parsed = new Map<string, Template[]>();
  let parsedChars = 0;
  return {
    liquid,
    parse(source) {
      const known = parsed.get(source);
      if (known !== undefined) return known;
      const templates = liquid.parse(source);
      if (parsed.size >= parsedMax || parsedChars + source.length > parsedCharsMax) {
        parsed.clear();
        parsedChars = 0;
      }
      parsed.set(source, templates);
      parsedChars += source.length;
      return templates;
    },
  };
}

function refusedTag(name: string) {
  return {
    parse(): void {
      throw new Error(
        `there is no tag “${name}” here: a template has no other files; write its text in place`,
      );
    },
    render(): string {
      return '';
    },
  };
}

function registerFormats(liquid: Liquid, locale: string, moment: () => Moment): void {
  liquid.registerFilter('money', (value: unknown, currency: unknown) => formatMoney(value, currency, locale));
  liquid.registerFilter('number', (value: unknown, digits: unknown) => formatNumber(value, digits, locale));
  liquid.registerFilter('percent', (value: unknown, digits: unknown) => formatPercent(value, digits, locale));
  liquid.registerFilter('time', (value: unknown, style: unknown) =>
    formatTime(value, style, locale, moment()),
  );
  const { date } = builtIn;
  if (typeof date !== 'function') throw new Error('liquidjs has no filter date');
  liquid.registerFilter('date', function (value: unknown, style: unknown, third: unknown) {
    return formatDate(value, style, third, locale, moment(), (when, format, timezone) =>
      String(date.call(this, when, format, timezone)),
    );
  });
  // They read the machine's clock where they are given `now`.
  for (const name of ['date_to_xmlschema', 'date_to_rfc822', 'date_to_string', 'date_to_long_string']) {
    const original = liquid.filters[name];
    if (typeof original !== 'function') continue;
    liquid.registerFilter(name, function (value: unknown, ...rest: unknown[]) {
      const when = value === 'now' || value === 'today' ? new Date(moment().nowMs) : value;
      return original.call(this, when, ...rest);
    });
  }
}

/** What these make is HTML already and must not be escaped again. */
function registerEscapes(liquid: Liquid): void {
  for (const name of ['escape', 'escape_once', 'xml_escape']) {
    const original = liquid.filters[name];
    if (typeof original === 'function') liquid.registerFilter(name, { handler: original, raw: true });
  }
  const { escape_once: escapeOnce } = builtIn;
  if (typeof escapeOnce !== 'function') throw new Error('liquidjs has no filter escape_once');
  liquid.registerFilter('newline_to_br', {
    raw: true,
    handler(value: unknown) {
      return String(escapeOnce.call(this, value)).replace(/\r?\n/g, '<br />\n');
    },
  });
}

/** What was thrown, as a problem of the text. */
export function problemFrom(error: unknown, field: string, source: string): TextProblem {
  if (!LiquidError.is(error)) return { field, line: null, detail: sentence(messageOf(error)) };
  const { token } = error;
  const [line = null] = token.getPosition();
  const place = token.getText().replace(/\s+/g, ' ').slice(0, placeCharsMax);
  const said = (error.originalError?.message ?? error.message).replace(/, line:\d+, col:\d+$/, '');
  const why = limitWords(said);
  return {
    field,
    line: typeof line === 'number' && source !== '' ? line : null,
    detail: sentence(place === '' || why.includes(place) ? why : `${why} (${place})`),
  };
}
const placeCharsMax = 80;

function limitWords(said: string): string {
  if (said.includes('template render limit'))
    return `it takes longer than ${renderMsMax / 1000} s to render; is a loop too long?`;
  if (said.includes('memory alloc limit'))
    return `it makes more than ${renderMemoryMax} characters and values; is a loop too long?`;
  if (said.includes('parse length limit')) return 'the text is too long';
  return said;
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.?!)]$/.test(first) ? first : `${first}.`;
}
