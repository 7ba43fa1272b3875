/** The writer's part for retention: removes what is over the limits, a small step at a time. */
import type { Retention } from '../../model/message.ts';
import type { Connection } from './open.ts';
import type { PruneScope } from './prune-scope.ts';
import { type ChangeWriter, type Doomed, deleteStepMax } from './write-changes.ts';
import type { WriterState } from './writer-state.ts';

/** Exchanges kept at the most; the oldest go first. */
const exchangesMax = 20_000;
/** Events kept at the most; a client further behind than that starts anew. */
const eventsMax = 500_000;
const eventsStepMax = 5_000;
const transcriptsStepMax = 5_000;
/** Calls of webhooks that ended: how many are kept, and how long, by either clock. Those that wait stay. */
const callsMax = 20_000;
/** Answers of handsets, and what providers send by themselves. */
const answersMax = 20_000;
const callAgeMsMax = 7 * 24 * 3_600_000;
/** Messages that one step looks at, for most of them may be such that wait. */
const lookedAtStepMax = 5_000;

interface Candidate extends Doomed {
  readonly received_at: number;
  /** 1: it is not at its end yet. */
  readonly waits: number;
}

/** An in-app message that was handed out, and may still be shown for the first time (core/channels/inapp/rows.ts). */
const waitsToBeShown = `SELECT 1 FROM inapps i WHERE i.delivery_id = d.id AND i.state = 'pulled' AND i.archived_at IS NULL
      AND (i.dismissed_at IS NULL OR i.save_to_inbox = 1 OR i.display ->> '$.kind' = 'inbox'
        OR i.display ->> '$.frequency' = 'always')`;

/**
 * A message waits while one of its deliveries does: for its turn, for a release, or, taken by a provider, for what the far
 * side has yet to do with it. What a provider took and nothing more is known of is at its end as far as anyone can tell.
 */
const candidateSql = `SELECT m.seq, m.id, m.project, m.bytes, m.raw, m.read, m.received_at,
    EXISTS (SELECT 1 FROM deliveries d WHERE d.message = m.seq AND (d.status = 'queued'
      OR d.status = 'sent' AND (d.substatus = 'held' OR EXISTS (SELECT 1 FROM acts a WHERE a.delivery_id = d.id)
        OR d.carriage = 'inapp' AND EXISTS (${waitsToBeShown})))) AS waits
  FROM messages m`;

