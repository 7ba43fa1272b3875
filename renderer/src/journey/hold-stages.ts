import type { Delivery, Event } from '../../../core/api/schema.ts';
import { formatDateTime, formatGap } from '../format.ts';
import { isRecord, textOf } from './plain-values.ts';
import type { Stage } from './stage.ts';

export function heldStage(event: Event): Stage {
  const reason = textOf(event.data.reason) ?? 'until it is released';
  const heldBy = heldByOf(event);
  return {
    ...whenOf(event),
    kind: 'held',
    word: 'Held',
    line: reason,
    tone: 'warn',
    evidence: heldBy === null ? null : { kind: 'hold', reason, heldBy },
  };
}

/** Who let it go, and what it goes on with. */
export function releasedStage(event: Event): Stage {
  const reason = textOf(event.data.reason) ?? '';
  const changes = changesOf(event);
  const due = event.data.dueAtMs;
  const notBefore =
    typeof due === 'number' ? `not before ${formatDateTime(new Date(due).toISOString())}` : '';
  const edited = changes.map(({ name, after }) => `${name} ${after}`).join(', ');
  const since = event.data.heldSinceMs;
  const heldMs =
    typeof since === 'number' && event.virtualAt !== null ? Date.parse(event.virtualAt) - since : null;
  const facts = [
    ...(heldMs === null || heldMs <= 0 ? [] : ([['Held for', formatGap(heldMs)]] as const)),
    ...changes.map(({ name, before, after }) => [name, `${after}, was ${before}`] as const),
  ];
  return {
    ...whenOf(event),
    kind: 'released',
    word: 'Released',
    line: [reason, edited, notBefore].filter((part) => part !== '').join(', '),
    tone: changes.length > 0 ? 'warn' : 'quiet',
    evidence: facts.length === 0 ? null : { kind: 'facts', facts },
  };
}

function whenOf(event: Event): Pick<Stage, 'id' | 'at' | 'wallAt'> {
  return { id: `event-${event.seq}`, at: event.virtualAt, wallAt: event.at };
}

/** A magic address's tag has its plus sign, which no rule's id has; nor does it begin as a cause of live relay does. */
function heldByOf(event: Event): Delivery['heldBy'] {
  const { heldBy } = event.data;
  if (!isRecord(heldBy)) return null;
  const key = textOf(heldBy.key);
  return key === null
    ? null
    : { rule: /^(?:\+|live-)/.test(key) ? null : key, label: textOf(heldBy.label) ?? key };
}

interface Change {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

const nobody = 'the null sender';

function changesOf(event: Event): readonly Change[] {
  const { envelope } = event.data;
  if (!isRecord(envelope)) return [];
  return (['from', 'to'] as const).flatMap((field) => {
    const change = envelope[field];
    if (!isRecord(change)) return [];
    const name = field === 'from' ? 'MAIL FROM' : 'RCPT TO';
    return [{ name, before: textOf(change.before) || nobody, after: textOf(change.after) || nobody }];
  });
}
