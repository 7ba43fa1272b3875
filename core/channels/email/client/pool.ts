/**
 * Connections to next hops, used again and again (RFC 5321 §4.5.4.1 asks to), and limited: by host, and by who stands
 * behind several hosts. Who finds no room waits for his turn.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../../../clock.ts';
import type { ConnectionOrders, Network, OutboundConnection } from '../../../delivery/network.ts';
import { codeOf, messageOf } from '../../../model/app-error.ts';
import type { AttemptTranscript } from './attempt-transcript.ts';
import { type OpenFailure, type Session, SmtpConnection, type TlsMode } from './connection.ts';
import { standardTimeouts, type Timeouts } from './limits.ts';
import { createLoginPause, type LoginPause } from './login-pause.ts';

export interface PoolLimits {
  readonly connectionsPerHostMax: number;
  readonly connectionsPerGroupMax: number;
  readonly messagesPerConnectionMax: number;
  readonly idleMsMax: number;
  readonly waitingMax: number;
  /** How long a delivery waits for a connection to come free before it goes back into the queue. */
  readonly waitMsMax: number;
  readonly timeouts: Timeouts;
}

export const standardPoolLimits: PoolLimits = {
  connectionsPerHostMax: 10,
  connectionsPerGroupMax: 20,
  messagesPerConnectionMax: 100,
  idleMsMax: 10_000,
  waitingMax: 1_000,
  // For each host: all of a domain's together stay below what an attempt may take.
  waitMsMax: 60_000,
  timeouts: standardTimeouts,
};

export interface PoolPorts {
  readonly network: Network;
  readonly clock: Pick<Clock, 'after' | 'monotonicMs'>;
  readonly newId: () => string;
  /** The same for every connection. */
  readonly session?: Session;
}

/** Whom to connect to, and as whom: only what is the same in all of it may share a connection. */
export interface Destination {
  readonly host: string;
  readonly address: string;
  readonly port: number;
  /** Hosts that count together, e.g. the key of a provider. */
  readonly group: string;
  /** Null: the machine's own. */
  readonly fromIp: string | null;
  readonly helo: string;
  readonly tls: TlsMode;
}

export interface Lease {
  readonly connection: SmtpConnection;
  readonly outbound: OutboundConnection;
  /** It carried a message before. */
  readonly reused: boolean;
}

export type Acquired =
  | { readonly ok: true; readonly lease: Lease }
  | { readonly ok: false; readonly failure: OpenFailure };

interface Held {
  readonly key: string;
  readonly destination: Destination;
  readonly connection: SmtpConnection;
  readonly outbound: OutboundConnection;
  cancelIdle: () => void;
}

interface Waiter {
  readonly destination: Destination;
  readonly orders: ConnectionOrders | null;
  readonly wake: (held: Held | null) => void;
}

export class ConnectionPool {
  readonly #limitsNow: () => PoolLimits;
  readonly #ports: PoolPorts;
  readonly #idle = new Map<string, Held[]>();
  readonly #held = new Map<SmtpConnection, Held>();
  /** Open, opening and idle ones, by host and by group. */
  readonly #perHost = new Map<string, number>();
  readonly #perGroup = new Map<string, number>();
  #waiting: Waiter[] = [];
  readonly #logins: LoginPause | null;
  /** Ends what is on its way to a connection, each in its own way. */
  readonly #opening = new Set<() => void>();
  #closed = false;
  #destroyed = false;
  #waking: 'yes' | 'no' = 'no';

  /** @param limits asked for each time, so that a change of a setting holds at once */
  constructor(limits: () => PoolLimits, ports: PoolPorts) {
    this.#limitsNow = limits;
    this.#ports = ports;
    this.#logins = ports.session?.login === undefined ? null : createLoginPause(ports.clock);
  }

