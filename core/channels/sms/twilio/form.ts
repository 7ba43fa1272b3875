/**
 * Forms (application/x-www-form-urlencoded), read and written in one pass: this door takes thousands a second, and each has
 * few fields. Pure. Source: https://url.spec.whatwg.org/#application/x-www-form-urlencoded
 */

export type FormFields = readonly (readonly [name: string, value: string])[];

/** Of more, the rest is not read: Twilio's largest request has not a quarter as many. */
const fieldsMax = 200;

export class Form {
  readonly fields: FormFields;

  constructor(fields: FormFields) {
    this.fields = fields;
  }

  /** The first of that name, or null. */
  get(name: string): string | null {
    for (const field of this.fields) if (field[0] === name) return field[1];
    return null;
  }

  all(name: string): readonly string[] {
    return this.fields.filter((field) => field[0] === name).map(([, value]) => value);
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }
}

export function readForm(text: string): Form {
  const fields: [string, string][] = [];
  let at = 0;
  while (at < text.length && fields.length < fieldsMax) {
    const and = text.indexOf('&', at);
    const end = and < 0 ? text.length : and;
    if (end > at) {
      const equals = text.indexOf('=', at);
      const nameEnd = equals < 0 || equals > end ? end : equals;
      fields.push([
        decoded(text.slice(at, nameEnd)),
        decoded(text.slice(nameEnd + 1, Math.max(nameEnd + 1, end))),
      ]);
    }
    at = end + 1;
  }
  return new Form(fields);
}

export function writeForm(fields: FormFields): string {
  let text = '';
  for (const [name, value] of fields) text += `${text === '' ? '' : '&'}${encoded(name)}=${encoded(value)}`;
  return text;
}

/** Adds fields to the query of an address, before its fragment. */
export function withQuery(url: string, fields: FormFields): string {
  const mark = url.indexOf('#');
  const bare = mark < 0 ? url : url.slice(0, mark);
  const joint = bare.includes('?') ? '&' : '?';
  return `${bare}${joint}${writeForm(fields)}${mark < 0 ? '' : url.slice(mark)}`;
}

function decoded(part: string): string {
  const spaced = part.includes('+') ? part.replaceAll('+', ' ') : part;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    // A lone percent sign, or bytes that are no UTF-8: what can be decoded is, as the specification has it.
    return new URLSearchParams(`x=${part}`).get('x') ?? part;
  }
}

const needsNoEncoding = /^[\w.*-]*$/;

function encoded(text: string): string {
  if (needsNoEncoding.test(text)) return text;
  return encodeURIComponent(text.isWellFormed() ? text : text.toWellFormed())
    .replace(/[!'()~]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}
