/** What of a text goes out, and in how many parts. Pure. */
import type { SmsEncoding } from '../../model/sms.ts';
import { anatomyOf, partsOf, unicodePartsOf } from '../../model/sms-text.ts';

export interface Outgoing {
  /** As the handset gets it. */
  readonly text: string;
  readonly encoding: SmsEncoding;
  readonly parts: number;
}

/** For providers that are told to use the letters of GSM 03.38 alone: others arrive as question marks. */
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

/** For those that find out by themselves what a text needs. */
export function asNeeded(text: string): Outgoing {
  return { text, ...partsOf(text) };
}

/** Octets of one part that no text is: shown in hexadecimal digits. */
export function asBinary(text: string): Outgoing {
  return { text, encoding: 'binary', parts: 1 };
}
