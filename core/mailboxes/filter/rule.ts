/** The form of a rule of the content filter: it looks at a message and says what speaks against it, and why. */
import type { FilterReason } from '../../model/authentication.ts';
import type { MailContent } from './mail-content.ts';

export type ContentRule = (content: MailContent) => readonly FilterReason[];

export function against(code: string, points: number, detail: string): FilterReason {
  return { code, points, detail, stage: 'content' };
}

export function rounded(points: number): number {
  return Math.round(points * 10) / 10;
}

/** Host of an address, lower case, without its port; null when it is none of the web. */
export function webHost(url: string): string | null {
  const host = /^(?:https?:)?\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)/i.exec(url.trim())?.[1];
  return host === undefined || host === '' ? null : host.toLowerCase();
}

/** The last two labels, or three below the common second-level domains: enough to tell two owners apart. */
export function organization(host: string): string {
  const labels = host.replace(/\.$/, '').split('.');
  const [second = ''] = labels.slice(-2);
  const wide =
    labels.length > 2 && (labels.at(-1) ?? '').length === 2 && /^(?:com?|org|net|ac|gov|edu)$/.test(second);
  return labels.slice(wide ? -3 : -2).join('.');
}

/** At most so many, and a word when there are more. */
export function listed(items: readonly string[], max = 3): string {
  const more = items.length > max ? ` and ${items.length - max} more` : '';
  return `${items.slice(0, max).join(', ')}${more}`;
}
