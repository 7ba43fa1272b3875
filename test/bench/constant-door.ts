/**
 * The yardsticks of the in-app pull, each a constant 304 in a process of its own: `node constant-door.ts door`, the same doors
 * with nothing behind them, and `http`, Node's HTTP with nothing around it. Prints its port.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { Socket } from 'node:net';
import { systemClock } from '../../core/clock.ts';
import { openProviderDoors } from '../../core/doors/http/provider-doors.ts';
import type { StandingReply } from '../../core/doors/http/provider-request.ts';

const constant: StandingReply = {
  status: 304,
  fields: [
    ['etag', '"constant"'],
    ['cache-control', 'no-cache'],
    ['vary', 'Origin'],
  ],
};

async function door(): Promise<number> {
  const doors = await openProviderDoors(
    { hosts: ['127.0.0.1'], ports: { providers: 0 }, certificate: null },
    {
      routes: [
        {
          key: 'constant',
          prefix: '/inapp',
          hosts: [],
          bodyBytesMax: 0,
          standing: () => ({ answer: () => constant }),
          handle: () => ({ reply: { ...constant, body: '' }, refused: null, quiet: true }),
        },
      ],
      apns: [],
      apnsManage: [],
      metadata: [],
      clock: systemClock,
      newId: () => randomUUID(),
      recorder: { exchangeEnded: () => undefined },
      findOwn: () => null,
      otherHosts: () => 'refuse',
      connect: (host, port) => new Socket().connect({ host, port }),
      isOwnPort: () => false,
      onProblem: (problem) => process.stderr.write(`${problem}\n`),
    },
  );
  return doors.ports.providers ?? 0;
}

function http(): Promise<number> {
  const server = createServer((_request, response) => {
    response.writeHead(constant.status, constant.fields.flat());
    response.end();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

process.stdout.write(`${await (process.argv[2] === 'http' ? http() : door())}\n`);
process.on('SIGTERM', () => process.exit(0));
