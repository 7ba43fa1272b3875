/** The writer's part for what the far side keeps: copies in mailboxes, later acts, and documents of settings. */
import type { Placement } from '../../model/delivery.ts';
import type { CopyFlags } from '../../model/mailbox-copy.ts';
import type { KeptAnswer } from '../../model/message.ts';
import type { CopyChange, NewAct } from '../store.ts';
import type { Connection, Statement } from './open.ts';
import type { CopyHead } from './operations.ts';
import type { DeliveryWriter } from './write-deliveries.ts';
import type { MessageWriter } from './write-messages.ts';
import type { WriterState } from './writer-state.ts';

/** How long an idempotency key is remembered, and how many at the most. */
const answerAgeMsMax = 24 * 3_600_000;

export function farSideWriter(
  db: Connection,
  state: WriterState,
  messages: MessageWriter,
  deliveries: DeliveryWriter,
) {
  const insertRaw = db.prepare('INSERT INTO raw (id, bytes) VALUES (?, ?)');
  const insertEvidence = db.prepare('INSERT INTO evidence (id, value) VALUES (?, ?)');
  const insertCopy = db.prepare(
    `INSERT INTO copies (seq, id, provider, mailbox, delivery, delivery_id, message, message_id, received_at, placement,
       envelope_from, report, raw, head_only) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const bump: Readonly<Record<Placement, Statement<[string, string, number]>>> = {
    inbox: upsert('inbox'),
    promotions: upsert('promotions'),
    updates: upsert('updates'),
    spam: upsert('spam'),
  };
  const copyById = db
    .prepare('SELECT seq, mailbox, placement, flags, delivery_id FROM copies WHERE id = ?')
    .raw();
  const setCopy = db.prepare('UPDATE copies SET placement = ?, flags = ? WHERE seq = ?');
  const messageSeq = db.prepare('SELECT seq FROM messages WHERE id = ?').pluck();
  const addAct = db.prepare('INSERT INTO acts (due_at, kind, data, delivery_id) VALUES (?, ?, ?, ?)');
  const finishAct = db.prepare('DELETE FROM acts WHERE seq = ? RETURNING delivery_id').pluck();
  const saveDocument = db.prepare(
    `INSERT INTO documents (kind, key, value) VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value`,
  );
  const deleteDocument = db.prepare('DELETE FROM documents WHERE kind = ? AND key = ?');
  const keepAnswer = db.prepare(
    `INSERT INTO idempotency (key, hash, answer, created_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET hash = excluded.hash, answer = excluded.answer, created_at = excluded.created_at`,
  );
  const forgetAnswers = db.prepare('DELETE FROM idempotency WHERE created_at < ?');

  function upsert(placement: Placement): Statement<[string, string, number]> {
    return db.prepare<[string, string, number]>(
      `INSERT INTO mailboxes (address, provider, ${placement}, unseen, last_at) VALUES (?, ?, 1, 1, ?)
       ON CONFLICT (address) DO UPDATE SET ${placement} = ${placement} + 1, unseen = unseen + 1, last_at = excluded.last_at`,
    );
  }

  function keepOne(copy: CopyHead, report: number, raw: number): void {
    const seq = ++state.copySeq;
    const delivery = copy.deliveryId === null ? null : deliveries.standing(copy.deliveryId);
    const message = delivery?.message ?? (messageSeq.get(copy.messageId) as number | undefined) ?? null;
    insertCopy.run(
      seq,
      copy.id,
      copy.provider,
      copy.mailbox,
      delivery?.seq ?? null,
      copy.deliveryId,
      message,
      copy.messageId,
      copy.receivedAtMs,
      copy.placement,
      copy.envelopeFrom,
      report,
      raw,
      copy.headOnly ? 1 : 0,
    );
    bump[copy.placement].run(copy.mailbox, copy.provider, copy.receivedAtMs);
    messages.event('mailbox', Date.now(), {
      ...(message === null ? {} : { seq: message }),
      messageId: copy.messageId,
      ...(copy.deliveryId === null ? {} : { deliveryId: copy.deliveryId }),
      virtualAtMs: copy.receivedAtMs,
      data: { copyId: copy.id, mailbox: copy.mailbox, provider: copy.provider, placement: copy.placement },
    });
    if (copy.deliveryId !== null && delivery?.status === 'sent')
      deliveries.placed(copy.deliveryId, copy.placement, copy.receivedAtMs);
  }

  /** Copies of one transaction share the bytes, and the report where it is the same. */
  function keepGroup(copies: readonly CopyHead[], bytes: Uint8Array): void {
    const reports = new Map<string, number>();
    const raw = ++state.rawId;
    insertRaw.run(raw, bytes);
    for (const copy of copies) {
      let report = reports.get(copy.report);
      if (report === undefined) {
        report = ++state.evidenceId;
        insertEvidence.run(report, copy.report);
        reports.set(copy.report, report);
      }
      keepOne(copy, report, raw);
    }
  }

  function addActs(acts: readonly NewAct[]): void {
    for (const { dueAtMs, kind, data, awaitedBy = null } of acts)
      addAct.run(dueAtMs, kind, JSON.stringify(data), awaitedBy);
  }

  return {
    keepCopies(
      groups: readonly { readonly copies: readonly CopyHead[]; readonly length: number }[],
      bytes: Uint8Array,
      acts: readonly NewAct[],
    ): void {
      let at = 0;
      for (const { copies, length } of groups) {
        keepGroup(copies, bytes.subarray(at, at + length));
        at += length;
      }
      addActs(acts);
    },

    changeCopy(id: string, change: CopyChange): boolean {
      const row = copyById.get(id) as [number, string, Placement, string, string | null] | undefined;
      if (row === undefined) return false;
      const [seq, mailbox, before, flagsText, deliveryId] = row;
      const flags = JSON.parse(flagsText) as Partial<CopyFlags>;
      const next = { ...flags, ...change.flags };
      const placement = change.placement ?? before;
      setCopy.run(placement, JSON.stringify(next), seq);
      const goes = next.deleted === true && flags.deleted !== true;
      const seen = next.seen === true && flags.seen !== true;
      if (placement !== before || goes) {
        db.prepare(`UPDATE mailboxes SET ${before} = max(0, ${before} - 1) WHERE address = ?`).run(mailbox);
        if (!goes)
          db.prepare(`UPDATE mailboxes SET ${placement} = ${placement} + 1 WHERE address = ?`).run(mailbox);
      }
      if (seen || (goes && flags.seen !== true))
        db.prepare('UPDATE mailboxes SET unseen = max(0, unseen - 1) WHERE address = ?').run(mailbox);
      messages.event('mailbox', Date.now(), {
        ...(deliveryId === null ? {} : { deliveryId }),
        data: { copyId: id, mailbox, placement, flags: next },
      });
      return true;
    },

    addActs,

    finishActs(seqs: readonly number[]): void {
      for (const seq of seqs) {
        const awaitedBy = finishAct.get(seq) as string | null | undefined;
        if (typeof awaitedBy !== 'string') continue;
        const message = deliveries.standing(awaitedBy)?.message ?? null;
        if (message !== null) state.mayHaveEnded(message);
      }
    },

    saveDocument(kind: string, key: string, value: string): void {
      saveDocument.run(kind, key, value);
    },

    deleteDocument(kind: string, key: string): void {
      deleteDocument.run(kind, key);
    },

    keepAnswer({ key, hash, answer, nowMs }: KeptAnswer): void {
      forgetAnswers.run(nowMs - answerAgeMsMax);
      keepAnswer.run(key, hash, JSON.stringify(answer), nowMs);
    },
  };
}

export type FarSideWriter = ReturnType<typeof farSideWriter>;
