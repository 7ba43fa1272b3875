/** IP addresses as bytes and back, in the one text form that RFC 5952 asks for. Pure. */
import { isIPv4, isIPv6 } from 'node:net';

const mappedPrefix = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]);

/**
 * @param family 6 maps an IPv4 address into IPv6 (RFC 4291 §2.5.5.2)
 * @throws when the text is no address, or an IPv6 one where four bytes are wanted
 */
export function addressBytes(text: string, family: 4 | 6): Buffer {
  if (isIPv4(text)) {
    const four = Buffer.from(text.split('.').map(Number));
    return family === 4 ? four : Buffer.concat([mappedPrefix, four]);
  }
  if (family === 4 || !isIPv6(text)) throw new Error(`not an address of IPv${family}: ${text}`);
  return sixBytes(text);
}

function sixBytes(text: string): Buffer {
  const [bare = ''] = text.split('%');
  const halves = bare.split('::');
  const [front = [], back = []] = halves.map((half) => (half === '' ? [] : half.split(':').flatMap(groupOf)));
  const gap = halves.length > 1 ? new Array<number>(8 - front.length - back.length).fill(0) : [];
  const bytes = Buffer.alloc(16);
  [...front, ...gap, ...back].forEach((group, index) => {
    bytes.writeUInt16BE(group, index * 2);
  });
  return bytes;
}

function groupOf(part: string): number[] {
  if (!part.includes('.')) return [Number.parseInt(part, 16)];
  const four = Buffer.from(part.split('.').map(Number));
  return [four.readUInt16BE(0), four.readUInt16BE(2)];
}

/** @param bytes 4 or 16; a mapped IPv4 address is written as the IPv4 address that it is */
export function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.subarray(0, 12).equals(mappedPrefix)) return bytes.subarray(12).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2));
  const gap = longestGap(groups);
  const words = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return gap === null ? words(0, 8) : `${words(0, gap.from)}::${words(gap.to, 8)}`;
}

/** The longest run of at least two zero groups, the first of equal ones (RFC 5952 §4.2). */
function longestGap(groups: readonly number[]): { readonly from: number; readonly to: number } | null {
  let best: { from: number; to: number } | null = null;
  for (let from = 0; from < groups.length; from++) {
    let to = from;
    while (to < groups.length && groups[to] === 0) to++;
    if (to - from >= 2 && (best === null || to - from > best.to - best.from)) best = { from, to };
    if (to > from) from = to - 1;
  }
  return best;
}

/** One text for one address: `::FFFF:192.0.2.1` and `192.0.2.1` are the same; null when it is no address. */
export function sameAddress(text: string): string | null {
  if (isIPv4(text)) return text;
  return isIPv6(text) ? addressText(addressBytes(text, 6)) : null;
}
