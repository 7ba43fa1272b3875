import type {
  Attempt,
  Delivery,
  DeliveryDetail,
  Event,
  Evidence,
  ExchangeDetail,
  Receipt,
  Suppression,
} from '../../../core/api/schema.ts';
import { formatDateTime } from '../format.ts';
import { classWords } from '../status/class-words.ts';
import { faceOf, meanings } from '../status/status-faces.ts';

export type Tone = 'good' | 'bad' | 'warn' | 'quiet';

export type StageKind =
  | 'submitted'
  | 'queued'
  | 'signed'
  | 'routed'
  | 'attempt'
  | 'held'
  | 'released'
  | 'authenticated'
  | 'filtered'
  | 'placed'
  | 'ended'
  | 'suppressed'
  | 'answered'
  | 'waiting';

/** What a stage opens to. */
export type StageEvidence =
  | { readonly kind: 'submission'; readonly exchange: ExchangeDetail | null; readonly door: string }
  | { readonly kind: 'queue'; readonly delivery: DeliveryDetail }
  | { readonly kind: 'signatures'; readonly evidence: Evidence }
  | { readonly kind: 'routing'; readonly evidence: Evidence }
  /** `whole`: signatures and routing have no stage of their own for this attempt. */
  | { readonly kind: 'attempt'; readonly attempt: Attempt; readonly whole: boolean }
  | { readonly kind: 'authentication'; readonly receipt: Receipt }
  | { readonly kind: 'filter'; readonly receipt: Receipt }
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [name: string, value: string])[] };

/** One step of a delivery on its way. */
export interface Stage {
  readonly id: string;
  readonly kind: StageKind;
  readonly word: string;
  readonly line: string;
  readonly tone: Tone;
  /** Virtual time; null for what is not over yet. */
  readonly at: string | null;
  readonly wallAt: string | null;
  readonly evidence: StageEvidence | null;
}

export interface JourneyFacts {
  /** Null for what is no message: the call of a webhook. */
  readonly message: {
    readonly door: string;
    readonly receivedAt: string;
    readonly user: string | null;
  } | null;
  readonly exchange: ExchangeDetail | null;
  readonly delivery: DeliveryDetail;
  readonly events: readonly Event[];
  readonly receipts: readonly Receipt[];
  readonly suppressions: readonly Suppression[];
}

