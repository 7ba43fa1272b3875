/**
 * The writer thread. A batch is everything that waited: one transaction, one sync of the WAL, then the answers.
 * When a transaction fails each operation is tried alone, so that one message too many for the disk does not take
 * the others with it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { assertNever, codeOf, type ErrorCode, messageOf } from '../../model/app-error.ts';
import { spoolChunkBytes } from '../store.ts';
import { type Connection, type Durability, openWriter } from './open.ts';
import type {
  AcceptOperation,
  Batch,
  Bytes,
  FromWriter,
  Operation,
  OperationResult,
  Outcome,
} from './operations.ts';
import { changeWriter } from './write-changes.ts';
import { deliveryWriter } from './write-deliveries.ts';
import { farSideWriter } from './write-far-side.ts';
import { inAppWriter } from './write-inapps.ts';
import { messageWriter } from './write-messages.ts';
import { multiWriter } from './write-multi.ts';
import { pushWriter } from './write-pushes.ts';
import { retentionWriter } from './write-retention.ts';
import { ruleWriter } from './write-rules.ts';
import { smsWriter } from './write-sms.ts';
import { suppressionWriter } from './write-suppressions.ts';
import { userWriter } from './write-users.ts';
import { WriterState } from './writer-state.ts';

export interface WriterData {
  readonly file: string;
  readonly durability: Durability;
}

/** Bytes written since the last checkpoint from which one is made although there is work: a burst ends before that. */
const walBytesMax = 192 * 1024 * 1024;
const idleBeforeCheckpointMs = 300;
/** Free pages (of 8 KiB) from which the file is made smaller, and pages kept up to which that takes but a moment. */
const freePagesMin = 4_096;
const keptPagesMax = 8_192;

