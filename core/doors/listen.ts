/** Binds a door to its hosts and port, and says in words what stood in the way. */
import type { Server } from 'node:net';
import { AppError, codeOf, messageOf } from '../model/app-error.ts';
import { portHolder } from './port-holder.ts';

/**
 * Binds a server for each host to the same port. With port 0 the system picks one for the first host and the others
 * follow; a host that this machine has not (no IPv6, say) is passed over as long as another one is bound.
 *
 * @returns the port
 * @throws AppError `port_taken`, naming the door
 */
export async function listen(
  make: () => Server,
  door: string,
  hosts: readonly string[],
  port: number,
  triesMax = 8,
): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const bound: Server[] = [];
    let chosen = port;
    try {
      for (const host of hosts) {
        const server = make();
        const taken = await bind(server, host, chosen);
        if (taken === null) continue;
        bound.push(server);
        chosen = taken;
      }
      if (bound.length === 0)
        throw new AppError(
          'bad_configuration',
          `none of the addresses ${hosts.join(', ')} is one of this machine's; set --host`,
        );
      return chosen;
    } catch (error) {
      await Promise.all(bound.map((server) => new Promise((resolve) => server.close(resolve))));
      // A port picked for the first host may be taken on the second: pick another.
      if (codeOf(error) === 'EADDRINUSE' && port === 0 && attempt < triesMax) continue;
      throw await asAppError(error, door, chosen);
    }
  }
}

function bind(server: Server, host: string, port: number): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      if (codeOf(error) === 'EADDRNOTAVAIL' || codeOf(error) === 'EAFNOSUPPORT') resolve(null);
      else reject(error);
    };
    server.once('error', failed);
    server.listen(
      { host, port, ipv6Only: host.includes(':') && host !== '::' ? true : host === '::' },
      () => {
        server.off('error', failed);
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      },
    );
  });
}

/** `apnsManage` is moved by `--apns-manage-port`. */
export function portFlag(door: string): string {
  return `--${door.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}-port`;
}

async function asAppError(error: unknown, door: string, port: number): Promise<AppError> {
  if (error instanceof AppError) return error;
  switch (codeOf(error)) {
    case 'EADDRINUSE': {
      const holder = await portHolder(port);
      const taken = holder === null ? 'is taken' : `is taken by ${holder}`;
      return new AppError(
        'port_taken',
        `port ${port} of the door ${door} ${taken}; free it, or choose another with ${portFlag(door)} (0 picks a free one)`,
        { cause: error },
      );
    }
    case 'EACCES':
      return new AppError(
        'port_taken',
        `port ${port} of the door ${door} needs privileges this process has not; choose one above 1023 with ${portFlag(door)}`,
        { cause: error },
      );
    default:
      return new AppError(
        'port_taken',
        `the door ${door} cannot listen on port ${port}: ${messageOf(error)}`,
        { cause: error },
      );
  }
}
