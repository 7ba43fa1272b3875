/** TON, NPI and digits, as the numbers and senders that they stand for. Pure. Source: SMPP 3.4 §5.2.5, §5.2.6. */
import { type PhoneNumber, phoneNumber } from '../../../model/phone-number.ts';
import type { Refused } from './parse.ts';
import type { SmppAddress } from './schema.ts';

export const tons = {
  unknown: 0,
  international: 1,
  national: 2,
  networkSpecific: 3,
  subscriber: 4,
  alphanumeric: 5,
  abbreviated: 6,
} as const;
export const isdn = 1;
const tonMax = 6;
/** The values that §5.2.6 has. */
const npis: ReadonlySet<number> = new Set([0, 1, 3, 4, 6, 8, 9, 10, 14, 18]);

const digits = /^\+?\d+$/;
const alphanumericCharsMax = 11;
const shortCodeDigitsMax = 8;

/** A number abroad with or without its plus; one that says it is national is taken as international, for no country is known. */
export function destinationOf({ ton, npi, text }: SmppAddress, strict: boolean): PhoneNumber | Refused {
  if (ton > tonMax) return { status: 'ESME_RINVDSTTON', why: `dest_addr_ton is ${ton}: 0 to ${tonMax}` };
  if (!npis.has(npi)) return { status: 'ESME_RINVDSTNPI', why: `dest_addr_npi ${npi} is reserved` };
  const number = digits.test(text) && ton !== tons.alphanumeric ? phoneNumber(withPlus(text)) : null;
  if (number === null || !number.possible || (strict && !number.valid))
    return {
      status: 'ESME_RINVDSTADR',
      why: `${text === '' ? 'an empty destination_addr' : text} is no number that could exist: write it with its country code, as in 447700900123`,
    };
  return number;
}

function withPlus(text: string): string {
  if (text.startsWith('+')) return text;
  return text.startsWith('00') ? `+${text.slice(2)}` : `+${text}`;
}

/** The sender as the handset shows it. */
export function senderOf({ ton, npi, text }: SmppAddress): { readonly sender: string } | Refused {
  if (ton > tonMax) return { status: 'ESME_RINVSRCTON', why: `source_addr_ton is ${ton}: 0 to ${tonMax}` };
  if (!npis.has(npi)) return { status: 'ESME_RINVSRCNPI', why: `source_addr_npi ${npi} is reserved` };
  if (text === '')
    return {
      status: 'ESME_RINVSRCADR',
      why: 'source_addr is empty, and no sender is set for the account: name one',
    };
  if (ton === tons.alphanumeric || !digits.test(text))
    return text.length <= alphanumericCharsMax
      ? { sender: text }
      : {
          status: 'ESME_RINVSRCADR',
          why: `an alphanumeric sender has at most ${alphanumericCharsMax} characters`,
        };
  if (text.replace('+', '').length <= shortCodeDigitsMax && ton !== tons.international)
    return { sender: text.replace('+', '') };
  const number = phoneNumber(withPlus(text));
  return { sender: number?.e164 ?? text };
}

/** How one of ours is written: what the app calls its sender, or a handset. */
export function addressOf(text: string): SmppAddress {
  if (text.startsWith('+')) return { ton: tons.international, npi: isdn, text: text.slice(1) };
  if (digits.test(text)) return { ton: tons.abbreviated, npi: 0, text };
  return { ton: tons.alphanumeric, npi: 0, text };
}
