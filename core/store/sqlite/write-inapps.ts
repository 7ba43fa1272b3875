/** The writer's part for in-app messages: one row a message and user, and the delivery that it is of. */
import {
  type InAppChange,
  type InAppState,
  impressionsKept,
  inAppExpireAct,
  type KeptInApps,
  type NewInApp,
} from '../../model/inapp.ts';
import type { AddDeliveries } from '../store.ts';
import type { Connection } from './open.ts';
import type { DeliveryWriter } from './write-deliveries.ts';
import type { FarSideWriter } from './write-far-side.ts';
import type { MessageWriter } from './write-messages.ts';
import type { WriterState } from './writer-state.ts';

interface InAppStanding {
  readonly seq: number;
  readonly id: string;
  readonly user: string;
  readonly message: number | null;
  readonly message_id: string;
  readonly delivery_id: string | null;
  readonly state: InAppState;
  readonly pulled_at: number | null;
  readonly seen_at: number | null;
  readonly read_at: number | null;
  readonly archived_at: number | null;
  readonly interacted_at: number | null;
  readonly dismissed_at: number | null;
  readonly snoozed_until: number | null;
  readonly impressions: number;
  readonly impressions_at: string;
}

/** The message that they came with, in this transaction. */
interface Accepted {
  readonly seq: number;
  readonly project: string;
}

interface KeptInApp {
  readonly user: string;
  readonly message_id: string;
  readonly project: string;
  readonly content: string;
  readonly display: string;
  readonly tags: string;
  readonly priority: number;
  readonly save_to_inbox: number;
  readonly expires_at: number | null;
}

