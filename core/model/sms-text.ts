/**
 * How a text is cut into parts. Counted by `sms-segments-calculator`; but thousands come in a second, and of a text of GSM 03.38
 * letters, which most are, and of a short one a look at each letter is enough.
 */
import segments from 'sms-segments-calculator';
import type { SmsEncoding } from './sms.ts';

export interface SmsParts {
  readonly encoding: Exclude<SmsEncoding, 'binary'>;
  /** 0 for an empty text. */
  readonly parts: number;
}

export interface SmsAnatomy extends SmsParts {
  /** As a person counts them. */
  readonly characters: number;
  /** Septets of GSM-7, 16-bit units of UCS-2: what the limits count. */
  readonly units: number;
  /** What the last part has room for still. */
  readonly unitsLeft: number;
  /** The text of each part. */
  readonly texts: readonly string[];
  /** What made this Unicode: each such character, where it stands first (in UTF-16 units) and what could stand there. */
  readonly unicode: readonly {
    readonly character: string;
    readonly at: number;
    readonly instead: string | null;
  }[];
}

/** One part holds so many units; one of several less, for its header has seven or six octets. */
export const unitsMax = { 'GSM-7': { one: 160, each: 153 }, 'UCS-2': { one: 70, each: 67 } } as const;

/** Letters that GSM 03.38 has in its basic table and that cost one septet (3GPP TS 23.038 §6.2.1). */
const plainGsm = /^[\n\r !"#$%&'()*+,\-./0-9:;<=>?@A-Z_a-z¡£¤¥§¿ÄÅÆÇÉÑÖØÜßàäåæèéìñòöøùüΓΔΘΛΞΠΣΦΨΩ]*$/;
/** With those of the extension table, which cost two: an escape goes before them (§6.2.1.1). */
const gsm = /^[\n\r\f !"#$%&'()*+,\-./0-9:;<=>?@A-Z_a-z¡£¤¥§¿ÄÅÆÇÉÑÖØÜßàäåæèéìñòöøùüΓΔΘΛΞΠΣΦΨΩ^{}\\[~\]|€]*$/;
const extension = /[\f^{}\\[~\]|€]/g;
const extensionLetters = '\f^{}\\[~]|€';

export function partsOf(text: string): SmsParts {
  if (text === '') return { encoding: 'GSM-7', parts: 0 };
  const { one, each } = unitsMax['GSM-7'];
  if (plainGsm.test(text))
    return { encoding: 'GSM-7', parts: text.length <= one ? 1 : Math.ceil(text.length / each) };
  if (!gsm.test(text)) return unicodePartsOf(text);
  const short = text.length + (text.match(extension)?.length ?? 0) <= one;
  return { encoding: 'GSM-7', parts: short ? 1 : cut([...text], 'GSM-7').length };
}

/** Of a text that is to go as Unicode whatever its letters. */
export function unicodePartsOf(text: string): SmsParts {
  if (text === '') return { encoding: 'UCS-2', parts: 0 };
  if (text.length <= unitsMax['UCS-2'].one) return { encoding: 'UCS-2', parts: 1 };
  // Of a batch each recipient has the same.
  if (lastUnicode?.text !== text)
    lastUnicode = { text, parts: { encoding: 'UCS-2', parts: cut(graphemesOf(text), 'UCS-2').length } };
  return lastUnicode.parts;
}

let lastUnicode: { readonly text: string; readonly parts: SmsParts } | null = null;

/** All there is to know of it. @param wanted UCS-2: it goes as Unicode whatever its letters */
export function anatomyOf(text: string, wanted?: 'UCS-2'): SmsAnatomy {
  const encoding = wanted === undefined && gsm.test(text) ? 'GSM-7' : 'UCS-2';
  const characters = encoding === 'GSM-7' ? [...text] : graphemesOf(text);
  const found = text === '' ? [] : cut(characters, encoding);
  const { one, each } = unitsMax[encoding];
  return {
    encoding,
    parts: found.length,
    characters: characters.length,
    units: found.reduce((sum, { units }) => sum + units, 0),
    unitsLeft: Math.max(0, (found.length > 1 ? each : one) - (found.at(-1)?.units ?? 0)),
    texts: found.map((part) => part.text),
    unicode: encoding === 'GSM-7' ? [] : unicodeIn(characters),
  };
}

interface Part {
  readonly text: string;
  readonly units: number;
}

/** No character is cut in two: neither a letter of the extension table, nor an emoji of many units. */
function cut(characters: readonly string[], encoding: SmsParts['encoding']): readonly Part[] {
  const { one, each } = unitsMax[encoding];
  const sizes = characters.map((character) =>
    encoding === 'UCS-2' ? character.length : extensionLetters.includes(character) ? 2 : 1,
  );
  const units = sizes.reduce((sum, size) => sum + size, 0);
  if (units <= one) return [{ text: characters.join(''), units }];
  const parts: Part[] = [];
  let text = '';
  let used = 0;
  characters.forEach((character, at) => {
    const size = sizes[at] ?? 0;
    if (used + size > each && text !== '') {
      parts.push({ text, units: used });
      text = '';
      used = 0;
    }
    text += character;
    used += size;
  });
  parts.push({ text, units: used });
  return parts;
}

/**
 * A letter of the Basic Multilingual Plane before which a character always begins (UAX #29 §3.1.1): no mark, no joiner, no
 * pictograph, no conjoining Jamo, none of the few letters that count as marks or go with what follows.
 */
const letter =
  '[[\\p{L}\\p{N}\\p{P}\\p{S}\\p{Zs}\\n\\r]--[\\p{Extended_Pictographic}\\u{10000}-\\u{10FFFF}\\u0D4E\\u0E33\\u0EB3\\uFF9E\\uFF9F\\u1100-\\u11FF\\uA960-\\uA97F\\uD7B0-\\uD7FF]]';
const stretch = new RegExp(`${letter}+(?=${letter}|$)|${letter}?[^${letter}]+`, 'gv');
const onlyLetters = new RegExp(`^${letter}+$`, 'v');
/** What goes with a letter that follows (Prepend): such a text is looked at as a whole. */
const prepended =
  /[\u0600-\u0605\u06DD\u070F\u08E2\u0D4E\u{110BD}\u{111C2}\u{111C3}\u{11A3A}\u{11A86}-\u{11A89}]/u;

const knownStretches = new Map<string, readonly string[]>();
const knownStretchesMax = 2_000;
const stretchCharsMax = 64;

/** No provider takes more. The library takes a minute for sixteen times as much: beyond it code points count as characters. */
const graphemesUnitsMax = 4_000;

/**
 * Characters as people see them, and as the library has them. It takes milliseconds for a long text, so it is only asked for the
 * stretches that are not plain letters, and for each once.
 */
function graphemesOf(text: string): readonly string[] {
  if (text.length > graphemesUnitsMax) return [...text];
  if (prepended.test(text)) return split(text);
  return (text.match(stretch) ?? []).flatMap((part) => {
    if (onlyLetters.test(part)) return [...part];
    const known = knownStretches.get(part);
    if (known !== undefined) return known;
    const found = split(part);
    if (part.length > stretchCharsMax) return found;
    if (knownStretches.size >= knownStretchesMax) knownStretches.clear();
    knownStretches.set(part, found);
    return found;
  });
}

function split(text: string): readonly string[] {
  return new segments.SegmentedMessage(text).graphemes;
}

function unicodeIn(characters: readonly string[]): SmsAnatomy['unicode'] {
  const found = new Map<string, number>();
  let at = 0;
  for (const character of characters) {
    if (!found.has(character) && !gsm.test(character)) found.set(character, at);
    at += character.length;
  }
  return [...found].map(([character, first]) => ({
    character,
    at: first,
    instead: insteadOf(character),
  }));
}

const knownSwaps = new Map<string, string>();
const knownSwapsMax = 2_000;

/** What a text becomes where a provider swaps such characters for plain ones (Twilio: SmartEncoded). */
export function smartEncoded(text: string): string {
  return gsm.test(text) ? text : [...text].map(swapped).join('');
}

function swapped(point: string): string {
  const known = knownSwaps.get(point);
  if (known !== undefined) return known;
  const found = new segments.SegmentedMessage(point, 'auto', true).graphemes.join('');
  if (knownSwaps.size >= knownSwapsMax) knownSwaps.clear();
  knownSwaps.set(point, found);
  return found;
}

function insteadOf(character: string): string | null {
  const plain = smartEncoded(character);
  return plain === character ? null : plain;
}
