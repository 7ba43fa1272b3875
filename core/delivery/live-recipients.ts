/** Who may be written to for real: what the list of a channel says of a recipient. Pure. */

import { domainToASCII } from 'node:url';
import type { AllowEntry, LiveChannel, LiveChannelSetup } from '../model/live-relay.ts';
import { placeOf } from '../model/web-push-subscription.ts';
import { domainOf } from './plan.ts';

/** Where users are reached, as entries of a list: their addresses, numbers and tokens. */
export type UsersPlaces = (ids: readonly string[]) => Promise<readonly AllowEntry[]>;

export interface Recipients {
  /** @returns whom it really goes to; null: nobody, it is not on the list */
  to(recipient: string): string | null;
}

/** Users become their places as they are now; asked again when users change. */
export async function openRecipients(
  recipients: LiveChannelSetup['recipients'],
  channel: LiveChannel,
  places: UsersPlaces,
): Promise<Recipients> {
  if (recipients.kind === 'rewrite') return { to: () => recipients.to };
  const users = recipients.entries.flatMap(({ kind, value }) => (kind === 'user' ? [value] : []));
  const entries = [...recipients.entries, ...(users.length === 0 ? [] : await places(users))];
  const exact = new Set<string>();
  const domains: string[] = [];
  for (const { kind, value } of entries) {
    const domain = kind === 'domain' ? asciiDomain(value) : '';
    if (domain !== '') domains.push(domain);
    else if (kind === kindOf(channel)) exact.add(keyOf(channel, value));
  }
  return {
    to(recipient) {
      if (exact.has(keyOf(channel, recipient))) return recipient;
      if (channel !== 'email') return null;
      const domain = asciiDomain(domainOf(recipient));
      return domains.some((one) => domain === one || domain.endsWith(`.${one}`)) ? recipient : null;
    },
  };
}

function kindOf(channel: LiveChannel): AllowEntry['kind'] {
  return channel === 'email' ? 'address' : channel === 'sms' ? 'number' : 'token';
}

/** As recipients are compared: addresses in either case, numbers by their digits, tokens as they are. */
function keyOf(channel: LiveChannel, value: string): string {
  switch (channel) {
    case 'email':
      return addressKey(value.trim());
    case 'sms':
      return `+${value.replace(/^\s*00/, '').replaceAll(/[^0-9]/g, '')}`;
    case 'apns':
      // Hexadecimal in either case is the same token.
      return value.trim().toLowerCase();
    case 'webpush':
      return subscriptionKey(placeOf(value.trim()));
    default:
      return value;
  }
}

/** A subscription goes by its endpoint, or by what that ends in. */
function subscriptionKey(value: string): string {
  if (!/^https?:\/\//.test(value) || !URL.canParse(value)) return value;
  const { pathname, searchParams } = new URL(value);
  return searchParams.get('token') ?? pathname.replace(/\/$/, '').replace(/^.*\//, '');
}

function addressKey(address: string): string {
  const at = address.lastIndexOf('@');
  return `${address.slice(0, Math.max(at, 0)).toLowerCase()}@${asciiDomain(domainOf(address))}`;
}

/** By its A-labels (RFC 5891 §4.4), so that both ways to write a name are one. */
function asciiDomain(domain: string): string {
  const plain = domain.trim().toLowerCase().replace(/\.$/, '');
  return domainToASCII(plain) || plain;
}