  get #limits(): PoolLimits {
    return this.#limitsNow();
  }

  /**
   * @param fresh not one that was used before: that one had gone without a word
   * @param orders what is to be done to it: it is a new one then, and nobody else's afterwards
   */
  async acquire(
    destination: Destination,
    transcript: AttemptTranscript,
    fresh = false,
    orders: ConnectionOrders | null = null,
  ): Promise<Acquired> {
    if (this.#destroyed) return stopping;
    const kept = fresh || orders !== null ? null : this.#takeIdle(keyOf(destination));
    if (kept !== null) return this.#leased(kept, transcript);
    if (!this.#hasRoom(destination) && !this.#makeRoom(destination)) {
      if (this.#waiting.length >= this.#limits.waitingMax || this.#closed) return noRoom;
      const held = await this.#wait(destination, orders);
      if (this.#closed) return noRoom;
      if (held === 'too_long') return waitedFor(this.#limits.waitMsMax, destination, transcript);
      if (held !== null) return this.#leased(held, transcript);
    } else {
      this.#count(destination, 1);
    }
    return this.#open(destination, transcript, orders);
  }

  release({ connection }: Lease): void {
    const held = this.#held.get(connection);
    if (held === undefined) return;
    if (!connection.alive) return this.#forget(held);
    connection.rest();
    held.outbound.transaction = null;
    if (!connection.alive) return;
    const { messagesPerConnectionMax, idleMsMax } = this.#limits;
    const ownAlone = held.outbound.orders !== undefined;
    if (this.#closed || ownAlone || connection.transactions >= messagesPerConnectionMax) {
      connection.quit();
      return this.#forget(held);
    }
    const next = this.#waiting.findIndex((one) => one.orders === null && keyOf(one.destination) === held.key);
    if (next >= 0) {
      const [waiter] = this.#waiting.splice(next, 1);
      return waiter?.wake(held);
    }
    this.#idle.set(held.key, [...(this.#idle.get(held.key) ?? []), held]);
    held.cancelIdle = this.#ports.clock.after(idleMsMax, () => this.#retire(held));
    this.#wakeNext();
  }

  /** Lets idle ones go and takes no new ones; those under way end as they are released. */
  close(): void {
    this.#closed = true;
    for (const held of [...this.#idle.values()].flat()) this.#retire(held);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { wake } of waiting) wake(null);
  }

  /** Breaks what is still under way off, and opens nothing any more. */
  destroy(): void {
    this.#destroyed = true;
    for (const end of this.#opening) end();
    for (const connection of [...this.#held.keys()]) connection.destroy();
  }

  get size(): number {
    return this.#held.size;
  }

  #leased(held: Held, transcript: AttemptTranscript): Acquired {
    held.cancelIdle();
    held.connection.take(transcript);
    const { transactions } = held.connection;
    transcript.add(
      'N',
      `the connection to ${held.destination.host} is used again, after ${transactions} ${transactions === 1 ? 'message' : 'messages'}`,
    );
    return { ok: true, lease: { connection: held.connection, outbound: held.outbound, reused: true } };
  }

  /** @returns a connection that came free; null: there is room for one, which is counted already */
  #wait(destination: Destination, orders: ConnectionOrders | null): Promise<Held | null | 'too_long'> {
    return new Promise((resolve) => {
      const waiter: Waiter = {
        destination,
        orders,
        wake(held) {
          cancel();
          resolve(held);
        },
      };
      const cancel = this.#ports.clock.after(this.#limits.waitMsMax, () => {
        this.#waiting = this.#waiting.filter((one) => one !== waiter);
        resolve('too_long');
      });
      this.#waiting.push(waiter);
    });
  }

  /** The place for it is counted already. */
  async #open(
    destination: Destination,
    transcript: AttemptTranscript,
    orders: ConnectionOrders | null,
  ): Promise<Acquired> {
    const failure = this.#logins?.paused() ?? null;
    if (failure !== null) {
      transcript.add('N', failure.text);
      return this.#opened(destination, { ok: false, failure });
    }
    const first = await this.#tryToOpen(destination, destination.tls, transcript, orders);
    // Where somebody logs in, the clear is no way out.
    const mayBeClear = destination.tls === 'opportunistic' && this.#ports.session?.login === undefined;
    if (first.ok || first.failure.kind !== 'tls_failed' || !mayBeClear)
      return this.#opened(destination, first);
    transcript.add('N', 'once more without TLS: it is opportunistic');
    return this.#opened(destination, await this.#tryToOpen(destination, 'off', transcript, orders));
  }

  #opened(destination: Destination, acquired: Acquired): Acquired {
    if (!acquired.ok) {
      this.#count(destination, -1);
      this.#wakeNext();
      return acquired;
    }
    const { connection, outbound } = acquired.lease;
    const held: Held = {
      key: keyOf(destination),
      destination,
      connection,
      outbound,
      cancelIdle: () => undefined,
    };
    this.#held.set(connection, held);
    connection.onGone = () => this.#forget(held);
    if (!connection.alive) this.#forget(held);
    return acquired;
  }

  async #tryToOpen(
    destination: Destination,
    tls: TlsMode,
    transcript: AttemptTranscript,
    orders: ConnectionOrders | null,
  ): Promise<Acquired> {
    const { host, address, port, helo, fromIp } = destination;
    const outbound: OutboundConnection = {
      id: this.#ports.newId(),
      fromIp,
      transaction: null,
      ...(orders === null ? {} : { orders }),
    };
    transcript.add(
      'N',
      `connecting to ${host} [${address}] port ${port}${fromIp === null ? '' : ` from ${fromIp}`}`,
    );
    const socket = await this.#connect(destination, outbound);
    if ('why' in socket) {
      transcript.add('N', socket.why);
      return {
        ok: false,
        failure: { kind: 'lost', stage: 'connect', text: socket.why, mayHaveArrived: false },
      };
    }
    const { timeouts } = this.#limits;
    const { session } = this.#ports;
    const connection = new SmtpConnection(
      socket,
      {
        host,
        helo,
        tls,
        timeouts,
        ...(session === undefined ? {} : { session }),
        ...(this.#logins === null ? {} : { logins: this.#logins }),
      },
      this.#ports.clock,
      transcript,
    );
    const end = (): void => connection.destroy();
    this.#opening.add(end);
    const failure = await connection.open();
    this.#opening.delete(end);
    if (failure === null) return { ok: true, lease: { connection, outbound, reused: false } };
    if (connection.alive) connection.quit();
    return { ok: false, failure };
  }

  #connect(
    destination: Destination,
    outbound: OutboundConnection,
  ): Promise<Socket | { readonly why: string }> {
    const { host, address, port } = destination;
    const { connectMsMax } = this.#limits.timeouts;
    return new Promise((resolve) => {
      let over = false;
      const done = (result: Socket | { readonly why: string }): void => {
        // It came after all, when nobody waits for it any more.
        if (over && !('why' in result)) result.destroy();
        over = true;
        cancel();
        this.#opening.delete(end);
        resolve(result);
      };
      const end = (): void => done({ why: stoppingText });
      this.#opening.add(end);
      const cancel = this.#ports.clock.after(connectMsMax, () =>
        done({ why: `no connection to ${host} [${address}] within ${connectMsMax} ms` }),
      );
      this.#ports.network.connect({ host, address, port }, outbound).then(done, (error: unknown) => {
        done({ why: `no connection to ${host} [${address}]: ${wordsFor(error)}` });
      });
    });
  }

  #takeIdle(key: string): Held | null {
    const held = this.#idle.get(key)?.pop() ?? null;
    if (this.#idle.get(key)?.length === 0) this.#idle.delete(key);
    return held;
  }

  #hasRoom({ address, group }: Destination): boolean {
    const { connectionsPerHostMax, connectionsPerGroupMax } = this.#limits;
    return (
      (this.#perHost.get(address) ?? 0) < connectionsPerHostMax &&
      (this.#perGroup.get(group) ?? 0) < connectionsPerGroupMax
    );
  }

  /** An idle connection to elsewhere goes, where that gives the room. */
  #makeRoom(destination: Destination): boolean {
    for (const held of [...this.#idle.values()].flat()) {
      if (held.destination.address !== destination.address && held.destination.group !== destination.group)
        continue;
      this.#retire(held);
      if (this.#hasRoom(destination)) return true;
    }
    return false;
  }

  #retire(held: Held): void {
    held.connection.quit();
    this.#forget(held);
  }

  #forget(held: Held): void {
    if (!this.#held.delete(held.connection)) return;
    held.cancelIdle();
    const rest = this.#idle.get(held.key)?.filter((one) => one !== held) ?? [];
    if (rest.length > 0) this.#idle.set(held.key, rest);
    else this.#idle.delete(held.key);
    this.#count(held.destination, -1);
    this.#wakeNext();
  }

  /** The first who waits and may open now does so; the place is counted before he is woken. */
  #wakeNext(): void {
    // Making room lets connections go, and each that goes comes back here.
    if (this.#waking === 'yes') return;
    this.#waking = 'yes';
    try {
      for (;;) {
        const waiter = this.#waiting.find(
          ({ destination }) => this.#hasRoom(destination) || this.#makeRoom(destination),
        );
        if (waiter === undefined) return;
        this.#waiting = this.#waiting.filter((one) => one !== waiter);
        this.#count(waiter.destination, 1);
        waiter.wake(null);
      }
    } finally {
      this.#waking = 'no';
    }
  }

  #count({ address, group }: Destination, by: 1 | -1): void {
    add(this.#perHost, address, by);
    add(this.#perGroup, group, by);
  }
}

const stoppingText = 'Sandpost is stopping';
const stopping: Acquired = {
  ok: false,
  failure: { kind: 'lost', stage: 'connect', text: stoppingText, mayHaveArrived: false },
};

const noRoom: Acquired = {
  ok: false,
  failure: {
    kind: 'lost',
    stage: 'connect',
    text: 'too many deliveries wait for a connection to this host',
    mayHaveArrived: false,
  },
};

function waitedFor(waitMsMax: number, { host }: Destination, transcript: AttemptTranscript): Acquired {
  const text = `no connection to ${host} came free within ${Math.round(waitMsMax / 1_000)} seconds: as many as are allowed are busy`;
  transcript.add('N', text);
  return { ok: false, failure: { kind: 'lost', stage: 'connect', text, mayHaveArrived: false } };
}

function keyOf({ host, address, port, fromIp, helo, tls }: Destination): string {
  return `${host} ${address} ${port} ${fromIp} ${helo} ${tls}`;
}

function add(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}

function wordsFor(error: unknown): string {
  const code = codeOf(error);
  return (code === null ? undefined : connectFaults[code]) ?? messageOf(error);
}
const connectFaults: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ETIMEDOUT: 'timed out',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ECONNRESET: 'connection reset',
};