export function inAppWriter(
  db: Connection,
  state: Pick<WriterState, 'mayHaveEnded'>,
  messages: MessageWriter,
  deliveries: DeliveryWriter,
  farSide: FarSideWriter,
) {
  const insert = db.prepare(
    `INSERT INTO inapps (id, user, message, message_id, delivery_id, project, state, priority, content, display, tags,
       save_to_inbox, created_at, available_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const byId = db.prepare(
    `SELECT seq, id, user, message, message_id, delivery_id, state, pulled_at, seen_at, read_at, archived_at, interacted_at,
       dismissed_at, snoozed_until, impressions, impressions_at FROM inapps WHERE id = ?`,
  );
  const update = db.prepare(
    `UPDATE inapps SET state = ?, pulled_at = ?, seen_at = ?, read_at = ?, archived_at = ?, interacted_at = ?,
       dismissed_at = ?, snoozed_until = ?, impressions = ?, impressions_at = ? WHERE seq = ?`,
  );
  const messageSeq = db.prepare('SELECT seq FROM messages WHERE id = ?').pluck();
  const lastOf = db.prepare(
    `SELECT user, message_id, project, content, display, tags, priority, save_to_inbox, expires_at FROM inapps
     WHERE delivery_id = ? ORDER BY seq DESC LIMIT 1`,
  );

  /** @returns seq of its row */
  function put(inapp: NewInApp, accepted: Accepted | null): number {
    const message = accepted?.seq ?? (messageSeq.get(inapp.messageId) as number | undefined) ?? null;
    const { lastInsertRowid } = insert.run(
      inapp.id,
      inapp.user,
      message,
      inapp.messageId,
      inapp.deliveryId,
      accepted?.project ?? inapp.project,
      inapp.state,
      inapp.priority,
      JSON.stringify(inapp.content),
      JSON.stringify(inapp.display),
      JSON.stringify(inapp.tags),
      inapp.saveToInbox ? 1 : 0,
      inapp.createdAtMs,
      inapp.availableAtMs,
      inapp.expiresAtMs,
    );
    // Those that came with a message are told of together.
    if (accepted !== null) return Number(lastInsertRowid);
    messages.event('inapp', Date.now(), {
      messageId: inapp.messageId,
      ...(message === null ? {} : { seq: message }),
      ...(inapp.deliveryId === null ? {} : { deliveryId: inapp.deliveryId }),
      virtualAtMs: inapp.createdAtMs,
      data: { id: inapp.id, user: inapp.user, what: 'created', by: 'order', state: inapp.state },
    });
    return Number(lastInsertRowid);
  }

  /** Their room knows the rows; it needs to know where they are. They stand one behind the other. */
  function putWith(puts: readonly NewInApp[], accepted: Accepted): void {
    const [first] = puts.map((one) => put(one, accepted));
    const [inapp] = puts;
    if (first === undefined || inapp === undefined) return;
    messages.event('inapp', Date.now(), {
      messageId: inapp.messageId,
      seq: accepted.seq,
      project: accepted.project,
      virtualAtMs: inapp.createdAtMs,
      data: { what: 'created', first, count: puts.length },
    });
  }

  function change(wanted: InAppChange): boolean {
    const row = byId.get(wanted.id) as InAppStanding | undefined;
    // What was canceled, held or ended in the meantime is not pulled, shown or ended once more.
    if (row === undefined || !isStill(row.state, wanted.state)) return false;
    const { times = {}, impressionAtMs } = wanted;
    const at = <Name extends keyof typeof times>(name: Name, old: number | null): number | null => {
      const next = times[name];
      return next === undefined ? old : next;
    };
    const impressions =
      impressionAtMs === undefined
        ? row.impressions_at
        : JSON.stringify(
            [...(JSON.parse(row.impressions_at) as number[]), impressionAtMs].slice(-impressionsKept),
          );
    const next = wanted.state ?? row.state;
    update.run(
      next,
      at('pulledAtMs', row.pulled_at),
      at('seenAtMs', row.seen_at),
      at('readAtMs', row.read_at),
      at('archivedAtMs', row.archived_at),
      at('interactedAtMs', row.interacted_at),
      at('dismissedAtMs', row.dismissed_at),
      at('snoozedUntilMs', row.snoozed_until),
      row.impressions + (impressionAtMs === undefined ? 0 : 1),
      impressions,
      row.seq,
    );
    if (wanted.delivery != null && row.delivery_id !== null)
      deliveries.stepTo(row.delivery_id, wanted.delivery, wanted.nowMs);
    const about = {
      ...(row.message === null ? {} : { seq: row.message }),
      messageId: row.message_id,
      ...(row.delivery_id === null ? {} : { deliveryId: row.delivery_id }),
      virtualAtMs: wanted.nowMs,
    };
    const { fact } = wanted;
    if (fact !== undefined)
      messages.event(fact.type, Date.now(), {
        ...about,
        data: { ...fact.data, id: row.id, user: row.user },
      });
    if (row.delivery_id !== null && (fact?.type === 'opened' || fact?.type === 'clicked'))
      deliveries.engagedWith(row.delivery_id, fact.type, wanted.nowMs);
    messages.event('inapp', Date.now(), {
      ...about,
      data: { ...wanted.note, id: row.id, user: row.user, what: wanted.what, state: next },
    });
    // Dismissed or archived, it waits no more to be shown, and its delivery stays as it is.
    if (row.state === 'pulled' && row.message !== null) state.mayHaveEnded(row.message);
    return true;
  }

  return {
    /** A delivery that is tried again waits for its user anew: what is new of it is unseen. */
    putAgain({ carriage, deliveries: again, nowMs }: AddDeliveries): void {
      if (carriage !== 'inapp') return;
      for (const { id, retryOf, expiresAtMs } of again) {
        const before = lastOf.get(retryOf) as KeptInApp | undefined;
        if (before === undefined) continue;
        const endsAtMs = before.expires_at === null ? null : expiresAtMs;
        put(
          {
            id,
            user: before.user,
            messageId: before.message_id,
            deliveryId: id,
            project: before.project,
            content: JSON.parse(before.content),
            display: JSON.parse(before.display),
            tags: JSON.parse(before.tags),
            priority: before.priority,
            saveToInbox: before.save_to_inbox === 1,
            createdAtMs: nowMs,
            availableAtMs: nowMs,
            expiresAtMs: endsAtMs,
            state: 'waiting',
          },
          null,
        );
        if (endsAtMs !== null)
          farSide.addActs([
            { dueAtMs: endsAtMs, kind: inAppExpireAct, data: { messageId: before.message_id } },
          ]);
      }
    },

    /** @param accepted the message that they came with in this transaction, or null: it is stored already */
    keep({ puts, changes, acts = [] }: KeptInApps, accepted: Accepted | null, _nowMs: number): void {
      for (const one of changes) change(one);
      if (accepted !== null) putWith(puts, accepted);
      else for (const one of puts) put(one, null);
      if (acts.length > 0) farSide.addActs(acts);
    },
  };
}

function isStill(now: InAppState, wanted: InAppState | undefined): boolean {
  if (now === 'canceled' || now === 'expired') return wanted === undefined;
  return now !== 'held' || wanted === undefined || wanted === 'expired' || wanted === 'canceled';
}
