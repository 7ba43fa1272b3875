/**
 * The status log of a delivery, made from its events: each change of status with what the provider said of it, in one
 * vocabulary for all channels. It only ever goes forward: what would lead back is no change, and is left out. Pure.
 */
import { type OutcomeClass, outcomeClasses, type Status, type Substatus } from './delivery.ts';
import type { StoredEvent } from './message.ts';
import { isEnd } from './status.ts';

export interface StatusChange {
  /** Of the event that it rests on; what happened later has a greater one. */
  readonly seq: number;
  readonly atMs: number;
  readonly wallMs: number;
  readonly status: Status;
  readonly substatus: Substatus | null;
  readonly provider: string | null;
  /** The provider's own word, or the text of its answer. */
  readonly providerStatus: string | null;
  /** The provider's own: of SMTP its reply code, of HTTP its status, of a report its error code. */
  readonly code: string | null;
  /** Of SMTP (RFC 3463). */
  readonly enhanced: string | null;
  /** Trying again would not help. */
  readonly permanent: boolean;
  readonly class: OutcomeClass | null;
  readonly reason: string | null;
  /** Number of the attempt that led to it; its answer is kept word for word. */
  readonly attempt: number | null;
  /** Number of the report that led to it, likewise. */
  readonly report: number | null;
}

/** @param events of one delivery, the oldest first; those that change no status are passed over */
export function statusLog(events: readonly StoredEvent[]): readonly StatusChange[] {
  const log: StatusChange[] = [];
  for (const event of events) {
    const before = log.at(-1) ?? null;
    const to = stateAfter(event, before);
    if (to !== null && (before === null || leadsOn(before, to))) log.push({ ...to, ...saidIn(event) });
  }
  return log;
}

type State = Pick<StatusChange, 'status' | 'substatus'>;

function stateAfter({ type, data }: StoredEvent, before: State | null): State | null {
  switch (type) {
    case 'queued':
      return { status: 'queued', substatus: null };
    case 'deferred':
    case 'held':
      return { status: before?.status ?? 'queued', substatus: type };
    case 'released':
      return { status: before?.status ?? 'queued', substatus: null };
    case 'sent':
      return { status: 'sent', substatus: isUnconfirmed(data) ? 'unconfirmed' : null };
    // What a provider reports changes something only where nothing more will be heard; the rest has an event of its own.
    case 'reported':
      return isUnconfirmed(data) ? { status: 'sent', substatus: 'unconfirmed' } : null;
    case 'delivered':
    case 'undeliverable':
    case 'canceled':
      return { status: type, substatus: null };
    default:
      return null;
  }
}

function isUnconfirmed(data: StoredEvent['data']): boolean {
  return data.unconfirmed === true || data.substatus === 'unconfirmed';
}

const order: Readonly<Record<Status, number>> = {
  queued: 0,
  sent: 1,
  delivered: 2,
  undeliverable: 2,
  canceled: 2,
};

/** An end stays an end, and no status is gone back to; a sub-state may come again (deferred, and once more). */
function leadsOn(before: State, to: State): boolean {
  if (isEnd(before.status)) return false;
  if (order[to.status] !== order[before.status]) return order[to.status] > order[before.status];
  return to.substatus !== null || before.substatus !== null;
}

function saidIn({ seq, atMs, virtualAtMs, data }: StoredEvent): Omit<StatusChange, keyof State> {
  const code = data.code;
  return {
    seq,
    atMs: virtualAtMs ?? atMs,
    wallMs: atMs,
    provider: textIn(data.provider),
    providerStatus: textIn(data.providerStatus),
    code: typeof code === 'number' ? String(code) : textIn(code),
    enhanced: textIn(data.enhanced),
    permanent: data.permanent === true,
    class: classIn(data.class),
    reason: textIn(data.reason),
    attempt: numberIn(data.attempt),
    report: numberIn(data.report),
  };
}

function textIn(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function numberIn(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function classIn(value: unknown): OutcomeClass | null {
  return outcomeClasses.find((one) => one === value) ?? null;
}
