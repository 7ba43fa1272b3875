/** Twilio's ids: two letters for the kind, 32 hexadecimal digits. Source: https://www.twilio.com/docs/glossary/what-is-a-sid */
import { hash } from 'node:crypto';
import type { RandomBytes } from '../room.ts';

export type SidKind = 'SM' | 'MM' | 'MG' | 'PN' | 'ME' | 'RQ' | 'AI' | 'SC' | 'AC';

const sidBytes = 16;
/** Drawn at once: a message needs two ids. */
const drawnAtOnce = 256;

export type NewSid = (kind: SidKind) => string;

export function createSids(random: RandomBytes): NewSid {
  let digits = '';
  let at = 0;
  return (kind) => {
    if (at >= digits.length) {
      digits = random(sidBytes * drawnAtOnce).toString('hex');
      at = 0;
    }
    const sid = kind + digits.slice(at, at + 2 * sidBytes);
    at += 2 * sidBytes;
    return sid;
  };
}

/** The same for the same parts: for what has no record of its own. */
export function derivedSid(kind: SidKind, ...parts: readonly string[]): string {
  return kind + hash('sha256', parts.join('\n'), 'hex').slice(0, 2 * sidBytes);
}

const sidPatterns = {
  AC: /^AC[0-9a-f]{32}$/i,
  SK: /^SK[0-9a-f]{32}$/i,
  MG: /^MG[0-9a-f]{32}$/i,
  PN: /^PN[0-9a-f]{32}$/i,
} as const;

export function isSid(kind: keyof typeof sidPatterns, text: string): boolean {
  return sidPatterns[kind].test(text);
}
