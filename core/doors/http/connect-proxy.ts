/**
 * The CONNECT proxy: hosts of providers end here, with our certificate; every other destination is refused unless the
 * user wants otherwise, so that nothing leaks by accident.
 */
import type { IncomingMessage } from 'node:http';
import { isIP, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { messageOf } from '../../model/app-error.ts';
import { providerHosts } from '../tls/provider-hosts.ts';
import type { DoorConnection } from './door-connection.ts';
import type { Pipeline } from './pipeline.ts';
import { hostOf } from './routing.ts';

/** What is done with destinations that are no provider's. */
export type OtherHosts =
  | 'refuse'
  | 'tunnel'
  /** `host`, `host:port` or `*.domain`; all others are refused. */
  | { readonly list: readonly string[] };

export interface ProxyPorts {
  readonly pipeline: Pipeline;
  otherHosts(): OtherHosts;
  connect(host: string, port: number): Socket;
  isOwnPort(port: number): boolean;
  /** A tunnel to a provider: its client goes on as at a door. */
  accept(secure: boolean, socket: Socket): void;
}

export interface ConnectProxy {
  tunnel(connection: DoorConnection, request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

const connectMsMax = 10_000;
const plainPort = 80;

export function createProxy(ports: ProxyPorts): ConnectProxy {
  return {
    tunnel(connection, request, socket, head) {
      if (!(socket instanceof Socket)) {
        socket.destroy();
        return;
      }
      const target = request.url ?? '';
      const host = hostOf(target);
      const port = Number(/:(\d{1,5})$/.exec(target)?.[1] ?? Number.NaN);
      const refuse = (status: string, reason: string): void => {
        ports.pipeline.broken(connection, reason, [`CONNECT ${target}`, `answered with ${status}`]);
        const body = `${JSON.stringify({ error: reason })}\n`;
        socket.end(
          `HTTP/1.1 ${status}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
        );
        socket.destroySoon();
      };
      if (!connection.door.proxies) {
        refuse('405 Method Not Allowed', 'this door is no proxy; use the door proxy for CONNECT');
        return;
      }
      if (host === '' || !(port > 0 && port < 65_536)) {
        refuse('400 Bad Request', 'CONNECT takes a host and a port, as in fcm.googleapis.com:443');
        return;
      }
      if (connection.door.routing.knows(host)) {
        connection.watched = null;
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        if (head.length > 0) socket.unshift(head);
        ports.accept(port !== plainPort, socket);
        return;
      }
      const why = refusal(ports, host, port);
      if (why !== null) {
        refuse('403 Forbidden', why);
        return;
      }
      openTunnel(ports, connection, { host, port }, socket, head, refuse);
    },
  };
}

/** @returns why the proxy does not lead there, or null: it does */
function refusal(ports: ProxyPorts, host: string, port: number): string | null {
  const others = ports.otherHosts();
  const listed = isListed(ports, { host, port });
  if (isLoopbackName(host) && ports.isOwnPort(port) && !listed)
    return `${host}:${port} is a door of this sandbox; have the app ask it directly, or put it on the proxy's list`;
  if (listed) return null;
  if (typeof others === 'object' && others.list.some((entry) => covers(entry.toLowerCase(), host)))
    return null;
  // What goes on to other hosts is the app's affair; what goes to a provider would reach real people.
  if (providerHosts.some((provider) => covers(provider, host)))
    return `${host} is a provider that this sandbox has no door for, and nothing goes to the real one; put ${host} on the proxy's list if it is to`;
  if (isLinkLocal(host)) return linkLocalRefusal(host);
  if (others === 'tunnel') return null;
  return others === 'refuse'
    ? `${host} is no provider of this sandbox, and the proxy leads nowhere else; set its other hosts to tunnel, or put this one on the list`
    : `${host} is no provider of this sandbox, and not on the list of the proxy's other hosts; put it there`;
}

function covers(entry: string, host: string): boolean {
  return entry.startsWith('*.') ? host.endsWith(entry.slice(1)) : entry === host;
}

function isLoopbackName(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || isLoopbackAddress(host);
}

function isLoopbackAddress(address: string): boolean {
  return (
    isIP(address) !== 0 &&
    (address === '::1' || address === '::' || /^(?:::ffff:)?(?:127\.|0\.0\.0\.0$)/.test(address))
  );
}

/** RFC 3927, RFC 4291 §2.5.6: where clouds have the server that gives a machine's own credentials to whoever asks. */
function isLinkLocal(address: string): boolean {
  return isIP(address) !== 0 && /^(?:(?:::ffff:)?169\.254\.|fe[89ab][0-9a-f]:)/i.test(address);
}

function linkLocalRefusal(host: string): string {
  return `${host} is link-local, where clouds keep a machine's credentials, and the proxy does not lead there; put host and port on its list if it is to`;
}

function openTunnel(
  ports: ProxyPorts,
  connection: DoorConnection,
  to: { readonly host: string; readonly port: number },
  socket: Socket,
  head: Buffer,
  refuse: (status: string, reason: string) => void,
): void {
  const far = ports.connect(to.host, to.port);
  let open = false;
  const cancel = ports.pipeline.clock.after(connectMsMax, () => {
    if (!open) far.destroy(new Error(`no answer within ${connectMsMax / 1000} s`));
  });
  far.once('connect', () => {
    cancel();
    // A name may lead back to this machine, or to where its own name is refused.
    const address = far.remoteAddress ?? '';
    const why =
      isLoopbackAddress(address) && ports.isOwnPort(to.port)
        ? `${to.host}:${to.port} leads to a door of this sandbox; have the app ask it directly`
        : isLinkLocal(address)
          ? linkLocalRefusal(to.host)
          : null;
    if (why !== null && !isListed(ports, to)) {
      far.destroy();
      refuse('403 Forbidden', why);
      return;
    }
    open = true;
    connection.watched = null;
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) far.write(head);
    far.pipe(socket);
    socket.pipe(far);
  });
  far.on('error', (error) => {
    cancel();
    if (open) socket.destroy();
    else refuse('502 Bad Gateway', `${to.host}:${to.port} cannot be reached: ${messageOf(error)}`);
  });
  far.once('close', () => socket.destroySoon());
  socket.once('close', () => {
    cancel();
    far.destroy();
  });
}

/** By name and port: whoever writes that means it. */
function isListed(
  ports: ProxyPorts,
  { host, port }: { readonly host: string; readonly port: number },
): boolean {
  const others = ports.otherHosts();
  return typeof others === 'object' && others.list.some((entry) => entry.toLowerCase() === `${host}:${port}`);
}
