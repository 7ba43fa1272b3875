/**
 * The timed transcript of a session, kept as text that is cheap to add to: one line an entry,
 * `<who> <milliseconds since the session began> <text>`, who being C (client), S (server) or N (a note).
 * Line ends inside the text never occur: SMTP lines have none, and notes are ours.
 */
export const transcriptSegmentCharsMax = 64 * 1024;

export class Transcript {
  #text = '';
  #truncated = false;

  add(by: 'C' | 'S' | 'N', atMs: number, text: string): void {
    if (this.#text.length > transcriptSegmentCharsMax) {
      if (!this.#truncated)
        this.#text += `N ${atMs.toFixed(1)} the transcript is cut here: it grew over its limit\n`;
      this.#truncated = true;
      return;
    }
    this.#text += `${by} ${(Math.round(atMs * 10) / 10).toString()} ${text}\n`;
  }

  /** What was said since the last call. */
  take(): string {
    const text = this.#text;
    this.#text = '';
    this.#truncated = false;
    return text;
  }
  /** Puts back what was taken: it did not go where it was meant to. */
  restore(taken: string): void {
    this.#text = taken + this.#text;
  }
}
