/** What of a text goes out, and in how many parts. Pure. */
import type { SmsEncoding } from '../../../model/sms.ts';
import { anatomyOf, partsOf, unicodePartsOf } from '../../../model/sms-text.ts';

export interface Outgoing {
  /** As the handset gets it. */
  readonly text: string;
  readonly encoding: SmsEncoding;
  readonly parts: number;
}

/**
 * `type=text` is for letters that GSM 03.38 has: others arrive as question marks.
 * Source: https://developer.vonage.com/messaging/sms/guides/concatenation-and-encoding
 */
export function asText(text: string): Outgoing {
  if (partsOf(text).encoding === 'GSM-7') return { text, ...partsOf(text) };
  const strange = new Set(anatomyOf(text).unicode.map(({ character }) => character));
  const plain = [...graphemes.segment(text)]
    .map(({ segment }) => (strange.has(segment) ? '?' : [...segment].map(orMark(strange)).join('')))
    .join('');
  return { text: plain, ...partsOf(plain) };
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

function orMark(strange: ReadonlySet<string>): (character: string) => string {
  return (character) => (strange.has(character) ? '?' : character);
}

export function asUnicode(text: string): Outgoing {
  return { text, ...unicodePartsOf(text) };
}

/** The Messages API finds out by itself what a text needs. */
export function asNeeded(text: string): Outgoing {
  return { text, ...partsOf(text) };
}

/** Octets of one part that no text is: shown in hexadecimal digits. */
export function asBinary(text: string): Outgoing {
  return { text, encoding: 'binary', parts: 1 };
}
