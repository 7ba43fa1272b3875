/** The store on SQLite: one writer thread, reader threads, one file. */
import { Worker } from 'node:worker_threads';
import type { Bus } from '../../bus.ts';
import type { Clock } from '../../clock.ts';
import { AppError, messageOf } from '../../model/app-error.ts';
import type { NewCopy } from '../../model/mailbox-copy.ts';
import type { ExchangeEnd, Retention, Submission } from '../../model/message.ts';
import { packDetails } from '../../model/message-details.ts';
import type { ClaimedRow } from '../deliveries.ts';
import type { IndexEntry, RawMessage, Selection, Store } from '../store.ts';
import type { Durability } from './open.ts';
import type { CopyHead, FromWriter } from './operations.ts';
import { ReadPool } from './read-pool.ts';
import { WriteQueue } from './write-queue.ts';
import type { WriterData } from './writer.ts';

export interface SqliteStoreOptions {
  /** Path of the database file; its folder exists. */
  readonly file: string;
  readonly durability: Durability;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly onNotice: (text: string) => void;
  /** The writer is gone: nothing can be stored until Sandpost starts anew. */
  readonly onFatal: (text: string) => void;
}

/** @throws AppError `data_folder_unusable` */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const data: WriterData = { file: options.file, durability: options.durability };
  const worker = new Worker(new URL(`./writer${import.meta.url.slice(-3)}`, import.meta.url), {
    name: 'sp-writer',
    workerData: data,
  });
  const { counts, sqliteVersion } = await started(worker);
  const queue = new WriteQueue(
    worker,
    counts,
    (events) => options.bus.publish(events),
    (delayMs, run) => options.clock.after(delayMs, run),
  );
  let closing = false;
  worker.on('message', (message: FromWriter) => {
    if (message.type === 'done') queue.receive(message);
    else if (message.type === 'notice') options.onNotice(message.message);
  });
  const gone = (why: string): void => {
    queue.fail(new AppError('store_failed', `the writer stopped: ${why}`));
    if (!closing) options.onFatal(`the writer stopped: ${why}`);
  };
  worker.on('error', (error) => gone(messageOf(error)));
  worker.on('exit', (code) => gone(`exit code ${code}`));
  const readers = new ReadPool(options.file);

  /** Sessions whose start the writer has on disk: it is not sent again with each message. */
  const announced = new Set<string>();
  async function accept(submission: Submission): Promise<number> {
    const session = submission.exchange?.start.id;
    const operation = acceptOperation(submission, session !== undefined && announced.has(session));
    const seq = Number(await queue.push(operation, submission.tail));
    if (session !== undefined && submission.exchange?.end === undefined) announced.add(session);
    return seq;
  }

  async function deleteSelection(selection: Selection): Promise<number> {
    const newest = await readers.call('messages', { query: [], project: null }, { after: null, limit: 1 });
    const upTo = newest.entries[0]?.seq ?? 0;
    let removed = 0;
    for (;;) {
      const step = Number(await queue.push({ kind: 'deleteStep', selection, upTo }));
      if (step === 0) return removed;
      removed += step;
    }
  }

  return {
    sqliteVersion,
    accept,
    spool: (chunk) => queue.push({ kind: 'spool', bytes: noBytes }, chunk) as Promise<number>,
    room: () => queue.room(),
    unspool: (chunks) => {
      // Whoever drops a message has nobody to tell; what stays behind is removed at the next start.
      queue.push({ kind: 'unspool', chunks }).catch((error: unknown) => options.onNotice(messageOf(error)));
    },
    endExchange: async (end: ExchangeEnd) => {
      announced.delete(end.start.id);
      await queue.pushLazy({ kind: 'endExchange', end });
    },
    index: async (entries: readonly IndexEntry[]) => {
      await queue.push({ kind: 'index', entries });
    },
    setRead: (ids, read) => queue.push({ kind: 'read', ids, read }) as Promise<readonly string[]>,
    markAllRead: (selection) => queue.push({ kind: 'readAll', selection }) as Promise<number>,
    setTags: (id, tags) => queue.push({ kind: 'tags', id, tags }) as Promise<boolean>,
    deleteMessages: (ids) => queue.push({ kind: 'delete', ids }) as Promise<number>,
    deleteSelection,
    deleteExchanges: async () => {
      let removed = 0;
      for (;;) {
        const step = Number(await queue.push({ kind: 'deleteExchanges' }));
        if (step === 0) return removed;
        removed += step;
      }
    },
    saveProject: async (name, change) => {
      await queue.push({
        kind: 'project',
        name,
        retention: change.retention ?? null,
        fixed: change.fixed ?? null,
      });
    },
    deleteProject: (name) => queue.push({ kind: 'deleteProject', name }) as Promise<boolean>,
    saveSetting: async (key, value) => {
      await queue.push({ kind: 'setting', key, value: JSON.stringify(value) });
    },
    prune: (general: Retention, nowMs: number) =>
      queue.push({ kind: 'prune', general, nowMs }) as Promise<boolean>,

    claim: (request) => queue.push({ kind: 'claim', request }) as Promise<readonly ClaimedRow[]>,
    record: async (attempt) => {
      await queue.push({ kind: 'record', attempt });
    },
    order: (ids, order) => queue.push({ kind: 'order', ids, order }) as Promise<readonly string[]>,
    orderMatching: (filter, order, range) =>
      queue.push({ kind: 'orderMatching', filter, order, ...range }) as ReturnType<Store['orderMatching']>,
    addDeliveries: async (request) => {
      await queue.push({ kind: 'addDeliveries', request });
    },
    keepCopies: async (copies, acts = []) => {
      const { groups, bytes } = sharingBytes(copies);
      await queue.push({ kind: 'keepCopies', groups, acts, bytes: noBytes }, bytes);
    },
    changeCopy: async (id, change) => {
      await queue.push({ kind: 'changeCopy', id, change });
      return readers.call('copy', id);
    },
    keepPushes: async (pushes) => {
      await queue.push({ kind: 'keepPushes', pushes });
    },
    changePush: (change) => queue.push({ kind: 'changePush', change }) as Promise<boolean>,
    keepSms: async (sms, nowMs) => {
      await queue.push({ kind: 'keepSms', sms, nowMs });
    },
    keepInApps: async (inapp, nowMs) => {
      await queue.push({ kind: 'keepInApps', inapp, nowMs });
    },
    keepSteps: async (steps) => {
      await queue.push({ kind: 'keepSteps', steps });
    },
    putUsers: (users, news = {}) => queue.push({ kind: 'putUsers', users, news }) as Promise<number>,
    deleteUsers: (ids) => queue.push({ kind: 'deleteUsers', ids }) as Promise<number>,
    addUserEvents: async (events) => {
      await queue.push({ kind: 'userEvents', events });
    },
    note: async (facts) => {
      await queue.push({ kind: 'note', facts });
    },
    suppress: (suppressions) => queue.push({ kind: 'suppress', suppressions }) as Promise<number>,
    unsuppress: (address, scope) => queue.push({ kind: 'unsuppress', address, scope }) as Promise<number>,
    addActs: async (acts) => {
      await queue.push({ kind: 'addActs', acts });
    },
    finishActs: async (seqs) => {
      await queue.push({ kind: 'finishActs', seqs });
    },
    saveDocument: async (document, key, value) => {
      await queue.push({ kind: 'document', document, key, value: JSON.stringify(value) });
    },
    deleteDocument: async (document, key) => {
      await queue.push({ kind: 'document', document, key, value: null });
    },

    keepRuleHits: async (hits, counters) => {
      await queue.push({ kind: 'ruleHits', hits, counters });
    },
    forgetRules: async (ids) => {
      await queue.push({ kind: 'forgetRules', ids });
    },

    beginLive: async (sends) => {
      await queue.push({ kind: 'beginLive', sends });
    },
    addAudit: async (entries) => {
      await queue.push({ kind: 'addAudit', entries });
    },
    audit: (filter, page) => readers.call('audit', filter, page),
    liveSends: (channel, afterMs, limit) => readers.call('liveSends', channel, afterMs, limit),
    liveTaken: (limit) => readers.call('liveTaken', limit),
    liveDeliveryOf: (relayId, providerId) => readers.call('liveDeliveryOf', relayId, providerId),
    shiftDues: async (byMs) => {
      await queue.push({ kind: 'shiftDues', byMs });
    },

    nextDue: () => readers.call('nextDue'),
    nextDues: (fullHosts) => readers.call('nextDues', fullHosts),
    delivery: (id) => readers.call('delivery', id),
    deliveries: (filter, page) => readers.call('deliveries', filter, page),
    deliveryCounts: () => readers.call('deliveryCounts'),
    dueActs: (nowMs, limit) => readers.call('dueActs', nowMs, limit),
    copies: (filter, page) => readers.call('copies', filter, page),
    copy: (id) => readers.call('copy', id),
    pushes: (filter, page) => readers.call('pushes', filter, page),
    push: (id) => readers.call('push', id),
    smses: (filter, page) => readers.call('smses', filter, page),
    sms: (id) => readers.call('sms', id),
    smsOf: (provider, providerId) => readers.call('smsOf', provider, providerId),
    smsThreads: (number, limit) => readers.call('smsThreads', number, limit),
    inApps: (filter, page) => readers.call('inApps', filter, page),
    inApp: (id) => readers.call('inApp', id),
    inAppUsers: (filter, page) => readers.call('inAppUsers', filter, page),
    parts: (messageId) => readers.call('parts', messageId),
    multiSteps: (filter, page) => readers.call('multiSteps', filter, page),
    userMessages: (about, page) => readers.call('userMessages', about, page),
    inAppUser: (user) => readers.call('inAppUser', user),
    user: (id) => readers.call('user', id),
    usersByIds: (ids) => readers.call('usersByIds', ids),
    users: (filter, page) => readers.call('users', filter, page),
    deliveryEvents: (id) => readers.call('deliveryEvents', id),
    deliveryReports: (id) => readers.call('deliveryReports', id),
    statusCounts: (request) => readers.call('statusCounts', request),
    userEventsFrom: (after, limit) => readers.call('userEventsFrom', after, limit),
    userEvents: (filter, page) => readers.call('userEvents', filter, page),
    copyBytes: (id) => readers.call('copyBytes', id),
    mailboxes: (filter, page) => readers.call('mailboxes', filter, page),
    suppressions: (filter, page) => readers.call('suppressions', filter, page),
    suppressed: (addresses, nowMs) => readers.call('suppressed', addresses, nowMs),
    ruleHits: (filter, page) => readers.call('ruleHits', filter, page),
    ruleCounters: () => readers.call('ruleCounters'),
    documents: (kind) => readers.call('documents', kind),
    answerOf: (key) => readers.call('answerOf', key),

    message: (id) => readers.call('message', id),
    messageByHeader: (messageId) => readers.call('messageByHeader', messageId),
    messages: (selection, page) => readers.call('messages', selection, page),
    messagesFrom: (after, limit) => readers.call('messagesFrom', after, limit),
    receivedTimes: (after, limit) => readers.call('receivedTimes', after, limit),
    raw: async (id): Promise<RawMessage | null> => {
      const found = await readers.call('rawIds', id);
      return found === null ? null : { bytes: found.bytes, chunks: rawChunks(readers, found.chunks) };
    },
    events: (request) => readers.call('events', request),
    countEvents: (filter) => readers.call('countEvents', filter),
    oldestEventSeq: () => readers.call('oldestEventSeq'),
    exchanges: (filter, page) => readers.call('exchanges', filter, page),
    exchange: (id, messageId) => readers.call('exchange', id, messageId),
    projects: () => readers.call('projects'),
    tags: (project) => readers.call('tags', project),
    settings: () => readers.call('settings'),
    counts: () => queue.counts,
    lastEventSeq: () => queue.counts.lastEventSeq,
    unindexed: async (limit) => {
      const behind = await readers.call('unindexed', limit);
      // One that could not be kept in its turn, on a full disk say, stands before others that were.
      return behind.length > 0 || queue.counts.waitingForIndex === 0 ? behind : readers.call('gaps', limit);
    },
    failure: () => queue.failure,
    metrics: () => ({
      commits: queue.commits,
      commitMsSum: queue.commitMsSum,
      operationsWaiting: queue.waiting,
      bytesWaiting: queue.waitingBytes,
    }),
    close: async () => {
      closing = true;
      await queue.drained();
      await Promise.all([queue.failure === null ? endOf(worker) : null, readers.close()]);
    },
  };
}

