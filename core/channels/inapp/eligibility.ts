/** Which message is shown to a user now, and why each other one is not. Pure. */
import type { InAppKind, InAppRow } from '../../model/inapp.ts';
import { pageRefusal } from './page-rules.ts';
import { isExpired, isSnoozed } from './rows.ts';
import type { PassedOverReason } from './wire.ts';

export interface Occasion {
  readonly nowMs: number;
  /** Address of the page, or name of the screen. */
  readonly url: string | null;
  /** What just happened in the app; null: a visit. */
  readonly event: string | null;
  /** The app asks for this part of its page alone; null: for all that there is. */
  readonly slot: string | null;
  /** What the client's session has had; null: it named none. */
  readonly session: { readonly seen: ReadonlySet<string>; readonly dismissed: ReadonlySet<string> } | null;
  /** When the user was last shown any message that is not of the inbox alone; null: never. */
  readonly lastShownMs: number | null;
}

export interface PassedOver {
  readonly row: InAppRow;
  readonly reason: PassedOverReason;
  readonly detail: string;
}

export interface Judged {
  readonly chosen: InAppRow | null;
  readonly inline: readonly InAppRow[];
  readonly passedOver: readonly PassedOver[];
}

export const weekMs = 7 * 24 * 3_600_000;

/** Of those that may be shown the highest priority is, and of equal ones the oldest. */
export function judge(rows: Iterable<InAppRow>, occasion: Occasion): Judged {
  const passedOver: PassedOver[] = [];
  const best = new Map<string, InAppRow>();
  const beaten: InAppRow[] = [];
  for (const row of rows) {
    if (row.state === 'canceled') continue;
    const refusal = refusalOf(row, occasion);
    if (refusal !== null) {
      passedOver.push({ row, ...refusal });
      continue;
    }
    const place = placeOf(row);
    const before = best.get(place);
    if (before === undefined) best.set(place, row);
    else if (comesBefore(row, before)) {
      best.set(place, row);
      beaten.push(before);
    } else beaten.push(row);
  }
  for (const row of beaten) passedOver.push({ row, ...lowerPriority(row, best.get(placeOf(row))) });
  const chosen = best.get(overThePage) ?? null;
  const inline = [...best].flatMap(([place, row]) => (place === overThePage ? [] : [row]));
  return { chosen, inline, passedOver: passedOver.toSorted((a, b) => a.row.seq - b.row.seq) };
}

type Refusal = Pick<PassedOver, 'reason' | 'detail'>;

/** In the order in which they are told: the first that holds is the reason. */
const checks: readonly ((row: InAppRow, occasion: Occasion) => Refusal | null)[] = [
  held,
  expired,
  scheduled,
  inboxOnly,
  archived,
  snoozed,
  otherTrigger,
  otherPage,
  wasDismissed,
  alreadyShown,
  hadInSession,
  weeklyLimit,
  tooSoon,
  otherSlot,
];

function refusalOf(row: InAppRow, occasion: Occasion): Refusal | null {
  for (const check of checks) {
    const refusal = check(row, occasion);
    if (refusal !== null) return refusal;
  }
  return null;
}

function held({ state }: InAppRow): Refusal | null {
  if (state !== 'held') return null;
  return { reason: 'held', detail: 'It is held back until somebody releases it.' };
}

function expired(row: InAppRow, { nowMs }: Occasion): Refusal | null {
  if (row.state !== 'expired' && !isExpired(row, nowMs)) return null;
  const when = row.expiresAtMs === null ? '' : ` at ${iso(row.expiresAtMs)}`;
  return { reason: 'expired', detail: `It expired${when}.` };
}

function scheduled({ availableAtMs }: InAppRow, { nowMs }: Occasion): Refusal | null {
  if (availableAtMs <= nowMs) return null;
  return { reason: 'scheduled', detail: `It is to be had from ${iso(availableAtMs)} on.` };
}

function inboxOnly({ display }: InAppRow): Refusal | null {
  if (display.kind !== 'inbox') return null;
  return { reason: 'inbox_only', detail: 'It is for the inbox alone, and never pops up.' };
}

function archived({ archivedAtMs }: InAppRow): Refusal | null {
  if (archivedAtMs === null) return null;
  return { reason: 'archived', detail: `The user archived it at ${iso(archivedAtMs)}.` };
}

