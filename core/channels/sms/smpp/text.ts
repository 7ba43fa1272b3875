/** Octets of a short message and the text that they are: data_coding, GSM 03.38, the user data header. Pure. */
import type { SmsEncoding } from '../../../model/sms.ts';
import { partsOf, unicodePartsOf, unitsMax } from '../../../model/sms-text.ts';
import type { PartOf } from './schema.ts';

export interface ReadText {
  readonly text: string;
  readonly encoding: SmsEncoding;
}

/** 3GPP TS 23.038 §6.2.1, from 0x00 on; 0x1b leads to the extension. */
const gsmLetters =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
/** §6.2.1.1 */
const gsmExtension: Readonly<Record<number, string>> = {
  10: '\f',
  20: '^',
  40: '{',
  41: '}',
  47: '\\',
  60: '[',
  61: '~',
  62: ']',
  64: '|',
  101: '€',
};
const escapeCode = 0x1b;

const gsmCodes = new Map<string, readonly number[]>();
for (const [code, letter] of [...gsmLetters].entries()) if (code !== escapeCode) gsmCodes.set(letter, [code]);
for (const [code, letter] of Object.entries(gsmExtension)) gsmCodes.set(letter, [escapeCode, Number(code)]);

/** One septet an octet, as SMPP carries them. */
export function decodeGsm(octets: Uint8Array): string {
  let text = '';
  for (let at = 0; at < octets.length; at++) {
    const code = (octets[at] ?? 0) & 0x7f;
    if (code !== escapeCode) text += gsmLetters[code] ?? '?';
    else if (at + 1 < octets.length) {
      const next = (octets[++at] ?? 0) & 0x7f;
      // An extension that is not known shows as the letter itself (§6.2.1.1, note 1).
      text += gsmExtension[next] ?? gsmLetters[next] ?? '?';
    }
  }
  return text;
}

/** @returns null where a letter is none of GSM 03.38 */
export function encodeGsm(text: string): Buffer | null {
  const octets: number[] = [];
  for (const letter of text) {
    const codes = gsmCodes.get(letter);
    if (codes === undefined) return null;
    octets.push(...codes);
  }
  return Buffer.from(octets);
}

