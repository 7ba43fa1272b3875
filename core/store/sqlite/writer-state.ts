/** What the writer keeps in memory between transactions: the next numbers, the projects' counters, open exchanges. */

import type { Substatus } from '../../model/delivery.ts';
import type { StoredEvent } from '../../model/message.ts';
import type { DeliveryState } from '../../model/status.ts';
import type { Connection } from './open.ts';
import type { Counts } from './operations.ts';
import { PruneScope } from './prune-scope.ts';

export interface ProjectState {
  readonly id: number;
  readonly name: string;
  messages: number;
  unread: number;
  bytes: number;
  lastMessageAtMs: number | null;
  dirty: boolean;
}

export interface ExchangeState {
  readonly seq: number;
  firstTranscript: number | null;
  lastTranscript: number | null;
}

export class WriterState {
  readonly #db: Connection;
  messageSeq = 0;
  eventSeq = 0;
  exchangeSeq = 0;
  transcriptId = 0;
  rawId = 0;
  deliverySeq = 0;
  evidenceId = 0;
  copySeq = 0;
  suppressions = 0;
  /** Number of this run: what it has under way is told from what a run before left. */
  readonly run: number;
  /** Deliveries that are queued: waiting for their turn, deferred, held. */
  readonly #waiting = { queued: 0, deferred: 0, held: 0 };
  waitingForIndex = 0;
  exchanges = 0;
  readonly projects = new Map<string, ProjectState>();
  readonly projectsById = new Map<number, ProjectState>();
  readonly openExchanges = new Map<string, ExchangeState>();
  /** By project; null: of all messages. */
  readonly #pruneScopes = new Map<number | null, PruneScope>();
  /** Events of the transaction under way, published once it is on disk. */
  events: StoredEvent[] = [];
  #published: StoredEvent[] = [];
  /** Sessions that the transaction under way touched, as they were before it; null: not known. */
  readonly #before = new Map<string, ExchangeState | null>();
  /** Messages whose deliveries changed in the transaction under way, and when the last one did. */
  readonly #changedParts = new Map<number, number>();
  /** There are ways of sends over several channels. */
  hasMultiSteps = false;

  constructor(db: Connection) {
    this.#db = db;
    this.run =
      Number(
        db
          .prepare("SELECT coalesce(max(CAST(value AS INTEGER)), 0) FROM settings WHERE key = 'mark.run'")
          .pluck()
          .get(),
      ) + 1;
    this.#setMark('run', this.run);
    this.reload();
  }

