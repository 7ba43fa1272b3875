/** What became of reading the return mailbox, in words. Pure. */
import type { ReturnMailbox } from '../api/live-relay.ts';
import { formatDateTime, plural } from '../format.ts';

type Check = NonNullable<ReturnMailbox['lastCheck']>;

/** `no such user`, `3 new messages, 2 reports, about 1 delivery; there are more for the next time`. */
export function checkWords({ ok, text, messages, reports, matched, more }: Check): string {
  if (!ok) return text;
  if (messages === 0) return 'Nothing new.';
  const parts = [
    plural(messages, 'new message', 'new messages'),
    plural(reports, 'report', 'reports'),
    `about ${plural(matched.length, 'delivery', 'deliveries')}`,
  ];
  return `${parts.join(', ')}${more ? '; there are more for the next time' : ''}.`;
}

export function watchWords({
  watching,
  nextCheckAt,
}: Pick<ReturnMailbox, 'watching' | 'nextCheckAt'>): string {
  if (watching === null) return 'Not watched now. While live relay is on it is watched by itself.';
  const next = nextCheckAt === null ? '' : ` Looked at next at ${formatDateTime(nextCheckAt)}.`;
  const until = watching.until === null ? '' : ` until ${formatDateTime(watching.until)}`;
  return watching.why === 'live'
    ? `Watched while live relay is on, and a while longer.${next}`
    : `Watched${until}.${next}`;
}
