/** Requests that mailboxes make to a sender's servers: pictures that are opened, links that are followed or scanned. */
import type { ProviderKey } from '../../model/mail-provider.ts';
import type { MailboxRoom, OpenedCopy } from '../mailbox-room.ts';
import type { VisitResult } from '../ports.ts';

const picturesMax = 20;
const scannedMax = 50;

/** What fetches pictures for a mailbox, by its own name. */
const pictureAgents: Readonly<Record<ProviderKey, string>> = {
  gmail: 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
  yahoo: 'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html',
  outlook: 'Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; WOW64; Trident/7.0; Microsoft Outlook 16.0)',
  corporate:
    'Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; WOW64; Trident/7.0; Microsoft Outlook 16.0)',
  default: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.0',
  own: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.0',
};
export const browserAgent =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
/** Apple's Mail Privacy Protection fetches ahead under this bare name. */
const prefetchAgent = 'Mozilla/5.0';
const scannerAgent = 'Mozilla/5.0 (compatible; LinkScanner/2.1; +https://scanner.sandpost.example)';

/** @returns how many pictures were asked for */
export async function fetchPictures(
  room: MailboxRoom,
  { key, facts }: OpenedCopy,
  ahead: boolean,
): Promise<number> {
  const urls = facts.pictures.slice(0, picturesMax);
  const userAgent = ahead && key !== 'gmail' && key !== 'yahoo' ? prefetchAgent : pictureAgents[key];
  await Promise.all(urls.map((url) => get(room, url, userAgent)));
  return urls.length;
}

/** A scanner GETs whatever it finds, List-Unsubscribe too: that must unsubscribe nobody (RFC 8058 §3.1 asks for POST). */
export async function scanLinks(room: MailboxRoom, { facts }: OpenedCopy): Promise<number> {
  const { url } = facts.ways;
  const urls = [...new Set([...facts.links, ...facts.pictures, ...(url === null ? [] : [url])])].slice(
    0,
    scannedMax,
  );
  for (const one of urls) await get(room, one, scannerAgent);
  return urls.length;
}

export function get(room: MailboxRoom, url: string, userAgent: string): Promise<VisitResult> {
  return room.ports.visit(url, { method: 'GET', body: null, contentType: null, userAgent });
}
