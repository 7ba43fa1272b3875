/** What a mark, a click, a dismissal or an end changes of a message, and what its delivery is told. */
import { AppError } from '../../model/app-error.ts';
import type { InAppAction, InAppChange, InAppRow } from '../../model/inapp.ts';
import type { DeliveryStep } from '../../model/sms.ts';
import type { InAppMark, InAppRoom, Visit } from './room.ts';
import type { Sessions } from './sessions.ts';

export type Change = Omit<InAppChange, 'id' | 'nowMs'>;

/** Handed out for the first time: that is what `sent` means here. */
export function pulledBy(rows: readonly InAppRow[], by: 'feed' | 'eligible', nowMs: number): InAppChange[] {
  return rows
    .filter((row) => row.state === 'waiting')
    .map((row) => ({
      id: row.id,
      nowMs,
      state: 'pulled',
      times: { pulledAtMs: nowMs },
      delivery: sentStep,
      what: 'pulled',
      note: { by },
    }));
}

export function markChange(
  row: InAppRow,
  mark: InAppMark,
  on: boolean,
  visit: Visit,
  nowMs: number,
  sessions: Pick<Sessions, 'count'>,
): Change | null {
  switch (mark) {
    case 'seen':
      return on ? seenAgain(row, visit, nowMs, sessions) : unseenChange(row);
    case 'read':
      return on ? readChange(row, visit, nowMs) : unreadChange(row);
    case 'archived':
      return archiveChange(row, on, nowMs);
  }
}

/**
 * The first one is the impression that counts as delivered. Where its frequency lets it be shown again, another display is
 * another impression: one for each visit, or each session, that is named; without either, one for each time it is told.
 */
function seenAgain(
  row: InAppRow,
  visit: Visit,
  nowMs: number,
  sessions: Pick<Sessions, 'count'>,
): Change | null {
  const name = visit.visit ?? visit.session;
  const isNew = name === null || sessions.count(row.id, name);
  if (row.impressions === 0) return seenChange(row, visit, nowMs);
  const again = row.display.kind !== 'inbox' && isNew && mayBeShownAgain(row);
  if (!again && row.seenAtMs !== null) return null;
  return {
    state: 'shown',
    times: seenTimes(row, nowMs),
    ...(again ? { impressionAtMs: nowMs } : {}),
    what: 'seen',
    note: { impression: row.impressions + (again ? 1 : 0), ...whereSeen(visit) },
  };
}

/** With its first impression it is delivered. */
function seenChange(row: InAppRow, visit: Visit, nowMs: number): Change {
  const isFirst = row.impressions === 0;
  return {
    state: 'shown',
    times: seenTimes(row, nowMs),
    ...(isFirst ? { impressionAtMs: nowMs, delivery: deliveredStep } : {}),
    what: 'seen',
    note: { impression: Math.max(1, row.impressions), ...whereSeen(visit) },
  };
}

function seenTimes(row: InAppRow, nowMs: number) {
  return { pulledAtMs: row.pulledAtMs ?? nowMs, seenAtMs: row.seenAtMs ?? nowMs };
}

function whereSeen({ session, url }: Visit): Record<string, string> {
  return { ...(session === null ? {} : { session }), ...(url === null ? {} : { url }) };
}

function mayBeShownAgain({ display, dismissedAtMs }: InAppRow): boolean {
  return display.frequency === 'always' || (display.frequency === 'untilDismissed' && dismissedAtMs === null);
}

function unseenChange(row: InAppRow): Change | null {
  return row.seenAtMs === null ? null : { times: { seenAtMs: null }, what: 'unseen' };
}

/** Nobody reads what was not shown. */
function readChange(row: InAppRow, visit: Visit, nowMs: number): Change | null {
  if (row.readAtMs !== null) return null;
  return {
    ...seenChange(row, visit, nowMs),
    times: { ...seenTimes(row, nowMs), readAtMs: nowMs },
    fact: { type: 'opened', data: {} },
    what: 'read',
  };
}

