/** Phone numbers, as E.164 has them. What exists where is libphonenumber's knowledge. */
import { createRequire } from 'node:module';
import type * as Library from 'libphonenumber-js/max';
import { atFirstUse } from './at-first-use.ts';
import type { Line } from './handset.ts';

export interface PhoneNumber {
  /** With the plus sign. */
  readonly e164: string;
  /** ISO 3166-1 alpha-2; null: a range that belongs to nobody (+1 555 …). */
  readonly country: string | null;
  readonly callingCode: string;
  /** Only its length was looked at. */
  readonly possible: boolean;
  /** It is in a range that somebody was given. */
  readonly valid: boolean;
  /** What its range is for; a number that may be either counts as mobile. */
  readonly line: Line;
}

const known = new Map<string, PhoneNumber | null>();
const knownMax = 50_000;
/** With spaces around it. */
const textCharsMax = 64;

/**
 * @param text with or without the plus sign, spaces and dashes: providers take both
 * @returns null when it is no number at all
 */
export function phoneNumber(text: string): PhoneNumber | null {
  // Nothing so long is a number, and what is remembered would have no limit.
  if (text.length > textCharsMax) return null;
  const cached = known.get(text);
  if (cached !== undefined) return cached;
  const read = readNumber(text);
  if (known.size >= knownMax) known.clear();
  known.set(text, read);
  return read;
}

const require = createRequire(import.meta.url);
/** Its tables take a while to read: only when the first number comes. */
const library = atFirstUse((): typeof Library => require('libphonenumber-js/max'));

const looksLikeOne = /^\+?[\d\s().-]{3,32}$/;

function readNumber(text: string): PhoneNumber | null {
  const trimmed = text.trim();
  if (!looksLikeOne.test(trimmed)) return null;
  const found = library().parsePhoneNumberFromString(trimmed.startsWith('+') ? trimmed : `+${trimmed}`);
  if (found === undefined) return null;
  const type = found.getType();
  return {
    e164: found.number,
    country: found.country ?? null,
    callingCode: found.countryCallingCode,
    possible: found.isPossible(),
    valid: found.isValid(),
    line: type === 'FIXED_LINE' ? 'landline' : 'mobile',
  };
}
