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
  if (gsm.test(text)) return { encoding: 'GSM-7', parts: gsmParts(text) };
  if (text.length <= unitsMax['UCS-2'].one) return { encoding: 'UCS-2', parts: 1 };
  return { encoding: 'UCS-2', parts: segmented(text).segmentsCount };
}

/** A letter of the extension table is never cut in two. */
function gsmParts(text: string): number {
  const { one, each } = unitsMax['GSM-7'];
  if (text.length + (text.match(extension)?.length ?? 0) <= one) return 1;
  let parts = 1;
  let units = 0;
  for (const letter of text) {
    const size = extensionLetters.includes(letter) ? 2 : 1;
    if (units + size > each) {
      parts++;
      units = 0;
    }
    units += size;
  }
  return parts;
}

/** Of a text that is to go as Unicode whatever its letters. */
export function unicodePartsOf(text: string): SmsParts {
  const { one } = unitsMax['UCS-2'];
  if (text === '') return { encoding: 'UCS-2', parts: 0 };
  if (text.length <= one) return { encoding: 'UCS-2', parts: 1 };
  const counted = new segments.SegmentedMessage(text, 'UCS-2');
  return { encoding: 'UCS-2', parts: counted.segmentsCount };
}

/** All there is to know of it; slower than `partsOf`. */
export function anatomyOf(text: string): SmsAnatomy {
  const counted = segmented(text);
  const { encoding, parts } = partsOf(text);
  const unitBits = encoding === 'GSM-7' ? 7 : 16;
  const units = counted.segments.map((segment) => Math.round(segment.messageSizeInBits() / unitBits));
  const texts = counted.segments.map((segment) =>
    [...segment]
      .filter((one) => !one.isUserDataHeader && !one.isReservedChar)
      .map((one) => one.raw ?? '')
      .join(''),
  );
  const { one, each } = unitsMax[encoding];
  return {
    encoding,
    parts,
    characters: counted.graphemes.length,
    units: units.reduce((sum, size) => sum + size, 0),
    unitsLeft: Math.max(0, (parts > 1 ? each : one) - (units.at(-1) ?? 0)),
    texts: parts === 0 ? [] : texts,
    unicode: encoding === 'GSM-7' ? [] : unicodeIn(counted),
  };
}

function unicodeIn(counted: ReturnType<typeof segmented>): SmsAnatomy['unicode'] {
  const strange = new Set(counted.getNonGsmCharacters());
  const found = new Map<string, number>();
  let at = 0;
  for (const character of counted.graphemes) {
    if (strange.has(character) && !found.has(character)) found.set(character, at);
    at += character.length;
  }
  return [...found].map(([character, first]) => ({
    character,
    at: first,
    instead: insteadOf(character),
  }));
}

/** What a text becomes where a provider swaps such characters for plain ones (Twilio: SmartEncoded). */
export function smartEncoded(text: string): string {
  return new segments.SegmentedMessage(text, 'auto', true).graphemes.join('');
}

function segmented(text: string): InstanceType<typeof segments.SegmentedMessage> {
  return new segments.SegmentedMessage(text);
}

function insteadOf(character: string): string | null {
  const plain = smartEncoded(character);
  return plain === character ? null : plain;
}