export function retentionWriter(db: Connection, state: WriterState, changes: ChangeWriter) {
  const oldest = db.prepare(`${candidateSql} WHERE m.seq >= ? ORDER BY m.seq LIMIT ?`);
  const oldestOfProject = db.prepare(
    `${candidateSql} WHERE m.project = ? AND m.seq >= ? ORDER BY m.seq LIMIT ?`,
  );
  // By itself SQLite takes the index of messages here, and reads every call that waits.
  const ended = 'deliveries INDEXED BY calls_ended WHERE message IS NULL AND ended_at IS NOT NULL';
  const countCalls = db.prepare(`SELECT count(*) FROM (SELECT 1 FROM ${ended} LIMIT ?)`).pluck();
  const oldestCalls = db.prepare(
    `SELECT seq, ended_at, (SELECT max(started_at_wall) FROM attempts WHERE delivery = seq) AS tried_at
     FROM ${ended} ORDER BY ended_at, seq LIMIT ?`,
  );
  const candidate = db.prepare(`${candidateSql} WHERE m.seq = ?`);
  const oldAnswers = db
    .prepare('SELECT seq FROM smses WHERE message IS NULL ORDER BY seq DESC LIMIT 1 OFFSET ?')
    .pluck();
  const deleteAnswers = db.prepare(
    'DELETE FROM smses WHERE seq IN (SELECT seq FROM smses WHERE message IS NULL AND seq <= ? ORDER BY seq LIMIT ?)',
  );

  function candidates({ project, cursor }: PruneScope): IterableIterator<unknown> {
    return project === null
      ? oldest.iterate(cursor, lookedAtStepMax)
      : oldestOfProject.iterate(project, cursor, lookedAtStepMax);
  }

  /** @returns whether there is more to do at once */
  function pruneMessages(scope: PruneScope, limits: Retention, atMs: number): boolean {
    const { countMax, bytesMax, ageMaxMs } = limits;
    if (countMax === null && bytesMax === null && ageMaxMs === null) return false;
    const counts = scope.project === null ? state.counts() : state.projectsById.get(scope.project);
    if (counts === undefined) return false;
    let excess = countMax === null ? 0 : counts.messages - scope.passed - countMax;
    let excessBytes = bytesMax === null ? 0 : counts.bytes - scope.passedBytes - bytesMax;
    const oldBefore = ageMaxMs === null ? Number.NEGATIVE_INFINITY : atMs - ageMaxMs;
    const isOver = (row: Candidate): boolean =>
      (countMax !== null && excess > 0) ||
      (bytesMax !== null && excessBytes > 0) ||
      row.received_at < oldBefore;
    const doomed: Candidate[] = [];

    // What waited when it was passed over, and has ended since, is older than all the rest.
    for (const seq of [...scope.freed].slice(0, deleteStepMax)) {
      scope.freed.delete(seq);
      const row = candidate.get(seq) as Candidate | undefined;
      if (row === undefined || row.waits === 1) continue;
      if (scope.project !== null && row.project !== scope.project) continue;
      excess++;
      excessBytes += row.bytes;
      // The limits may be such now that it stays: asked again behind the others.
      scope.freed.add(seq);
      if (!isOver(row)) continue;
      excess--;
      excessBytes -= row.bytes;
      doomed.push(row);
    }

    const passed: Candidate[] = [];
    let lookedAt = 0;
    for (const row of candidates(scope) as IterableIterator<Candidate>) {
      if (doomed.length >= deleteStepMax || !isOver(row)) break;
      lookedAt++;
      excess--;
      excessBytes -= row.bytes;
      (row.waits === 1 ? passed : doomed).push(row);
    }
    changes.remove(doomed, 'retention');
    for (const row of passed) {
      scope.cursor = row.seq + 1;
      scope.passed++;
      scope.passedBytes += row.bytes;
    }
    return doomed.length >= deleteStepMax || lookedAt >= lookedAtStepMax;
  }

  function pruneExchanges(): void {
    if (state.exchanges <= exchangesMax) return;
    removeExchanges(Math.min(deleteStepMax, state.exchanges - exchangesMax));
  }

  /** A step stops at a number of transcripts too: one session may have handed over a hundred thousand messages. */
  function removeExchanges(limit: number): number {
    const rows = db
      .prepare("SELECT seq, last_transcript FROM exchanges WHERE outcome <> 'open' ORDER BY seq LIMIT ?")
      .raw()
      .all(limit) as [number, number | null][];
    const previous = db.prepare('SELECT previous FROM transcripts WHERE id = ?').pluck();
    const removeTranscript = db.prepare('DELETE FROM transcripts WHERE id = ?');
    let budget = transcriptsStepMax;
    let removed = 0;
    for (const [seq, last] of rows) {
      let id = last;
      for (; id !== null && budget > 0; budget--) {
        const before = (previous.get(id) ?? null) as number | null;
        removeTranscript.run(id);
        id = before;
      }
      if (id !== null) {
        db.prepare('UPDATE exchanges SET last_transcript = ? WHERE seq = ?').run(id, seq);
        break;
      }
      db.prepare('DELETE FROM exchanges WHERE seq = ?').run(seq);
      removed++;
    }
    state.exchanges -= removed;
    if (removed > 0) state.mark('exchanges');
    return removed;
  }

  function pruneEvents(): void {
    const first = Number(db.prepare('SELECT min(seq) FROM events').pluck().get() ?? 0);
    const keepFrom = state.eventSeq - eventsMax;
    if (first >= keepFrom) return;
    db.prepare('DELETE FROM events WHERE seq < ?').run(Math.min(keepFrom, first + eventsStepMax));
  }

  /** Their virtual end may lie far off, of a clock that stands still say: then the wall clock of the attempt decides. */
  function pruneCalls(atMs: number): boolean {
    const excess = Number(countCalls.get(callsMax + deleteStepMax)) - callsMax;
    const before = atMs - callAgeMsMax;
    const rows = oldestCalls.all(deleteStepMax) as {
      readonly seq: number;
      readonly ended_at: number;
      readonly tried_at: number | null;
    }[];
    const doomed = rows.filter(
      ({ ended_at, tried_at }, index) => index < excess || Math.max(ended_at, tried_at ?? ended_at) < before,
    );
    changes.removeCalls(doomed.map(({ seq }) => seq));
    return doomed.length === deleteStepMax;
  }

  /** Answers of handsets, and notices of providers, belong to no message that they could go with. */
  function pruneAnswers(): void {
    const newestOfTheOld = oldAnswers.get(answersMax) as number | undefined;
    if (newestOfTheOld !== undefined) deleteAnswers.run(newestOfTheOld, deleteStepMax);
  }

  return {
    deleteExchanges(): number {
      return removeExchanges(deleteStepMax);
    },

    prune(general: Retention, atMs: number): boolean {
      pruneExchanges();
      pruneEvents();
      if (pruneCalls(atMs)) return true;
      pruneAnswers();
      const own = db.prepare("SELECT id, retention FROM projects WHERE retention <> '{}'").raw().all() as [
        number,
        string,
      ][];
      for (const [id, retention] of own) {
        const limits = { ...noLimits, ...(JSON.parse(retention) as Partial<Retention>) };
        if (pruneMessages(state.pruneScope(id), limits, atMs)) return true;
      }
      return pruneMessages(state.pruneScope(null), general, atMs);
    },
  };
}

const noLimits: Retention = { countMax: null, ageMaxMs: null, bytesMax: null };
