/** A client's connection at a provider door, as far as the wires share it. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ExchangeStart } from '../../model/message.ts';
import type { ProviderConnection } from './provider-request.ts';
import type { Routing } from './routing.ts';

/** A listener: what it is called, and whose requests it takes. */
export interface Door {
  readonly key: string;
  readonly routing: Routing;
  readonly scheme: 'http' | 'https';
  readonly connectionsMax: number;
  readonly streamsMax: number;
  readonly idleMsMax: number;
  /** HTTP/2: what is said with GOAWAY to a client that asked for nothing for so long. */
  readonly idleDebug: string;
  /** Takes CONNECT. */
  readonly proxies: boolean;
  /** Some of its routes are asked the same again and again, or make WebSockets. */
  readonly looksFirst: boolean;
}

/** What the sweep asks of each connection once in a while. */
export interface Watched {
  /** Ends what takes too long. */
  check(nowMs: number): void;
  /** The door closes: ends at once where nothing is under way, else as soon as that is over. */
  finishSoon?(): void;
}

export class DoorConnection implements ProviderConnection {
  readonly id: string;
  readonly door: Door;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly tls: ExchangeStart['tls'];
  readonly clientCertificate: Uint8Array | null;
  /** The name that the client's TLS asked for, lower case; empty where it named none. */
  readonly servername: string;
  readonly openedMs: number;
  readonly memory = new Map<symbol, unknown>();
  readonly socket: Socket;
  /** Set by HTTP/2. */
  onConcurrentStreams: (streams: number) => void = () => undefined;
  /** Set by the wire that the connection turned out to speak. */
  watched: Watched | null = null;

  constructor(id: string, door: Door, socket: Socket, openedMs: number) {
    this.id = id;
    this.door = door;
    this.socket = socket;
    this.openedMs = openedMs;
    this.remoteAddress = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    this.remotePort = socket.remotePort ?? 0;
    if (socket instanceof TLSSocket) {
      const servername = typeof socket.servername === 'string' ? socket.servername.toLowerCase() : '';
      const certificate = socket.getPeerX509Certificate();
      this.tls = {
        protocol: socket.getProtocol() ?? '',
        cipher: socket.getCipher().name,
        servername: servername === '' ? null : servername,
      };
      this.servername = servername;
      this.clientCertificate = certificate === undefined ? null : new Uint8Array(certificate.raw);
    } else {
      this.tls = null;
      this.servername = '';
      this.clientCertificate = null;
    }
  }

  setConcurrentStreams(streams: number): void {
    this.onConcurrentStreams(streams);
  }
}
