/**
 * Short links of an SMS that asks for them. A code says which delivery it is of and which link of its message, and a few bits
 * of a keyed digest say that it was made here: nothing is kept for it, and a number that nobody gave out leads nowhere. Pure.
 */
import { createHmac } from 'node:crypto';
import { linksIn, withLinks } from '../../model/sms-links.ts';

/** Of one message; more are left as they are. */
export const shortLinksMax = 8;
const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Seven letters are enough for 134 million deliveries, eight for sixty times as many. */
const lengths = [7, 8] as const;
const digestBits = 11n;
const numberBits = 3n;
/** Prime to 62, so that it can be undone: neighbours do not look like neighbours. */
const spread = 1_580_030_173n;

export interface ShortLink {
  readonly deliverySeq: number;
  /** Which of the message's links. */
  readonly link: number;
  /** To be compared with `digestOf` once the delivery is known. */
  readonly digest: number;
}

/** The links that are shortened, each once, in their order: what `MessageDetails.links` holds. */
export function trackedLinks(text: string): readonly string[] {
  return [...new Set(linksIn(text))].slice(0, shortLinksMax);
}

/** @param base `http://localhost:8025/s/` */
export function withShortLinks(text: string, base: string, codeOf: (link: number) => string): string {
  return withLinks(text, (url, at) => (at < shortLinksMax ? `${base}${codeOf(at)}` : url));
}

export function shortCode(
  delivery: { readonly seq: number; readonly id: string },
  link: number,
  secret: Uint8Array,
): string {
  const value =
    (BigInt(delivery.seq) << (numberBits + digestBits)) |
    (BigInt(link) << digestBits) |
    BigInt(digestOf(delivery.id, link, secret));
  const length = lengths.find((one) => value < 62n ** BigInt(one)) ?? lengths[1];
  let rest = (value * spread) % 62n ** BigInt(length);
  let code = '';
  for (let at = 0; at < length; at++) {
    code += letters[Number(rest % 62n)];
    rest /= 62n;
  }
  return code;
}

/** @returns null for what was never made here */
export function readShortCode(code: string): ShortLink | null {
  const length = lengths.find((one) => one === code.length);
  if (length === undefined || !/^[0-9A-Za-z]+$/.test(code)) return null;
  const modulus = 62n ** BigInt(length);
  let scattered = 0n;
  for (const letter of [...code].reverse()) scattered = scattered * 62n + BigInt(letters.indexOf(letter));
  const value = (scattered * inverseOf(spread, modulus)) % modulus;
  return {
    deliverySeq: Number(value >> (numberBits + digestBits)),
    link: Number((value >> digestBits) & ((1n << numberBits) - 1n)),
    digest: Number(value & ((1n << digestBits) - 1n)),
  };
}

export function digestOf(deliveryId: string, link: number, secret: Uint8Array): number {
  const digest = createHmac('sha256', secret).update(`${deliveryId} ${link}`).digest();
  return digest.readUInt16BE(0) & ((1 << Number(digestBits)) - 1);
}

/** By the extended Euclidean algorithm. */
function inverseOf(value: bigint, modulus: bigint): bigint {
  let [low, high] = [value % modulus, modulus];
  let [lowTimes, highTimes] = [1n, 0n];
  while (low > 1n) {
    const quotient = low / high;
    [low, high] = [high, low % high];
    [lowTimes, highTimes] = [highTimes, lowTimes - quotient * highTimes];
  }
  return ((lowTimes % modulus) + modulus) % modulus;
}
