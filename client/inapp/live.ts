/**
 * News as it happens: by WebSocket, else by an event stream; meanwhile, and where neither works, by polling. What worked last
 * is tried first. A connection that comes back says which event it heard last, and is told what it missed. Where the door
 * refuses who asks, polls alone go on, until one is answered.
 */
import { listen } from './listen.ts';
import type { RealtimeEvent } from './options.ts';

const retryMsMin = 1_000;
const retryMsMax = 30_000;
/** A door that takes the connection and then says nothing is none. */
const helloMsMax = 10_000;

export type Way = 'ws' | 'stream';
/** All but when to come back, which is seen to here. */
export type News = Exclude<RealtimeEvent, { readonly type: 'reconnect' }>;

export interface LivePorts {
  /** In the order of preference; empty: polling alone. */
  readonly ways: readonly Way[];
  readonly pollMs: number;
  address(way: Way, after: number): string;
  hear(event: News): void;
  /** @returns whether the door refuses who asks */
  poll(): Promise<boolean>;
  changed(state: 'live' | 'polling' | 'refused'): void;
}

export interface Live {
  /** Tries at once, whatever was waited for. */
  wake(): void;
  stop(): void;
}

/** Exponential with jitter: clients that a restart cut off together do not come back together. */
export function backOffMs(failures: number, random: number): number {
  return Math.min(retryMsMax, retryMsMin * 2 ** failures) * (0.5 + random / 2);
}

export function goLive(ports: LivePorts): Live {
  const ways = [...ports.ways];
  /** 0: it heard of nothing yet. */
  let seq = 0;
  let failures = 0;
  let isLive = false;
  let isRefused = false;
  let isStopped = false;
  let end: (() => void) | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;

  const poll = async (): Promise<void> => {
    if (isLive || document.hidden) return;
    const isNow = await ports.poll();
    // Meanwhile it came to know better, or nobody wants to any more.
    if (isLive || isStopped) return;
    const before = isRefused;
    isRefused = isNow;
    if (isRefused) ports.changed('refused');
    else if (before) connect();
  };
  const polls = setInterval(poll, ports.pollMs);

  const connect = (): void => {
    clearTimeout(retry);
    const [way] = ways;
    if (!way || end || isRefused || !navigator.onLine) return;
    let retryAfterMs: number | null = null;
    const lost = (): void => {
      if (end !== close) return;
      close();
      if (!isLive) {
        ways.push(...ways.splice(0, 1));
        // No try says why it failed; a poll is told.
        void poll();
      }
      const waitMs = retryAfterMs ?? backOffMs(failures++, Math.random());
      isLive = false;
      ports.changed('polling');
      retry = setTimeout(connect, waitMs);
    };
    const said = ({ data }: MessageEvent<string>): void => {
      if (end !== close) return;
      const event: RealtimeEvent = JSON.parse(data);
      if (event.type === 'reconnect') {
        retryAfterMs = event.retryAfterMs;
        lost();
        return;
      }
      if (event.type === 'hello') {
        clearTimeout(silence);
        failures = 0;
        isLive = true;
        ports.changed('live');
        // What was missed follows, and is older than that.
        if (!event.resumed) seq = event.seq;
        // Late ones tell nothing new.
      } else if (event.seq > seq) seq = event.seq;
      ports.hear(event);
    };
    const address = ports.address(way, seq);
    const source = way === 'ws' ? new WebSocket(address) : new EventSource(address);
    const close = (): void => {
      clearTimeout(silence);
      end = null;
      source.close();
    };
    end = close;
    const silence = setTimeout(lost, helloMsMax);
    source.onmessage = said;
    source.onerror = lost;
    if ('onclose' in source) source.onclose = lost;
  };

  const wake = (): void => {
    connect();
    void poll();
  };
  // Sockets do not always notice that the network went away.
  const offline = (): void => {
    end?.();
    if (isLive) ports.changed('polling');
    isLive = false;
  };
  const unlisten = [listen(window, 'online', wake), listen(window, 'offline', offline)];
  connect();
  return {
    wake,
    stop() {
      isStopped = true;
      clearInterval(polls);
      clearTimeout(retry);
      for (const one of unlisten) one();
      end?.();
    },
  };
}
