/**
 * The doors of the HTTP providers' fakes: plain, TLS by name, the CONNECT proxy, APNs and its channel management, and
 * Google's metadata server. One pipeline for all of them.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';
import type { Clock } from '../../clock.ts';
import type { ExchangeEnd } from '../../model/message.ts';
import { listen } from '../listen.ts';
import { createProxy, type OtherHosts } from './connect-proxy.ts';
import { type Door, DoorConnection } from './door-connection.ts';
import type { HandOn } from './handing-on.ts';
import { createHttp1 } from './http1-wire.ts';
import { type ProviderDoorLimits, providerDoorLimits } from './limits.ts';
import { type Certificate, Listener, type ListenerPorts, type Speech } from './listeners.ts';
import { createPipeline } from './pipeline.ts';
import type { OwnSend, ProviderRoute } from './provider-request.ts';
import { atRoot, byHost, byName, type Routing } from './routing.ts';

export const providerDoorKeys = ['providers', 'tls', 'proxy', 'apns', 'apnsManage', 'metadata'] as const;
export type ProviderDoorKey = (typeof providerDoorKeys)[number];

export interface ProviderDoorsOptions {
  readonly hosts: readonly string[];
  /** 0 picks a free one; a door without a port stays closed. */
  readonly ports: { readonly [key in ProviderDoorKey]?: number | undefined };
  /** For every host of a provider; null where none of the doors speaks TLS. */
  readonly certificate: Certificate | null;
  readonly limits?: Partial<ProviderDoorLimits>;
}

export interface ProviderDoorsPorts {
  /** By path on the plain door, by name on that, on TLS and through the proxy. */
  readonly routes: readonly ProviderRoute[];
  readonly apns: readonly ProviderRoute[];
  readonly apnsManage: readonly ProviderRoute[];
  readonly metadata: readonly ProviderRoute[];
  readonly clock: Clock;
  readonly newId: () => string;
  readonly recorder: {
    /** An exchange that no message carries: refused, or accepted without one. Returns at once. */
    exchangeEnded(end: ExchangeEnd): void;
  };
  /** @returns one of our own sends that has that value, or null */
  findOwn(value: string, remoteAddress: string): OwnSend | null;
  /** What goes on to the real provider; left out: nothing. */
  readonly handOn?: HandOn;
  /** What the proxy does with hosts that are no provider's; asked each time. */
  otherHosts(): OtherHosts;
  /** Opens a connection to such a host. */
  connect(host: string, port: number): Socket;
  /** Ports of this Sandpost's other doors, which the proxy never leads to by itself. */
  isOwnPort(port: number): boolean;
  onProblem(problem: string, error: unknown): void;
}

export interface ProviderDoors {
  readonly ports: { readonly [key in ProviderDoorKey]?: number };
  /**
   * A request that another of Node's HTTP servers read goes the way of all requests here, by the first part of its path.
   * @param key of that server's door
   */
  take(request: IncomingMessage, response: ServerResponse, key: string): void;
  /** Takes no new connection, lets what is under way come to its end for a while, then closes the rest. */
  close(graceMs: number): Promise<void>;
}

const sweepMs = 1_000;

