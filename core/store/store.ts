/**
 * The store, as the rest of the core sees it: an async port. A promise of a writing call settles only after its
 * transaction is on disk (SQLite WAL with synchronous=FULL), so that whoever waits for it may say yes.
 */

import type {
  Act,
  Carriage,
  DeliveryRow,
  NewDelivery,
  Placement,
  ProviderReport,
} from '../model/delivery.ts';
import type { InAppRow, InAppState, KeptInApps } from '../model/inapp.ts';
import type { AuditEntry, AuditKind, LiveChannel, NewAuditEntry } from '../model/live-relay.ts';
import type { CopyFlags, CopyRow, NewCopy } from '../model/mailbox-copy.ts';
import type {
  EventType,
  ExchangeEnd,
  ExchangeRow,
  KeptPushes,
  KeptSms,
  MessageRow,
  MessageSummary,
  ProjectRow,
  Retention,
  StoredEvent,
  Submission,
} from '../model/message.ts';
import type { KeptSteps, MultiStep } from '../model/multi-steps.ts';
import type { PushChange, PushRow, PushState } from '../model/phone.ts';
import type { DeliveryStep, NewSms, SmsProvider, SmsRow } from '../model/sms.ts';
import type { NewSuppression, SuppressionRow } from '../model/suppression.ts';
import type { User, UserEvent } from '../model/user.ts';
import type {
  ClaimedRow,
  DeliveryCounts,
  DeliveryDetail,
  DeliveryFilter,
  DeliveryOrder,
  RecordedAttempt,
  SoftBounce,
} from './deliveries.ts';
import type { RuleCounter, RuleHit, RuleHitFilter, RuleHitRow } from './rules.ts';
import type { SearchQuery } from './search-query.ts';
import type { StatusCounts, StatusCountsRequest } from './status-counts.ts';

/** A chunk of a message that is put on disk while the rest still comes. Larger messages are stored in such pieces. */
export const spoolChunkBytes = 512 * 1024;

export interface Selection {
  readonly query: SearchQuery;
  readonly project: string | null;
}

export interface Page<T> {
  readonly entries: readonly T[];
  /** `seq` to continue after, or null at the end. */
  readonly next: number | null;
  readonly total: number;
}

export interface PageRequest {
  /** Only what has a smaller `seq`, newest first. */
  readonly after: number | null;
  readonly limit: number;
}

export interface IndexEntry {
  readonly seq: number;
  readonly summary: MessageSummary;
}

export interface StoreCounts {
  readonly messages: number;
  readonly unread: number;
  readonly bytes: number;
  readonly waitingForIndex: number;
  readonly exchanges: number;
  /** Deliveries that still wait: for their turn, for a retry, for a release. */
  readonly queued: number;
  readonly deferred: number;
  readonly held: number;
  readonly suppressions: number;
}

export interface Store {
  /** Of the SQLite that keeps all of it. */
  readonly sqliteVersion: string;
  /**
   * Stores a message with its event and its part of the exchange.
   * @returns its `seq`, once it is on disk
   * @throws AppError `disk_full`, `store_failed`, `store_busy`
   */
  accept(submission: Submission): Promise<number>;
  /** Puts a chunk of a message to come on disk. @returns its number, for `Submission.spooled` */
  spool(chunk: Uint8Array): Promise<number>;
  /** Memory for a chunk, of `spoolChunkBytes`: what `spool` handed over comes back here and is used again. */
  room(): Uint8Array<ArrayBuffer>;
  /** Takes chunks back whose message did not come. */
  unspool(chunks: readonly number[]): void;
  /** Keeps the end of an exchange. */
  endExchange(end: ExchangeEnd): Promise<void>;
  /** Keeps what reading the messages found and makes them searchable. */
  index(entries: readonly IndexEntry[]): Promise<void>;
  setRead(ids: readonly string[], read: boolean): Promise<readonly string[]>;
  markAllRead(selection: Selection): Promise<number>;
  setTags(id: string, tags: readonly string[]): Promise<boolean>;
  /** @returns how many went */
  deleteMessages(ids: readonly string[]): Promise<number>;
  deleteSelection(selection: Selection): Promise<number>;
  deleteExchanges(): Promise<number>;
  saveProject(
    name: string,
    change: { readonly retention?: Retention; readonly fixed?: boolean },
  ): Promise<void>;
  /** @returns false when it still has messages or is not known */
  deleteProject(name: string): Promise<boolean>;
  saveSetting(key: string, value: unknown): Promise<void>;
  /**
   * Removes what the limits say, a small step at a time. What waits to be delivered is never over a limit.
   * @returns whether there is more to do at once
   */
  prune(general: Retention, nowMs: number): Promise<boolean>;

