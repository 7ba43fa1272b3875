/** What an app is called and looks like on a device, by its bundle id, package or origin. Pure. */

/** Last parts of identifiers that say nothing about the app. */
const generic = new Set(['app', 'ios', 'android', 'mobile', 'client', 'prod', 'dev', 'debug', 'staging']);

/** `com.example.birch-bean` as `Birch Bean`; `https://shop.example` as `shop.example`. */
export function appName(app: string): string {
  const host = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]+)/i.exec(app)?.[1];
  if (host !== undefined) return host;
  const parts = app.split('.').filter((part) => part !== '');
  const own = parts.findLast((part) => !generic.has(part.toLowerCase())) ?? parts.at(-1);
  if (own === undefined) return 'An app';
  return own
    .replaceAll(/[-_]+/g, ' ')
    .split(' ')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join(' ');
}

/** How many colours the icons have, as the style sheet names them. */
export const iconColours = 6;

/** The same colour for the same app, everywhere. */
export function iconColour(app: string): number {
  let hash = 0;
  for (let at = 0; at < app.length; at++) hash = (hash * 31 + app.charCodeAt(at)) >>> 0;
  return hash % iconColours;
}
