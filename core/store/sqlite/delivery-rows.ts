/** Rows of `deliveries` as the rest of the core sees them. Queries name them `d`, with `projects p` and `messages m`. */
import type {
  Carriage,
  DeliveryEnvelope,
  DeliveryRow,
  OutcomeClass,
  Placement,
  Status,
  Stream,
  Substatus,
  WaitsFor,
} from '../../model/delivery.ts';

/**
 * Calls to the app, webhooks' and providers', wait apart from all else, host by host. Word for word as in the conditions of
 * the indexes: SQLite uses these only then.
 */
export const isCallSql = "carriage IN ('callback', 'webhook')";
export const isNoCallSql = "carriage NOT IN ('callback', 'webhook')";

export interface DeliverySqlRow {
  seq: number;
  id: string;
  carriage: Carriage;
  message: number | null;
  message_id: string | null;
  project: string;
  recipient: string;
  domain: string;
  provider: string | null;
  stream: Stream;
  status: Status;
  substatus: Substatus | null;
  class: string | null;
  reason: string | null;
  attempts: number;
  created_at: number;
  due_at: number | null;
  expires_at: number;
  remaining: number | null;
  ended_at: number | null;
  placement: string | null;
  retry_of: string | null;
  lease: number | null;
  asked: string | null;
  waits_for: WaitsFor | null;
  held_at: number | null;
  held_by: string | null;
  held_label: string | null;
  released_at: number | null;
  released_from: string | null;
  mail_from: string | null;
  edited: string | null;
  about: string | null;
  live: string | null;
  provider_id: string | null;
  user_id: string | null;
}

export const deliveryColumns = `d.seq, d.id, d.carriage, d.message, m.id AS message_id, p.name AS project, d.recipient, d.domain,
  d.provider, d.stream, d.status, d.substatus, d.class, d.reason, d.attempts, d.created_at, d.due_at, d.expires_at,
  d.remaining, d.ended_at, d.placement, d.retry_of, d.lease, d.asked, d.waits_for, d.held_at, d.held_by, d.held_label,
  d.released_at, d.released_from, d.mail_from, d.edited, d.about, d.user_id, d.live,
  d.provider_id`;

export function toDelivery(row: DeliverySqlRow): DeliveryRow {
  return {
    seq: row.seq,
    id: row.id,
    carriage: row.carriage,
    messageId: row.message_id ?? '',
    messageSeq: row.message ?? 0,
    project: row.project,
    recipient: row.recipient,
    domain: row.domain,
    provider: row.provider,
    stream: row.stream,
    status: row.status,
    substatus: row.substatus,
    class: row.class as OutcomeClass | null,
    reason: row.reason,
    attempts: row.attempts,
    createdAtMs: row.created_at,
    nextAttemptAtMs: row.due_at,
    expiresAtMs: row.expires_at,
    endedAtMs: row.ended_at,
    placement: row.placement as Placement | null,
    retryOf: row.retry_of,
    waitsFor: row.waits_for,
    // What waited stays in the row until an attempt ends it; it counts while it waits.
    heldSinceMs: row.waits_for !== null && standing.has(row.waits_for) ? row.held_at : null,
    heldBy: row.held_by === null ? null : { key: row.held_by, label: row.held_label ?? row.held_by },
    releasedAtMs: row.released_at,
    // Neither a rule's id nor a tag has a space in it.
    releasedFrom: row.released_from === null ? [] : row.released_from.split(' '),
    mailFrom: row.mail_from,
    editedFrom: row.edited === null ? null : (JSON.parse(row.edited) as DeliveryEnvelope),
    about: row.about,
    user: row.user_id,
    live: row.live,
    providerId: row.provider_id,
  };
}

/** What it waits for is someone or something else than a time of its own. */
const standing: ReadonlySet<WaitsFor> = new Set(['hold', 'suspension', 'limit'] as const);