function endOf(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    worker.once('exit', () => resolve());
    worker.postMessage({ type: 'close' });
  });
}

async function* rawChunks(readers: ReadPool, ids: readonly number[]): AsyncGenerator<Uint8Array> {
  for (const id of ids) {
    const chunk = await readers.call('rawChunk', id);
    if (chunk === null) throw new AppError('not_found', 'the message was deleted while it was being read');
    yield chunk;
  }
}

/** Copies of one transaction share their bytes, which travel once. */
function sharingBytes(copies: readonly NewCopy[]): {
  readonly groups: readonly { readonly copies: readonly CopyHead[]; readonly length: number }[];
  readonly bytes: Uint8Array;
} {
  const groups = new Map<Uint8Array, CopyHead[]>();
  for (const { bytes, authentication, filter, ...rest } of copies) {
    const heads = groups.get(bytes) ?? [];
    heads.push({ ...rest, report: JSON.stringify({ authentication, filter }) });
    groups.set(bytes, heads);
  }
  return {
    groups: [...groups].map(([bytes, heads]) => ({ copies: heads, length: bytes.length })),
    // Memory of its own: what is handed over to the writer is gone for the caller.
    bytes: inOne([...groups.keys()]),
  };
}

function inOne(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function acceptOperation(submission: Submission, announced: boolean) {
  const { envelopeParameters, exchange } = submission;
  return {
    kind: 'accept',
    id: submission.id,
    receivedAtMs: submission.receivedAtMs,
    channel: submission.channel,
    door: submission.door,
    project: submission.project,
    user: submission.user,
    envelopeFrom: submission.envelopeFrom,
    envelopeTo: JSON.stringify(submission.envelopeTo),
    envelopeParameters: envelopeParameters === null ? null : JSON.stringify(envelopeParameters),
    spooled: submission.spooled,
    tail: noBytes,
    bytes: submission.bytes,
    exchange:
      exchange === null
        ? null
        : {
            id: exchange.start.id,
            start: announced ? null : exchange.start,
            transcript: exchange.transcript,
            end: exchange.end ?? null,
          },
    delivery: submission.delivery,
    details: packDetails(submission.details),
    answer: submission.answer ?? null,
    tags: submission.tags,
    pushes: submission.pushes ?? null,
    sms: submission.sms ?? null,
    inapp: submission.inapp ?? null,
    partOf: submission.details?.partOf ?? null,
    template: submission.details?.template?.id ?? null,
    topic: submission.details?.topic ?? null,
  } as const;
}

const noBytes = { at: 0, length: 0 } as const;

type Started = Extract<FromWriter, { readonly type: 'ready' }>;

function started(worker: Worker): Promise<Started> {
  return new Promise((resolve, reject) => {
    const refuse = (why: string): void =>
      reject(new AppError('data_folder_unusable', `the database cannot be opened: ${why}`));
    worker.once('error', (error) => refuse(messageOf(error)));
    worker.once('message', (message: FromWriter) => {
      if (message.type === 'ready') resolve(message);
      else refuse(message.type === 'failed' ? message.message : message.type);
    });
  });
}
