/**
 * How a text is cut into parts. Counted by `sms-segments-calculator`; a text of plain GSM 03.38 letters, which most are, needs
 * no more than its length, and thousands come in a second.
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

export function partsOf(text: string): SmsParts {
  if (text === '') return { encoding: 'GSM-7', parts: 0 };
  if (plainGsm.test(text)) {
    const { one, each } = unitsMax['GSM-7'];
    return { encoding: 'GSM-7', parts: text.length <= one ? 1 : Math.ceil(text.length / each) };
  }
  const counted = segmented(text);
  return { encoding: counted.encodingName, parts: counted.segmentsCount };
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
  const texts = counted.segments.map((segment) =>
    [...segment]
      .filter((one) => !one.isUserDataHeader && !one.isReservedChar)
      .map((one) => (one.codeUnits === undefined || one.raw === undefined ? '' : one.raw))
      .join(''),
  );
  const { one, each } = unitsMax[encoding];
  const units = Math.round(
    counted.segments.reduce((sum, segment) => sum + segment.messageSizeInBits(), 0) /
      (encoding === 'GSM-7' ? 7 : 16),
  );
  const lastBits = counted.segments.at(-1)?.messageSizeInBits() ?? 0;
  const lastUnits = Math.round(lastBits / (encoding === 'GSM-7' ? 7 : 16));
  return {
    encoding,
    parts,
    characters: counted.numberOfCharacters,
    units,
    unitsLeft: Math.max(0, (parts > 1 ? each : one) - lastUnits),
    texts,
    unicode:
      encoding === 'GSM-7'
        ? []
        : [...new Set(counted.getNonGsmCharacters())].map((character) => ({
            character,
            at: text.indexOf(character),
            instead: insteadOf(character),
          })),
  };
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
