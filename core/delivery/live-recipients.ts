/** Who may be written to for real: what the list of a channel says of a recipient. Pure. */

import { domainToASCII } from 'node:url';
import type { AllowEntry, LiveChannel, LiveChannelSetup } from '../model/live-relay.ts';
import { placeOf } from '../model/web-push-subscription.ts';
import { domainOf } from './plan.ts';

/** One of the app's users, and where that one is reached, as entries of a list. */
export interface UserPlaces {
  readonly id: string;
  readonly entries: readonly AllowEntry[];
}

/** Of those that there are. */
export type UsersPlaces = (ids: readonly string[]) => Promise<readonly UserPlaces[]>;

export interface Recipients {
  /** @returns whom it really goes to; null: nobody, it is not on the list */
  to(recipient: string): string | null;
  /** Users that the list names, and that there are none of. */
  readonly unknownUsers: readonly string[];
}

/** Users become their places as they are now; asked again when users change. */
export async function openRecipients(
  recipients: LiveChannelSetup['recipients'],
  channel: LiveChannel,
  places: UsersPlaces,
): Promise<Recipients> {
  if (recipients.kind === 'rewrite') return { to: () => recipients.to, unknownUsers: [] };
  const users = recipients.entries.flatMap(({ kind, value }) => (kind === 'user' ? [value] : []));
  const known = users.length === 0 ? [] : await places(users);
  const exact = new Set<string>();
  const domains: string[] = [];
  for (const { kind, value } of [...recipients.entries, ...known.flatMap(({ entries }) => entries)]) {
    const domain = kind === 'domain' ? asciiDomain(value) : null;
    if (domain !== null) domains.push(domain);
    const key = kind === kindOf(channel) ? keyOf(channel, value) : null;
    if (key !== null) exact.add(key);
  }
  const ids = new Set(known.map(({ id }) => id));
  return {
    unknownUsers: users.filter((id) => !ids.has(id)),
    to(recipient) {
      const key = keyOf(channel, recipient);
      if (key === null) return null;
      if (exact.has(key) || (channel === 'webpush' && exact.has(idIn(key)))) return recipient;
      if (channel !== 'email') return null;
      const domain = key.slice(key.lastIndexOf('@') + 1);
      return domains.some((one) => domain === one || domain.endsWith(`.${one}`)) ? recipient : null;
    },
  };
}

/** Of a list that could be read when it was shown, and cannot be read any more: nobody is on it. */
export const nobodyIsListed: Recipients = { to: () => null, unknownUsers: [] };

function kindOf(channel: LiveChannel): AllowEntry['kind'] {
  return channel === 'email' ? 'address' : channel === 'sms' ? 'number' : 'token';
}

/**
 * As recipients are compared: addresses in either case, numbers by their digits, tokens as they are.
 * @returns null for what is none of the channel's at all, and so is like no other
 */
function keyOf(channel: LiveChannel, value: string): string | null {
  switch (channel) {
    case 'email':
      return addressKey(value.trim());
    case 'sms':
      return asNumber(value);
    case 'apns':
      // Hexadecimal in either case is the same token.
      return value.trim().toLowerCase() || null;
    case 'webpush':
      return endpointKey(placeOf(value.trim())) || null;
    default:
      return value === '' ? null : value;
  }
}

/** An endpoint is the whole address, whoever has one that ends alike. */
function endpointKey(value: string): string {
  return isEndpoint(value) ? new URL(value).href : value;
}

/** What an endpoint ends in: a list may name a subscription by that alone. */
function idIn(key: string): string {
  if (!isEndpoint(key)) return key;
  const { pathname, searchParams } = new URL(key);
  return searchParams.get('token') ?? pathname.replace(/\/$/, '').replace(/^.*\//, '');
}

function isEndpoint(value: string): boolean {
  return /^https?:\/\//.test(value) && URL.canParse(value);
}

/** @returns E.164; null when it is no number: letters in it are not just left out */
export function asNumber(value: string): string | null {
  const bare = value.replaceAll(/[\s().-]/g, '');
  const digits = /^(?:\+|00)?(\d{3,20})$/.exec(bare)?.[1];
  return digits === undefined ? null : `+${digits}`;
}

/** A mailbox, and no more: with a source route before it, or brackets in it, a server may read somebody else's address. */
const localPart = /^(?:"(?:[^"\\\r\n]|\\[^\r\n])*"|[^\s"()<>[\]:;@\\,]+)$/;

function addressKey(address: string): string | null {
  const domain = asciiDomain(domainOf(address));
  const local = address.slice(0, Math.max(address.lastIndexOf('@'), 0));
  if (domain === null || !localPart.test(local)) return null;
  // Of ASCII alone: other letters have cases that lead to somebody else (U+212A is a K, and no k).
  return `${local.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())}@${domain}`;
}

/**
 * By its A-labels (RFC 5891 §4.4), so that both ways to write a name are one.
 * @returns null when it is no host's name. `domainToASCII` reads an address as a browser does, to which
 * `example.com/x.net` and `ex%61mple.com` are example.com: what it would cut off or decode is none.
 */
export function asciiDomain(domain: string): string | null {
  const plain = domain.trim().toLowerCase().replace(/\.$/, '');
  if (/^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(plain) && !plain.includes('xn--')) return plain;
  // What is not ASCII, and of ASCII what names have.
  if (!/^[a-z0-9._\u0080-\u{10ffff}-]+$/u.test(plain)) return null;
  return domainToASCII(plain) || null;
}
