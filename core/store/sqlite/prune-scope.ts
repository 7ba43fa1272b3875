/**
 * How far retention has looked: of all messages, or of those of one project. What waits to be delivered is passed over
 * once and named by whoever ends it, so that a long queue is not looked through again at every step.
 */

/** Messages that ended behind the cursor and are remembered; more of them are found by looking anew. */
const freedMax = 50_000;

export class PruneScope {
  readonly project: number | null;
  /** What is still there below it was passed over. */
  cursor = 0;
  /** How much that is. It counts for no limit: the newest are not to go because of what waits. */
  passed = 0;
  passedBytes = 0;
  /** Of what was passed over, what may have ended since. */
  readonly freed = new Set<number>();

  constructor(project: number | null) {
    this.project = project;
  }

  mayHaveEnded(message: number): void {
    if (message >= this.cursor) return;
    this.freed.add(message);
    if (this.freed.size <= freedMax) return;
    this.cursor = 0;
    this.passed = 0;
    this.passedBytes = 0;
    this.freed.clear();
  }

  removed(message: { readonly seq: number; readonly project: number; readonly bytes: number }): void {
    if (message.seq >= this.cursor || (this.project !== null && this.project !== message.project)) return;
    this.passed--;
    this.passedBytes -= message.bytes;
    this.freed.delete(message.seq);
  }
}
