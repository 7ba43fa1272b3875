import { bridge, can } from './host.ts';

/** Opens a link of a message in the person's own browser, without telling it where it came from. */
export async function openLink(url: string): Promise<'opened' | 'refused'> {
  if (!opensOutside(url)) return 'refused';
  if (bridge !== null && can('openExternal')) return (await bridge.openExternal(url)) ? 'opened' : 'refused';
  window.open(url, '_blank', 'noopener,noreferrer');
  return 'opened';
}

/** A message can name any scheme; only these lead to a browser or a mail program. */
export function opensOutside(url: string): boolean {
  return /^(https?:\/\/|mailto:)/i.test(url.trim());
}