/** @throws AppError `port_taken`, `bad_configuration` */
export async function openProviderDoors(
  options: ProviderDoorsOptions,
  ports: ProviderDoorsPorts,
): Promise<ProviderDoors> {
  const limits = { ...providerDoorLimits, ...options.limits };
  const { clock, newId, recorder } = ports;
  const pipeline = createPipeline(
    {
      clock,
      newId,
      exchangeEnded: (end) => recorder.exchangeEnded(end),
      findOwn: ports.findOwn,
      handOn: ports.handOn,
      onProblem: ports.onProblem,
    },
    limits,
  );
  const opened: { -readonly [key in ProviderDoorKey]?: number } = {};
  const ownPorts = (port: number): boolean => Object.values(opened).includes(port) || ports.isOwnPort(port);
  const proxy = createProxy({
    pipeline,
    otherHosts: ports.otherHosts,
    connect: ports.connect,
    isOwnPort: ownPorts,
    accept: (secure, socket) => (secure ? tunnelled.accept(socket) : tunnelledPlain.accept(socket)),
  });
  const http1 = createHttp1(pipeline, proxy);
  const listenerPorts: ListenerPorts = {
    pipeline,
    http1,
    newId,
    certificate: options.certificate,
    onProblem: ports.onProblem,
  };
  const listeners: Listener[] = [];
  const named = byName(ports.routes);
  const hosted = byHost(ports.routes);
  const asksAgain = ports.routes.some(
    (route) => route.standing !== undefined || route.webSocket !== undefined,
  );

  function listener(
    key: ProviderDoorKey,
    speech: Speech,
    routing: Routing,
    own: readonly ProviderRoute[] = [],
  ): Listener {
    const apns = speech === 'http2Only';
    const door: Door = {
      key,
      routing,
      scheme: speech === 'plain' ? 'http' : 'https',
      connectionsMax: key === 'providers' ? limits.plainConnectionsMax : limits.connectionsMax,
      streamsMax: apns ? limits.apnsStreamsMax : limits.streamsMax,
      idleMsMax: apns ? limits.apnsIdleMsMax : limits.idleMsMax,
      idleDebug: apns ? '{"reason":"IdleTimeout"}' : '',
      proxies: key === 'proxy' && speech === 'plain',
      looksFirst: (routing === named || routing === hosted) && asksAgain,
    };
    const made = new Listener(door, speech, own, listenerPorts);
    listeners.push(made);
    return made;
  }

  const guests = new WeakMap<Socket, DoorConnection>();

  function take(request: IncomingMessage, response: ServerResponse, key: string): void {
    const { socket } = request;
    let connection = guests.get(socket);
    if (connection === undefined) {
      const door: Door = {
        key,
        routing: named,
        scheme: 'http',
        connectionsMax: limits.connectionsMax,
        streamsMax: limits.streamsMax,
        idleMsMax: limits.idleMsMax,
        idleDebug: '',
        proxies: false,
        looksFirst: asksAgain,
      };
      connection = new DoorConnection(newId(), door, socket, clock.wallMs());
      guests.set(socket, connection);
    }
    http1.take(connection, request, response);
  }

  const wanted = (key: ProviderDoorKey): boolean => options.ports[key] !== undefined;
  const secure = options.certificate !== null;
  const tunnelled = listener('proxy', secure ? 'tls' : 'plain', hosted);
  const tunnelledPlain = listener('proxy', 'plain', hosted);
  const doors: readonly (readonly [ProviderDoorKey, () => Listener])[] = [
    ['providers', () => listener('providers', 'plain', named)],
    ['tls', () => listener('tls', 'tls', named)],
    ['proxy', () => tunnelledPlain],
    ['apns', () => listener('apns', 'http2Only', atRoot(ports.apns), ports.apns)],
    ['apnsManage', () => listener('apnsManage', 'http2Only', atRoot(ports.apnsManage), ports.apnsManage)],
    ['metadata', () => listener('metadata', 'plain', atRoot(ports.metadata))],
  ];
  const servers: Server[] = [];
  let cancelSweep = sweepLater();
  function sweepLater(): () => void {
    return clock.after(sweepMs, () => {
      const nowMs = clock.monotonicMs();
      for (const one of listeners) one.check(nowMs);
      cancelSweep = sweepLater();
    });
  }

  async function close(graceMs: number): Promise<void> {
    const closed = servers.map(
      (server) =>
        new Promise<void>((resolve) => (server.listening ? server.close(() => resolve()) : resolve())),
    );
    for (const one of listeners) one.finishSoon();
    const destroyAll = (): void => {
      for (const one of listeners) one.destroy();
    };
    if (graceMs <= 0) destroyAll();
    const cancel = clock.after(graceMs, destroyAll);
    await Promise.all(closed);
    cancel();
    cancelSweep();
    destroyAll();
  }

  try {
    for (const [key, open] of doors) {
      if (!wanted(key)) continue;
      const made = open();
      const makeServer = (): Server => {
        const server = made.makeServer();
        servers.push(server);
        return server;
      };
      opened[key] = await listen(makeServer, key, options.hosts, options.ports[key] ?? 0);
    }
  } catch (error) {
    await close(0);
    throw error;
  }
  return { ports: opened, take, close };
}
