/**
 * The PROXY protocol, version 2, in its binary form: what a connection says about itself ahead of its first byte.
 * Written and read; pure.
 *
 * Source: "The PROXY protocol, versions 1 & 2", HAProxy, section 2.2.
 */
import { isIPv4 } from 'node:net';
import { addressBytes, addressText } from './ip-address.ts';

export interface ProxyEnd {
  readonly address: string;
  readonly port: number;
}

export interface ProxyHeader {
  /** Null for a LOCAL connection, which speaks for itself. */
  readonly ends: { readonly source: ProxyEnd; readonly destination: ProxyEnd } | null;
  readonly values: readonly { readonly type: number; readonly value: Uint8Array }[];
}

export type ParsedProxyHeader =
  /** More bytes are needed. */
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'wrong'; readonly why: string }
  | { readonly kind: 'header'; readonly header: ProxyHeader; readonly bytes: number };

/** Longest header that is read, its first 16 bytes included. Ours has some hundred. */
export const proxyHeaderBytesMax = 2_048;

const signature = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);
const fixedBytes = 16;
const commands = { local: 0x20, proxy: 0x21 } as const;
const families = { tcp4: 0x11, tcp6: 0x21 } as const;

/** Both ends are written as IPv6 when one of them is; an IPv4 one is then mapped (RFC 4291 §2.5.5.2). */
export function encodeProxyHeader(header: ProxyHeader): Buffer {
  const values = header.values.map(({ type, value }) => {
    const head = Buffer.alloc(3);
    head.writeUInt8(type, 0);
    head.writeUInt16BE(value.length, 1);
    return Buffer.concat([head, value]);
  });
  const { ends } = header;
  const four = ends !== null && isIPv4(ends.source.address) && isIPv4(ends.destination.address);
  const body = Buffer.concat([ends === null ? nothing : endsBytes(ends, four), ...values]);
  const fixed = Buffer.alloc(fixedBytes);
  signature.copy(fixed);
  fixed.writeUInt8(ends === null ? commands.local : commands.proxy, 12);
  fixed.writeUInt8(ends === null ? 0 : four ? families.tcp4 : families.tcp6, 13);
  fixed.writeUInt16BE(body.length, 14);
  return Buffer.concat([fixed, body]);
}

function endsBytes(ends: NonNullable<ProxyHeader['ends']>, four: boolean): Buffer {
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(ends.source.port, 0);
  ports.writeUInt16BE(ends.destination.port, 2);
  const bytes = (end: ProxyEnd): Buffer => addressBytes(end.address, four ? 4 : 6);
  return Buffer.concat([bytes(ends.source), bytes(ends.destination), ports]);
}

const nothing = Buffer.alloc(0);

export function parseProxyHeader(bytes: Buffer): ParsedProxyHeader {
  const compared = Math.min(bytes.length, signature.length);
  if (!bytes.subarray(0, compared).equals(signature.subarray(0, compared)))
    return wrong('it does not begin with the signature of the PROXY protocol, version 2');
  if (bytes.length < fixedBytes) return { kind: 'incomplete' };
  const command = bytes.readUInt8(12);
  const family = bytes.readUInt8(13);
  const total = fixedBytes + bytes.readUInt16BE(14);
  if (command !== commands.local && command !== commands.proxy)
    return wrong(`its version and command are 0x${command.toString(16)}`);
  if (total > proxyHeaderBytesMax) return wrong(`it is longer than ${proxyHeaderBytesMax} bytes`);
  if (bytes.length < total) return { kind: 'incomplete' };
  const body = bytes.subarray(fixedBytes, total);
  // The addresses of a LOCAL connection are to be passed over, whatever they say (section 2.2).
  if (command === commands.local) return { kind: 'header', header: { ends: null, values: [] }, bytes: total };
  const width = family === families.tcp4 ? 4 : family === families.tcp6 ? 16 : null;
  if (width === null) return wrong(`its address family is 0x${family.toString(16)}`);
  const addresses = width * 2 + 4;
  if (body.length < addresses) return wrong('its addresses are cut off');
  const values = parseValues(body.subarray(addresses));
  if (values === null) return wrong('one of its values is cut off');
  const end = (at: number, port: number): ProxyEnd => ({
    address: addressText(body.subarray(at, at + width)),
    port: body.readUInt16BE(port),
  });
  return {
    kind: 'header',
    header: { ends: { source: end(0, width * 2), destination: end(width, width * 2 + 2) }, values },
    bytes: total,
  };
}

function parseValues(bytes: Buffer): { readonly type: number; readonly value: Uint8Array }[] | null {
  const values: { type: number; value: Uint8Array }[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 3 > bytes.length) return null;
    const end = at + 3 + bytes.readUInt16BE(at + 1);
    if (end > bytes.length) return null;
    values.push({ type: bytes.readUInt8(at), value: Uint8Array.from(bytes.subarray(at + 3, end)) });
    at = end;
  }
  return values;
}

function wrong(why: string): ParsedProxyHeader {
  return { kind: 'wrong', why };
}
