/** Requests that come again and again: who answers must not be told by the answer, however the bytes are cut. */
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type {
  ProviderAnswer,
  ProviderRequest,
  ProviderRoute,
} from '../../../../core/doors/http/provider-request.ts';
import { fakeClock } from '../../../fake-clock.ts';
import { eventually, get1 } from './clients.ts';
import { route, startDoors, type TestDoors } from './doors.ts';

let opened: TestDoors[] = [];
let sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(opened.map((one) => one.close()));
  opened = [];
  sockets = [];
});

const tag = '"v1"';
const notModified = { status: 304, fields: [['etag', tag]] } as const;

/** A page that does not change, as a handler of the pipeline gives it; some come late, some close the connection. */
function page(request: ProviderRequest): ProviderAnswer | Promise<ProviderAnswer> {
  const unchanged = request.fields.get('if-none-match') === tag;
  const answer: ProviderAnswer = {
    reply: unchanged
      ? { ...notModified, body: '' }
      : {
          status: 200,
          fields: [['etag', tag]],
          body: JSON.stringify({
            method: request.method,
            path: request.path,
            query: request.query,
            body: Buffer.from(request.body).toString('latin1'),
            fields: request.fields.entries.filter(([name]) => name !== 'host'),
          }),
        },
    refused: null,
  };
  if (request.query === 'cut')
    return {
      ...answer,
      reply: {
        status: 200,
        fields: [['content-length', '100']],
        body: '',
        follow(out) {
          out.write('half of it');
          out.destroy();
        },
      },
    };
  if (request.query === 'close')
    return { ...answer, connection: { kind: 'goAway', debug: '', reply: 'given' } };
  return request.query === 'late' ? Promise.resolve().then(() => answer) : answer;
}

const plain: ProviderRoute = route({ key: 'inapp', prefix: '/inapp', hosts: [], handle: page });
const standing: ProviderRoute = {
  ...plain,
  standing: ({ path, fields }) =>
    path.startsWith('/v1/users/')
      ? { answer: () => (fields.get('if-none-match') === tag ? notModified : null) }
      : null,
};

async function start(one: ProviderRoute, options: Parameters<typeof startDoors>[0] = {}): Promise<TestDoors> {
  const doors = await startDoors({ routes: [one], ...options });
  opened.push(doors);
  return doors;
}

interface Client {
  readonly socket: Socket;
  said(): string;
  readonly closed: Promise<string>;
}

function dial(port: number | undefined): Promise<Client> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: port ?? 0 });
    sockets.push(socket);
    let said = '';
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      said += chunk.toString('latin1');
    });
    const closed = new Promise<string>((done) => socket.once('close', () => done(said)));
    socket.once('error', reject);
    socket.once('connect', () => resolve({ socket, said: () => said, closed }));
  });
}

const head = (target: string, extra = ''): string =>
  `GET ${target} HTTP/1.1\r\nHost: localhost\r\n${extra}\r\n`;
const again = head('/inapp/v1/users/u1/messages', `If-None-Match: ${tag}\r\n`);
const first = head('/inapp/v1/users/u1/messages');
/** The last one asks for the end, so that it is plain when all was said. */
const last = head('/inapp/v1/users/u1/messages', 'Connection: close\r\n');

const countOf = (text: string, part: string): number => text.split(part).length - 1;

