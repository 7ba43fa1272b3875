/** What rules hit, on its way to the disk: written a moment later, many at once, with how the counts stand then. */
import type { Clock } from '../clock.ts';
import { messageOf } from '../model/app-error.ts';
import type { RuleCounter, RuleHit } from '../store/rules.ts';
import type { Store } from '../store/store.ts';
import type { Counts } from './counts.ts';
import type { Hit } from './desk.ts';

const flushAfterMs = 200;
const flushAt = 500;
/** Hits that wait to be written; beyond it the oldest are not kept. They still count. */
const waitingHitsMax = 20_000;

export interface HitJournalPorts {
  readonly store: Pick<Store, 'keepRuleHits'>;
  readonly clock: Clock;
  /** By what a rule's hits and counts are kept on disk. */
  keyOf(ruleId: string): string;
  /** How a rule's counts stand; null where it is not in force. */
  countsOf(ruleId: string): Counts | null;
  readonly onProblem: (text: string) => void;
}

export class HitJournal {
  readonly #ports: HitJournalPorts;
  #waiting: RuleHit[] = [];
  #lost = 0;
  /** Counts that are another on disk, by what they are kept by there. */
  #changed = new Map<string, Counts>();
  readonly #counted: Set<string>;
  #cancelFlush: (() => void) | null = null;
  #flushing: Promise<void> = Promise.resolve();

  /** @param counted what has counts on disk */
  constructor(ports: HitJournalPorts, counted: Iterable<string>) {
    this.#ports = ports;
    this.#counted = new Set(counted);
  }

  /** What has counts on disk. */
  get counted(): ReadonlySet<string> {
    return this.#counted;
  }

  hit(hit: Hit): void {
    if (hit.ruleId !== null) this.#keepCounts(hit.ruleId);
    if (this.#waiting.length >= waitingHitsMax) {
      this.#waiting.shift();
      this.#lost++;
    }
    this.#waiting.push({
      rule: hit.ruleId === null ? null : this.#ports.keyOf(hit.ruleId),
      label: hit.label,
      virtualAtMs: hit.virtualMs,
      atMs: hit.wallMs,
      stage: hit.stage,
      point: hit.point,
      action: hit.action,
      recipient: hit.recipient,
      sender: hit.sender,
      messageId: hit.messageId,
      deliveryId: hit.deliveryId,
      exchangeId: hit.exchangeId,
    });
    if (this.#waiting.length === flushAt) void this.flush();
    else this.#flushLater();
  }

  /** The counts of these rules are another. */
  countsChanged(ruleIds: Iterable<string>): void {
    for (const id of ruleIds) this.#keepCounts(id);
    if (this.#changed.size > 0) this.#flushLater();
  }

  /** Counts that wait to be written are not any more. */
  forgetCounts(): void {
    this.#changed = new Map();
  }

  /** Settles when all that was hit so far is on disk, or could not be kept. */
  flush(): Promise<void> {
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    this.#flushing = this.#flushing.then(() => this.#write());
    return this.#flushing;
  }

  #keepCounts(ruleId: string): void {
    const counts = this.#ports.countsOf(ruleId);
    if (counts !== null) this.#changed.set(this.#ports.keyOf(ruleId), counts);
  }

  #flushLater(): void {
    this.#cancelFlush ??= this.#ports.clock.after(flushAfterMs, () => {
      this.#cancelFlush = null;
      void this.flush();
    });
  }

  async #write(): Promise<void> {
    const { store, onProblem } = this.#ports;
    if (this.#waiting.length === 0 && this.#changed.size === 0) return;
    const hits = this.#waiting;
    this.#waiting = [];
    const counters = [...this.#changed].map(
      ([rule, { matches, hits, lastHitMs }]): RuleCounter => ({ rule, matches, hits, lastAtMs: lastHitMs }),
    );
    this.#changed = new Map();
    if (this.#lost > 0) onProblem(`${this.#lost} hits of rules came too fast to be listed; they are counted`);
    this.#lost = 0;
    try {
      await store.keepRuleHits(hits, counters);
      for (const { rule } of counters) this.#counted.add(rule);
    } catch (error) {
      onProblem(`what rules hit could not be kept: ${messageOf(error)}`);
    }
  }
}
