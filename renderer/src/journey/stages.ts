import type { Attempt, Delivery, DeliveryDetail, Event, Receipt } from '../../../core/api/schema.ts';
import { formatDateTime } from '../format.ts';
import { recipientName } from '../status/recipient-name.ts';
import { faceOf, meanings } from '../status/status-faces.ts';
import { attemptId, attemptStage, hasPreparation, preparation } from './attempt-stages.ts';
import { answer, authenticatedStage, endStage, receiptStages, suppressedStage } from './far-side-stages.ts';
import { heldStage, releasedStage } from './hold-stages.ts';
import { inAppStages, inAppWaiting } from './inapp-stages.ts';
import { textOf } from './plain-values.ts';
import { acceptedStages, pushedToProvider, pushStages } from './push-stages.ts';
import { failOverStages, smsAcceptedStages, smsStages, smsToProvider } from './sms-stages.ts';
import type { JourneyFacts, Stage } from './stage.ts';

/** Everything that happened to a delivery, in order, each with what it rests on; at the end what it waits for. */
export function stagesOf(facts: JourneyFacts): readonly Stage[] {
  const { delivery, events } = facts;
  const receipt = facts.receipts.find((one) => one.deliveryId === delivery.id) ?? null;
  const prepared = delivery.attemptLog.find(({ evidence }) => evidence !== null && hasPreparation(evidence));
  const told = inOrder(
    delivery.carriage === 'push'
      ? pushStages(facts, (event) => stagesOfEvent(event, facts, receipt, prepared))
      : delivery.carriage === 'sms'
        ? smsStages(facts, (event) => stagesOfEvent(event, facts, receipt, prepared))
        : delivery.carriage === 'inapp'
          ? inAppStages(facts, (event) => stagesOfEvent(event, facts, receipt, prepared))
          : events.flatMap((event) => stagesOfEvent(event, facts, receipt, prepared)),
    facts.suppressions.filter((one) => one.deliveryId === delivery.id).map(suppressedStage),
  );
  const shown = new Set(told.map((stage) => stage.id));
  // The oldest events go in time; the attempts stay.
  const untold = delivery.attemptLog
    .flatMap((attempt) => attemptStages(attempt, facts, prepared))
    .filter((stage) => !shown.has(stage.id));
  const straight = pushedToProvider(facts) || smsToProvider(facts);
  const queued =
    straight || told.some((stage) => stage.kind === 'queued') ? [] : [queuedStage(delivery, null)];
  const happened = [...queued, ...untold, ...told].sort(
    // Only what was not told has to find its place; the events stand in theirs.
    untold.length === 0 ? () => 0 : (a, b) => Date.parse(a.at ?? '') - Date.parse(b.at ?? ''),
  );
  return [
    ...(pushedToProvider(facts)
      ? acceptedStages(facts)
      : smsToProvider(facts)
        ? smsAcceptedStages(facts)
        : submitted(facts)),
    ...happened.flatMap((stage) =>
      prepared !== undefined && stage.id === attemptId(prepared)
        ? [...preparation(prepared, delivery.carriage), ...overs(stage), stage]
        : [...overs(stage), stage],
    ),
    ...(delivery.carriage === 'inapp' && faceOf(delivery) !== 'held'
      ? inAppWaiting(facts)
      : waiting(delivery)),
  ];
}

/** Providers that were asked before the one that an attempt ended at. */
const overs = ({ evidence }: Stage): readonly Stage[] =>
  evidence?.kind === 'attempt' ? failOverStages(evidence.attempt) : [];

/** Puts what is known by its time only among what stands in its order: after all that is not later. */
function inOrder(stages: readonly Stage[], timed: readonly Stage[]): readonly Stage[] {
  const all = [...stages];
  for (const one of timed) {
    const later = all.findIndex(({ at }) => at !== null && one.at !== null && at > one.at);
    all.splice(later === -1 ? all.length : later, 0, one);
  }
  return all;
}

function submitted({ message, exchange, delivery }: JourneyFacts): readonly Stage[] {
  if (message === null) return [];
  const user = message.user ?? exchange?.user ?? null;
  const parts = [
    `through ${message.door}`,
    ...(exchange === null ? [] : [`from ${exchange.clientName ?? exchange.remoteAddress}`]),
    ...(exchange === null ? [] : [exchange.tls === null ? 'in the clear' : exchange.tls.protocol]),
    ...(user === null ? [] : [`as ${user}`]),
  ];
  return [
    {
      id: 'submitted',
      kind: 'submitted',
      word: 'Submitted',
      line: parts.join(', '),
      tone: 'quiet',
      at: delivery.createdAt,
      // A delivery that tries another one again came later than its message.
      wallAt: delivery.retryOf === null ? message.receivedAt : null,
      evidence: { kind: 'submission', exchange, door: message.door },
    },
  ];
}

/** When it is to be sent, where that is later. */
function notBefore(event: Event | null): string {
  const due = event?.data.dueAtMs;
  return typeof due === 'number' ? `, not before ${formatDateTime(new Date(due).toISOString())}` : '';
}