describe('a request that comes again', () => {
  it('is answered before anything else is made of it', async () => {
    const doors = await start(standing);
    const client = await dial(doors.ports.providers);
    client.socket.write(again + again + again);
    await eventually(() => countOf(client.said(), 'HTTP/1.1 304 Not Modified\r\netag: "v1"\r\nDate: ')).toBe(
      3,
    );
    expect(doors.ended).toEqual([]);
  });

  it('is answered in pieces where the route goes on with the reply itself', async () => {
    const doors = await start(standing);
    const client = await dial(doors.ports.providers);
    client.socket.write(again + head('/inapp/v1/users/u1/messages?cut') + again);
    const said = await client.closed;
    expect(countOf(said, 'HTTP/1.1 ')).toBe(2);
    expect(said).toMatch(/content-length: 100\r\n[\s\S]*\r\n\r\nhalf of it$/);
  });

  it('goes the way of all requests where the answer is another, and then is answered at once again', async () => {
    const doors = await start(standing);
    const client = await dial(doors.ports.providers);
    client.socket.write(first + again + first + again);
    await eventually(() => client.said().match(/HTTP\/1.1 \d+/g)).toEqual([
      'HTTP/1.1 200',
      'HTTP/1.1 304',
      'HTTP/1.1 200',
      'HTTP/1.1 304',
    ]);
    expect(doors.ended).toHaveLength(2);
  });

  it('is answered at once behind one of another kind, too', async () => {
    const doors = await start(standing);
    const client = await dial(doors.ports.providers);
    client.socket.write(
      `POST /inapp/v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}${again}`,
    );
    await eventually(() => client.said().match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 304']);
    expect(doors.ended).toHaveLength(1);
  });

  it('waits behind an answer that is not there yet', async () => {
    const doors = await start(standing);
    const client = await dial(doors.ports.providers);
    client.socket.write(head('/inapp/v1/users/u1/messages?late') + again);
    await eventually(() => client.said().match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 304']);
  });
});

describe('who answers', () => {
  it('cannot be told, however requests are cut and mixed', async () => {
    const lean = await start(standing);
    const node = await start(plain);
    const requests = fc.constantFrom(
      again,
      again,
      first,
      head('/inapp/v1/users/%C3%A4/messages?limit=2&late'),
      head('/inapp/v1/users/u1/messages?late'),
      head('/inapp/v1/users/u1/messages', `if-none-match:${tag}  \r\nx-odd: \xe4 b\t c \r\nX-Empty:\r\n`),
      head('/inapp/v1/users/u1/messages', 'x-twice: 1\r\nx-twice: 2\r\nconnection: Keep-Alive\r\n'),
      head('/inapp/v1/counts'),
      head('/nobody/is/here'),
      head('http://localhost/inapp/v1/users/u1/messages'),
      'POST /inapp/v1/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nGET /',
      'POST /inapp/v1/messages HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nGET /\r\n0\r\n\r\n',
      'GET /inapp/v1/users/u1/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}',
      'HEAD /inapp/v1/users/u1/messages HTTP/1.1\r\nHost: a\r\n\r\n',
      '\r\nGET /inapp/v1/users/u1/messages HTTP/1.1\r\nHost: a\r\n\r\n',
    );
    const ends = fc.constantFrom(
      last,
      last,
      head('/inapp/v1/users/u1/messages?close'),
      'GET /inapp/v1/users/u1/messages HTTP/1.0\r\nHost: a\r\n\r\n',
      'GET /inapp/v1/users/u1/messages HTTP/1.1\r\n\r\n',
      'GET /inapp/v1/users/u1/mess ages HTTP/1.1\r\nHost: a\r\n\r\n',
      'GET /inapp/v1/users/u1/messages HTTP/1.1\r\nHost: a\r\nbad name: 1\r\n\r\n',
      'GET /inapp/v1/users/u1/messages HTTP/1.1\nHost: a\n\n\r\n',
      head('/inapp/v1/users/u1/messages', `x-long: ${'a'.repeat(70_000)}\r\n`),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(requests, { maxLength: 6 }),
        ends,
        fc.array(fc.nat({ max: 400 }), { maxLength: 8 }),
        async (several, end, cuts) => {
          // Node's own lets a refusal overtake the answers before it, which the other rightly does not.
          const before = end.includes('HTTP/1.1\r\nHost: localhost\r\n') ? several : [];
          const bytes = Buffer.from(before.join('') + end, 'latin1');
          const [ours, nodes] = await Promise.all(
            [lean, node].map((doors) => answersTo(doors.ports.providers, bytes, cuts)),
          );
          expect(ours).toEqual(nodes);
        },
      ),
      { numRuns: 120 },
    );
  });
});

/** Writes the bytes in pieces of those lengths, each in a packet of its own as far as that can be had. */
async function answersTo(port: number | undefined, bytes: Buffer, cuts: readonly number[]): Promise<string> {
  const client = await dial(port);
  let at = 0;
  for (const cut of cuts) {
    if (at >= bytes.length) break;
    await new Promise<void>((resolve) =>
      client.socket.write(bytes.subarray(at, at + cut + 1), () => resolve()),
    );
    await new Promise((resolve) => setImmediate(resolve));
    at += cut + 1;
  }
  client.socket.write(bytes.subarray(at));
  return (await client.closed).replace(/Date: [^\r]*/g, 'Date: then');
}

describe('bounds', () => {
  it('lets the connection go, and nothing else, when a route fails', async () => {
    const broken: ProviderRoute = {
      ...plain,
      standing: () => ({
        answer() {
          throw new Error('no tag today');
        },
      }),
    };
    const doors = await start(broken);
    const client = await dial(doors.ports.providers);
    client.socket.write(again);
    expect(await client.closed).toBe('');
    expect(doors.problems).toEqual(['a request at providers failed']);
  });

  it('says 408 to half a head that goes no further', async () => {
    const clock = fakeClock();
    const doors = await start(standing, { clock });
    const client = await dial(doors.ports.providers);
    client.socket.write(again + again.slice(0, 20));
    await eventually(() => countOf(client.said(), ' 304 ')).toBe(1);
    clock.advance(12_000);
    expect(await client.closed).toContain('HTTP/1.1 408 Request Timeout');
  });

  it('lets a connection go that asks nothing', async () => {
    const clock = fakeClock();
    const doors = await start(standing, { clock });
    const client = await dial(doors.ports.providers);
    client.socket.write(again);
    await eventually(() => countOf(client.said(), ' 304 ')).toBe(1);
    clock.advance(60_000);
    client.socket.write(again);
    await eventually(() => countOf(client.said(), ' 304 ')).toBe(2);
    clock.advance(122_000);
    await client.closed;
  });

  it('reads no further from a client that takes nothing, and lets it go in the end', async () => {
    const clock = fakeClock();
    const doors = await start(standing, { clock });
    const client = await dial(doors.ports.providers);
    client.socket.pause();
    // Far more replies than the buffers of both sides hold.
    const many = Buffer.from(again.repeat(1_000));
    let taken = 0;
    const write = (): void => {
      while (client.socket.writableLength < 4 * many.length && taken < 400) {
        client.socket.write(many);
        taken += 1;
      }
    };
    client.socket.on('drain', write);
    write();
    await eventually(() => {
      clock.advance(35_000);
      return client.socket.destroyed || client.socket.errored !== null;
    }).toBe(true);
  });

  it('closes at once where nothing is under way', async () => {
    const doors = await start(standing);
    const client = await dial(doors.ports.providers);
    client.socket.write(again);
    await eventually(() => countOf(client.said(), ' 304 ')).toBe(1);
    await doors.doors.close(10_000);
    await client.closed;
  });

  it('leaves the requests of other routes as they were', async () => {
    const doors = await startDoors({ routes: [standing, route()] });
    opened.push(doors);
    expect((await get1(doors.ports.providers, '/fcm/v1/x')).status).toBe(200);
    expect((await get1(doors.ports.providers, '/fcm/v1/x', { method: 'POST', body: '{}' })).status).toBe(200);
  });
});
