/**
 * Where the core serves the screen: empty, or a path such as `/mail` behind a proxy. The core writes it into the
 * page, because the page cannot tell a base path from a room in its own address.
 */
export const basePath =
  document.querySelector('meta[name="sandpost-base"]')?.getAttribute('content')?.replace(/\/+$/, '') ?? '';

export const apiUrl = (path: string): string => `${basePath}/v1${path}`;

/** The in-app door on this same origin, as the client of an app asks it. */
export const inAppUrl = (path: string): string => `${basePath}/inapp${path}`;
