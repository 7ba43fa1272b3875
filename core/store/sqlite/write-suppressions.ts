/** The writer's part for suppressions, and for the runs of soft bounces that lead to them. */
import type { Stream } from '../../model/delivery.ts';
import {
  coversStream,
  type NewSuppression,
  type SuppressionReason,
  type SuppressionScope,
} from '../../model/suppression.ts';
import type { SoftBounce } from '../deliveries.ts';
import type { Connection } from './open.ts';
import type { MessageWriter } from './write-messages.ts';
import type { WriterState } from './writer-state.ts';

export function suppressionWriter(db: Connection, state: WriterState, messages: MessageWriter) {
  // The first reason stays; one without an end takes the place of one that ends.
  const insert = db.prepare(
    `INSERT INTO suppressions (address, scope, reason, source, class, detail, delivery_id, created_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (address, scope) DO UPDATE SET reason = excluded.reason, source = excluded.source,
       class = excluded.class, detail = excluded.detail, delivery_id = excluded.delivery_id,
       created_at = excluded.created_at, expires_at = excluded.expires_at
     WHERE suppressions.expires_at IS NOT NULL`,
  );
  const find = db.prepare('SELECT reason, scope, expires_at FROM suppressions WHERE address = ?').raw();
  const existing = db.prepare('SELECT 1 FROM suppressions WHERE address = ? AND scope = ?').pluck();
  const remove = db.prepare('DELETE FROM suppressions WHERE address = ? AND scope = ?');
  const removeAll = db.prepare('DELETE FROM suppressions WHERE address = ?');
  const countSoft = db
    .prepare(
      `INSERT INTO soft_bounces (address, scope, run, last_at) VALUES (?, ?, 1, ?)
       ON CONFLICT (address, scope) DO UPDATE SET run = run + 1, last_at = excluded.last_at RETURNING run`,
    )
    .pluck();
  const countSoftLater = db
    .prepare(
      `INSERT INTO soft_bounces (address, scope, run, last_at) VALUES (?, ?, 1, ?)
       ON CONFLICT (address, scope) DO UPDATE
         SET run = max(run, taken_run) + 1, taken_run = 0, last_at = excluded.last_at RETURNING run`,
    )
    .pluck();
  const setAside = db.prepare(
    'UPDATE soft_bounces SET taken_run = max(taken_run, run), run = 0 WHERE address = ?',
  );
  const messageOf = db
    .prepare('SELECT m.seq, m.id FROM deliveries d JOIN messages m ON m.seq = d.message WHERE d.id = ?')
    .raw();
  const forgetSoft = db.prepare('DELETE FROM soft_bounces WHERE address = ?');
  let softRuns = Number(db.prepare('SELECT count(*) FROM soft_bounces').pluck().get());

  /** The message too, so that its journey has the event. */
  function aboutDelivery(deliveryId: string): { deliveryId: string; seq?: number; messageId?: string } {
    const [seq, messageId] = (messageOf.get(deliveryId) ?? []) as [number?, string?];
    return {
      deliveryId,
      ...(seq === undefined || messageId === undefined ? {} : { seq, messageId }),
    };
  }

  function add(list: readonly NewSuppression[]): number {
    let kept = 0;
    for (const one of list) {
      const inserted = existing.get(one.address, one.scope) === undefined;
      const { changes } = insert.run(
        one.address,
        one.scope,
        one.reason,
        one.source,
        one.class,
        one.detail,
        one.deliveryId,
        one.createdAtMs,
        one.expiresAtMs,
      );
      if (changes === 0) continue;
      kept++;
      if (inserted) state.suppressions++;
      messages.event('suppressed', Date.now(), {
        ...(one.deliveryId === null ? {} : aboutDelivery(one.deliveryId)),
        virtualAtMs: one.createdAtMs,
        data: { address: one.address, scope: one.scope, reason: one.reason, source: one.source },
      });
    }
    return kept;
  }

  return {
    add,

    /** The suppression that covers a recipient, if there is one that has not ended. */
    covering(
      recipient: string,
      stream: Stream,
      nowMs: number,
    ): { readonly reason: SuppressionReason; readonly scope: SuppressionScope } | null {
      if (state.suppressions === 0) return null;
      const rows = find.all(recipient.toLowerCase()) as [
        SuppressionReason,
        SuppressionScope,
        number | null,
      ][];
      const [reason, scope] =
        rows.find(
          ([, covers, expires]) => coversStream(covers, stream) && (expires === null || expires > nowMs),
        ) ?? [];
      return reason === undefined || scope === undefined ? null : { reason, scope };
    },

    /**
     * One more soft bounce in a row; the one that makes the run full suppresses. One that comes after the message was
     * taken shows that being taken says nothing there: what that had ended goes on.
     */
    softBounce({ suppression, runMax }: SoftBounce, when: 'at_once' | 'after_it_was_taken'): void {
      const count = when === 'at_once' ? countSoft : countSoftLater;
      const run = Number(count.get(suppression.address, suppression.scope, suppression.createdAtMs));
      softRuns++;
      if (run >= runMax) {
        add([suppression]);
        forgetSoft.run(suppression.address);
      }
    },

    /** A delivery was taken: a run of soft bounces is over, unless it bounces later. */
    taken(recipient: string): void {
      if (softRuns > 0) setAside.run(recipient.toLowerCase());
    },

    /** A delivery got into the mailbox: a run of soft bounces is over. */
    reached(recipient: string): void {
      if (softRuns > 0) forgetSoft.run(recipient.toLowerCase());
    },

    remove(address: string, scope: string | null): number {
      const { changes } = scope === null ? removeAll.run(address) : remove.run(address, scope);
      if (changes > 0) {
        state.suppressions -= changes;
        messages.event('unsuppressed', Date.now(), { data: { address, scope } });
      }
      return changes;
    },
  };
}

export type SuppressionWriter = ReturnType<typeof suppressionWriter>;
