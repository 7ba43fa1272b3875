/** Rows about deliveries, the queue and what stands around it, as the API shows them. Pure. */
import { shownParameters } from '../delivery/callback-deliveries.ts';
import type { Suspension as KeptSuspension } from '../delivery/suspensions.ts';
import type { ClockView } from '../delivery/virtual-time.ts';
import type { AttemptEvidence, DeliveryRow, TranscriptLine } from '../model/delivery.ts';
import type { CopyRow } from '../model/mailbox-copy.ts';
import type { SuppressionRow } from '../model/suppression.ts';
import type { Webhook as KeptWebhook } from '../model/webhook.ts';
import type { DeliveryCounts, DeliveryDetail as KeptDetail } from '../store/deliveries.ts';
import { iso, isoOrNull } from './iso-time.ts';
import type {
  Attempt,
  Clock,
  Delivery,
  DeliveryDetail,
  Evidence,
  Queues,
  Receipt,
  Suppression,
  Suspension,
  Webhook,
} from './schema.ts';

export function presentDelivery(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    seq: row.seq,
    messageId: row.messageId === '' ? null : row.messageId,
    carriage: row.carriage,
    project: row.project,
    recipient: row.recipient,
    domain: row.domain,
    provider: row.provider,
    stream: row.stream,
    status: row.status,
    substatus: row.substatus,
    class: row.class,
    reason: row.reason,
    attempts: row.attempts,
    nextAttemptAt: isoOrNull(row.nextAttemptAtMs),
    expiresAt: iso(row.expiresAtMs),
    placement: row.placement,
    retryOf: row.retryOf,
    createdAt: iso(row.createdAtMs),
    endedAt: isoOrNull(row.endedAtMs),
    waitsFor: row.waitsFor,
    heldSince: isoOrNull(row.heldSinceMs),
    // The tag of a magic address has its plus sign, which no rule's id has; nor does it begin as a cause of live relay does.
    heldBy:
      row.heldBy === null
        ? null
        : {
            rule: /^(?:\+|live-)/.test(row.heldBy.key) ? null : row.heldBy.key,
            label: row.heldBy.label,
          },
    releasedAt: isoOrNull(row.releasedAtMs),
    mailFrom: row.mailFrom,
    user: row.user ?? null,
    live: row.live ?? null,
    envelopeBefore: row.editedFrom === null ? null : { ...row.editedFrom },
  };
}

export function presentDeliveryDetail({ delivery, parameters, attempts }: KeptDetail): DeliveryDetail {
  return {
    ...presentDelivery(delivery),
    parameters: parameters === null ? null : { ...shownParameters(parameters) },
    attemptLog: attempts.map(
      (one): Attempt => ({
        number: one.number,
        startedAt: iso(one.startedAtMs),
        startedAtWall: iso(one.startedAtWallMs),
        durationMs: one.durationMs,
        outcome: one.outcome,
        nextHop: one.nextHop,
        code: one.code,
        enhanced: one.enhanced,
        text: one.text,
        class: one.class,
        evidence: one.evidenceValue === null ? null : presentEvidence(one.evidenceValue),
      }),
    ),
  };
}

const speakers: Readonly<Record<TranscriptLine['by'], Evidence['transcript'][number]['by']>> = {
  C: 'client',
  S: 'server',
  N: 'note',
};

function presentEvidence(evidence: AttemptEvidence): Evidence {
  return {
    routing: evidence.routing.map((one) => ({ ...one })),
    changes: evidence.changes.map((one) => ({ ...one })),
    signatures: evidence.signatures.map((one) => ({ ...one, headersSigned: [...one.headersSigned] })),
    identity: evidence.identity === null ? null : { ...evidence.identity },
    transcript: evidence.transcript.map((line) => ({ ...line, by: speakers[line.by] })),
    authentication:
      evidence.authentication === undefined || evidence.authentication === null
        ? null
        : presentFindings(evidence.authentication),
    rules: (evidence.rules ?? []).map((one) => ({ ...one })),
    live: evidence.live === undefined ? null : { ...evidence.live },
  };
}

export function presentReceipt(copy: CopyRow): Receipt {
  const { authentication, filter } = copy;
  return {
    copyId: copy.id,
    deliveryId: copy.deliveryId,
    mailbox: copy.mailbox,
    provider: copy.provider,
    receivedAt: iso(copy.receivedAtMs),
    placement: copy.placement,
    authentication: presentFindings(authentication),
    filter: { ...filter, reasons: filter.reasons.map((one) => ({ ...one })) },
  };
}

function presentFindings(found: CopyRow['authentication']): Receipt['authentication'] {
  return {
    ...found,
    client: { ...found.client },
    spf: { ...found.spf },
    dkim: found.dkim.map((one) => ({ ...one })),
    dmarc: { ...found.dmarc },
    arc: { ...found.arc },
    lookups: found.lookups.map((one) => ({ ...one })),
  };
}

export function presentSuspension(kept: KeptSuspension): Suspension {
  return {
    id: kept.id,
    by: kept.match.by,
    value: kept.match.value,
    action: kept.action,
    reason: kept.reason,
    createdAt: iso(kept.createdAtMs),
    until: isoOrNull(kept.untilMs),
  };
}

export function presentQueues(counts: DeliveryCounts, suspensions: readonly KeptSuspension[]): Queues {
  return {
    queued: counts.queued,
    deferred: counts.deferred,
    held: counts.held,
    underWay: counts.underWay,
    byDomain: counts.byDomain.map(({ nextAtMs, ...one }) => ({ ...one, nextAt: isoOrNull(nextAtMs) })),
    due: counts.due.map(({ atMs, count }) => ({ at: iso(atMs), count })),
    suspensions: suspensions.map(presentSuspension),
  };
}

export function presentClock(view: ClockView): Clock {
  return {
    virtualAt: iso(view.virtualMs),
    wallAt: iso(view.wallMs),
    speed: view.speed,
    frozen: view.speed === 0,
    real: view.real,
    nextDueAt: isoOrNull(view.nextDueMs),
  };
}

export function presentSuppression(row: SuppressionRow): Suppression {
  return {
    seq: row.seq,
    address: row.address,
    scope: row.scope,
    reason: row.reason,
    source: row.source,
    class: row.class,
    detail: row.detail,
    deliveryId: row.deliveryId,
    createdAt: iso(row.createdAtMs),
    expiresAt: isoOrNull(row.expiresAtMs),
  };
}

export function presentWebhook(kept: KeptWebhook): Webhook {
  return {
    id: kept.id,
    url: kept.url,
    description: kept.description,
    events: [...kept.events],
    project: kept.project,
    active: kept.active,
    createdAt: iso(kept.createdAtMs),
  };
}
