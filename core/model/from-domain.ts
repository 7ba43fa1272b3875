/** Whose name a message bears: the domain of its From field, as DMARC takes it (RFC 7489 §3.1.1). Pure. */
import { domainToASCII } from 'node:url';
import { headerValue } from './header-block.ts';

const fieldCharsMax = 4_000;

/** @returns lower case, in A-labels; null when there is no From with an address */
export function fromDomain(headerBlock: string): string | null {
  const from = headerValue(headerBlock, 'from')?.slice(0, fieldCharsMax);
  if (from === undefined) return null;
  // Names in quotes and comments may hold what looks like an address.
  const bare = from.replace(/"(?:[^"\\]|\\.)*"/g, '').replace(/\([^()]*\)/g, '');
  const address = /<([^<>]*)>/.exec(bare)?.[1] ?? bare;
  const domain = /@([^\s@<>,;:"]+)\s*$/.exec(address.split(',')[0] ?? '')?.[1];
  if (domain === undefined) return null;
  const utf8 = Buffer.from(domain, 'latin1').toString('utf8');
  const ascii = domainToASCII(utf8.replace(/\.$/, ''));
  return ascii === '' ? null : ascii.toLowerCase();
}
