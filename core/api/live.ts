/**
 * `WS /v1/live?after=<seq>`: events as they are committed, at most ten frames a second, resumable by cursor. Each
 * client is fed from the store by its own cursor, so that a slow one is never sent more than it takes.
 */
import type { WSContext } from 'hono/ws';
import { messageOf } from '../model/app-error.ts';
import { presentEvent } from './present.ts';
import type { LiveFrame } from './schema.ts';
import type { Services } from './services.ts';

const frameEveryMs = 100;
const eventsPerFrameMax = 500;
const clientsMax = 100;
/** Bytes the client has not taken yet, past which it is left alone for a while. */
const unsentBytesMax = 1024 * 1024;

export class LiveFeed {
  readonly #services: Services;
  readonly #version: string;
  readonly #clients = new Set<LiveClient>();

  constructor(services: Services, version: string) {
    this.#services = services;
    this.#version = version;
    services.bus.subscribe(() => {
      for (const client of this.#clients) client.wake();
    });
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** @param after cursor to go on from; null for what comes from now on */
  join(socket: WSContext, after: number | null): LiveClient | null {
    if (this.#clients.size >= clientsMax) {
      socket.close(1013, 'too many live connections');
      return null;
    }
    const newest = this.#services.store.lastEventSeq();
    const cursor = after === null || after > newest ? newest : after;
    const client = new LiveClient(this.#services, socket, cursor);
    this.#clients.add(client);
    send(socket, { type: 'hello', cursor, version: this.#version });
    if (cursor < newest) client.wake();
    return client;
  }

  leave(client: LiveClient): void {
    client.stop();
    this.#clients.delete(client);
  }

  close(): void {
    for (const client of this.#clients) client.goodbye();
    this.#clients.clear();
  }
}

export class LiveClient {
  readonly #services: Services;
  readonly #socket: WSContext;
  #cursor: number;
  #scheduled = false;
  #stopped = false;

  constructor(services: Services, socket: WSContext, cursor: number) {
    this.#services = services;
    this.#socket = socket;
    this.#cursor = cursor;
  }

  wake(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    this.#services.clock.after(frameEveryMs, () => {
      this.#feed().catch((error: unknown) => this.#services.onProblem(`live feed: ${messageOf(error)}`));
    });
  }

  stop(): void {
    this.#stopped = true;
  }

  goodbye(): void {
    this.#stopped = true;
    this.#socket.close(1001, 'Sandpost is stopping');
  }

  async #feed(): Promise<void> {
    if (this.#stopped) return;
    if (unsentBytes(this.#socket.raw) > unsentBytesMax) {
      this.#scheduled = false;
      return this.wake();
    }
    const events = await this.#services.store.events({
      after: this.#cursor,
      limit: eventsPerFrameMax,
      messageId: null,
    });
    this.#scheduled = false;
    const last = events.at(-1);
    if (this.#stopped || last === undefined) return;
    this.#cursor = last.seq;
    send(this.#socket, { type: 'events', events: events.map(presentEvent), cursor: last.seq });
    if (this.#cursor < this.#services.store.lastEventSeq()) this.wake();
  }
}

function send(socket: WSContext, frame: LiveFrame): void {
  socket.send(JSON.stringify(frame));
}

function unsentBytes(raw: unknown): number {
  if (typeof raw !== 'object' || raw === null || !('bufferedAmount' in raw)) return 0;
  return typeof raw.bufferedAmount === 'number' ? raw.bufferedAmount : 0;
}
