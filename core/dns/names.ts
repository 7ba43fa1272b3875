/** Names of the DNS as text: lower case, A-labels, no final dot; the root is the empty string. */
import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

/** RFC 1035 §2.3.4. */
export const labelBytesMax = 63;
/** RFC 1035 §2.3.4 counts 255 on the wire, with a length before each label and the root's at the end. */
export const nameBytesMax = 253;

/**
 * A domain as people write it, as the DNS has it: `Bücher.example.` → `xn--bcher-kva.example`.
 *
 * @returns null when it is no host name (RFC 1123 §2.1: letters, digits, hyphens) or an address
 */
export function asciiDomain(text: string): string | null {
  const trimmed = text.trim().replace(/\.$/, '');
  // The URL parser would drop what stands behind these and take the rest for a host.
  if (/[\s/?#@:\\%[\]]/.test(trimmed)) return null;
  const name = domainToASCII(trimmed).toLowerCase();
  return isHostName(name) ? name : null;
}

export function isHostName(name: string): boolean {
  return (
    name !== '' &&
    name.length <= nameBytesMax &&
    !isIPv4(name) &&
    name
      .split('.')
      .every((label) => label.length <= labelBytesMax && /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(label))
  );
}

/** Whether a name can be asked for at all; underscores and odd characters may be in it (RFC 2181 §11). */
export function isQueryName(name: string): boolean {
  return (
    name.length <= nameBytesMax &&
    (name === '' || name.split('.').every((label) => label.length > 0 && label.length <= labelBytesMax))
  );
}

/** Lower case, no final dot: the form that names are compared in (RFC 4343). */
export function canonicalName(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith('.') ? lower.slice(0, -1) : lower;
}

/** The name itself and what it stands under, nearest first: `a.b.c` → `a.b.c`, `b.c`, `c`. */
export function* nameAndParents(name: string): Generator<string> {
  for (let rest = name; rest !== ''; ) {
    yield rest;
    const dot = rest.indexOf('.');
    rest = dot < 0 ? '' : rest.slice(dot + 1);
  }
}

export function isUnder(name: string, parent: string): boolean {
  return name.length > parent.length && name.endsWith(`.${parent}`);
}

/** Where the PTR of an address stands (RFC 1035 §3.5, RFC 3596 §2.5). @returns null when it is no address */
export function reverseName(address: string): string | null {
  if (isIPv4(address)) return `${address.split('.').reverse().join('.')}.in-addr.arpa`;
  if (!isIPv6(address)) return null;
  return `${[...addressBytes6(address)]
    .flatMap((byte) => [byte >> 4, byte & 15])
    .reverse()
    .map((nibble) => nibble.toString(16))
    .join('.')}.ip6.arpa`;
}

/** @param address a valid IPv6 address, without a zone */
export function addressBytes6(address: string): Uint8Array {
  const [head = '', tail] = plainGroups(address).split('::');
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const gap = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array.from({ length: gap }, () => 0), ...after];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255]));
}

const groupsOf = (text: string): number[] =>
  text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));

/** The last 32 bits may be written as an IPv4 address (RFC 4291 §2.2). */
function plainGroups(address: string): string {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  if (dotted === null) return address;
  const [, head = '', ...bytes] = dotted;
  const [a = 0, b = 0, c = 0, d = 0] = bytes.map(Number);
  return `${head}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

/** RFC 5952: lower case, the longest run of zero groups as `::`. @param bytes 16 of them */
export function addressText6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
  );
  const runs = [
    ...groups
      .map((group) => (group === '0' ? '0' : '-'))
      .join('')
      .matchAll(/0{2,}/g),
  ];
  const longest = runs.reduce<{ readonly at: number; readonly length: number } | null>(
    (best, run) =>
      best === null || run[0].length > best.length ? { at: run.index, length: run[0].length } : best,
    null,
  );
  if (longest === null) return groups.join(':');
  const before = groups.slice(0, longest.at).join(':');
  const after = groups.slice(longest.at + longest.length).join(':');
  return `${before}::${after}`;
}