function queuedStage(delivery: DeliveryDetail, event: Event | null): Stage {
  const sendAt = notBefore(event);
  return {
    id: 'queued',
    kind: 'queued',
    word: delivery.retryOf === null ? 'Queued' : 'Queued again',
    line: `for ${recipientName(delivery)}${delivery.provider === null || delivery.carriage !== 'email' ? '' : ` at ${delivery.provider}`}, ${delivery.stream}${sendAt}`,
    tone: 'quiet',
    at: event?.virtualAt ?? delivery.createdAt,
    wallAt: event?.at ?? null,
    evidence: { kind: 'queue', delivery },
  };
}

function stagesOfEvent(
  event: Event,
  facts: JourneyFacts,
  receipt: Receipt | null,
  prepared: Attempt | undefined,
): readonly Stage[] {
  const { delivery } = facts;
  const base = { id: `event-${event.seq}`, at: event.virtualAt, wallAt: event.at, evidence: null } as const;
  const reason = textOf(event.data.reason);
  switch (event.type) {
    case 'queued':
      return [queuedStage(delivery, event)];
    case 'attempted': {
      const attempt = delivery.attemptLog.find((one) => one.number === event.data.attempt);
      return attempt === undefined ? [] : attemptStages(attempt, facts, prepared);
    }
    case 'interrupted':
      return [{ ...base, kind: 'interrupted', word: 'Interrupted', line: reason ?? '', tone: 'warn' }];
    case 'held':
      return [heldStage(event)];
    case 'released':
      return [releasedStage(event)];
    case 'delivered':
      return receipt === null
        ? [{ ...base, kind: 'placed', word: 'Placed', line: delivery.placement ?? 'delivered', tone: 'good' }]
        : receiptStages(receipt, event);
    case 'undeliverable':
      return [endStage(event, facts)];
    case 'canceled':
      return [{ ...base, kind: 'ended', word: 'Canceled', line: reason ?? '', tone: 'quiet' }];
    case 'deferred':
      // One of our own attempts is told by that attempt.
      return event.data.outOfBand === true ? [{ ...base, ...answer(event), tone: 'warn' }] : [];
    case 'reported':
      return [{ ...base, ...answer(event), tone: 'quiet' }];
    case 'complained':
    case 'bounced':
    case 'unsubscribed':
      return [{ ...base, ...answer(event), tone: 'bad' }];
    case 'opened':
    case 'clicked':
    case 'replied':
    case 'starred':
    case 'moved':
      return [{ ...base, ...answer(event), tone: 'quiet' }];
    default:
      // `sent` is told by its attempt, `mailbox` by the placement.
      return [];
  }
}

/** What it waits for, when it is not over. */
function waiting(delivery: DeliveryDetail): readonly Stage[] {
  const face = faceOf(delivery);
  if (delivery.waitsFor === 'device')
    return [
      waitStage(
        delivery,
        'Waiting',
        delivery.carriage === 'sms' ? handsetLine(delivery) : deviceLine(delivery),
      ),
    ];
  if (face !== 'queued' && face !== 'deferred' && face !== 'held') {
    return face === 'sent' ? [waitStage(delivery, 'Sent', sentLine(delivery))] : [];
  }
  if (face === 'held') {
    return [waitStage(delivery, 'Waiting', 'Held until it is released. It does not grow older meanwhile.')];
  }
  const why = delivery.reason === null || face === 'deferred' ? '' : `: ${delivery.reason}`;
  const line =
    delivery.nextAttemptAt === null
      ? 'An attempt is under way.'
      : `Next attempt ${formatDateTime(delivery.nextAttemptAt)}${why}. Given up ${formatDateTime(delivery.expiresAt)}.`;
  return [waitStage(delivery, face === 'deferred' ? 'Deferred' : 'Waiting', line)];
}

const handsetLine = ({ attempts, expiresAt }: Delivery): string =>
  attempts === 0
    ? `The carrier keeps it until the handset is on, or until ${formatDateTime(expiresAt)}.`
    : 'The carrier keeps it until the handset is on, or its time is over.';

/** Of one of our own sends `expiresAt` is the end of its time in the queue, which is behind it. */
const deviceLine = ({ attempts, expiresAt }: Delivery): string =>
  `The provider keeps it until the device is back, or ${
    attempts === 0 ? `until ${formatDateTime(expiresAt)}` : 'its time is over'
  }.`;

function sentLine({ substatus, reason }: Delivery): string {
  if (substatus !== 'unconfirmed') return 'A provider took it; nothing is known of what became of it yet.';
  return `A provider took it, and nothing will be heard of it${reason === null ? '' : `: ${reason}`}.`;
}

const waitStage = (delivery: Delivery, word: string, line: string): Stage => ({
  id: 'waiting',
  kind: 'waiting',
  word,
  line: line === '' ? meanings[faceOf(delivery)] : line,
  tone: faceOf(delivery) === 'sent' || faceOf(delivery) === 'queued' ? 'quiet' : 'warn',
  at: null,
  wallAt: null,
  evidence: null,
});

/** An attempt, and what a receiver that refused it had found out by then. */
function attemptStages(
  attempt: Attempt,
  facts: JourneyFacts,
  prepared: Attempt | undefined,
): readonly Stage[] {
  const stage = attemptStage(attempt, facts, prepared);
  const found = attempt.evidence?.authentication ?? null;
  if (found === null) return [stage];
  return [stage, authenticatedStage(`authenticated-${attempt.number}`, found, stage)];
}
