/** In-app messages in words: what a message is, where it stands, and when it is shown. Pure. */
import type { InAppMessage } from '../api/inapp.ts';
import { formatDateTime, formatGap, plural } from '../format.ts';

type Kind = InAppMessage['display']['kind'];
type Display = InAppMessage['display'];

export const kindWords: Readonly<Record<Kind, string>> = {
  modal: 'modal',
  fullScreen: 'full screen',
  banner: 'banner',
  inline: 'inline',
  carousel: 'carousel',
  inbox: 'inbox',
};

export const kinds = Object.keys(kindWords) as readonly Kind[];

export interface Standing {
  readonly shape: string;
  readonly word: string;
  readonly tone: 'good' | 'warn' | 'quiet';
}

type Times = Pick<
  InAppMessage,
  | 'state'
  | 'availableAt'
  | 'snoozedUntil'
  | 'archivedAt'
  | 'dismissedAt'
  | 'interactedAt'
  | 'readAt'
  | 'seenAt'
  | 'impressions'
>;

/** The furthest it got, or what stands in its way. */
export function standingOf(message: Times, nowMs: number): Standing {
  switch (message.state) {
    case 'canceled':
      return { shape: '∅', word: 'canceled', tone: 'quiet' };
    case 'expired':
      return { shape: '✕', word: 'expired', tone: 'warn' };
    case 'held':
      return { shape: '⏸', word: 'held', tone: 'warn' };
    case 'waiting':
    case 'pulled':
    case 'shown':
      return ofLiving(message, nowMs);
  }
}

function ofLiving(message: Times, nowMs: number): Standing {
  const { state, availableAt, snoozedUntil } = message;
  if (Date.parse(availableAt) > nowMs) return { shape: '◔', word: 'scheduled', tone: 'quiet' };
  if (snoozedUntil !== null && Date.parse(snoozedUntil) > nowMs)
    return { shape: '◔', word: 'snoozed', tone: 'warn' };
  if (message.archivedAt !== null) return { shape: '▣', word: 'archived', tone: 'quiet' };
  if (message.interactedAt !== null) return { shape: '●', word: 'clicked', tone: 'good' };
  if (message.dismissedAt !== null) return { shape: '●', word: 'dismissed', tone: 'quiet' };
  if (message.readAt !== null) return { shape: '●', word: 'read', tone: 'good' };
  if (message.seenAt !== null || message.impressions > 0) return { shape: '●', word: 'shown', tone: 'good' };
  return state === 'pulled'
    ? { shape: '◐', word: 'pulled', tone: 'quiet' }
    : { shape: '○', word: 'waits', tone: 'quiet' };
}

/** What happened to it and what is to come, each with its time. @param format how a time is written */
export function timesOf(
  message: InAppMessage,
  nowMs: number,
  format: (iso: string) => string,
): readonly string[] {
  const said = (word: string, at: string | null): readonly string[] =>
    at === null ? [] : [`${word} ${format(at)}`];
  const { availableAt, expiresAt, impressions, seenAt, snoozedUntil, state } = message;
  const last = message.impressionsAt.at(-1) ?? seenAt;
  return [
    ...(Date.parse(availableAt) > nowMs ? [`to be had from ${format(availableAt)}`] : []),
    ...said('pulled', message.pulledAt),
    ...(impressions > 1 && last !== null
      ? [`shown ${plural(impressions, 'time', 'times')}, last ${format(last)}`]
      : said('shown', seenAt)),
    ...said('read', message.readAt),
    ...said('clicked', message.interactedAt),
    ...said('dismissed', message.dismissedAt),
    ...said('archived', message.archivedAt),
    ...(snoozedUntil !== null && Date.parse(snoozedUntil) > nowMs
      ? [`snoozed until ${format(snoozedUntil)}`]
      : []),
    ...(expiresAt === null || state === 'canceled'
      ? []
      : [
          `${state === 'expired' || Date.parse(expiresAt) <= nowMs ? 'expired' : 'expires'} ${format(expiresAt)}`,
        ]),
  ];
}

const operatorWords = {
  equals: 'is',
  contains: 'contains',
  startsWith: 'starts with',
  matches: 'matches',
} as const satisfies Record<Display['pageRules'][number]['operator'], string>;

export const pageOperatorWords: Readonly<Record<string, string>> = operatorWords;

/** When it is shown, a rule a phrase. */
export function displayRules(display: Display): readonly string[] {
  const { pageRules, trigger, maxPerWeek, minIntervalS, slot, kind } = display;
  if (kind === 'inbox') return ['in the inbox alone'];
  const pages = (directive: 'show' | 'hide') =>
    pageRules
      .filter((rule) => rule.directive === directive)
      .map(({ operator, argument }) => `${operatorWords[operator]} “${argument}”`)
      .join(' or ');
  const [on, off] = [pages('show'), pages('hide')];
  return [
    trigger === null ? 'on a visit' : `when the app tells “${trigger}”`,
    ...(on === '' ? [] : [`on pages whose address ${on}`]),
    ...(off === '' ? [] : [`not where the address ${off}`]),
    ...(slot === null ? [] : [`in the slot “${slot}”`]),
    frequencyWords[display.frequency],
    ...(display.oncePerSession ? ['once a session'] : []),
    ...(maxPerWeek === null ? [] : [`at most ${plural(maxPerWeek, 'time', 'times')} in seven days`]),
    ...(minIntervalS === null ? [] : [`${formatGap(minIntervalS * 1_000)} away from any other`]),
  ];
}

export const frequencyWords: Readonly<Record<Display['frequency'], string>> = {
  always: 'every time',
  untilDismissed: 'until it is dismissed',
  once: 'once ever',
};

/** The reasons of `eligible`, in a word or two. */
export const reasonWords = {
  page: 'other page',
  trigger: 'waits for an event',
  dismissed: 'dismissed',
  already_shown: 'shown already',
  weekly_limit: 'limit of the week',
  interval: 'too soon',
  session: 'had in this session',
  snoozed: 'snoozed',
  archived: 'archived',
  inbox_only: 'inbox only',
  lower_priority: 'lower priority',
  slot: 'other slot',
  scheduled: 'not yet',
  held: 'held',
  expired: 'expired',
} as const;

export const titleOf = ({ content }: Pick<InAppMessage, 'content'>): string =>
  content.title ??
  content.body?.split('\n')[0] ??
  content.slides.find(({ title }) => title !== null)?.title ??
  '(no title)';

/** How long it is to be had, for a head of a page. */
export function lifeWords(ttlSeconds: number | null, expiresAt: string | null): string | null {
  if (expiresAt !== null) return `until ${formatDateTime(expiresAt)}`;
  return ttlSeconds === null ? null : `for ${formatGap(ttlSeconds * 1_000)}`;
}