  /**
   * Takes deliveries that are due out of the queue, oldest due time first, and marks them as under way. What is under way
   * when Sandpost stops is due again at the next start.
   */
  claim(request: ClaimRequest): Promise<readonly ClaimedRow[]>;
  /** Keeps what an attempt led to: the attempt, its evidence, the status and the events, in one transaction. */
  record(attempt: RecordedAttempt): Promise<void>;
  /**
   * Marks what is about to leave by a relay, and enters it in the audit log, in one transaction. Nothing may leave before
   * this settles.
   */
  beginLive(sends: readonly LiveSend[]): Promise<void>;
  /** Appends to the audit log of live relay. */
  addAudit(entries: readonly NewAuditEntry[]): Promise<void>;
  /** Newest first. */
  audit(filter: AuditFilter, page: PageRequest): Promise<Page<AuditEntry>>;
  /** Wall times of what went by a channel after then, the oldest first, at most `limit`. */
  liveSends(channel: LiveChannel, afterMs: number, limit: number): Promise<readonly number[]>;
  /** SMS that real providers took, and of which more may be heard; the newest first. */
  liveTaken(limit: number): Promise<readonly DeliveryRow[]>;
  /** Which delivery the provider behind that relay calls so. */
  liveDeliveryOf(relayId: string, providerId: string): Promise<DeliveryRow | null>;
  /** Virtual time goes back by so much: what waits keeps the time that it still has to wait. */
  shiftDues(byMs: number): Promise<void>;
  /** Holds, releases, … by hand or by policy. @returns ids of those that it could be done to */
  order(ids: readonly string[], order: DeliveryOrder): Promise<readonly string[]>;
  /** The same for a step of those that match, in the order of their `seq`; `last` is where to go on, null at the end. */
  orderMatching(
    filter: DeliveryFilter,
    order: DeliveryOrder,
    range: { readonly from: number; readonly upTo: number },
  ): Promise<{ readonly done: number; readonly last: number | null }>;
  /** Adds deliveries of a message that is stored already (a new try), or calls of webhooks (`messageId` null). */
  addDeliveries(request: AddDeliveries): Promise<void>;
  /**
   * What the far side accepted, and what it does with it later, in one transaction: a far side that could keep only a part
   * of it says no, and is brought the whole of it again. It may say yes once this settles.
   */
  keepCopies(copies: readonly NewCopy[], acts?: readonly NewAct[]): Promise<void>;
  changeCopy(id: string, change: CopyChange): Promise<CopyRow | null>;
  /** What a provider accepted for devices, what becomes of earlier pushes, and acts to come, in one transaction. */
  keepPushes(pushes: KeptPushes): Promise<void>;
  /** Changes what a device shows (`flags`). @returns false when there is no such push */
  changePush(change: PushChange): Promise<boolean>;
  /** What becomes of SMS, the callbacks and acts that this leads to, and handsets that change, in one transaction. */
  keepSms(sms: KeptSms, nowMs: number): Promise<void>;
  /** In-app messages, what becomes of them and their deliveries, and acts to come, in one transaction. */
  keepInApps(inapp: KeptInApps, nowMs: number): Promise<void>;
  /** What was decided about sends over several channels, and what that means for them, in one transaction. */
  keepSteps(steps: KeptSteps): Promise<void>;
  /** Keeps users as they are now, whole. @param news what the event `user` tells besides their ids. @returns how many are new */
  putUsers(users: readonly User[], news?: Readonly<Record<string, unknown>>): Promise<number>;
  /** With what they did. @returns how many there were */
  deleteUsers(ids: readonly string[]): Promise<number>;
  addUserEvents(events: readonly Omit<UserEvent, 'seq'>[]): Promise<void>;
  /** Appends facts about deliveries: opened, clicked, complained … A failing change takes a delivery from sent to its end. */
  note(facts: readonly Fact[]): Promise<void>;
  /** @returns how many are new, or take the place of one that ends; the others were on the list already */
  suppress(suppressions: readonly NewSuppression[]): Promise<number>;
  unsuppress(address: string, scope: string | null): Promise<number>;
  /** Acts of the far side that come later. @returns their numbers */
  addActs(acts: readonly NewAct[]): Promise<void>;
  finishActs(seqs: readonly number[]): Promise<void>;
  saveDocument(kind: string, key: string, value: unknown): Promise<void>;
  deleteDocument(kind: string, key: string): Promise<void>;
  /** Keeps what rules did, and how their counters stand now, in one transaction. The oldest hits go in time. */
  keepRuleHits(hits: readonly RuleHit[], counters: readonly RuleCounter[]): Promise<void>;
  /** Takes the hits and counters of these rules away. */
  forgetRules(ids: readonly string[]): Promise<void>;

