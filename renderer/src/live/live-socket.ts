import type { Event, LiveFrame } from '../../../core/api/schema.ts';

export type LiveState = 'connecting' | 'open' | 'reconnecting';

/** `resync`: the cursor could not carry on where it was, so what is on the screen must be fetched again. */
export type LiveNews =
  | { readonly type: 'events'; readonly events: readonly Event[] }
  | { readonly type: 'resync' };

interface LiveSocketOptions {
  readonly connect: (after: number | null) => WebSocket;
  readonly onNews: (news: LiveNews) => void;
  readonly onState: (state: LiveState) => void;
}

const retryDelayMsMin = 250;
const retryDelayMsMax = 5_000;

/** The WebSocket of events: reconnects with growing pauses and resumes at the last event it saw. */
export class LiveSocket {
  readonly #options: LiveSocketOptions;
  #socket: WebSocket | null = null;
  #cursor: number | null = null;
  #retryDelayMs = retryDelayMsMin;
  #retryTimer: ReturnType<typeof setTimeout> | null = null;
  #state: LiveState = 'connecting';

  constructor(options: LiveSocketOptions) {
    this.#options = options;
  }

  start(): void {
    const socket = this.#options.connect(this.#cursor);
    this.#socket = socket;
    socket.addEventListener('message', (message) => this.#receive(JSON.parse(String(message.data))));
    socket.addEventListener('close', () => {
      if (this.#socket === socket) this.#retryLater();
    });
  }

  /** Tries again at once, for instance when the machine woke up or the person asks. */
  retryNow(): void {
    if (this.#state !== 'reconnecting') return;
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#socket?.close();
    this.start();
  }

  stop(): void {
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #receive(frame: LiveFrame): void {
    if (frame.type === 'hello') this.#greet(frame.cursor);
    else if (frame.events.length > 0) this.#options.onNews({ type: 'events', events: frame.events });
    this.#cursor = frame.type === 'hello' ? (this.#cursor ?? frame.cursor) : frame.cursor;
  }

  #greet(cursor: number): void {
    const first = this.#state === 'connecting';
    const otherCore = this.#cursor !== null && cursor < this.#cursor;
    if (otherCore) this.#cursor = null;
    this.#retryDelayMs = retryDelayMsMin;
    this.#setState('open');
    if (!first || otherCore) this.#options.onNews({ type: 'resync' });
  }

  #retryLater(): void {
    this.#setState('reconnecting');
    this.#retryTimer = setTimeout(() => this.start(), this.#retryDelayMs);
    this.#retryDelayMs = Math.min(retryDelayMsMax, this.#retryDelayMs * 2);
  }

  #setState(state: LiveState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#options.onState(state);
  }
}
