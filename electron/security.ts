/** What no page in the app may do, whatever it holds: leave, open windows, ask for devices, reach the network. */
import type { Session, WebContents } from 'electron';

const externalProtocols = new Set(['http:', 'https:', 'mailto:']);

/** @returns the address as parsed, or null for what must not be handed to the system */
export function parseExternalUrl(text: unknown): string | null {
  if (typeof text !== 'string') return null;
  try {
    const url = new URL(text);
    return externalProtocols.has(url.protocol) ? url.href : null;
  } catch {
    // Not an address at all, and so nothing to open.
    return null;
  }
}

export function originOf(url: string): string | null {
  try {
    return new URL(url).origin;
  } catch {
    // Frames may have an empty address, which belongs to nobody.
    return null;
  }
}

export interface SessionRules {
  /** The origin of the core that the window is on, or null while there is none. */
  readonly coreOrigin: () => string | null;
}

/** Requests go to the core and nowhere else, so that no fault of a page's policy lets a message call home. */
export function guardSession(session: Session, { coreOrigin }: SessionRules): void {
  silenceSpelling(session);
  // Copying to the clipboard on a click is the one permission that the screen's copy buttons need.
  const mayCopy = (permission: string, origin: string | null) =>
    permission === 'clipboard-sanitized-write' && origin !== null && origin === coreOrigin();
  session.setPermissionCheckHandler((_contents, permission, origin) => mayCopy(permission, originOf(origin)));
  session.setPermissionRequestHandler((contents, permission, answer) =>
    answer(mayCopy(permission, originOf(contents.getURL()))),
  );
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest((details, answer) => {
    answer({ cancel: !mayLoad(details.url, coreOrigin()) });
  });
}

/**
 * A new session begins to fetch a dictionary before it can be told not to check spelling: no language asks for one, and the
 * address leads nowhere.
 */
export function silenceSpelling(session: Session): void {
  session.setSpellCheckerLanguages([]);
  session.setSpellCheckerDictionaryDownloadURL('http://127.0.0.1:9/');
  session.setSpellCheckerEnabled(false);
}

/** `data:` and `blob:` never leave the machine; DevTools come from inside the app. */
export function mayLoad(url: string, coreOrigin: string | null): boolean {
  const parsed = new URL(url);
  if (['data:', 'blob:', 'devtools:'].includes(parsed.protocol)) return true;
  if (coreOrigin === null) return false;
  const core = new URL(coreOrigin);
  const asHttp = parsed.protocol.replace(/^ws/, 'http');
  return parsed.host === core.host && asHttp === core.protocol;
}

export interface ContentsRules extends SessionRules {
  /** Hears of each refused window; the shell's own page asks for its actions that way. */
  readonly onRefusedWindow: (url: string) => void;
}

/** No navigation at all, not even to the core: its other addresses serve parts of messages, not the screen. */
export function guardContents(contents: WebContents, { coreOrigin, onRefusedWindow }: ContentsRules): void {
  contents.setWindowOpenHandler(({ url }) => {
    onRefusedWindow(url);
    return { action: 'deny' };
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.on('will-navigate', (event) => event.preventDefault());
  contents.on('will-redirect', (event, url) => {
    // The core redirects its own `/?token=…`; a redirect to another origin is a way out.
    if (originOf(url) !== coreOrigin()) event.preventDefault();
  });
}
