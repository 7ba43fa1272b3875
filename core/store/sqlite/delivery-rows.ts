/** Rows of `deliveries` as the rest of the core sees them. Queries name them `d`, with `projects p` and `messages m`. */
import type {
  Carriage,
  DeliveryRow,
  OutcomeClass,
  Placement,
  Status,
  Stream,
  Substatus,
} from '../../model/delivery.ts';

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
}

export const deliveryColumns = `d.seq, d.id, d.carriage, d.message, m.id AS message_id, p.name AS project, d.recipient, d.domain,
  d.provider, d.stream, d.status, d.substatus, d.class, d.reason, d.attempts, d.created_at, d.due_at, d.expires_at,
  d.remaining, d.ended_at, d.placement, d.retry_of, d.lease, d.asked`;

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
  };
}
