/**
 * Addresses and names of the simulated senders, from 192.0.2.0/24 (RFC 5737): what a sending domain shows to the far
 * side, so that SPF, PTR and reputation have something to rest on.
 */
import type { SendingDomain } from '../model/sending-domain.ts';

const senderNet = '192.0.2';
export const senderNetwork = `${senderNet}.0/24`;
/** `192.0.2.1` to this one are each given to one domain; when they are used up, further domains share the pool's. */
const dedicatedLast = 239;

/** The address of the shared pool, and of its noisy neighbours. */
export const sharedPool = { ip: `${senderNet}.240`, helo: 'mta.pool.sandpost.example' } as const;
/** The e-mail service whose name envelope and signature bear when a domain is misaligned. */
export const relayHost = {
  domain: 'esp.sandpost.example',
  ip: `${senderNet}.241`,
  helo: 'mta.esp.sandpost.example',
} as const;
/** Where the wrong HELO name leads: to an address that nobody sends from. */
export const wrongHost = { name: 'wrong-name.sandpost.example', ip: `${senderNet}.254` } as const;
/** What a wrong SPF record names: nobody sends from there either. */
export const wrongSpfIp = `${senderNet}.253`;

/** @returns the lowest address that is free, or null when all are taken */
export function freeAddress(taken: ReadonlySet<string>): string | null {
  for (let host = 1; host <= dedicatedLast; host += 1)
    if (!taken.has(`${senderNet}.${host}`)) return `${senderNet}.${host}`;
  return null;
}

export function isDedicatedAddress(ip: string): boolean {
  const host = ip.startsWith(`${senderNet}.`) ? Number(ip.slice(senderNet.length + 1)) : 0;
  return Number.isInteger(host) && host >= 1 && host <= dedicatedLast;
}

/** The server's name for an address of its own: `mta-7.shop.example` for 192.0.2.7. */
export function dedicatedHelo(domain: string, ip: string): string {
  return `mta-${ip.split('.').at(-1) ?? '0'}.${domain}`;
}

export interface OutboundIdentity {
  readonly ip: string;
  /** What the client says in EHLO. */
  readonly helo: string;
  readonly ptr: string | null;
}

/** What the far side sees of a domain's server, with what is broken about it. */
export function outboundIdentity(domain: Pick<SendingDomain, 'ip' | 'helo' | 'faults'>): OutboundIdentity {
  return {
    ip: domain.ip,
    helo: domain.faults.includes('helo_mismatch') ? wrongHost.name : domain.helo,
    ptr: domain.faults.includes('no_ptr') ? null : domain.helo,
  };
}