function startWriter(db: Connection) {
  const state = new WriterState(db);
  const messages = messageWriter(db, state);
  const suppressions = suppressionWriter(db, state, messages);
  const deliveries = deliveryWriter(db, state, messages, suppressions);
  const farSide = farSideWriter(db, state, messages, deliveries);
  const pushes = pushWriter(db, messages, deliveries, farSide);
  const sms = smsWriter(db, messages, deliveries, farSide);
  const inapps = inAppWriter(db, state, messages, deliveries, farSide);
  const multi = multiWriter(db, state, messages, deliveries);
  const users = userWriter(db, messages);
  const rules = ruleWriter(db);
  const changes = changeWriter(db, state, messages, rules, () => Date.now());
  const retention = retentionWriter(db, state, changes);
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  let uncheckpointed = 0;

  tidyAfterCrash();

  /** What a crash left behind: chunks of messages that never came, sessions that never ended, deliveries under way. */
  function tidyAfterCrash(): void {
    db.transaction(() => {
      deliveries.putBackInterrupted();
      multi.settle();
      db.exec('DELETE FROM raw WHERE id IN (SELECT raw FROM spool); DELETE FROM spool;');
      db.exec(`
        WITH said AS (
          SELECT exchange, min(id) AS first, max(id) AS last, count(message) AS messages FROM transcripts
          WHERE exchange IN (SELECT seq FROM exchanges WHERE outcome = 'open') GROUP BY exchange
        )
        UPDATE exchanges SET first_transcript = said.first, last_transcript = said.last, messages = said.messages
        FROM said WHERE said.exchange = exchanges.seq`);
      db.prepare("UPDATE exchanges SET outcome = 'aborted', reason = ? WHERE outcome = 'open'").run(
        'Sandpost stopped during this session',
      );
    })();
    state.reload();
  }

  function accept(operation: AcceptOperation, tail: Uint8Array): number {
    const { delivery, answer } = operation;
    if (answer !== null) farSide.keepAnswer(answer);
    const seq = messages.accept(operation, tail);
    if (delivery !== null) {
      const project = state.project(operation.project);
      deliveries.addTo({ seq, id: operation.id, project }, operation.channel, delivery.to, delivery.nowMs);
    }
    if (operation.pushes !== null) pushes.keep(operation.pushes, { seq });
    if (operation.sms !== null) sms.keep(operation.sms, { seq }, delivery?.nowMs ?? operation.receivedAtMs);
    if (operation.inapp !== null)
      inapps.keep(
        operation.inapp,
        { seq, project: operation.project },
        delivery?.nowMs ?? operation.receivedAtMs,
      );
    if (operation.partOf !== null) multi.begun(operation.partOf, operation, seq);
    return seq;
  }

  function apply(operation: Operation, batch: Batch): unknown {
    switch (operation.kind) {
      case 'accept':
        uncheckpointed += operation.bytes;
        return accept(operation, bytesOf(operation.tail, batch));
      case 'spool': {
        const bytes = bytesOf(operation.bytes, batch);
        uncheckpointed += bytes.length;
        return messages.spool(bytes);
      }
      case 'unspool':
        return messages.unspool(operation.chunks);
      case 'endExchange':
        return messages.endExchange(operation.end);
      case 'index': {
        const done = operation.entries.filter((entry) => messages.index(entry.seq, entry.summary));
        if (done.length > 0) {
          messages.event('indexed', Date.now(), { data: { seqs: done.map((entry) => entry.seq) } });
        }
        return done.length;
      }
      case 'read':
        return changes.setRead(operation.ids, operation.read);
      case 'readAll':
        return changes.markAllRead(operation.selection);
      case 'tags':
        return changes.setTags(operation.id, operation.tags);
      case 'delete':
        return changes.delete(operation.ids);
      case 'deleteStep':
        return changes.deleteStep(operation.selection, operation.upTo);
      case 'deleteExchanges':
        return retention.deleteExchanges();
      case 'project':
        return changes.saveProject(operation.name, operation.retention, operation.fixed);
      case 'deleteProject':
        return changes.deleteProject(operation.name);
      case 'setting':
        return changes.saveSetting(operation.key, operation.value);
      case 'prune':
        return retention.prune(operation.general, operation.nowMs);
      case 'claim':
        return deliveries.claim(operation.request);
      case 'record':
        return deliveries.record(operation.attempt);
      case 'beginLive':
        return deliveries.live.begin(operation.sends);
      case 'addAudit':
        return deliveries.live.add(operation.entries);
      case 'shiftDues':
        return deliveries.shiftDues(operation.byMs);
      case 'order':
        return deliveries.order(operation.ids, operation.order);
      case 'orderMatching':
        return deliveries.orderMatching(operation.filter, operation.order, operation);
      case 'addDeliveries':
        deliveries.add(operation.request);
        return inapps.putAgain(operation.request);
      case 'keepCopies': {
        const bytes = bytesOf(operation.bytes, batch);
        uncheckpointed += bytes.length;
        return farSide.keepCopies(operation.groups, bytes, operation.acts);
      }
      case 'changeCopy':
        return farSide.changeCopy(operation.id, operation.change);
      case 'keepPushes':
        return pushes.keep(operation.pushes, null);
      case 'changePush':
        return pushes.change(operation.change);
      case 'keepSms':
        return sms.keep(operation.sms, null, operation.nowMs);
      case 'keepInApps':
        return inapps.keep(operation.inapp, null, operation.nowMs);
      case 'keepSteps':
        return multi.keep(operation.steps);
      case 'putUsers':
        return users.put(operation.users, operation.news);
      case 'deleteUsers':
        return users.delete(operation.ids);
      case 'userEvents':
        return users.addEvents(operation.events);
      case 'note':
        return deliveries.note(operation.facts);
      case 'suppress':
        return suppressions.add(operation.suppressions);
      case 'unsuppress':
        return suppressions.remove(operation.address, operation.scope);
      case 'addActs':
        return farSide.addActs(operation.acts);
      case 'finishActs':
        return farSide.finishActs(operation.seqs);
      case 'ruleHits':
        return rules.keep(operation.hits, operation.counters);
      case 'forgetRules':
        return rules.forget(operation.ids);
      case 'document':
        if (operation.document === 'template')
          messages.event('template', Date.now(), {
            data: { id: operation.key, deleted: operation.value === null },
          });
        return operation.value === null
          ? farSide.deleteDocument(operation.document, operation.key)
          : farSide.saveDocument(operation.document, operation.key, operation.value);
      default:
        return assertNever(operation);
    }
  }

  function transact(operations: readonly Operation[], batch: Batch): OperationResult[] {
    begin.run();
    try {
      const results = operations.map(
        (operation): OperationResult => ({ ok: true, value: apply(operation, batch) }),
      );
      multi.settle();
      state.flush();
      commit.run();
      state.committed();
      return results;
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK');
      state.undo();
      throw error;
    }
  }

  function run(operations: readonly Operation[], batch: Batch): OperationResult[] {
    try {
      return transact(operations, batch);
    } catch (error) {
      if (operations.length === 1) return [failure(error)];
      return operations.flatMap((operation) => {
        try {
          return transact([operation], batch);
        } catch (alone) {
          return [failure(alone)];
        }
      });
    }
  }

  return {
    counts: () => state.counts(),
    sqliteVersion: () => String(db.prepare('SELECT sqlite_version()').pluck().get()),
    batch(batch: Batch): void {
      const startedMs = performance.now();
      const operations = JSON.parse(batch.operations) as readonly Operation[];
      const results = run(operations, batch);
      const outcome: Outcome = { results, events: state.takePublished(), counts: state.counts() };
      const rooms = batch.large.flatMap(roomOf);
      const commitMs = performance.now() - startedMs;
      send({ type: 'done', outcome: JSON.stringify(outcome), commitMs, rooms }, rooms);
      if (uncheckpointed > walBytesMax) checkpoint();
    },
    checkpoint,
    giveBackSpace,
    close(): void {
      checkpoint();
      db.close();
    },
  };

  /** After much was deleted the file is mostly free pages: what is left is small then, and written anew in a moment. */
  function giveBackSpace(): void {
    const pages = Number(db.pragma('page_count', { simple: true }));
    const free = Number(db.pragma('freelist_count', { simple: true }));
    if (free < freePagesMin || pages - free > keptPagesMax || free < pages / 2) return;
    try {
      db.exec('VACUUM');
      checkpoint();
    } catch (error) {
      // No room for the copy, or a reader in the way: the free pages are used again all the same.
      send({ type: 'notice', message: `the database file keeps its size: ${messageOf(error)}` });
    }
  }

  /** Moves the WAL into the database file. Readers in the middle of a page only make it stop early. */
  function checkpoint(): void {
    uncheckpointed = 0;
    try {
      db.pragma('wal_checkpoint(PASSIVE)');
    } catch (error) {
      // A full disk: the WAL stays as it is, and nothing acknowledged is in doubt.
      send({ type: 'notice', message: `the checkpoint is put off: ${messageOf(error)}` });
    }
  }
}