function unreadChange(row: InAppRow): Change | null {
  return row.readAtMs === null ? null : { times: { readAtMs: null }, what: 'unread' };
}

function archiveChange(row: InAppRow, on: boolean, nowMs: number): Change | null {
  if ((row.archivedAtMs !== null) === on) return null;
  return { times: { archivedAtMs: on ? nowMs : null }, what: on ? 'archived' : 'unarchived' };
}

/** @param chosen null: the message itself was clicked */
export function interactedChange(
  row: InAppRow,
  chosen: InAppAction | null,
  visit: Visit,
  nowMs: number,
): Change {
  const action = chosen?.id ?? null;
  return {
    ...seenChange(row, visit, nowMs),
    times: {
      ...seenTimes(row, nowMs),
      readAtMs: row.readAtMs ?? nowMs,
      interactedAtMs: nowMs,
      ...(chosen?.dismisses === true ? { dismissedAtMs: nowMs } : {}),
    },
    fact: {
      type: 'clicked',
      data: {
        action,
        url: chosen === null ? row.content.link : chosen.url,
        ...(chosen === null ? {} : { label: chosen.label }),
      },
    },
    what: 'interacted',
    note: { action },
  };
}

/** It is no impression: what is taken away within the first second was not looked at. */
export function dismissChange(row: InAppRow, nowMs: number): Change | null {
  if (row.dismissedAtMs !== null && row.display.frequency !== 'always') return null;
  return {
    times: { dismissedAtMs: nowMs },
    fact: { type: 'dismissed', data: {} },
    what: 'dismissed',
  };
}

const noVisit: Visit = { session: null, url: null };

export function batchChange(
  row: InAppRow,
  status: Parameters<InAppRoom['batch']>[1],
  nowMs: number,
): Change | null {
  switch (status) {
    case 'seen':
      return row.seenAtMs === null ? seenChange(row, noVisit, nowMs) : null;
    case 'unseen':
      return unseenChange(row);
    case 'read':
      return readChange(row, noVisit, nowMs);
    case 'unread':
      return unreadChange(row);
    case 'archived':
      return archiveChange(row, true, nowMs);
    case 'unarchived':
      return archiveChange(row, false, nowMs);
    case 'dismissed':
      return dismissChange(row, nowMs);
  }
}

/** Once shown it was delivered, and stays so. */
export function expiredChange(row: InAppRow): Change {
  return {
    state: 'expired',
    ...(row.state === 'shown' ? {} : { delivery: expiredStep(row) }),
    what: 'expired',
  };
}

const sentStep: DeliveryStep = {
  kind: 'send',
  class: null,
  reason: null,
  providerStatus: 'pulled by the app',
  code: null,
};

const deliveredStep: DeliveryStep = {
  kind: 'deliver',
  class: null,
  reason: null,
  providerStatus: 'shown to the user',
  code: null,
};

function expiredStep({ pulledAtMs, expiresAtMs }: InAppRow): DeliveryStep {
  const when = expiresAtMs === null ? '' : ` at ${new Date(expiresAtMs).toISOString()}`;
  const how = pulledAtMs === null ? 'before the app pulled it' : 'before it was shown';
  return {
    kind: 'fail',
    class: 'expired',
    reason: `expired: it ended${when}, ${how}`,
    providerStatus: 'expired',
    code: null,
    unsent: pulledAtMs === null,
  };
}

/** @throws AppError where the message has none of that id */
export function actionOf({ content }: InAppRow, id: string): InAppAction {
  const known = [...content.actions, ...content.slides.flatMap((slide) => slide.actions)];
  const action = known.find((one) => one.id === id);
  if (action !== undefined) return action;
  const detail = `The message has no action “${id}”; ${known.length === 0 ? 'it has none' : `there are: ${known.map((one) => one.id).join(', ')}`}.`;
  throw new AppError('bad_request', detail, { errors: [{ field: 'action', code: 'unknown', detail }] });
}
