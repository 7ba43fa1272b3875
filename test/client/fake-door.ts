/** A door that says what a test has it say, and remembers what it was asked: for what a real one cannot be brought to do. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Eligible, InAppEntry, RealtimeEvent } from '../../core/channels/inapp/wire.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly headers: IncomingMessage['headers'];
}

export interface FakeDoor {
  readonly url: string;
  readonly asked: Asked[];
  entries: readonly InAppEntry[];
  eligible: Partial<Eligible>;
  /** What every request but a preflight is answered with; null: as a door does. */
  status: number | null;
  ws: 'open' | 'refused';
  stream: 'open' | 'refused';
  /** Of the connections as they were made, the oldest first: `ws`, `stream`, with their `after`. */
  readonly connections: { readonly kind: 'ws' | 'stream'; readonly after: string | null }[];
  readonly live: number;
  /** What a connection hears first. */
  hello: { readonly seq: number; readonly resumed: boolean };
  /** Nothing is answered from now on, until what it gives is called: then all, as the door is by then. */
  holdAnswers(): () => void;
  say(event: RealtimeEvent): void;
  cut(): void;
  /** Acts that came in: `PUT seen`, `POST events`. */
  acts(): readonly string[];
  /**
   * The same as a real door counts them: an act that comes again with its key is no other one. Tabs tell some again, for what one
   * took out of the storage is there for another process of the browser a moment longer.
   */
  told(): readonly string[];
  /** Settles when that holds. */
  until(holds: () => boolean): Promise<void>;
  close(): Promise<void>;
}

export const noCounts = { total: 0, unread: 0, unseen: 0 };

export function entry(id: string, more: Partial<InAppEntry> = {}): InAppEntry {
  return {
    id,
    user: 'jane',
    title: `Title of ${id}`,
    body: `Body of ${id}`,
    image: null,
    link: null,
    actions: [],
    slides: [],
    data: {},
    tags: [],
    priority: 0,
    kind: 'inbox',
    slot: null,
    display: {
      kind: more.kind ?? 'inbox',
      slot: more.slot ?? null,
      pageRules: [],
      frequency: 'once',
      maxPerWeek: null,
      minIntervalS: null,
      trigger: null,
      oncePerSession: false,
    },
    saveToInbox: false,
    createdAt: '2026-01-01T00:00:00.000Z',
    expiresAt: null,
    seenAt: null,
    readAt: null,
    archivedAt: null,
    interactedAt: null,
    dismissedAt: null,
    snoozedUntil: null,
    ...more,
  };
}

function actsIn(asked: readonly Asked[]): readonly Asked[] {
  return asked.filter(({ method }) => method !== 'GET' && method !== 'OPTIONS');
}

function nameOf({ method, path }: Asked): string {
  return `${method} ${path.split('/').at(-1)}`;
}

/** @param pages what else it serves, by path */
export async function openFakeDoor(
  pages: Readonly<Record<string, { readonly type: string; readonly body: string | Buffer }>>,
): Promise<FakeDoor> {
  const sockets = new Set<WebSocket>();
  const streams = new Set<ServerResponse>();
  const waiting = new Set<() => void>();
  const upgrades = new WebSocketServer({ noServer: true });
  let held: (() => void)[] | null = null;
  const changed = (): void => {
    for (const look of waiting) look();
  };

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://door');
    const page = pages[pathname];
    if (page !== undefined) {
      response.writeHead(200, { 'content-type': page.type }).end(page.body);
      return;
    }
    if (!pathname.startsWith('/inapp/v1/')) {
      response.writeHead(404).end();
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = pathname.slice('/inapp/v1'.length);
      const text = Buffer.concat(chunks).toString();
      const asked: Asked = {
        method: request.method ?? '',
        path,
        query: searchParams,
        body: text === '' ? null : JSON.parse(text),
        headers: request.headers,
      };
      if (path === '/stream') return stream(asked, response);
      door.asked.push(asked);
      if (held === null) answer(asked, response);
      else held.push(() => answer(asked, response));
      changed();
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://door');
    door.connections.push({ kind: 'ws', after: searchParams.get('after') });
    changed();
    if (door.ws === 'refused') {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n');
      return;
    }
    upgrades.handleUpgrade(request, socket, head, (one) => {
      sockets.add(one);
      one.on('close', () => {
        sockets.delete(one);
        changed();
      });
      one.send(JSON.stringify({ type: 'hello', ...door.hello, counts: counts() }));
      changed();
    });
  });

  function stream(asked: Asked, response: ServerResponse): void {
    door.connections.push({ kind: 'stream', after: asked.query.get('after') });
    if (door.stream === 'refused') response.writeHead(503).end();
    else {
      streams.add(response);
      response.on('close', () => {
        streams.delete(response);
        changed();
      });
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify({ type: 'hello', ...door.hello, counts: counts() })}\n\n`);
    }
    changed();
  }

  function counts() {
    return {
      total: door.entries.length,
      unread: door.entries.filter(({ readAt }) => readAt === null).length,
      unseen: door.entries.filter(({ seenAt }) => seenAt === null).length,
    };
  }

  function answer({ method, path, headers }: Asked, response: ServerResponse): void {
    const json = (value: unknown, fields: Readonly<Record<string, string>> = {}): void => {
      response.writeHead(200, { 'content-type': 'application/json', ...fields }).end(JSON.stringify(value));
    };
    if (door.status !== null) {
      response.writeHead(door.status).end();
      return;
    }
    if (method === 'GET' && path.endsWith('/messages')) {
      const tag = `"${JSON.stringify(door.entries).length}-${door.entries.length}"`;
      if (headers['if-none-match'] === tag) response.writeHead(304).end();
      else json({ entries: door.entries, nextCursor: null, ...counts() }, { etag: tag });
      return;
    }
    if (path.endsWith('/eligible') || path.endsWith('/events'))
      json({ chosen: null, inline: [], ineligible: [], ...door.eligible });
    else json({});
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  const door: FakeDoor = {
    url: `http://127.0.0.1:${address.port}`,
    asked: [],
    entries: [],
    eligible: {},
    status: null,
    ws: 'open',
    stream: 'open',
    connections: [],
    hello: { seq: 1, resumed: false },
    get live() {
      return sockets.size + streams.size;
    },
    holdAnswers() {
      held = [];
      return () => {
        for (const answerNow of held ?? []) answerNow();
        held = null;
      };
    },
    say(event) {
      for (const one of sockets) one.send(JSON.stringify(event));
      for (const one of streams) one.write(`data: ${JSON.stringify(event)}\n\n`);
    },
    cut() {
      for (const one of sockets) one.terminate();
      for (const one of streams) one.destroy();
    },
    acts: () => actsIn(door.asked).map(nameOf),
    told() {
      const keys = new Set<string>();
      return actsIn(door.asked).flatMap((one) => {
        const key = one.query.get('visit') ?? `none ${keys.size}`;
        if (keys.has(key)) return [];
        keys.add(key);
        return [nameOf(one)];
      });
    },
    until: (holds) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!holds()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    async close() {
      door.cut();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return door;
}
