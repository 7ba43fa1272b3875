/** What a person writes into the list of who may be written to. Pure. */
import { type AllowEntry, type LiveChannel, liveLimits } from '../../../core/model/live-relay.ts';

/** Tokens of providers are longer than any id that an app gives its users. */
const tokenCharsMin = 32;

/**
 * Addresses, domains, numbers, tokens and users, told apart by what they look like; `user:` before it makes it a user.
 *
 * @returns null for nothing
 */
export function readEntry(text: string, channel: LiveChannel): AllowEntry | null {
  const value = text.trim();
  const user = /^user:\s*(.+)$/i.exec(value)?.[1];
  if (user !== undefined) return { kind: 'user', value: user };
  if (value === '') return null;
  switch (channel) {
    case 'email': {
      const domain =
        /^(?:\*?@|\*\.)(.+)$/.exec(value)?.[1] ?? (/^[^@\s]+\.[^@\s.]+$/.test(value) ? value : null);
      if (domain !== null) return { kind: 'domain', value: domain.toLowerCase() };
      return value.includes('@') ? { kind: 'address', value } : { kind: 'user', value };
    }
    case 'sms':
      return looksLikeNumber(value)
        ? { kind: 'number', value: value.replaceAll(/[^+0-9]/g, '') }
        : { kind: 'user', value };
    default:
      return value.length >= tokenCharsMin || /^https?:\/\//.test(value)
        ? { kind: 'token', value }
        : { kind: 'user', value };
  }
}

const looksLikeNumber = (value: string): boolean => /^(?:\+|00)?[0-9][0-9 ()./-]{4,}$/.test(value);

/** Many at once, as they are pasted: parted by commas, semicolons, lines. Numbers may have spaces in them. */
export function readEntries(text: string, channel: LiveChannel): readonly AllowEntry[] {
  const parted = text.split(channel === 'sms' ? /[,;\n]+/ : /[,;\s]+/);
  // `user: jane` is one.
  const whole = channel !== 'sms' && /^\s*user:\s+\S+\s*$/i.test(text) ? [text] : parted;
  return whole.flatMap((part) => readEntry(part, channel) ?? []);
}

/** Adds those that are not there yet. */
export function withEntries(
  before: readonly AllowEntry[],
  added: readonly AllowEntry[],
): readonly AllowEntry[] {
  const keys = new Set(before.map(keyOf));
  const fresh = added.filter((entry) => !keys.has(keyOf(entry)) && keys.add(keyOf(entry)));
  return [...before, ...fresh].slice(0, liveLimits.entriesMax);
}

export const keyOf = ({ kind, value }: AllowEntry): string => `${kind} ${value}`;
