/** Wires the doors of the HTTP providers: of push and of SMS alike. What stands behind them comes as routes. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect as connectTcp } from 'node:net';
import type { Clock } from '../clock.ts';
import { createOwnSends, type OwnSendOrders, type OwnSends } from '../delivery/own-sends.ts';
import type { OtherHosts } from '../doors/http/connect-proxy.ts';
import { createExchangeRecorder } from '../doors/http/exchange-recorder.ts';
import type { HandOn } from '../doors/http/handing-on.ts';
import {
  openProviderDoors,
  type ProviderDoorKey,
  type ProviderDoors,
  type ProviderDoorsPorts,
  providerDoorKeys,
} from '../doors/http/provider-doors.ts';
import type { OwnSend } from '../doors/http/provider-request.ts';
import type { Certificate } from '../doors/tls/make-certificates.ts';
import { AppError, messageOf } from '../model/app-error.ts';
import type { ExchangeEnd } from '../model/message.ts';
import type { Store } from '../store/store.ts';

export type ProviderRoutes = Pick<ProviderDoorsPorts, 'routes' | 'apns' | 'apnsManage' | 'metadata'>;

export interface Providers {
  readonly ownSends: OwnSends;
  /** One of the core's own sends at a door, by what it carries; null: somebody else's. */
  findOwn(value: string, remoteAddress: string): OwnSend | null;
  /** Keeps the end of an exchange that no message carries. */
  exchangeEnded(end: ExchangeEnd): void;
  /** What the rules want done with one of the core's own sends at its door. */
  ownOrders(own: OwnSend): OwnSendOrders | null;
  /** Opens the doors, once all that is behind them is there. @throws AppError `port_taken`, `bad_configuration` */
  open(
    routes: ProviderRoutes,
    otherHosts: () => OtherHosts,
  ): Promise<Readonly<Partial<Record<ProviderDoorKey, number>>>>;
  /** A request that the API's door read, for one of the routes; once the doors are open. */
  take(request: IncomingMessage, response: ServerResponse): void;
  /** Where the core itself reaches a door: the public one where it is open on loopback, else one for it alone. */
  reach(key: 'apns' | 'providers' | 'tls'): Promise<number>;
  close(graceMs: number): Promise<void>;
}

export interface ProvidersOptions {
  readonly hosts: readonly string[];
  readonly ports: Readonly<Record<ProviderDoorKey, number | 'off'>>;
  readonly certificate: Certificate | null;
}

export interface ProvidersPorts {
  readonly store: Pick<Store, 'endExchange'>;
  readonly clock: Clock;
  readonly newId: () => string;
  /** What goes on to the real provider while live relay is on. */
  readonly handOn: HandOn;
  /** Ports of this Sandpost's other doors. */
  readonly isOwnPort: (port: number) => boolean;
  readonly onProblem: (text: string) => void;
}

export function createProviders(options: ProvidersOptions, ports: ProvidersPorts): Providers {
  const { store, clock, newId, onProblem } = ports;
  const ownSends = createOwnSends();
  const ownOrders = new WeakMap<OwnSend, OwnSendOrders>();
  const problem = (text: string, error: unknown): void =>
    onProblem(error === null ? text : `${text}: ${messageOf(error)}`);
  const recorder = createExchangeRecorder((end) => store.endExchange(end), problem);
  let openDoors: ((hosts: readonly string[], wanted: OpenPorts) => Promise<ProviderDoors>) | null = null;
  let outer: ProviderDoors | null = null;
  let inner: Promise<ProviderDoors> | null = null;

  function findOwn(value: string, remoteAddress: string): OwnSend | null {
    const found = ownSends.find(value, remoteAddress);
    if (found !== null) ownOrders.set(found, found);
    return found;
  }

  return {
    ownSends,
    findOwn,
    exchangeEnded: (end) => recorder.exchangeEnded(end),
    ownOrders: (own) => ownOrders.get(own) ?? null,

    async open(routes, otherHosts) {
      openDoors = (hosts, wanted) =>
        openProviderDoors(
          { hosts, ports: wanted, certificate: options.certificate },
          {
            ...routes,
            clock,
            newId,
            recorder,
            findOwn,
            handOn: ports.handOn,
            otherHosts,
            connect: (host, port) => connectTcp({ host, port }),
            isOwnPort: ports.isOwnPort,
            onProblem: problem,
          },
        );
      outer = await openDoors(options.hosts, openPorts(options.ports));
      return outer.ports;
    },

    take(request, response) {
      if (outer === null) throw new Error('the providers’ doors are asked before they are open');
      outer.take(request, response, 'http');
    },

    async reach(key) {
      const port = options.hosts.some(isLoopback) ? outer?.ports[key] : undefined;
      if (port !== undefined) return port;
      if (openDoors === null) throw new Error('the providers’ doors are asked for before they are open');
      inner ??= openDoors(['127.0.0.1'], {
        apns: 0,
        providers: 0,
        ...(options.certificate === null ? {} : { tls: 0 }),
      });
      const found = (await inner).ports[key];
      if (found === undefined)
        throw new AppError('not_possible', `the door ${key} is closed; open it to send by it`);
      return found;
    },

    async close(graceMs) {
      await Promise.all([outer?.close(graceMs), inner?.then((one) => one.close(graceMs))]);
      await recorder.idle();
    },
  };
}

type OpenPorts = Partial<Record<ProviderDoorKey, number>>;

function openPorts(ports: ProvidersOptions['ports']): OpenPorts {
  const open: OpenPorts = {};
  for (const key of providerDoorKeys) {
    const port = ports[key];
    if (port !== 'off') open[key] = port;
  }
  return open;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '0.0.0.0' || /^127\./.test(host);
}