/** Everything that happened to a delivery, in order, each with what it rests on; at the end what it waits for. */
export function stagesOf(facts: JourneyFacts): readonly Stage[] {
  const { delivery, events } = facts;
  const receipt = facts.receipts.find((one) => one.deliveryId === delivery.id) ?? null;
  const firstAttempt = delivery.attemptLog[0];
  const happened = events.flatMap((event) => stagesOfEvent(event, facts, receipt));
  const shown = new Set(happened.map((stage) => stage.id));
  // The oldest events go in time; the attempts stay.
  const unmentioned = delivery.attemptLog
    .map((attempt) => attemptStage(attempt, firstAttempt))
    .filter((stage) => !shown.has(stage.id));
  const first = happened.findIndex((stage) => stage.kind === 'attempt');
  const before = first === -1 ? happened : happened.slice(0, first);
  const after = first === -1 ? [] : happened.slice(first);
  const suppressed = facts.suppressions.filter((one) => one.deliveryId === delivery.id).map(suppressedStage);
  return [
    ...submitted(facts),
    ...(before.some((stage) => stage.kind === 'queued') ? [] : [queuedStage(delivery, null)]),
    ...before,
    ...preparation(firstAttempt),
    ...unmentioned,
    ...after,
    ...suppressed,
    ...waiting(delivery),
  ];
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

function queuedStage(delivery: DeliveryDetail, event: Event | null): Stage {
  const due = event?.data.dueAtMs;
  const sendAt = typeof due === 'number' ? `, not before ${formatDateTime(new Date(due).toISOString())}` : '';
  return {
    id: 'queued',
    kind: 'queued',
    word: delivery.retryOf === null ? 'Queued' : 'Queued again',
    line: `for ${delivery.recipient}${delivery.provider === null ? '' : ` at ${delivery.provider}`}, ${delivery.stream}${sendAt}`,
    tone: 'quiet',
    at: event?.virtualAt ?? delivery.createdAt,
    wallAt: event?.at ?? null,
    evidence: { kind: 'queue', delivery },
  };
}

/** What is done once before the first attempt: signing and routing, by the evidence of that attempt. */
function preparation(attempt: Attempt | undefined): readonly Stage[] {
  const evidence = attempt?.evidence;
  if (attempt === undefined || evidence === null || evidence === undefined) return [];
  const at = { at: attempt.startedAt, wallAt: attempt.startedAtWall };
  const stages: Stage[] = [];
  if (evidence.signatures.length > 0 || evidence.changes.length > 0) {
    const names = evidence.signatures.map((one) => `${one.selector}._domainkey.${one.domain}`);
    stages.push({
      id: 'signed',
      kind: 'signed',
      word: names.length === 0 ? 'Prepared' : 'Signed',
      line: names.length === 0 ? 'not signed' : `DKIM by ${names.join(' and ')}`,
      tone: 'quiet',
      ...at,
      evidence: { kind: 'signatures', evidence },
    });
  }
  if (evidence.routing.length > 0) {
    stages.push({
      id: 'routed',
      kind: 'routed',
      word: 'Routed',
      line: attempt.nextHop === null ? lastAnswer(evidence) : `to ${attempt.nextHop}`,
      tone: attempt.nextHop === null ? 'bad' : 'quiet',
      ...at,
      evidence: { kind: 'routing', evidence },
    });
  }
  return stages;
}

function lastAnswer({ routing }: Evidence): string {
  const last = routing.at(-1);
  return last === undefined ? '' : `${last.question}: ${last.answer}`;
}

const attemptTones = { sent: 'good', deferred: 'warn', failed: 'bad' } as const;

function attemptStage(attempt: Attempt, first: Attempt | undefined): Stage {
  const fault = attempt.class === null ? '' : ` ${classWords[attempt.class].fault}`;
  const where = attempt.nextHop === null ? '' : `${attempt.nextHop}: `;
  return {
    id: `attempt-${attempt.number}`,
    kind: 'attempt',
    word: `Attempt ${attempt.number}`,
    line: `${where}${attempt.text === '' ? attempt.outcome : attempt.text}${fault === '' ? '' : ` ·${fault}`}`,
    tone: attemptTones[attempt.outcome],
    at: attempt.startedAt,
    wallAt: attempt.startedAtWall,
    evidence: { kind: 'attempt', attempt, whole: attempt !== first },
  };
}

function stagesOfEvent(event: Event, facts: JourneyFacts, receipt: Receipt | null): readonly Stage[] {
  const { delivery } = facts;
  const base = { id: `event-${event.seq}`, at: event.virtualAt, wallAt: event.at, evidence: null } as const;
  const reason = textOf(event.data.reason);
  switch (event.type) {
    case 'queued':
      return [queuedStage(delivery, event)];
    case 'attempted': {
      const attempt = delivery.attemptLog.find((one) => one.number === event.data.attempt);
      return attempt === undefined ? [] : [attemptStage(attempt, delivery.attemptLog[0])];
    }
    case 'held':
      return [{ ...base, kind: 'held', word: 'Held', line: reason ?? 'until it is released', tone: 'warn' }];
    case 'released':
      return [{ ...base, kind: 'released', word: 'Released', line: reason ?? '', tone: 'quiet' }];
    case 'delivered':
      return receipt === null
        ? [{ ...base, kind: 'placed', word: 'Placed', line: delivery.placement ?? 'delivered', tone: 'good' }]
        : receiptStages(receipt, event);
    case 'undeliverable':
      return [endStage(event, facts)];
    case 'canceled':
      return [{ ...base, kind: 'ended', word: 'Canceled', line: reason ?? '', tone: 'quiet' }];
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
      // `deferred` and `sent` are told by their attempt, `mailbox` by the placement.
      return [];
  }
}

function endStage(event: Event, { delivery }: JourneyFacts): Stage {
  const fault = delivery.class === null ? '' : classWords[delivery.class].fault;
  const advice = delivery.class === null ? '' : classWords[delivery.class].advice;
  const reason = textOf(event.data.reason) ?? textOf(event.data.providerStatus) ?? '';
  return {
    id: `event-${event.seq}`,
    kind: 'ended',
    word: 'Undeliverable',
    line: [fault, reason].filter((part) => part !== '').join(' '),
    tone: 'bad',
    at: event.virtualAt,
    wallAt: event.at,
    evidence: {
      kind: 'facts',
      facts: [
        ...(delivery.class === null ? [] : ([['Class', delivery.class.replaceAll('_', ' ')]] as const)),
        ['Reason', textOf(event.data.providerStatus) ?? reason],
        ...(advice === '' ? [] : ([['What to do', advice]] as const)),
        ...(event.data.byHand === true ? ([['By', 'hand']] as const) : []),
      ],
    },
  };
}

/** What the receiver made of it, in the order it went about it. */
function receiptStages(receipt: Receipt, event: Event): readonly Stage[] {
  const { authentication, filter } = receipt;
  const base = { at: receipt.receivedAt, wallAt: event.at };
  const dkim = authentication.dkim.some((one) => one.result === 'pass')
    ? 'pass'
    : (authentication.dkim[0]?.result ?? 'none');
  const spam = receipt.placement === 'spam';
  const score = `${points(filter.score)} of ${points(filter.spamAt)} points`;
  return [
    {
      ...base,
      id: 'authenticated',
      kind: 'authenticated',
      word: 'Authenticated',
      line: `SPF ${authentication.spf.result} · DKIM ${dkim} · DMARC ${authentication.dmarc.result}`,
      tone:
        authentication.dmarc.result === 'pass'
          ? 'good'
          : authentication.dmarc.result === 'fail'
            ? 'bad'
            : 'warn',
      evidence: { kind: 'authentication', receipt },
    },
    {
      ...base,
      id: 'filtered',
      kind: 'filtered',
      word: 'Filtered',
      line: filter.score >= filter.spamAt ? `${score}: taken for spam` : `${score} for spam`,
      tone: filter.score >= filter.spamAt ? 'bad' : 'good',
      evidence: { kind: 'filter', receipt },
    },
    {
      at: event.virtualAt,
      wallAt: event.at,
      id: 'placed',
      kind: 'placed',
      word: 'Placed',
      line: `in ${receipt.placement} of ${receipt.mailbox}, at ${receipt.provider}`,
      tone: spam ? 'bad' : 'good',
      evidence: null,
    },
  ];
}

const answerWords: Readonly<Record<string, string>> = {
  complained: 'Reported as spam',
  bounced: 'Bounced later',
  unsubscribed: 'Unsubscribed',
  opened: 'Opened',
  clicked: 'Clicked',
  replied: 'Replied',
  starred: 'Starred',
  moved: 'Moved',
};

function answer(event: Event): Pick<Stage, 'kind' | 'word' | 'line' | 'evidence'> {
  const plain = Object.entries(event.data).flatMap(([name, value]): [string, string][] =>
    name === 'recipient' || name === 'provider' || !isPlain(value) ? [] : [[wordsOf(name), String(value)]],
  );
  const prefetched = event.data.prefetch === true || event.data.prefetched === true;
  return {
    kind: 'answered',
    word: answerWords[event.type] ?? event.type,
    line:
      textOf(event.data.url) ??
      textOf(event.data.detail) ??
      textOf(event.data.reason) ??
      (prefetched ? 'by a program, not by the person' : ''),
    evidence: plain.length === 0 ? null : { kind: 'facts', facts: plain },
  };
}

function suppressedStage(one: Suppression): Stage {
  return {
    id: `suppressed-${one.seq}`,
    kind: 'suppressed',
    word: 'Suppressed',
    line: `${one.address} is not sent to any more (${one.scope === 'all' ? 'all streams' : one.scope})${
      one.expiresAt === null ? '' : ` until ${formatDateTime(one.expiresAt)}`
    }`,
    tone: 'warn',
    at: one.createdAt,
    wallAt: null,
    evidence: {
      kind: 'facts',
      facts: [
        ['Reason', one.reason.replaceAll('_', ' ')],
        ['Because of', one.source],
        ...(one.detail === null ? [] : ([['Detail', one.detail]] as const)),
      ],
    },
  };
}

/** What it waits for, when it is not over. */
function waiting(delivery: DeliveryDetail): readonly Stage[] {
  const face = faceOf(delivery);
  if (face !== 'queued' && face !== 'deferred' && face !== 'held') {
    return face === 'sent'
      ? [waitStage(delivery, 'Sent', 'A provider took it; nothing is known of what became of it yet.')]
      : [];
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

/** Milliseconds of virtual time since the last stage that has one; null for the first. */
export function gapsOf(stages: readonly Stage[]): readonly (number | null)[] {
  let lastMs: number | null = null;
  return stages.map(({ at }) => {
    if (at === null) return null;
    const atMs = Date.parse(at);
    const gap = lastMs === null ? null : Math.max(0, atMs - lastMs);
    lastMs = atMs;
    return gap;
  });
}

export const points = (value: number): string => String(Math.round(value * 10) / 10);

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const isPlain = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/** `userAgent` as `User agent`. */
function wordsOf(name: string): string {
  const spaced = name.replaceAll(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
  return spaced.slice(0, 1).toUpperCase() + spaced.slice(1);
}
