/**
 * No test reaches the network: an attempt to connect or to look a name up beyond this machine throws. It holds in the
 * process of the tests; that a core of its own is silent is proven from outside, in core/silence.test.ts.
 */
import dns from 'node:dns';
import net from 'node:net';

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function guarded(this: net.Socket, ...args: unknown[]): net.Socket {
  const host = hostOf(args);
  // A name of this machine's that is looked up after all is stopped below.
  if (!isLocal(host) && !host.endsWith('.localhost')) throw new Error(`a test tried to connect to ${host}`);
  return Reflect.apply(connect, this, args);
};

for (const home of [dns, dns.promises]) {
  const lookup: unknown = Reflect.get(home, 'lookup');
  if (typeof lookup !== 'function') throw new Error('dns.lookup is not there to be guarded');
  Reflect.set(home, 'lookup', (name: string, ...rest: unknown[]) => {
    if (!isLocal(name)) throw new Error(`a test tried to look up ${name}`);
    return Reflect.apply(lookup, home, [name, ...rest]);
  });
}

/** `connect` takes options, a path, or a port and a host; or all of them in one array, as `net.connect` calls it. */
function hostOf(args: readonly unknown[]): string {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  if (typeof first === 'object' && first !== null) {
    const { host, path } = first as { readonly host?: unknown; readonly path?: unknown };
    return typeof path === 'string' || typeof host !== 'string' ? 'localhost' : host;
  }
  return typeof first === 'string' || typeof second !== 'string' ? 'localhost' : second;
}

function isLocal(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '0.0.0.0' || /^127\./.test(host);
}
