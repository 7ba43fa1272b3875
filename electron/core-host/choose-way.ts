/** Which of the three ways to a core fits, in this order: attach, own, beside. */
import type { CoreAddress, WayName } from './core.ts';

/** The oldest Node that the store's native module runs on. */
const ownNodeMajorMin = 22;

export interface Circumstances {
  /** Asked for on the command line or in the settings. */
  readonly attachUrl: string | null;
  /** A core of the same version that already holds the data folder. */
  readonly held: CoreAddress | null;
  readonly electronNodeVersion: string;
  readonly forced: 'own' | 'beside' | null;
}

export function chooseWay({ attachUrl, held, electronNodeVersion, forced }: Circumstances): WayName {
  if (attachUrl !== null || held !== null) return 'attach';
  if (forced !== null) return forced;
  return Number.parseInt(electronNodeVersion, 10) >= ownNodeMajorMin ? 'own' : 'beside';
}

/** The address to attach to and the token in it: `https://teammate:8025/?token=…`. */
export function parseAttachAddress(attachUrl: string): CoreAddress {
  const url = new URL(attachUrl);
  const token = url.searchParams.get('token');
  url.search = '';
  url.hash = '';
  return { url: url.href, token };
}