  /** Called before a session is changed, so that it can be undone. */
  remember(id: string): void {
    if (this.#before.has(id)) return;
    const open = this.openExchanges.get(id);
    this.#before.set(id, open === undefined ? null : { ...open });
  }

  /**
   * A delivery changed of a message that a send over several channels may have led to. Whether one did is asked once for each
   * of them, and only where there is such a send: of a message with many recipients the whole row would have to be read.
   */
  partChanged(message: number, nowMs: number): void {
    if (this.hasMultiSteps) this.#changedParts.set(message, nowMs);
  }

  /** Those that changed since the last call, and when they did (virtual). */
  takeChangedParts(): ReadonlyMap<number, number> {
    if (this.#changedParts.size === 0) return this.#changedParts;
    const changed = new Map(this.#changedParts);
    this.#changedParts.clear();
    return changed;
  }

  committed(): void {
    this.#published.push(...this.events);
    this.events = [];
    this.#before.clear();
  }

  /** The transaction was rolled back. */
  undo(): void {
    for (const [id, before] of this.#before) {
      if (before === null) this.openExchanges.delete(id);
      else this.openExchanges.set(id, before);
    }
    this.#before.clear();
    this.#changedParts.clear();
    this.#pruneScopes.clear();
    this.reload();
  }

  /** Events of every transaction committed since the last call. */
  takePublished(): StoredEvent[] {
    const published = this.#published;
    this.#published = [];
    return published;
  }

  /** Reads everything anew: at the start, and after a transaction was rolled back. */
  reload(): void {
    const number = (sql: string): number => Number(this.#db.prepare(sql).pluck().get() ?? 0);
    const mark = (name: string): number =>
      number(`SELECT CAST(value AS INTEGER) FROM settings WHERE key = 'mark.${name}'`);
    this.messageSeq = Math.max(number('SELECT max(seq) FROM messages'), mark('messages'));
    this.exchangeSeq = Math.max(number('SELECT max(seq) FROM exchanges'), mark('exchanges'));
    this.eventSeq = number('SELECT max(seq) FROM events');
    this.transcriptId = number('SELECT max(id) FROM transcripts');
    // Never lower than before: a number just deleted may still be read by a download under way.
    this.rawId = Math.max(this.rawId, number('SELECT max(id) FROM raw'));
    this.hasMultiSteps = number('SELECT EXISTS (SELECT 1 FROM multi_steps)') === 1;
    this.exchanges = number('SELECT count(*) FROM exchanges');
    this.deliverySeq = Math.max(
      this.deliverySeq,
      number('SELECT max(seq) FROM deliveries'),
      mark('deliveries'),
    );
    this.evidenceId = Math.max(this.evidenceId, number('SELECT max(id) FROM evidence'));
    this.copySeq = Math.max(this.copySeq, number('SELECT max(seq) FROM copies'));
    this.suppressions = number('SELECT count(*) FROM suppressions');
    Object.assign(this.#waiting, { queued: 0, deferred: 0, held: 0 });
    const waiting = this.#db
      .prepare("SELECT substatus, count(*) FROM deliveries WHERE status = 'queued' GROUP BY substatus")
      .raw()
      .all() as [Substatus | null, number][];
    for (const [substatus, count] of waiting) this.#waiting[waitingKey(substatus)] += count;
    this.events = [];
    this.projects.clear();
    this.projectsById.clear();
    const rows = this.#db
      .prepare('SELECT id, name, messages, unread, bytes, last_message_at FROM projects')
      .raw()
      .all() as [number, string, number, number, number, number | null][];
    for (const [id, name, messages, unread, bytes, lastMessageAtMs] of rows) {
      this.#keep({ id, name, messages, unread, bytes, lastMessageAtMs, dirty: false });
    }
    this.waitingForIndex = this.#messages() - number('SELECT count(*) FROM summaries');
  }

  /** The project of that name, made when it is not there. */
  project(name: string): ProjectState {
    const known = this.projects.get(name);
    if (known !== undefined) return known;
    const id = Number(this.#db.prepare('INSERT INTO projects (name) VALUES (?)').run(name).lastInsertRowid);
    return this.#keep({ id, name, messages: 0, unread: 0, bytes: 0, lastMessageAtMs: null, dirty: false });
  }

  forgetProject(project: ProjectState): void {
    this.projects.delete(project.name);
    this.projectsById.delete(project.id);
    this.#pruneScopes.delete(project.id);
  }

  /** How far retention has looked there. */
  pruneScope(project: number | null): PruneScope {
    const known = this.#pruneScopes.get(project);
    if (known !== undefined) return known;
    const scope = new PruneScope(project);
    this.#pruneScopes.set(project, scope);
    return scope;
  }

  /** A delivery of the message waits no more: retention may have passed over it. */
  mayHaveEnded(message: number): void {
    for (const scope of this.#pruneScopes.values()) scope.mayHaveEnded(message);
  }

  messageRemoved(message: { readonly seq: number; readonly project: number; readonly bytes: number }): void {
    for (const scope of this.#pruneScopes.values()) scope.removed(message);
  }

  /** Writes the counters that changed, inside the transaction that changed them. */
  flush(): void {
    for (const project of this.projects.values()) {
      if (!project.dirty) continue;
      project.dirty = false;
      this.#db
        .prepare('UPDATE projects SET messages = ?, unread = ?, bytes = ?, last_message_at = ? WHERE id = ?')
        .run(project.messages, project.unread, project.bytes, project.lastMessageAtMs, project.id);
    }
  }

  /** A delivery was added. */
  addDelivery(added: DeliveryState): void {
    if (added.status === 'queued') this.#waiting[waitingKey(added.substatus)]++;
  }

  /** A delivery changed its state, or went with its message (`to` null). */
  countDelivery(from: DeliveryState, to: DeliveryState | null): void {
    if (from.status === 'queued') this.#waiting[waitingKey(from.substatus)]--;
    if (to?.status === 'queued') this.#waiting[waitingKey(to.substatus)]++;
  }

  /** Numbers of what was deleted are never given again, also after a restart. */
  mark(name: 'messages' | 'exchanges' | 'deliveries'): void {
    const numbers = { messages: this.messageSeq, exchanges: this.exchangeSeq, deliveries: this.deliverySeq };
    this.#setMark(name, numbers[name]);
  }

  #setMark(name: string, value: number): void {
    this.#db
      .prepare(
        'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
      )
      .run(`mark.${name}`, String(value));
  }

  counts(): Counts {
    let unread = 0;
    let bytes = 0;
    for (const project of this.projects.values()) {
      unread += project.unread;
      bytes += project.bytes;
    }
    return {
      messages: this.#messages(),
      unread,
      bytes,
      waitingForIndex: this.waitingForIndex,
      exchanges: this.exchanges,
      lastEventSeq: this.eventSeq,
      ...this.#waiting,
      suppressions: this.suppressions,
    };
  }

  #messages(): number {
    let messages = 0;
    for (const project of this.projects.values()) messages += project.messages;
    return messages;
  }

  #keep(project: ProjectState): ProjectState {
    this.projects.set(project.name, project);
    this.projectsById.set(project.id, project);
    return project;
  }
}

function waitingKey(substatus: Substatus | null): 'queued' | 'deferred' | 'held' {
  return substatus === 'deferred' || substatus === 'held' ? substatus : 'queued';
}
