/** A domain that the app sends from: its identity, its keys, its records, and what is broken about it on purpose. */
import { streams as allStreams, type Stream } from './delivery.ts';

export interface DkimKey {
  readonly selector: string;
  readonly algorithm: 'rsa-sha256' | 'ed25519-sha256';
  /** What goes into `p=`: SPKI for RSA (RFC 6376 §3.6.1), the raw 32 bytes for Ed25519 (RFC 8463 §4), in base64. */
  readonly publicKey: string;
  /** PKCS #8, PEM. Never shown by the API, encrypted at rest. */
  readonly privateKey: string;
  /** Signs new messages; an older key stays published until it is removed. */
  readonly active: boolean;
  readonly createdAtMs: number;
}

/** What the switches of the Domains room break. Any number of them at once. */
export const domainFaults = [
  /** No SPF record at all. */
  'no_spf',
  /** SPF names another address than the one the domain sends from. */
  'spf_wrong_ip',
  /** Two SPF records: a permanent error (RFC 7208 §4.5). */
  'spf_twice',
  /** Over ten lookups: a permanent error (RFC 7208 §4.6.4). */
  'spf_too_many_lookups',
  /** The key that signs is not in the DNS: rotated, and not published. */
  'dkim_not_published',
  /** What is published is another key than the one that signs. */
  'dkim_wrong_key',
  /** A hop on the way changes the body after it was signed. */
  'dkim_body_altered',
  /** Nothing is signed. */
  'dkim_off',
  'no_dmarc',
  /** Envelope and signature are another domain's than From. */
  'misaligned',
  'no_ptr',
  /** HELO says a name that does not lead to the address. */
  'helo_mismatch',
  /** The domain has no MX and no address: replies and DSNs cannot come back. */
  'no_mx',
] as const;
export type DomainFault = (typeof domainFaults)[number];

/** What signs: both keys (an older verifier takes the RSA signature, RFC 8463 §5), or one of them alone. */
export const signingChoices = ['both', 'rsa-sha256', 'ed25519-sha256'] as const;
export type SigningChoice = (typeof signingChoices)[number];

/** Where what comes back to the domain goes: DSNs, complaints, replies, auto-replies. */
export type InboundRoute =
  | { readonly kind: 'mailbox' }
  | { readonly kind: 'smtp'; readonly host: string; readonly port: number }
  | { readonly kind: 'webhook'; readonly url: string };

export interface SendingDomain {
  /** Lower case, A-labels. */
  readonly name: string;
  readonly createdAtMs: number;
  /** Set up because a message came from it, not by hand. */
  readonly onTheFly: boolean;
  /** Simulated outbound address, from 192.0.2.0/24. */
  readonly ip: string;
  readonly helo: string;
  readonly keys: readonly DkimKey[];
  readonly signWith: SigningChoice;
  readonly dmarc: {
    readonly policy: 'none' | 'quarantine' | 'reject';
    readonly alignment: 'relaxed' | 'strict';
  };
  readonly faults: readonly DomainFault[];
  /** `dedicated`: an address of its own; `shared`: the pool's, with its neighbours' reputation. */
  readonly pool: 'dedicated' | 'shared';
  readonly inbound: InboundRoute;
  /** Sub-domain of each stream, e.g. `mail.example.com`; null sends from the domain itself. */
  readonly streams: Readonly<Record<Stream, string | null>>;
}

/** The stream whose sub-domain a name is or stands under, with that sub-domain; null for the domain itself. */
export function streamUnder(
  { streams }: Pick<SendingDomain, 'streams'>,
  name: string,
): { readonly stream: Stream; readonly host: string } | null {
  for (const stream of allStreams) {
    const host = streams[stream];
    if (host !== null && (name === host || name.endsWith(`.${host}`))) return { stream, host };
  }
  return null;
}
