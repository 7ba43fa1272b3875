/**
 * News as it happens: by WebSocket, else by an event stream; meanwhile, and where neither works, by polling. What worked last
 * is tried first. A connection that comes back says which event it heard last, and is told what it missed.
 */
import { listen } from './listen.ts';
import type { RealtimeEvent } from './options.ts';

const retryMsMin = 1_000;
const retryMsMax = 30_000;
/** A door that takes the connection and then says nothing is none. */
const helloMsMax = 10_000;

export type Way = 'ws' | 'stream';

export interface LivePorts {
  /** In the order of preference; empty: polling alone. */
  readonly ways: readonly Way[];
  readonly pollMs: number;
  address(way: Way, after: number | null): string;
  hear(event: RealtimeEvent): void;
  poll(): void;
  changed(state: 'live' | 'polling'): void;
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
  let seq: number | null = null;
  let failures = 0;
  let isLive = false;
  let end: (() => void) | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;

  const poll = setInterval(() => {
    if (!isLive && !document.hidden) ports.poll();
  }, ports.pollMs);

  const connect = (): void => {
    clearTimeout(retry);
    const [way] = ways;
    if (!way || navigator.onLine === false) return;
    let retryAfterMs: number | null = null;
    const lost = (): void => {
      if (end !== close) return;
      close();
      if (!isLive) ways.push(...ways.splice(0, 1));
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
      // Late ones tell nothing new. What was missed follows a hello, and is older than that.
      if (event.type !== 'hello' ? event.seq >= (seq ?? 0) : !event.resumed) seq = event.seq;
      if (event.type === 'hello') {
        clearTimeout(silence);
        failures = 0;
        isLive = true;
        ports.changed('live');
      }
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
    if (!end) connect();
    if (!isLive) ports.poll();
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
      clearInterval(poll);
      clearTimeout(retry);
      for (const one of unlisten) one();
      end?.();
    },
  };
}
