/** The door `dns`: the sandbox's zones by UDP and TCP, on the same port (RFC 7766). */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { AppError, codeOf, messageOf } from '../model/app-error.ts';
import { answerQuery } from './answer.ts';
import type { Zones } from './zones.ts';

export interface DnsServerOptions {
  readonly hosts: readonly string[];
  /** 0 picks a free one. */
  readonly port: number;
  /** Binds servers of TCP to the hosts and a port; as the other doors do it. @throws AppError `port_taken` */
  readonly listen: (
    make: () => Server,
    door: string,
    hosts: readonly string[],
    port: number,
  ) => Promise<number>;
  readonly onProblem: (text: string) => void;
}

export interface DnsServer {
  readonly port: number;
  close(): Promise<void>;
}

const connectionsMax = 100;
/** RFC 7766 §6.2.3: some seconds; a name that never answers is waited for no longer either. */
const idleMsMax = 15_000;
/** A question has at most one name, and options; what is longer is no question. */
const queryBytesMax = 4_096;
/** A client that asks and does not read is let go. */
const unreadBytesMax = 256 * 1024;
/** A port that is free for TCP may be taken for UDP: another is picked, so often. */
const triesMax = 8;

export async function openDnsServer(zones: Zones, options: DnsServerOptions): Promise<DnsServer> {
  for (let attempt = 1; ; attempt += 1) {
    const tcp = new TcpServers(zones);
    const port = await options.listen(() => tcp.make(), 'dns', options.hosts, options.port);
    const bound: UdpSocket[] = [];
    try {
      for (const address of tcp.addresses())
        bound.push(await bindUdp(zones, address, port, options.onProblem));
      return {
        port,
        async close() {
          await Promise.all([tcp.close(), ...bound.map(closeUdp)]);
        },
      };
    } catch (error) {
      await Promise.all([tcp.close(), ...bound.map(closeUdp)]);
      if (codeOf(error) === 'EADDRINUSE' && options.port === 0 && attempt < triesMax) continue;
      throw new AppError(
        'port_taken',
        codeOf(error) === 'EADDRINUSE'
          ? `port ${port} of the door dns is taken for UDP; free it, or choose another with --dns-port (0 picks a free one)`
          : `the door dns cannot listen on port ${port} by UDP: ${messageOf(error)}`,
        { cause: error },
      );
    }
  }
}

function bindUdp(
  zones: Zones,
  address: string,
  port: number,
  onProblem: (text: string) => void,
): Promise<UdpSocket> {
  const six = address.includes(':');
  const socket = createSocket({ type: six ? 'udp6' : 'udp4', ipv6Only: six });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ port, address, exclusive: true }, () => {
      socket.off('error', reject);
      socket.on('error', (error) => onProblem(`the door dns: ${error.message}`));
      socket.on('message', (bytes, from) => {
        const reply = answerQuery(bytes, 'udp', zones);
        // A client that is gone by now has no use for its answer.
        if (reply !== null) socket.send(reply, from.port, from.address, () => undefined);
      });
      resolve(socket);
    });
  });
}

function closeUdp(socket: UdpSocket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}

class TcpServers {
  readonly #zones: Zones;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  constructor(zones: Zones) {
    this.#zones = zones;
  }

  make(): Server {
    // A client may say that it asks nothing more before it has its answers.
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket));
    server.maxConnections = connectionsMax;
    this.#servers.push(server);
    return server;
  }

  /** Of the hosts that this machine has. */
  addresses(): readonly string[] {
    return this.#servers.flatMap((server) => {
      const address = server.address();
      return typeof address === 'object' && address !== null ? [address.address] : [];
    });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(
      this.#servers
        .filter((server) => server.listening)
        .map((server) => new Promise((resolve) => server.close(resolve))),
    );
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.setTimeout(idleMsMax, () => socket.destroy());
    // A reset connection is closed; there is nothing more to do about it.
    socket.on('error', () => undefined);
    let pending: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      while (pending.length >= 2) {
        const length = pending.readUInt16BE(0);
        if (length > queryBytesMax || socket.writableLength > unreadBytesMax) {
          socket.destroy();
          return;
        }
        if (pending.length < 2 + length) return;
        this.#answer(socket, pending.subarray(2, 2 + length));
        pending = pending.subarray(2 + length);
      }
    });
    socket.on('end', () => socket.end());
  }

  #answer(socket: Socket, bytes: Buffer): void {
    const reply = answerQuery(bytes, 'tcp', this.#zones);
    if (reply === null) return;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(reply.length);
    socket.write(Buffer.concat([length, reply]));
  }
}