function bytesOf(bytes: Bytes, batch: Batch): Uint8Array {
  if ('large' in bytes) {
    const piece = batch.large[bytes.large];
    if (piece === undefined) throw new Error('a batch refers to a piece that it does not carry');
    return piece;
  }
  return batch.buffer === null ? noBytes : new Uint8Array(batch.buffer, bytes.at, bytes.length);
}

const noBytes = new Uint8Array();

/** Chunks' memory goes back; a message's own does not. */
function roomOf(piece: Uint8Array): ArrayBuffer[] {
  return piece.buffer instanceof ArrayBuffer && piece.byteLength === spoolChunkBytes ? [piece.buffer] : [];
}

function failure(error: unknown): OperationResult {
  return { ok: false, code: errorCodeOf(error), message: messageOf(error) };
}

/** SQLite names a full disk FULL where the system says ENOSPC, and an I/O error where it is a quota or a mapping. */
function errorCodeOf(error: unknown): ErrorCode {
  const code = codeOf(error) ?? '';
  const full = [
    'SQLITE_FULL',
    'SQLITE_IOERR_WRITE',
    'SQLITE_IOERR_SHMSIZE',
    'SQLITE_IOERR_TRUNCATE',
    'SQLITE_CANTOPEN',
  ];
  return full.includes(code) ? 'disk_full' : 'store_failed';
}

const port = parentPort;
if (port === null) throw new Error('the writer runs as a worker thread only');
function send(message: FromWriter, transfer: readonly ArrayBuffer[] = []): void {
  port?.postMessage(message, [...transfer]);
}

const { file, durability } = workerData as WriterData;
try {
  const writer = startWriter(openWriter(file, durability));
  let idle: NodeJS.Timeout | null = null;
  port.on('message', (message: Batch | { readonly type: 'close' }) => {
    if (idle !== null) clearTimeout(idle);
    idle = null;
    if (message.type === 'close') {
      writer.close();
      send({ type: 'closed' });
      port.close();
      return;
    }
    writer.batch(message);
    idle = setTimeout(() => {
      writer.checkpoint();
      writer.giveBackSpace();
    }, idleBeforeCheckpointMs);
  });
  send({ type: 'ready', counts: writer.counts(), sqliteVersion: writer.sqliteVersion() });
} catch (error) {
  send({ type: 'failed', message: messageOf(error) });
}