export function encodeUcs2(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

function decodeUcs2(octets: Uint8Array): string {
  const even = Buffer.from(octets.subarray(0, octets.length & ~1));
  return even.swap16().toString('utf16le');
}

type Alphabet = 'gsm' | 'ia5' | 'latin1' | 'cyrillic' | 'hebrew' | 'ucs2' | 'binary';

/** data_coding, §5.2.19, where it is not of TS 23.038's groups. */
const alphabets: Readonly<Record<number, Alphabet>> = {
  0: 'gsm',
  1: 'ia5',
  2: 'binary',
  3: 'latin1',
  4: 'binary',
  6: 'cyrillic',
  7: 'hebrew',
  8: 'ucs2',
};

/** @returns null: a data_coding that nobody reads here */
function alphabetOf(dataCoding: number): Alphabet | null {
  if (dataCoding < 0x10) return alphabets[dataCoding] ?? null;
  // TS 23.038 §4: message waiting groups, and data coding with a message class.
  const group = dataCoding & 0xf0;
  if (group === 0xf0) return (dataCoding & 0x04) === 0 ? 'gsm' : 'binary';
  if (group === 0xe0) return 'ucs2';
  if (group === 0xc0 || group === 0xd0) return 'gsm';
  if ((dataCoding & 0xc0) !== 0) return null;
  switch (dataCoding & 0x0c) {
    case 0x00:
      return 'gsm';
    case 0x04:
      return 'binary';
    case 0x08:
      return 'ucs2';
    default:
      return null;
  }
}

export function isReadable(dataCoding: number): boolean {
  return alphabetOf(dataCoding) !== null;
}

export function decodeText(octets: Uint8Array, dataCoding: number): ReadText {
  const alphabet = alphabetOf(dataCoding) ?? 'binary';
  switch (alphabet) {
    case 'gsm':
      return { text: decodeGsm(octets), encoding: 'GSM-7' };
    case 'ia5':
      // Node's smpp writes GSM 03.38 and calls it IA5: its @, € and the like are control characters there.
      return { text: looksLikeGsm(octets) ? decodeGsm(octets) : latin1(octets), encoding: 'GSM-7' };
    case 'latin1':
      return { text: latin1(octets), encoding: 'GSM-7' };
    case 'cyrillic':
      return { text: new TextDecoder('iso-8859-5').decode(octets), encoding: 'UCS-2' };
    case 'hebrew':
      return { text: new TextDecoder('iso-8859-8-i').decode(octets), encoding: 'UCS-2' };
    case 'ucs2':
      return { text: decodeUcs2(octets), encoding: 'UCS-2' };
    case 'binary':
      return { text: Buffer.from(octets).toString('hex'), encoding: 'binary' };
    default:
      return alphabet satisfies never;
  }
}

function latin1(octets: Uint8Array): string {
  return Buffer.from(octets).toString('latin1');
}

const lineFeed = 10;
const carriageReturn = 13;

function looksLikeGsm(octets: Uint8Array): boolean {
  return octets.some((octet) => octet < 0x20 && octet !== lineFeed && octet !== carriageReturn);
}

/** How many short messages it is, where it came in one piece. */
export function countParts(
  { text, encoding }: ReadText,
  octets: number,
): ReadText & { readonly parts: number } {
  switch (encoding) {
    case 'GSM-7': {
      // What Latin 1 has and GSM 03.38 has not makes it UCS-2 on the air.
      const { encoding: used, parts } = partsOf(text);
      return { text, encoding: used, parts: Math.max(1, parts) };
    }
    case 'UCS-2':
      return { text, encoding, parts: Math.max(1, unicodePartsOf(text).parts) };
    case 'binary':
      return { text, encoding, parts: octets <= octetsOne ? 1 : Math.ceil(octets / octetsEach) };
    default:
      return encoding satisfies never;
  }
}
/** 3GPP TS 23.040 §9.2.3.24: 140 octets, 134 behind a header that joins parts. */
const octetsOne = 140;
const octetsEach = 134;

/** @returns null where the header does not hold together; `rest` is what stands behind it */
export function readUserDataHeader(
  octets: Buffer,
): { readonly part: PartOf | null; readonly rest: Buffer } | null {
  const length = octets[0];
  if (length === undefined || length + 1 > octets.length) return null;
  let part: PartOf | null = null;
  for (let at = 1; at < length + 1; ) {
    const element = octets[at] ?? 0;
    const size = octets[at + 1];
    const start = at + 2;
    if (size === undefined || start + size > length + 1) return null;
    // 3GPP TS 23.040 §9.2.3.24.1 and .8: reference of 8 or 16 bits, how many, which.
    if (element === 0x00 && size === 3)
      part = {
        by: 'udh',
        reference: octets[start] ?? 0,
        total: octets[start + 1] ?? 0,
        sequence: octets[start + 2] ?? 0,
      };
    if (element === 0x08 && size === 4)
      part = {
        by: 'udh',
        reference: octets.readUInt16BE(start),
        total: octets[start + 2] ?? 0,
        sequence: octets[start + 3] ?? 0,
      };
    at = start + size;
  }
  return { part, rest: octets.subarray(length + 1) };
}

/** A text as it is handed to a receiver: one unit, or several joined by a header. */
export function partsToDeliver(
  text: string,
  reference: number,
): readonly { readonly octets: Buffer; readonly dataCoding: number; readonly withHeader: boolean }[] {
  const gsm = encodeGsm(text);
  const dataCoding = gsm === null ? ucs2Coding : 0;
  const whole = gsm ?? encodeUcs2(text);
  const one = gsm === null ? octetsOne : unitsMax['GSM-7'].one;
  if (whole.length <= one) return [{ octets: whole, dataCoding, withHeader: false }];
  const each = gsm === null ? unitsMax['UCS-2'].each * 2 : unitsMax['GSM-7'].each;
  const pieces = cut(whole, each, gsm !== null).slice(0, partsMax);
  return pieces.map((piece, at) => ({
    octets: Buffer.concat([Buffer.of(5, 0, 3, reference & 0xff, pieces.length, at + 1), piece]),
    dataCoding,
    withHeader: true,
  }));
}
const ucs2Coding = 8;
const partsMax = 255;

/** Never between an escape and its letter, or the halves of a surrogate pair. */
function cut(octets: Buffer, each: number, gsm: boolean): readonly Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < octets.length; ) {
    let end = Math.min(at + each, octets.length);
    if (end < octets.length) {
      if (gsm && octets[end - 1] === escapeCode) end -= 1;
      else if (!gsm && ((octets[end - 2] ?? 0) & 0xfc) === 0xd8) end -= 2;
    }
    pieces.push(octets.subarray(at, end));
    at = end;
  }
  return pieces;
}
