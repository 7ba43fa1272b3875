/** The sockets of the SMPP door: connections and their limits, who is bound, and who is handed a deliver_sm. */
import { createServer, type Server, type Socket } from 'node:net';
import type { SmppHandover, SmppReceivers } from '../../../delivery/sms-far-side.ts';
import { listen } from '../../../doors/listen.ts';
import { PacedLane } from '../../../doors/smtp/slow-link.ts';
import { messageOf } from '../../../model/app-error.ts';
import type { SmppCallback } from '../../../model/callback.ts';
import type { ExchangeEnd } from '../../../model/message.ts';
import { openReassembly, type Reassembly, type ReassemblyLimits } from './reassembly.ts';
import { type SessionLimits, type SmppLink, SmppSession } from './session.ts';
import { type SmppDoorPorts, takeOverdue } from './submit.ts';

export interface SmppLimits extends SessionLimits {
  readonly connectionsMax: number;
  /** Sessions of one system_id. */
  readonly bindsMax: number;
  /** Answers that a client does not read; past it nothing more is read of it. */
  readonly unsentBytesMax: number;
  /** deliver_sm that wait for a place in a window. */
  readonly deliverQueueMax: number;
  readonly reassembly: ReassemblyLimits;
}

export const smppLimits: SmppLimits = {
  pduBytesMax: 72 * 1024,
  connectionsMax: 500,
  bindsMax: 50,
  windowMax: 500,
  deliverWindowMax: 10,
  unboundMsMax: 10_000,
  enquireAfterMs: 60_000,
  enquireMsMax: 30_000,
  bindTriesMax: 3,
  unsentBytesMax: 256 * 1024,
  deliverQueueMax: 1_000,
  reassembly: { groupsMax: 1_000, bytesMax: 8 * 1024 * 1024, waitMsMax: 300_000 },
};

export interface SmppDoorOptions {
  readonly hosts: readonly string[];
  readonly port: number;
  readonly limits?: Partial<SmppLimits>;
}

export interface SmppEndpointPorts extends SmppDoorPorts {
  exchangeEnded(end: ExchangeEnd): void;
  /** Receipts that wait for that system_id may go. */
  readonly receiverBound?: (systemId: string) => void;
}

export interface SmppDoor extends SmppReceivers {
  readonly port: number;
  /** Takes no new connection; what is under way comes to its end, for so long. */
  close(graceMs?: number): Promise<void>;
}

const sweepMs = 1_000;
const graceMsDefault = 2_000;

export async function openSmppDoor(options: SmppDoorOptions, ports: SmppEndpointPorts): Promise<SmppDoor> {
  const limits: SmppLimits = { ...smppLimits, ...options.limits };
  const reassembly = await openReassembly(ports.store, ports.clock, limits.reassembly);
  const receivers = new Receivers(limits);
  const live = new Set<SmppSession>();
  const sockets = new Set<Socket>();
  const servers: Server[] = [];
  const connected = (socket: Socket): void => {
    if (live.size >= limits.connectionsMax) {
      // SMPP has no word for it before a bind.
      socket.destroy();
      return;
    }
    sockets.add(socket);
    const session = openSession(socket, limits, {
      ports,
      reassembly,
      receivers,
      live,
    });
    live.add(session);
    socket.once('close', () => {
      sockets.delete(socket);
      live.delete(session);
      receivers.changed();
    });
  };
  const port = await listen(
    () => {
      const server = createServer({ noDelay: true }, connected);
      servers.push(server);
      return server;
    },
    'smpp',
    options.hosts,
    options.port,
  );
  receivers.sessions = live;
  let cancelSweep = sweepLater();
  function sweepLater(): () => void {
    return ports.clock.after(sweepMs, () => {
      for (const session of live) session.check();
      for (const group of reassembly.overdue())
        takeOverdue(group, reassembly, ports).catch((error: unknown) => {
          ports.onProblem(`a long message over SMPP could not be taken: ${messageOf(error)}`);
        });
      cancelSweep = sweepLater();
    });
  }
  return {
    port,
    deliver: (callback, signal) => receivers.deliver(callback, signal),
    async close(graceMs = graceMsDefault) {
      cancelSweep();
      const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
      const cancel = ports.clock.after(graceMs, () => {
        for (const socket of sockets) socket.destroy();
      });
      receivers.close();
      await Promise.all([...live].map((session) => session.finish()));
      for (const socket of sockets) socket.destroySoon();
      await Promise.all(closed);
      cancel();
    },
  };
}

