/** A client of in-app messages by WebSocket (RFC 6455): a JSON object a message. */
import type { WebSocket } from 'ws';
import type { Goodbye, Line } from './realtime.ts';
import { eventText } from './realtime-text.ts';
import type { RealtimeEvent } from './wire.ts';

/** RFC 6455 §7.4.1 (1008: policy), and the registry that it made: 1012 service restart, 1013 try again later. */
const closeCodes: Readonly<Record<Goodbye, readonly [code: number, reason: string]>> = {
  stopping: [1012, 'Sandpost is stopping'],
  tooMany: [1013, 'too many connections'],
  tooSlow: [1013, 'what is sent is not taken'],
  refused: [1008, 'the key or the hash does not hold any more'],
};

export class SocketLine implements Line {
  readonly #socket: WebSocket;
  #isAlive = true;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('pong', () => {
      this.#isAlive = true;
    });
    // What clients say is nothing that is listened to; that they do shows that they are there.
    socket.on('message', () => {
      this.#isAlive = true;
    });
    // `close` comes behind it.
    socket.on('error', () => undefined);
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  say(event: RealtimeEvent): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(eventText(event));
  }

  beat(): boolean {
    if (!this.#isAlive) return false;
    this.#isAlive = false;
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
    return true;
  }

  close(why: Goodbye): void {
    this.#socket.close(...closeCodes[why]);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  onClose(run: () => void): void {
    this.#socket.once('close', run);
  }
}
