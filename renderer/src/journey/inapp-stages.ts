/** What happens to an in-app message, told in stages: it waits for its user, is pulled, chosen or passed over, and shown. Pure. */
import type { Event } from '../../../core/api/schema.ts';
import { formatDateTime, withLocalTimes } from '../format.ts';
import { textOf } from './plain-values.ts';
import type { JourneyFacts, Stage } from './stage.ts';

/** @param usual what an event tells of any delivery */
export function inAppStages(
  facts: JourneyFacts,
  usual: (event: Event) => readonly Stage[],
): readonly Stage[] {
  const { events } = facts;
  const told = new Set(events.map(({ type }) => type));
  // The pull and the first display tell more than the statuses that come of them.
  const rows = new Set(events.map(({ type, data }) => (type === 'inapp' ? data.what : null)));
  return events.flatMap((event): readonly Stage[] => {
    switch (event.type) {
      case 'queued':
        return usual(event).map((stage) => ({ ...stage, line: queuedLine(stage.line, facts) }));
      case 'inapp':
        return ofRow(event, told);
      case 'sent':
        return rows.has('pulled')
          ? []
          : [stageOf(event, 'attempt', 'Pulled', 'by the app, as it came in', 'good')];
      case 'delivered':
        return rows.has('seen')
          ? []
          : [stageOf(event, 'delivered', 'Delivered', 'by what its user did with it', 'good')];
      case 'opened':
        return [stageOf(event, 'tapped', 'Read', 'opened by its user', 'good')];
      case 'clicked':
        return [stageOf(event, 'tapped', 'Clicked', clickLine(event), 'good')];
      case 'dismissed':
        return [stageOf(event, 'answered', 'Dismissed', 'closed by its user', 'quiet')];
      default:
        return usual(event);
    }
  });
}

/** What it waits for, while it is not shown; the reason is that of the last time the app asked. */
export function inAppWaiting({ delivery, events }: JourneyFacts): readonly Stage[] {
  if (delivery.substatus === 'held') return [];
  if (delivery.status !== 'queued' && delivery.status !== 'sent') return [];
  const last = events.findLast(
    ({ type, data }) => type === 'inapp' && (data.what === 'passed_over' || data.what === 'pulled'),
  );
  const why =
    last?.data.what === 'passed_over'
      ? ` When the app last asked it was passed over: ${withLocalTimes(textOf(last.data.detail) ?? '')}`
      : '';
  const line =
    delivery.status === 'queued'
      ? `It waits until the app of ${delivery.recipient} asks.`
      : 'The app has it, and has not shown it yet.';
  return [
    {
      id: 'waiting',
      kind: 'waiting',
      word: delivery.status === 'queued' ? 'Waiting' : 'Pulled',
      line: `${line}${why}`,
      tone: 'quiet',
      at: null,
      wallAt: null,
      evidence: null,
    },
  ];
}

/** `for anna, transactional`: there is no attempt, the user comes for it. */
function queuedLine(usual: string, { delivery }: JourneyFacts): string {
  return `${usual}; until ${delivery.recipient}’s app asks`;
}

/** @param told types of the events of the delivery itself: what they tell is not told twice */
function ofRow(event: Event, told: ReadonlySet<string>): readonly Stage[] {
  const { data } = event;
  switch (data.what) {
    case 'pulled':
      return [
        stageOf(
          event,
          'attempt',
          'Pulled',
          data.by === 'eligible' ? 'by the app, as the one to show' : 'by the app, with its feed',
          'good',
        ),
      ];
    case 'passed_over':
      return [
        stageOf(
          event,
          'filtered',
          'Passed over',
          withLocalTimes(textOf(data.detail) ?? ''),
          hadReasons.has(textOf(data.reason) ?? '') ? 'quiet' : 'warn',
        ),
      ];
    case 'seen': {
      const count = typeof data.impression === 'number' && data.impression > 1 ? data.impression : null;
      return [
        stageOf(event, 'shown', count === null ? 'Shown' : 'Shown again', shownLine(event, count), 'good'),
      ];
    }
    case 'unseen':
      return [stageOf(event, 'answered', 'Unseen', 'it counts as not seen', 'quiet')];
    case 'unread':
      return [stageOf(event, 'answered', 'Unread', 'marked as not read', 'quiet')];
    case 'archived':
      return [stageOf(event, 'answered', 'Archived', 'put away by its user', 'quiet')];
    case 'unarchived':
      return [stageOf(event, 'answered', 'Unarchived', 'taken out of the archive', 'quiet')];
    case 'snoozed': {
      const until = textOf(data.until);
      return [
        stageOf(
          event,
          'held',
          'Snoozed',
          until === null ? 'put off by its user' : `put off by its user until ${formatDateTime(until)}`,
          'warn',
        ),
      ];
    }
    case 'unsnoozed':
      return [stageOf(event, 'released', 'Snooze ended', 'it is to be had again', 'quiet')];
    case 'expired':
      // One that was never shown ends undeliverable, which says so.
      return told.has('undeliverable')
        ? []
        : [
            stageOf(
              event,
              'ended',
              'Expired',
              data.by === 'hand'
                ? 'ended by hand; it is not to be had any more'
                : 'it is not to be had any more',
              'quiet',
            ),
          ];
    default:
      // Read, clicked and dismissed have events of their own; what was ordered is told by the order.
      return [];
  }
}

/** The user had it: that it is not shown once more is as it should be. */
const hadReasons: ReadonlySet<string> = new Set(['dismissed', 'already_shown', 'session', 'archived']);

function shownLine({ data }: Event, count: number | null): string {
  const url = textOf(data.url);
  const session = textOf(data.session);
  return [
    count === null ? 'to its user, for a second at least' : `impression ${count}`,
    ...(url === null ? [] : [`on ${url}`]),
    ...(session === null ? [] : [`in the session ${session}`]),
  ].join(', ');
}

function clickLine({ data }: Event): string {
  const label = textOf(data.label);
  const url = textOf(data.url);
  const what = label === null ? 'the message itself' : `the button “${label}”`;
  return url === null ? what : `${what}, which opens ${url}`;
}

function stageOf(event: Event, kind: Stage['kind'], word: string, line: string, tone: Stage['tone']): Stage {
  return {
    id: `event-${event.seq}`,
    kind,
    word,
    line,
    tone,
    at: event.virtualAt,
    wallAt: event.at,
    evidence: evidenceOf(event),
  };
}

const factNames: Readonly<Record<string, string>> = {
  reason: 'Reason',
  detail: 'In a sentence',
  url: 'Page',
  trigger: 'Event',
  session: 'Session',
  impression: 'Impression',
  action: 'Action',
  by: 'By',
  until: 'Until',
};

function evidenceOf({ data }: Event): Stage['evidence'] {
  const facts = Object.entries(factNames).flatMap(([name, title]): [string, string][] => {
    const value = data[name];
    return typeof value === 'string' || typeof value === 'number' ? [[title, String(value)]] : [];
  });
  return facts.length === 0 ? null : { kind: 'facts', facts };
}
