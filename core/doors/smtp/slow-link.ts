/**
 * A slow line: bytes come through in order at a pace, in small pieces, by the clock that is passed in. One lane is one
 * direction of a connection.
 */
import type { Clock } from '../../clock.ts';

/** Bytes that pass together: those of so much time. */
const pieceMs = 50;

export class PacedLane {
  readonly #clock: Clock;
  readonly #pass: (piece: Buffer) => void;
  #bytesPerSecond: number;
  #queue: Buffer[] = [];
  #cancel: (() => void) | null = null;
  /** When the piece before is through: the pace does not drift with late timers. */
  #freeAtMs = 0;
  #held = false;
  #closed = false;
  bytes = 0;

  /** @param pass gets the pieces; the lane counts as empty when it gets the last */
  constructor(clock: Clock, bytesPerSecond: number, pass: (piece: Buffer) => void) {
    this.#clock = clock;
    this.#bytesPerSecond = bytesPerSecond;
    this.#pass = pass;
  }

  get empty(): boolean {
    return this.bytes === 0;
  }

  setPace(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
  }

  push(chunk: Buffer): void {
    if (this.#closed || chunk.length === 0) return;
    if (this.empty) this.#freeAtMs = Math.max(this.#freeAtMs, this.#clock.monotonicMs());
    this.#queue.push(chunk);
    this.bytes += chunk.length;
    this.#arm();
  }

  /** Nothing comes through until it goes on. */
  hold(): void {
    this.#held = true;
    this.#disarm();
  }

  goOn(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#freeAtMs = Math.max(this.#freeAtMs, this.#clock.monotonicMs());
    this.#arm();
  }

  /** What is still in it is lost. */
  close(): void {
    this.#closed = true;
    this.#disarm();
    this.#queue = [];
    this.bytes = 0;
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #arm(): void {
    const [first] = this.#queue;
    if (first === undefined || this.#held || this.#cancel !== null) return;
    const piece = first.subarray(0, Math.max(1, Math.ceil((this.#bytesPerSecond * pieceMs) / 1000)));
    const dueMs = this.#freeAtMs + (piece.length * 1000) / this.#bytesPerSecond;
    this.#cancel = this.#clock.after(Math.max(0, dueMs - this.#clock.monotonicMs()), () => {
      this.#cancel = null;
      this.#freeAtMs = dueMs;
      if (piece.length === first.length) this.#queue.shift();
      else this.#queue[0] = first.subarray(piece.length);
      this.bytes -= piece.length;
      this.#pass(piece);
      this.#arm();
    });
  }
}
