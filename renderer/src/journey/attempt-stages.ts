import type { Attempt, Delivery, Evidence } from '../../../core/api/schema.ts';
import { wordsOfClass } from '../status/class-words.ts';
import type { JourneyFacts, Stage } from './stage.ts';

export const hasPreparation = ({ signatures, changes, routing }: Evidence): boolean =>
  signatures.length + changes.length + routing.length > 0;

/** Signing and routing, by the evidence of the first attempt that got that far. */
export function preparation(attempt: Attempt, carriage: Delivery['carriage']): readonly Stage[] {
  const { evidence } = attempt;
  if (evidence === null) return [];
  const at = { at: attempt.startedAt, wallAt: attempt.startedAtWall };
  const stages: Stage[] = [];
  const { rendering } = renderingOf(evidence.changes);
  if ((carriage === 'push' || carriage === 'sms') && rendering.length > 0) {
    stages.push({
      id: 'rendered',
      kind: 'rendered',
      word: 'Rendered',
      line:
        carriage === 'sms'
          ? rendering
              .map(({ code, detail }) => (code === 'short_links' ? 'links shortened' : detail))
              .join(', ')
          : rendering.map(({ detail }) => withoutPayload(detail)).join(' '),
      tone: 'quiet',
      ...at,
      evidence: { kind: 'rendering', changes: rendering },
    });
  } else if (evidence.signatures.length > 0 || evidence.changes.length > 0) {
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

/**
 * What made the payload of it, which ends with the payload itself; and what was noted after that, which is about the attempt.
 */
export function renderingOf(changes: Evidence['changes']): {
  readonly rendering: Evidence['changes'];
  readonly rest: Evidence['changes'];
} {
  const end = changes.findLastIndex(({ code }) => code === 'rendered') + 1;
  return { rendering: changes.slice(0, end), rest: changes.slice(end) };
}

/** Fields and payload stand in the evidence: `For APNs, 71 bytes`. */
function withoutPayload(detail: string): string {
  const [, provider, bytes] = /^(For [\w ]+), (?:.*, )?(\d+ bytes): /s.exec(detail) ?? [];
  return provider === undefined || bytes === undefined ? detail : `${provider}, ${bytes}`;
}

function lastAnswer({ routing }: Evidence): string {
  const last = routing.at(-1);
  return last === undefined ? '' : `${last.question}: ${last.answer}`;
}

const attemptTones = { sent: 'good', deferred: 'warn', failed: 'bad' } as const;

export const attemptId = ({ number }: Attempt): string => `attempt-${number}`;

export function attemptStage(
  attempt: Attempt,
  { events, delivery }: JourneyFacts,
  prepared: Attempt | undefined,
): Stage {
  const deferred = events.find((one) => one.type === 'deferred' && one.data.attempt === attempt.number);
  const nextMs = deferred?.data.nextAttemptAtMs;
  const fault = attempt.class === null ? '' : ` ${wordsOfClass(attempt.class, delivery.carriage).fault}`;
  const where = attempt.nextHop === null ? '' : `${attempt.nextHop}: `;
  const live = attempt.evidence?.live ?? null;
  const real = live === null ? '' : `for real, by relay ${live.relay}, `;
  return {
    id: attemptId(attempt),
    kind: 'attempt',
    word: `Attempt ${attempt.number}`,
    line: `${real}${where}${attempt.text === '' ? attempt.outcome : attempt.text}${fault === '' ? '' : ` ·${fault}`}`,
    tone: attemptTones[attempt.outcome],
    at: attempt.startedAt,
    wallAt: attempt.startedAtWall,
    ...(live === null ? {} : { real: true }),
    evidence: {
      kind: 'attempt',
      attempt,
      carriage: delivery.carriage,
      whole: attempt !== prepared,
      nextAttemptAt: typeof nextMs === 'number' ? new Date(nextMs).toISOString() : null,
    },
  };
}