  /** Virtual time at which the next delivery or act is due, or null. */
  nextDue(): Promise<number | null>;
  /** The same apart, for calls to the app and for all else. Calls to hosts that have no room for one more do not count. */
  nextDues(fullHosts: readonly string[]): Promise<NextDues>;
  delivery(id: string): Promise<DeliveryDetail | null>;
  /** What happened to it and changed where it stands, the oldest first; the oldest events of all go in time. */
  deliveryEvents(id: string): Promise<readonly StoredEvent[]>;
  /** What its provider told of it later, word for word, the oldest first. */
  deliveryReports(id: string): Promise<readonly (ProviderReport & { readonly id: number })[]>;
  /** How many deliveries came to each status, in spans of time. */
  statusCounts(request: StatusCountsRequest): Promise<StatusCounts>;
  deliveries(filter: DeliveryFilter, page: PageRequest): Promise<Page<DeliveryRow>>;
  deliveryCounts(): Promise<DeliveryCounts>;
  dueActs(nowMs: number, limit: number): Promise<readonly Act[]>;
  copies(filter: CopyFilter, page: PageRequest): Promise<Page<CopyRow>>;
  copy(id: string): Promise<CopyRow | null>;
  pushes(filter: PushFilter, page: PageRequest): Promise<Page<PushRow>>;
  push(id: string): Promise<PushRow | null>;
  smses(filter: SmsFilter, page: PageRequest): Promise<Page<SmsRow>>;
  sms(id: string): Promise<SmsRow | null>;
  /** The newest one that a provider knows by that id. */
  smsOf(provider: SmsProvider, providerId: string): Promise<SmsRow | null>;
  /** Threads of a handset, or of all: the newest first. */
  smsThreads(number: string | null, limit: number): Promise<readonly SmsThread[]>;
  inApps(filter: InAppFilter, page: PageRequest): Promise<Page<InAppRow>>;
  inApp(id: string): Promise<InAppRow | null>;
  /** Users that have in-app messages, in the order of their ids. */
  inAppUsers(filter: { readonly text: string | null }, page: IdPageRequest): Promise<IdPage<InAppUserRow>>;
  /** What a send over several channels led to, the oldest first. */
  parts(messageId: string): Promise<readonly MessageRow[]>;
  /** Ways that sends over several channels tried, the newest first; of deliveries that are named, all. */
  multiSteps(filter: MultiStepFilter, page: PageRequest): Promise<Page<MultiStep>>;
  /** What was sent to a user, newest first. @param about addresses and numbers that they are reached by, in any case */
  userMessages(
    about: { readonly user: string; readonly addresses: readonly string[] },
    page: PageRequest,
  ): Promise<Page<MessageRow>>;
  /** Null where the user has no in-app messages. */
  inAppUser(user: string): Promise<InAppUserRow | null>;
  user(id: string): Promise<User | null>;
  usersByIds(ids: readonly string[]): Promise<readonly User[]>;
  /** In the order of their ids. */
  users(filter: { readonly text: string | null }, page: IdPageRequest): Promise<IdPage<User>>;
  /** Newest first. */
  userEvents(filter: UserEventFilter, page: PageRequest): Promise<Page<UserEvent>>;
  /** Oldest first, for who goes through all of them: those behind `after`. */
  userEventsFrom(after: number, limit: number): Promise<readonly UserEvent[]>;
  /** The bytes as the mailbox has them. */
  copyBytes(id: string): Promise<Uint8Array | null>;
  mailboxes(
    filter: { readonly text: string | null },
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<{
    readonly entries: readonly MailboxRow[];
    readonly next: string | null;
    readonly total: number;
  }>;
  suppressions(filter: { readonly text: string | null }, page: PageRequest): Promise<Page<SuppressionRow>>;
  /** Those that are suppressed now, of these. */
  suppressed(addresses: readonly string[], nowMs: number): Promise<readonly SuppressionRow[]>;
  /** Newest first; `total` is counted up to 10,000. */
  ruleHits(filter: RuleHitFilter, page: PageRequest): Promise<Page<RuleHitRow>>;
  ruleCounters(): Promise<readonly RuleCounter[]>;
  documents(kind: string): Promise<readonly { readonly key: string; readonly value: unknown }[]>;
  /** What was answered to an Idempotency-Key, see `Submission.answer`. */
  answerOf(key: string): Promise<{ readonly hash: string; readonly answer: unknown } | null>;

  message(id: string): Promise<MessageRow | null>;
  /** Id of the newest message with that Message-ID, brackets or not. */
  messageByHeader(messageId: string): Promise<string | null>;
  messages(selection: Selection, page: PageRequest): Promise<Page<MessageRow>>;
  /** Oldest first, for who goes through all of them: those behind `after`. */
  messagesFrom(after: number, limit: number): Promise<readonly MessageRow[]>;
  /** The same, only when they came: `[seq, receivedAtMs]`. */
  receivedTimes(after: number, limit: number): Promise<readonly (readonly [number, number])[]>;
  /** The exact bytes, in chunks; null when there is no such message. */
  raw(id: string): Promise<RawMessage | null>;
  events(request: {
    readonly after: number;
    readonly limit: number;
    readonly messageId: string | null;
  }): Promise<readonly StoredEvent[]>;
  /** How many there are of these, counted up to 10,000. */
  countEvents(filter: {
    readonly messageId: string | null;
    readonly deliveryId: string | null;
    readonly types: readonly string[];
  }): Promise<number>;
  /** The oldest event that is still there; those before it went in time. Null when there is none. */
  oldestEventSeq(): Promise<number | null>;
  exchanges(filter: ExchangeFilter, page: PageRequest): Promise<Page<ExchangeRow>>;
  exchange(id: string, messageId: string | null): Promise<ExchangeWithTranscript | null>;
  projects(): Promise<readonly ProjectRow[]>;
  tags(project: string | null): Promise<readonly { readonly tag: string; readonly messages: number }[]>;
  settings(): Promise<Readonly<Record<string, unknown>>>;
  /** Counts kept in memory by the writer; cheap. */
  counts(): StoreCounts;
  lastEventSeq(): number;
  /** Runs on another thread than the lists, so that a long read keeps nobody waiting. */
  unindexed(limit: number): Promise<readonly { readonly seq: number; readonly bytes: number }[]>;
  metrics(): StoreMetrics;
  /** Why nothing can be stored any more, or null. */
  failure(): string | null;
  close(): Promise<void>;
}

export interface LiveSend {
  readonly deliverySeq: number;
  readonly relayId: string;
  readonly entry: NewAuditEntry;
}

/** Null, or left out: whatever it is. */
export interface AuditFilter {
  readonly kind?: AuditKind | null;
  readonly channel?: LiveChannel | null;
  readonly deliveryId?: string | null;
  readonly messageId?: string | null;
}

export interface ClaimRequest {
  readonly nowMs: number;
  readonly limit: number;
  /** Of calls to the app alone (webhooks, callbacks of providers); without it, of all others. */
  readonly calls?: {
    /** So many to one host (`domain`) at once; what is under way there already counts. */
    readonly perHostMax: number;
    readonly underWay: Readonly<Record<string, number>>;
    /** Begins with the host that comes behind this one, so that each has its turn. */
    readonly after?: string;
  };
}

/** Null: nothing waits for its time. */
export interface NextDues {
  readonly calls: number | null;
  /** All else, acts of the far side among it. */
  readonly others: number | null;
}

export interface AddDeliveries {
  readonly nowMs: number;
  readonly messageId: string | null;
  readonly carriage: Carriage;
  readonly deliveries: readonly NewDelivery[];
}

/** One fact about a delivery, with the change of status that it brings along, if it does. */
export interface Fact {
  readonly deliveryId: string;
  readonly type: EventType;
  readonly nowMs: number;
  readonly data: Readonly<Record<string, unknown>>;
  /** What says so, word for word; the event names it (`report`). */
  readonly report?: ProviderReport;
  readonly change:
    | {
        readonly kind: 'fail';
        readonly class: DeliveryRow['class'];
        readonly reason: string;
        /** Counts where the change is made: a report that comes twice counts once. */
        readonly softBounce: SoftBounce | null;
      }
    /** A provider's report: what the status machine does not let happen (late, twice) changes nothing. */
    | { readonly kind: 'step'; readonly step: DeliveryStep }
    | null;
}

export interface NewAct {
  /** Null: not before the delivery that awaits it is released. */
  readonly dueAtMs: number | null;
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** The delivery that is not at its end before the act is done; its message is kept until then. */
  readonly awaitedBy?: string | null;
}

export interface CopyChange {
  readonly flags?: Partial<CopyFlags>;
  readonly placement?: Placement;
}

export interface CopyFilter {
  readonly mailbox: string | null;
  readonly placement: Placement | null;
  readonly messageId: string | null;
  readonly deliveryId: string | null;
}

export interface PushFilter {
  /** Only what a device shows now: neither dismissed, nor opened, nor replaced. */
  readonly shown?: boolean;
  readonly phoneId: string | null;
  readonly app: string | null;
  readonly state: PushState | null;
  readonly messageId: string | null;
  readonly deliveryId: string | null;
}

export interface SmsFilter {
  readonly ids?: readonly string[];
  readonly messageId?: string;
  readonly deliveryId?: string;
  readonly provider?: SmsProvider;
  readonly account?: string;
  readonly batchId?: string;
  readonly number?: string;
  readonly sender?: string;
  readonly direction?: NewSms['direction'];
  /** Only what has not come to its end. */
  readonly waiting?: boolean;
  /** Received from then on, and before then (virtual). */
  readonly fromMs?: number;
  readonly untilMs?: number;
}

export interface InAppFilter {
  readonly user?: string;
  readonly messageId?: string;
  readonly deliveryId?: string;
  readonly states?: readonly InAppState[];
}

export interface MultiStepFilter {
  readonly messageId?: string;
  readonly deliveryIds?: readonly string[];
}

export interface InAppUserRow {
  readonly user: string;
  readonly total: number;
  /** Nobody pulled them yet. */
  readonly waiting: number;
  readonly unseen: number;
  readonly unread: number;
  readonly lastAtMs: number;
}

export interface UserEventFilter {
  readonly user?: string;
  readonly name?: string;
  readonly sinceMs?: number;
}

/** Of a list in the order of ids: only those behind `after`. */
export interface IdPageRequest {
  readonly after: string | null;
  readonly limit: number;
}

export interface IdPage<T> {
  readonly entries: readonly T[];
  readonly next: string | null;
  readonly total: number;
}

/** What passed between a handset and a sender. */
export interface SmsThread {
  readonly number: string;
  readonly sender: string;
  readonly messages: number;
  readonly last: SmsRow;
}

export interface MailboxRow {
  readonly address: string;
  readonly provider: string;
  readonly counts: Readonly<Record<Placement, number>>;
  readonly unseen: number;
  readonly lastAtMs: number | null;
}

export interface ExchangeFilter {
  readonly outcome: string | null;
  readonly door: string | null;
  readonly text: string | null;
}

export interface ExchangeWithTranscript {
  readonly row: ExchangeRow;
  /** Segments in the order they were said; see doors/transcript. */
  readonly segments: readonly { readonly messageId: string | null; readonly text: string }[];
  readonly truncated: boolean;
}

export interface RawMessage {
  readonly bytes: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

export interface StoreMetrics {
  readonly commits: number;
  readonly commitMsSum: number;
  readonly operationsWaiting: number;
  readonly bytesWaiting: number;
}