function openSession(
  socket: Socket,
  limits: SmppLimits,
  {
    ports,
    reassembly,
    receivers,
    live,
  }: {
    readonly ports: SmppEndpointPorts;
    readonly reassembly: Reassembly;
    readonly receivers: Receivers;
    readonly live: ReadonlySet<SmppSession>;
  },
): SmppSession {
  let lane: PacedLane | null = null;
  let broke: string | null = null;
  const link: SmppLink = {
    remoteAddress: socket.remoteAddress ?? '',
    remotePort: socket.remotePort ?? 0,
    write(bytes) {
      if (socket.destroyed || socket.writableEnded) return;
      if (lane !== null) lane.push(bytes);
      else if (!socket.write(bytes) && socket.writableLength > limits.unsentBytesMax) {
        socket.pause();
        socket.once('drain', () => socket.resume());
      }
    },
    end() {
      if (lane === null || lane.empty) socket.end();
      else socket.destroySoon();
    },
    cut: () => socket.destroy(),
    slow(bytesPerSecond) {
      if (lane !== null) lane.setPace(bytesPerSecond);
      else
        lane = new PacedLane(ports.clock, bytesPerSecond, (piece) => {
          if (!socket.destroyed) socket.write(piece);
        });
    },
  };
  const session = new SmppSession(link, limits, {
    door: ports,
    reassembly,
    roomFor: (systemId) =>
      [...live].filter((one) => one.bound && one.systemId === systemId).length < limits.bindsMax,
    receiverBound: (systemId) => {
      ports.receiverBound?.(systemId);
      receivers.changed();
    },
    deliverRoom: () => receivers.changed(),
  });
  socket.on('data', (chunk: Buffer) => session.feed(chunk));
  socket.on('end', () => session.close('the client closed the connection'));
  socket.on('error', (error) => {
    broke = `the connection broke: ${error.message}`;
    session.note(broke);
  });
  socket.once('close', () => {
    lane?.close();
    ports.exchangeEnded(session.ended(broke));
  });
  return session;
}

interface Waiting {
  readonly callback: SmppCallback;
  readonly signal: AbortSignal;
  readonly settle: (handover: SmppHandover) => void;
  readonly late: () => void;
}

const notBound: SmppHandover = {
  kind: 'notBound',
  commandStatus: null,
  text: 'nobody is bound as a receiver or transceiver by that system_id',
};

/** Which of the bound sessions gets the next deliver_sm: the one that has the fewest to answer. */
class Receivers implements SmppReceivers {
  sessions: ReadonlySet<SmppSession> = new Set();
  readonly #limits: SmppLimits;
  #waiting: Waiting[] = [];
  #closed = false;

  constructor(limits: SmppLimits) {
    this.#limits = limits;
  }

  deliver(callback: SmppCallback, signal: AbortSignal): Promise<SmppHandover> {
    const bound = this.#boundAs(callback.systemId);
    if (this.#closed || bound.length === 0) return Promise.resolve(notBound);
    const free = this.#free(bound);
    if (free !== null) return free.deliver(callback, signal);
    if (this.#waiting.length >= this.#limits.deliverQueueMax)
      return Promise.resolve({
        kind: 'refused',
        commandStatus: null,
        text: 'too many deliver_sm wait for their answers',
      });
    return new Promise((resolve) => {
      const late = (): void => {
        this.#waiting = this.#waiting.filter((one) => one !== waiting);
        resolve({
          kind: 'noAnswer',
          commandStatus: null,
          text: `the receiver's window stayed full: ${this.#limits.deliverWindowMax} deliver_sm wait for their answers`,
        });
      };
      const waiting: Waiting = { callback, signal, settle: resolve, late };
      this.#waiting.push(waiting);
      signal.addEventListener('abort', late, { once: true });
    });
  }

  /** Somebody bound, left, or answered. */
  changed(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) {
      const bound = this.#boundAs(one.callback.systemId);
      const free = this.#free(bound);
      if (bound.length > 0 && free === null) {
        this.#waiting.push(one);
        continue;
      }
      one.signal.removeEventListener('abort', one.late);
      if (free === null) one.settle(notBound);
      else void free.deliver(one.callback, one.signal).then(one.settle);
    }
  }

  close(): void {
    this.#closed = true;
    for (const one of this.#waiting) {
      one.signal.removeEventListener('abort', one.late);
      one.settle(notBound);
    }
    this.#waiting = [];
  }

  #boundAs(systemId: string): readonly SmppSession[] {
    return [...this.sessions].filter((one) => one.receives && one.systemId === systemId);
  }

  #free(sessions: readonly SmppSession[]): SmppSession | null {
    const [least = null] = sessions
      .filter((one) => one.hasDeliverRoom)
      .toSorted((one, other) => one.delivering - other.delivering);
    return least;
  }
}
