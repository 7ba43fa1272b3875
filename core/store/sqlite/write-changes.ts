/** The writer's part for changes: read marks, tags, deleting, projects, settings. */
import type { Placement, Status, Substatus } from '../../model/delivery.ts';
import type { Retention } from '../../model/message.ts';
import { multiActs } from '../../model/multi-steps.ts';
import type { Selection } from '../store.ts';
import type { Connection } from './open.ts';
import { searchSql } from './search-sql.ts';
import type { MessageWriter } from './write-messages.ts';
import type { RuleWriter } from './write-rules.ts';
import type { WriterState } from './writer-state.ts';

/** Messages that one transaction deletes at the most, so that what comes in never waits long. */
export const deleteStepMax = 500;

/** What removing a message needs to know of it. */
export interface Doomed {
  readonly seq: number;
  readonly id: string;
  readonly project: number;
  readonly bytes: number;
  readonly raw: string;
  readonly read: number;
}

export function changeWriter(
  db: Connection,
  state: WriterState,
  messages: MessageWriter,
  rules: RuleWriter,
  nowMs: () => number,
) {
  const columns = 'm.seq, m.id, m.project, m.bytes, m.raw, m.read';
  const byId = db.prepare(`SELECT ${columns} FROM messages m WHERE m.id = ?`);
  const deleteRaw = db.prepare('DELETE FROM raw WHERE id = ?');
  const deleteMessage = db.prepare('DELETE FROM messages WHERE seq = ?');
  const deleteSummary = db.prepare('DELETE FROM summaries WHERE seq = ?');
  const deleteSearch = db.prepare('DELETE FROM search WHERE rowid = ?');
  const deliveriesOf = db
    .prepare('SELECT seq, id, status, substatus FROM deliveries WHERE message = ?')
    .raw();
  // What would wait for a release that cannot come any more; the others find their message gone when they are due.
  const deleteActs = db.prepare('DELETE FROM acts WHERE delivery_id = ? AND due_at IS NULL');
  const deleteDelivery = db.prepare('DELETE FROM deliveries WHERE seq = ?');
  const deleteDeliveries = db.prepare('DELETE FROM deliveries WHERE message = ?');
  const deleteAttempts = db.prepare('DELETE FROM attempts WHERE delivery = ?');
  const deleteReports = db.prepare('DELETE FROM reports WHERE delivery = ?');
  const deleteEvidence = db.prepare(
    'DELETE FROM evidence WHERE id IN (SELECT evidence FROM attempts WHERE delivery = ? AND evidence IS NOT NULL)',
  );
  const copiesOf = db
    .prepare('SELECT seq, mailbox, placement, flags, report, raw FROM copies WHERE message = ?')
    .raw();
  const deleteCopy = db.prepare('DELETE FROM copies WHERE seq = ?');
  const deleteReport = db.prepare('DELETE FROM evidence WHERE id = ?');
  const deletePushes = db.prepare('DELETE FROM pushes WHERE message = ?');
  const deleteSmses = db.prepare('DELETE FROM smses WHERE message = ?');
  const deleteInApps = db.prepare('DELETE FROM inapps WHERE message = ?');
  const deleteSteps = db.prepare('DELETE FROM multi_steps WHERE message_id = ?');
  // The send would wait for it for ever: with its message goes what the far side had of it, and nobody tells any more.
  const wayGone = db.prepare(
    `INSERT INTO acts (due_at, kind, data) SELECT started_at, ?, json_object('deliveryId', delivery_id, 'step', step)
     FROM multi_steps WHERE child_id = ? AND status IN ('queued', 'sent')`,
  );
  const setRead = db.prepare('UPDATE messages SET read = ? WHERE seq = ?');

  function doomedBy(sql: string, parameters: readonly (string | number)[]): Doomed[] {
    return db.prepare(`SELECT ${columns} ${sql}`).all(...parameters) as Doomed[];
  }

  function selectionSql(selection: Selection): {
    readonly sql: string;
    readonly parameters: (string | number)[];
  } {
    const search = searchSql(selection);
    const conditions = [...search.conditions];
    const parameters = [...search.parameters];
    if (search.match !== null) {
      conditions.unshift('m.seq IN (SELECT rowid FROM search WHERE search MATCH ?)');
      parameters.unshift(search.match);
    }
    return {
      sql: `FROM messages m${conditions.length === 0 ? ' WHERE 1' : ` WHERE ${conditions.join(' AND ')}`}`,
      parameters,
    };
  }

  function remove(rows: readonly Doomed[], why: 'asked' | 'retention'): number {
    if (rows.length === 0) return 0;
    let queued = 0;
    for (const row of rows) {
      for (const chunk of row.raw.split(',')) deleteRaw.run(Number(chunk));
      queued += removeDeliveries(row.seq);
      deleteMessage.run(row.seq);
      deleteSteps.run(row.id);
      // What retention takes had ended, or was sent and nothing more is known of it: that stays as it is.
      if (why === 'asked') wayGone.run(multiActs.gone, row.id);
      rules.messageRemoved(row.id);
      state.messageRemoved(row);
      if (deleteSummary.run(row.seq).changes > 0) deleteSearch.run(row.seq);
      else state.waitingForIndex--;
      const project = state.projectsById.get(row.project);
      if (project === undefined) continue;
      project.messages--;
      project.bytes -= row.bytes;
      if (row.read === 0) project.unread--;
      project.dirty = true;
    }
    state.mark('messages');
    state.mark('deliveries');
    messages.event('deleted', nowMs(), {
      // Whoever deletes what still waits is told that it will not be delivered.
      data: { ids: rows.map((row) => row.id), why, ...(queued === 0 ? {} : { queuedDeliveries: queued }) },
    });
    return rows.length;
  }

  /**
   * Everything that hangs on a message: its deliveries with their attempts and evidence, and its copies in mailboxes.
   * @returns how many of the deliveries were still queued
   */
  function removeDeliveries(message: number): number {
    let queued = 0;
    for (const [seq, id, status, substatus] of deliveriesOf.all(message) as [
      number,
      string,
      Status,
      Substatus | null,
    ][]) {
      deleteEvidence.run(seq);
      deleteReports.run(seq);
      deleteAttempts.run(seq);
      if (substatus === 'held') deleteActs.run(id);
      if (status === 'queued') queued++;
      state.countDelivery({ status, substatus }, null);
    }
    deleteDeliveries.run(message);
    deletePushes.run(message);
    deleteSmses.run(message);
    deleteInApps.run(message);
    const copies = copiesOf.all(message) as [number, string, Placement, string, number, number][];
    for (const [seq, mailbox, placement, flagsText, report, raw] of copies) {
      const flags = JSON.parse(flagsText) as { readonly deleted?: boolean; readonly seen?: boolean };
      db.prepare(
        `UPDATE mailboxes SET ${placement} = max(0, ${placement} - ?), unseen = max(0, unseen - ?) WHERE address = ?`,
      ).run(flags.deleted === true ? 0 : 1, flags.deleted === true || flags.seen === true ? 0 : 1, mailbox);
      deleteCopy.run(seq);
      deleteRaw.run(raw);
      deleteReport.run(report);
    }
    if (copies.length > 0)
      db.prepare('DELETE FROM mailboxes WHERE inbox + promotions + updates + spam = 0').run();
    return queued;
  }

  function mark(rows: readonly Doomed[], read: boolean): Doomed[] {
    const changed = rows.filter((row) => (row.read === 1) !== read);
    for (const row of changed) {
      setRead.run(read ? 1 : 0, row.seq);
      const project = state.projectsById.get(row.project);
      if (project === undefined) continue;
      project.unread += read ? -1 : 1;
      project.dirty = true;
    }
    return changed;
  }

  function found(ids: readonly string[]): Doomed[] {
    return ids.flatMap((id) => {
      const row = byId.get(id) as Doomed | undefined;
      return row === undefined ? [] : [row];
    });
  }

  /** Calls of webhooks that ended, with their attempts and evidence. */
  function removeCalls(seqs: readonly number[]): void {
    if (seqs.length === 0) return;
    // Before the newest of them may be gone.
    state.mark('deliveries');
    for (const seq of seqs) {
      deleteEvidence.run(seq);
      deleteAttempts.run(seq);
      deleteDelivery.run(seq);
    }
  }

  return {
    remove,
    removeCalls,

    setRead(ids: readonly string[], read: boolean): string[] {
      const changed = mark(found(ids), read);
      for (const { seq, id } of changed) {
        messages.event(read ? 'read' : 'unread', nowMs(), { seq, messageId: id });
      }
      return changed.map((row) => row.id);
    },

    markAllRead(selection: Selection): number {
      const { sql, parameters } = selectionSql(selection);
      const changed = mark(doomedBy(`${sql} AND m.read = 0`, parameters), true);
      if (changed.length > 0) messages.event('read', nowMs(), { data: { count: changed.length } });
      return changed.length;
    },

    setTags(id: string, tags: readonly string[]): boolean {
      const seq = db
        .prepare('UPDATE messages SET tags = ? WHERE id = ? RETURNING seq')
        .pluck()
        .get(JSON.stringify(tags), id) as number | undefined;
      if (seq === undefined) return false;
      messages.event('tagged', nowMs(), { seq, messageId: id, data: { tags } });
      return true;
    },

    delete(ids: readonly string[]): number {
      return remove(found(ids), 'asked');
    },

    /** One step of deleting a selection: at most `deleteStepMax` of what is not newer than `upTo`. */
    deleteStep(selection: Selection, upTo: number): number {
      const { sql, parameters } = selectionSql(selection);
      return remove(
        doomedBy(`${sql} AND m.seq <= ? ORDER BY m.seq DESC LIMIT ?`, [...parameters, upTo, deleteStepMax]),
        'asked',
      );
    },

    saveProject(name: string, retention: Retention | null, fixed: boolean | null): void {
      const project = state.project(name);
      if (retention !== null) {
        db.prepare('UPDATE projects SET retention = ? WHERE id = ?').run(
          JSON.stringify(retention),
          project.id,
        );
      }
      if (fixed !== null)
        db.prepare('UPDATE projects SET fixed = ? WHERE id = ?').run(fixed ? 1 : 0, project.id);
      messages.event('project', nowMs(), { project: name });
    },

    deleteProject(name: string): boolean {
      const project = state.projects.get(name);
      if (project === undefined || project.messages > 0 || project.id === 1) return false;
      db.prepare('DELETE FROM projects WHERE id = ?').run(project.id);
      state.forgetProject(project);
      messages.event('project', nowMs(), { project: name, data: { deleted: true } });
      return true;
    },

    saveSetting(key: string, value: string): void {
      db.prepare(
        'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
      ).run(key, value);
      messages.event('settings', nowMs(), { data: { key } });
    },
  };
}

export type ChangeWriter = ReturnType<typeof changeWriter>;
