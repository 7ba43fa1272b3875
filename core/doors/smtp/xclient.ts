/**
 * Postfix's XCLIENT command: a client on this machine says on whose behalf it speaks. Pure.
 *
 * Source: https://www.postfix.org/XCLIENT_README.html
 */
import { sameAddress } from './ip-address.ts';
import type { Peer } from './session-ports.ts';

export const xclientNames = ['NAME', 'ADDR', 'PORT', 'PROTO', 'HELO'] as const;

/** What was said; undefined: not said, null: said to be unknown. */
export interface XclientAttributes {
  readonly name?: string | null;
  readonly address?: string;
  readonly port?: number;
  readonly helo?: string | null;
}

/** @returns null when it cannot be read */
export function parseXclient(argument: string): XclientAttributes | null {
  const said: { -readonly [K in keyof XclientAttributes]: XclientAttributes[K] } = {};
  const words = argument.split(/ +/).filter((word) => word !== '');
  for (const word of words) {
    const equals = word.indexOf('=');
    const value = equals < 0 ? null : decodeXtext(word.slice(equals + 1));
    if (value === null) return null;
    const known = isUnavailable(value) ? null : value;
    switch (word.slice(0, equals).toUpperCase()) {
      case 'NAME':
        said.name = known;
        break;
      case 'ADDR': {
        if (known === null) break;
        const address = sameAddress(known.replace(/^IPV6:/i, ''));
        if (address === null) return null;
        said.address = address;
        break;
      }
      case 'PORT': {
        if (known === null) break;
        if (!/^\d{1,5}$/.test(known) || Number(known) > 65_535) return null;
        said.port = Number(known);
        break;
      }
      case 'HELO':
        said.helo = known;
        break;
      case 'PROTO':
        if (known !== null && !/^E?SMTP$/i.test(known)) return null;
        break;
      default:
        return null;
    }
  }
  return words.length === 0 ? null : said;
}

/** `[UNAVAILABLE]` and `[TEMPUNAVAIL]`: the client has no such value. */
function isUnavailable(value: string): boolean {
  return /^\[(?:UNAVAILABLE|TEMPUNAVAIL)\]$/i.test(value);
}

/** RFC 3461 §4. @returns null when it is malformed */
function decodeXtext(text: string): string | null {
  if (!/^(?:[!-*,-~]|\+[0-9A-Fa-f]{2})+$/.test(text)) return null;
  const decoded = text.replace(/\+([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return /[\x00-\x1f\x7f]/.test(decoded) ? null : decoded;
}

/** What it did not say stays as it was. */
export function peerOf(before: Peer, said: XclientAttributes): Peer {
  return {
    address: said.address ?? before.address,
    port: said.port ?? before.port,
    name: said.name === undefined ? before.name : said.name,
    destination: before.destination,
    by: 'xclient',
  };
}
