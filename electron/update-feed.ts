/** Where new versions may come from. What comes is run, and not every platform looks for a signature on it first. */
import { isLoopback } from './capabilities.ts';
import { parseCoreAddress } from './start-arguments.ts';

/** @returns the address of a feed, or null for one that somebody on the way could change; what has no scheme is of https */
export function parseFeedAddress(text: string | null): string | null {
  if (text === null || text === '') return null;
  const address = parseCoreAddress(/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`);
  return address !== null && isSafe(address) ? address : null;
}

/** A server may lead elsewhere, though not from https to where everybody on the way can change what comes. */
export function mayFetch(url: string, feed: string): boolean {
  return new URL(url).protocol === 'https:' || (isSafe(url) && !feed.startsWith('https:'));
}

function isSafe(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}
