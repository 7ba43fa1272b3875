/** Where the links lead: numbers in place of names, shorteners, look-alikes, and files that run. */
import { against, type ContentRule, listed, webHost } from './rule.ts';

const shorteners = new Set(
  'bit.ly t.co goo.gl tinyurl.com ow.ly is.gd buff.ly rebrand.ly cutt.ly shorturl.at t.ly rb.gy'.split(' '),
);
/** Top-level domains that are also endings of files, or far more often abused than used. */
const riskyEndings = /\.(?:zip|mov|tk|ml|ga|cf|gq|top|xyz|click|country|kim|work)$/;
const runs = /\.(?:exe|scr|js|vbs|bat|cmd|msi|jar|hta|iso|apk)(?:[?#]|$)/i;

export const urlScan: ContentRule = ({ links }) => {
  const found = links.flatMap(({ url }) => {
    const host = webHost(url);
    return host === null ? [] : [{ url, host }];
  });
  const hosts = [...new Set(found.map(({ host }) => host))];
  const numbers = hosts.filter((host) => isAddress(host) && !isLoopback(host));
  const short = hosts.filter((host) => shorteners.has(host));
  const puny = hosts.filter((host) => /(?:^|\.)xn--/.test(host));
  const mixed = hosts.filter((host) => /[a-z]/.test(host) && /[\u0370-\u03ff\u0400-\u04ff]/.test(host));
  const risky = hosts.filter((host) => riskyEndings.test(host));
  const files = found.filter(({ url }) => runs.test(url)).map(({ url }) => url.slice(0, 80));
  const users = found
    .filter(({ url }) => /^https?:\/\/[^/?#]*@/i.test(url))
    .map(({ url }) => url.slice(0, 80));
  return [
    some('url_ip_host', 2.5, numbers, 'Links lead to an address in place of a name'),
    some('url_shortener', 1.2, short, 'Links go through a shortener, which hides where they lead'),
    some('url_punycode', 1.5, puny, 'Links lead to names in punycode, which may look like others'),
    some('url_look_alike', 3, mixed, 'Links mix alphabets to look like another name'),
    some('url_risky_domain', 1.2, risky, 'Links lead to endings that are mostly abused'),
    some('url_runs', 3, files, 'Links download a program'),
    some('url_user', 2, users, 'Links carry a user name, which makes them look like another site'),
  ].filter((reason) => reason !== null);
};

function some(code: string, points: number, items: readonly string[], words: string) {
  return items.length === 0 ? null : against(code, points, `${words}: ${listed(items)}.`);
}

function isAddress(host: string): boolean {
  return (
    /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host) || host.startsWith('[') || /^0x[0-9a-f]+$|^\d{8,10}$/.test(host)
  );
}

/** Apps under development link to themselves. */
function isLoopback(host: string): boolean {
  return /^127\.|^\[::1\]$/.test(host);
}
