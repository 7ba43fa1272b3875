/** What a tap on a notification opens: the app, a deep link into it, a page. Pure. */
import type { Phone, PhoneApp } from '../model/phone.ts';

export interface Tapped {
  /** The link as the payload names it, made whole where it is relative to a page's origin; null: there is none. */
  readonly link: string | null;
  /**
   * `app`: it opens, and there is no link; `customScheme`, `universalLink`: an app opens at the link; `page`: the browser
   * shows it; `nowhere`: no app on the device is registered for it.
   */
  readonly opens: 'app' | 'customScheme' | 'universalLink' | 'page' | 'nowhere';
  /** The app that opens; null: the browser, or none. */
  readonly app: string | null;
  readonly detail: string;
}

export function resolveTap(phone: Phone, entry: PhoneApp, link: string | null): Tapped {
  if (link === null || link === '')
    return phone.platform === 'browser'
      ? { link: null, opens: 'page', app: null, detail: 'the page that subscribed comes to the front' }
      : {
          link: null,
          opens: 'app',
          app: entry.app,
          detail: 'the app comes to the front: the payload names no link',
        };
  const whole = wholeLink(link, phone.platform === 'browser' ? entry.app : null);
  if (whole === null)
    return phone.platform === 'browser'
      ? { link, opens: 'nowhere', app: null, detail: `"${link}" is no address` }
      : {
          link,
          opens: 'app',
          app: entry.app,
          detail: `"${link}" is a path: the app opens, and makes of it what it will`,
        };
  const scheme = whole.protocol.slice(0, -1);
  if (scheme !== 'http' && scheme !== 'https') return customScheme(phone, entry, link, scheme);
  if (phone.platform !== 'browser') {
    const app = appFor(phone, entry, (one) =>
      one.linkDomains.some((domain) => covers(domain, whole.hostname)),
    );
    if (app !== null)
      return {
        link: whole.href,
        opens: 'universalLink',
        app: app.app,
        detail: `${app.app} has ${whole.hostname} among its link domains`,
      };
  }
  return {
    link: whole.href,
    opens: 'page',
    app: null,
    detail:
      phone.platform === 'browser'
        ? 'the browser opens it'
        : `no app on the device has ${whole.hostname} among its link domains: the browser opens it`,
  };
}

function customScheme(phone: Phone, entry: PhoneApp, link: string, scheme: string): Tapped {
  const app = appFor(phone, entry, (one) => one.linkSchemes.includes(scheme));
  if (app !== null)
    return { link, opens: 'customScheme', app: app.app, detail: `${app.app} is registered for ${scheme}:` };
  return {
    link,
    opens: 'nowhere',
    app: null,
    detail: `no app on the device is registered for ${scheme}: – give its linkSchemes when it registers`,
  };
}

/** The app that was notified goes before others that have the link too. */
function appFor(phone: Phone, entry: PhoneApp, has: (one: PhoneApp) => boolean): PhoneApp | null {
  if (has(entry)) return entry;
  return phone.apps.find((one) => one.installed && has(one)) ?? null;
}

/** `*.shop.example` stands for what is under it, as in an app's associated domains. */
function covers(domain: string, host: string): boolean {
  const wanted = domain.toLowerCase();
  return wanted.startsWith('*.') ? host.endsWith(wanted.slice(1)) : host === wanted;
}

function wholeLink(link: string, origin: string | null): URL | null {
  if (URL.canParse(link)) return new URL(link);
  return origin !== null && URL.canParse(link, origin) ? new URL(link, origin) : null;
}
