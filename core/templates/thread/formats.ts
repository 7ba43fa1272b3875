/** Numbers, amounts and times as they are written in a locale. Throws an Error in words where a value cannot be. */

/** When and where a template is rendered. */
export interface Moment {
  readonly nowMs: number;
  /** IANA. */
  readonly timezone: string;
}

/** `{{ total | money: 'EUR' }}`; ISO 4217 has three letters. */
export function formatMoney(value: unknown, currency: unknown, locale: string): string {
  if (isNothing(value)) return '';
  if (typeof currency !== 'string' || !/^[A-Za-z]{3}$/.test(currency))
    throw new Error(`money wants a currency of three letters, as in {{ total | money: "EUR" }}`);
  return numberFormat(locale, `money ${currency.toUpperCase()}`, {
    style: 'currency',
    currency: currency.toUpperCase(),
  }).format(numberOf(value, 'money'));
}

/** `{{ size | number: 1 }}`: as many digits after the point; without, as many as there are. */
export function formatNumber(value: unknown, digits: unknown, locale: string): string {
  if (isNothing(value)) return '';
  const places = digitsOf(digits);
  const options = places === null ? {} : { minimumFractionDigits: places, maximumFractionDigits: places };
  return numberFormat(locale, `number ${places}`, options).format(numberOf(value, 'number'));
}

/** `{{ 0.19 | percent }}` is 19 %. */
export function formatPercent(value: unknown, digits: unknown, locale: string): string {
  if (isNothing(value)) return '';
  const places = digitsOf(digits) ?? 0;
  return numberFormat(locale, `percent ${places}`, {
    style: 'percent',
    minimumFractionDigits: places,
    maximumFractionDigits: places,
  }).format(numberOf(value, 'percent'));
}

/**
 * `{{ at | date }}`, `{{ at | date: "long" }}`, `{{ at | date: "long", "short" }}` (with the time), and as Liquid has it
 * `{{ at | date: "%d.%m.%Y" }}`; there a third one is a time zone. @param strftime Liquid's own
 */
export function formatDate(
  value: unknown,
  style: unknown,
  third: unknown,
  locale: string,
  moment: Moment,
  strftime: (when: Date, format: string, timezone: string) => string,
): string {
  if (isNothing(value)) return '';
  const { when, timezone } = timeOf(value, moment);
  if (typeof style === 'string' && style.includes('%'))
    return strftime(when, style, typeof third === 'string' ? third : timezone);
  return dateFormat(locale, timezone, styleOf(style) ?? 'medium', styleOf(third)).format(when);
}

/** `{{ at | time }}`, `{{ at | time: "medium" }}`. */
export function formatTime(value: unknown, style: unknown, locale: string, moment: Moment): string {
  if (isNothing(value)) return '';
  const { when, timezone } = timeOf(value, moment);
  return dateFormat(locale, timezone, null, styleOf(style) ?? 'short').format(when);
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined || value === '';
}

function numberOf(value: unknown, filter: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw new Error(`${filter} wants a number, not ${wordsFor(value)}`);
}

function digitsOf(digits: unknown): number | null {
  if (digits === undefined || digits === null) return null;
  if (typeof digits === 'number' && Number.isInteger(digits) && digits >= 0 && digits <= digitsMax)
    return digits;
  throw new Error(`the digits after the point are a number from 0 to ${digitsMax}`);
}
const digitsMax = 20;

/** Seconds reach this in the year 5138; in milliseconds it is 1973. */
const secondsMax = 1e11;

/**
 * ISO 8601, a Date, or a number: seconds as in Liquid, milliseconds where it is too large for that. A date without a time is
 * the same day everywhere.
 */
function timeOf(
  value: unknown,
  { nowMs, timezone }: Moment,
): { readonly when: Date; readonly timezone: string } {
  if (value === 'now' || value === 'today') return { when: new Date(nowMs), timezone };
  if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value))
    return { when: valid(new Date(value), value), timezone: 'UTC' };
  if (typeof value === 'string' && /^\d+$/.test(value)) return timeOf(Number(value), { nowMs, timezone });
  if (typeof value === 'number')
    return { when: valid(new Date(Math.abs(value) < secondsMax ? value * 1000 : value), value), timezone };
  if (typeof value === 'string' || value instanceof Date)
    return { when: valid(new Date(value), value), timezone };
  throw new Error(`date wants a time as in 2026-03-01T10:00:00Z, not ${wordsFor(value)}`);
}

function valid(when: Date, value: unknown): Date {
  if (Number.isNaN(when.getTime()))
    throw new Error(`date wants a time as in 2026-03-01T10:00:00Z, not ${wordsFor(value)}`);
  return when;
}

const styles = ['full', 'long', 'medium', 'short'] as const;
type Style = (typeof styles)[number];

function styleOf(style: unknown): Style | null {
  if (style === undefined || style === null) return null;
  const known = styles.find((one) => one === style);
  if (known === undefined)
    throw new Error(`a date is written ${styles.join(', ')}, or as in "%d.%m.%Y"; not ${wordsFor(style)}`);
  return known;
}

function wordsFor(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' ? `“${value.slice(0, wordCharsMax)}”` : String(value);
}
const wordCharsMax = 40;

/** Making one takes a thousand times as long as using it. */
const numberFormats = new Map<string, Intl.NumberFormat>();
const dateFormats = new Map<string, Intl.DateTimeFormat>();
const formatsMax = 500;

function numberFormat(locale: string, key: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return keptIn(numberFormats, `${locale} ${key}`, () => new Intl.NumberFormat(locale, options));
}

function dateFormat(
  locale: string,
  timezone: string,
  dateStyle: Style | null,
  timeStyle: Style | null,
): Intl.DateTimeFormat {
  return keptIn(
    dateFormats,
    `${locale} ${timezone} ${dateStyle} ${timeStyle}`,
    () =>
      new Intl.DateTimeFormat(locale, {
        timeZone: timezone,
        ...(dateStyle === null ? {} : { dateStyle }),
        ...(timeStyle === null ? {} : { timeStyle }),
      }),
  );
}

function keptIn<T>(formats: Map<string, T>, key: string, make: () => T): T {
  const known = formats.get(key);
  if (known !== undefined) return known;
  if (formats.size >= formatsMax) formats.clear();
  const made = make();
  formats.set(key, made);
  return made;
}
