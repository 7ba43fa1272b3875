/**
 * A client of in-app messages by an event stream (WHATWG HTML §9.2): unnamed events, each the JSON that a WebSocket would
 * get, with its `seq` as the id, so that a browser's EventSource resumes by itself.
 */
import type { ReplyStream } from '../../doors/http/provider-request.ts';
import type { Goodbye, Line } from './realtime.ts';
import { eventText } from './realtime-text.ts';
import type { RealtimeEvent } from './wire.ts';

export const streamFields: readonly (readonly [name: string, value: string])[] = [
  ['content-type', 'text/event-stream; charset=utf-8'],
  ['cache-control', 'no-store'],
  // Proxies like nginx would wait until they have more.
  ['x-accel-buffering', 'no'],
];

/** How long an EventSource waits before it comes back, where the door said nothing else. */
export const streamRetryMs = 2_000;

export class StreamLine implements Line {
  readonly #out: ReplyStream;

  constructor(out: ReplyStream) {
    this.#out = out;
    out.write(`retry: ${streamRetryMs}\n\n`);
  }

  get bufferedBytes(): number {
    return this.#out.bufferedBytes;
  }

  say(event: RealtimeEvent): void {
    const before = event.type === 'reconnect' ? `retry: ${event.retryAfterMs}\n` : `id: ${event.seq}\n`;
    this.#out.write(`${before}data: ${eventText(event)}\n\n`);
  }

  /** A client that is gone takes nothing: what it leaves untaken, or TCP, tells. */
  beat(): boolean {
    this.#out.write(': still here\n\n');
    return true;
  }

  close(_why: Goodbye): void {
    this.#out.end();
  }

  terminate(): void {
    this.#out.destroy();
  }

  onClose(run: () => void): void {
    this.#out.onClose(run);
  }
}
