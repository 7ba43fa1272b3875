/** What tells one mailbox provider from another, as data. */

import type { Extension } from '../doors/smtp/extensions.ts';
import { type Reply, reply } from '../doors/smtp/reply.ts';
import type { ProviderKey } from '../model/mail-provider.ts';

/** What a refusal may want to name. */
export interface ReplyFacts {
  /** Random, as providers put behind their replies to find them in their logs. */
  readonly id: string;
  /** Name of the MX host. */
  readonly host: string;
  readonly ip: string;
  readonly recipient: string;
  /** Domain of From, or of the envelope sender where there is none yet. */
  readonly domain: string;
  /** Seconds after which a new try will be welcome, where that is known. */
  readonly retryAfterS: number | null;
  readonly bytesMax: number;
  readonly spf: string;
  readonly dkim: string;
  readonly dmarc: string;
  readonly why: string;
}

export const refusalKinds = [
  'unknownUser',
  'mailboxFull',
  'mailboxFullForGood',
  'inactive',
  'greylisted',
  'rateLimited',
  /** The provider takes nothing from anyone for now. */
  'throttled',
  /** Complaints about the sender are over the limit. */
  'complaints',
  /** The provider takes nothing from this address at all. */
  'blocked',
  'unauthenticated',
  'dmarc',
  'noPtr',
  'noOneClick',
  'content',
  'dangerous',
  'tooLarge',
  'tlsRequired',
] as const;
export type RefusalKind = (typeof refusalKinds)[number];

export type Refusals = Readonly<Record<RefusalKind, (facts: ReplyFacts) => Reply>>;

/** How complaints reach the sender. */
export type ComplaintStyle =
  /** Not at all, but as a rate on a page for postmasters. */
  | 'postmaster'
  /** An ARF report to the one who registered the address that sent it. */
  | 'arf_by_ip'
  /** An ARF report to the one who registered the domain that signed it. */
  | 'arf_by_dkim_domain'
  | 'arf_to_abuse'
  | 'none';

/** Rules for senders, above all for those of bulk mail. */
export interface SenderRules {
  /** Nothing is taken that neither SPF nor DKIM vouches for. */
  readonly authentication: 'all' | 'bulk' | 'none';
  /** The address must have a name that leads back to it. */
  readonly ptr: boolean;
  /** Messages to the provider within a virtual day from which on a domain is a bulk sender. */
  readonly bulkPerDay: number;
  /** Marketing without one-click unsubscribe (RFC 8058), from a bulk sender. */
  readonly noOneClick: 'spam' | 'warned_then_refused' | 'ignored';
  readonly complaintRateWarned: number;
  readonly complaintRateThrottled: number;
  /** What still gets through within a virtual hour once complaints throttle a sender. */
  readonly throttledPerHour: number;
}

export interface ProviderProfile {
  readonly key: ProviderKey;
  greeting(facts: { readonly host: string; readonly id: string; readonly nowMs: number }): string;
  welcome(facts: { readonly host: string; readonly ip: string; readonly helo: string }): string;
  accepted(facts: { readonly host: string; readonly id: string; readonly nowMs: number }): Reply;
  readonly extensions: readonly Extension[];
  readonly messageBytesMax: number;
  readonly recipientsMax: number;
  readonly refusals: Refusals;
  readonly rules: SenderRules;
  readonly complaints: ComplaintStyle;
  /** Tabs beside the inbox. */
  readonly tabs: boolean;
  readonly spamAt: number;
  /** From which score on a message is refused, in place of being put to the spam; null: never. */
  readonly refuseAt: number | null;
  /** What multiplies the points of a reason, by its code; 1 where nothing is said. */
  readonly weights: Readonly<Record<string, number>>;
  /** What mailboxes there do with pictures unless their owner says otherwise. */
  readonly pictures: 'shown' | 'prefetched' | 'blocked';
}

export const megabyte = 1024 * 1024;

/** What servers say that have no words of their own. Providers' own replies stand in their profiles. */
export const plainRefusals: Refusals = {
  unknownUser: ({ recipient }) =>
    reply(550, '5.1.1', `<${recipient}>: Recipient address rejected: User unknown`),
  mailboxFull: ({ recipient }) => reply(452, '4.2.2', `<${recipient}>: Mailbox full, try again later`),
  mailboxFullForGood: ({ recipient }) => reply(552, '5.2.2', `<${recipient}>: User is over quota`),
  inactive: ({ recipient }) =>
    reply(550, '5.2.1', `<${recipient}>: Mailbox disabled, not accepting messages`),
  greylisted: ({ recipient, retryAfterS }) =>
    reply(
      451,
      '4.7.1',
      `<${recipient}>: Recipient address rejected: Greylisted, please try again in ${retryAfterS ?? 300} seconds`,
    ),
  rateLimited: ({ ip, retryAfterS }) =>
    reply(421, '4.7.28', `Too many messages from ${ip}${again(retryAfterS)}`),
  throttled: ({ host, retryAfterS }) =>
    reply(421, '4.3.2', `${host} Service not available, closing transmission channel${again(retryAfterS)}`),
  complaints: ({ domain, retryAfterS }) =>
    reply(451, '4.7.28', `Too many complaints about mail from ${domain}${again(retryAfterS)}`),
  blocked: ({ ip }) => reply(554, '5.7.1', `Service unavailable; Client host [${ip}] blocked`),
  unauthenticated: ({ domain }) =>
    reply(550, '5.7.26', `Mail from ${domain} is not authenticated; SPF or DKIM must pass`),
  dmarc: ({ domain }) => reply(550, '5.7.1', `Email rejected per DMARC policy for ${domain}`),
  noPtr: ({ ip }) => reply(550, '5.7.25', `Client host rejected: cannot find your reverse hostname, [${ip}]`),
  noOneClick: ({ domain }) =>
    reply(550, '5.7.1', `Bulk mail from ${domain} has no one-click unsubscribe (RFC 8058)`),
  content: ({ why }) => reply(550, '5.7.1', `Message rejected as spam: ${why}`),
  dangerous: ({ why }) => reply(552, '5.7.0', `Message rejected: ${why}`),
  tooLarge: ({ bytesMax }) => reply(552, '5.3.4', `Message size exceeds fixed limit of ${bytesMax} bytes`),
  tlsRequired: () => reply(530, '5.7.0', 'Must issue a STARTTLS command first'),
};

/** The time that a server names for a new try; senders believe it. */
export function again(seconds: number | null): string {
  return seconds === null ? '; try again later' : `; try again in ${seconds} seconds`;
}
