/** What was said in one attempt, each line timed, up to a limit. */
import type { Clock } from '../../../clock.ts';
import { printable } from '../../../doors/smtp/printable.ts';
import type { TranscriptLine } from '../../../model/delivery.ts';
import { transcriptLineCharsMax, transcriptLinesMax } from './limits.ts';

export class AttemptTranscript {
  readonly lines: TranscriptLine[] = [];
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #startedMs: number;

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
    this.#startedMs = clock.monotonicMs();
  }

  add(by: TranscriptLine['by'], text: string): void {
    if (this.lines.length > transcriptLinesMax) return;
    const atMs = this.elapsedMs();
    this.lines.push(
      this.lines.length === transcriptLinesMax
        ? { by: 'N', atMs, text: 'the transcript is cut here: it grew over its limit' }
        : { by, atMs, text: printable(text.slice(0, transcriptLineCharsMax)) },
    );
  }

  /** Milliseconds since the attempt began, in tenths. */
  elapsedMs(): number {
    return Math.round((this.#clock.monotonicMs() - this.#startedMs) * 10) / 10;
  }
}