function snoozed(row: InAppRow, { nowMs }: Occasion): Refusal | null {
  if (!isSnoozed(row, nowMs) || row.snoozedUntilMs === null) return null;
  return { reason: 'snoozed', detail: `The user put it off until ${iso(row.snoozedUntilMs)}.` };
}

function otherTrigger({ display: { trigger } }: InAppRow, { event }: Occasion): Refusal | null {
  if (trigger === event) return null;
  if (trigger === null)
    return { reason: 'trigger', detail: `It waits for a visit, and this is the event “${event}”.` };
  const now = event === null ? 'this is a visit' : `this is the event “${event}”`;
  return { reason: 'trigger', detail: `It waits for the event “${trigger}”, and ${now}.` };
}

function otherPage({ display: { pageRules } }: InAppRow, { url }: Occasion): Refusal | null {
  const detail = pageRefusal(pageRules, url);
  return detail === null ? null : { reason: 'page', detail };
}

function wasDismissed({ display, dismissedAtMs }: InAppRow): Refusal | null {
  if (dismissedAtMs === null || display.frequency === 'always') return null;
  return { reason: 'dismissed', detail: `The user dismissed it at ${iso(dismissedAtMs)}.` };
}

function alreadyShown({ display, impressions, impressionsMs }: InAppRow): Refusal | null {
  if (display.frequency !== 'once' || impressions === 0) return null;
  const last = impressionsMs.at(-1);
  const when = last === undefined ? '' : ` at ${iso(last)}`;
  return { reason: 'already_shown', detail: `It is shown once, and was${when}.` };
}

function hadInSession({ id, display }: InAppRow, { session }: Occasion): Refusal | null {
  if (session === null) return null;
  if (session.dismissed.has(id))
    return { reason: 'session', detail: 'The user dismissed it in this session.' };
  if (!display.oncePerSession || !session.seen.has(id)) return null;
  return { reason: 'session', detail: 'It is shown once a session, and was in this one.' };
}

function weeklyLimit({ display, impressionsMs }: InAppRow, { nowMs }: Occasion): Refusal | null {
  const { maxPerWeek } = display;
  if (maxPerWeek === null) return null;
  const lately = impressionsMs.filter((atMs) => atMs > nowMs - weekMs);
  const oldest = lately.at(-maxPerWeek);
  if (lately.length < maxPerWeek) return null;
  const again = oldest === undefined ? '' : ` It may be again from ${iso(oldest + weekMs)} on.`;
  return {
    reason: 'weekly_limit',
    detail: `It was shown ${times(lately.length)} in the last seven days; at most ${times(maxPerWeek)}.${again}`,
  };
}

function tooSoon({ display }: InAppRow, { nowMs, lastShownMs }: Occasion): Refusal | null {
  const { minIntervalS } = display;
  if (minIntervalS === null || lastShownMs === null) return null;
  const fromMs = lastShownMs + minIntervalS * 1000;
  if (fromMs <= nowMs) return null;
  return {
    reason: 'interval',
    detail: `The user was shown a message at ${iso(lastShownMs)}, and this one keeps ${minIntervalS} s away from any other: until ${iso(fromMs)}.`,
  };
}

function otherSlot({ display }: InAppRow, { slot }: Occasion): Refusal | null {
  if (slot === null) return null;
  if (!isOfPage(display.kind))
    return { reason: 'slot', detail: `The app asked for the slot “${slot}”, and this one pops up.` };
  if (display.slot === null || display.slot === slot) return null;
  return { reason: 'slot', detail: `It is for the slot “${display.slot}”, and this is “${slot}”.` };
}

/** Where it would stand; only one message does at each place. */
function placeOf({ display }: InAppRow): string {
  return isOfPage(display.kind) ? `slot ${display.slot ?? ''}` : overThePage;
}

const overThePage = 'over the page';

export function isOfPage(kind: InAppKind): boolean {
  return kind === 'inline' || kind === 'carousel';
}

function comesBefore(a: InAppRow, b: InAppRow): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  return a.createdAtMs === b.createdAtMs ? a.seq < b.seq : a.createdAtMs < b.createdAtMs;
}

function lowerPriority(row: InAppRow, winner: InAppRow | undefined): Refusal {
  const title = winner?.content.title ?? winner?.id ?? '';
  const detail =
    winner?.priority === row.priority
      ? `“${title}” has the same priority, ${row.priority}, and is older.`
      : `“${title}” has priority ${winner?.priority}, and this one ${row.priority}.`;
  return { reason: 'lower_priority', detail };
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
