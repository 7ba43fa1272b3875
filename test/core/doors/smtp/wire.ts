/** A session on a connection that is no socket, so that a test reads as a transcript. */
import { expect } from 'vitest';
import type { Credentials } from '../../../../core/doors/smtp/auth.ts';
import type { ReceivedContent } from '../../../../core/doors/smtp/content-buffer.ts';
import { type Reply, reply } from '../../../../core/doors/smtp/reply.ts';
import { SmtpSession } from '../../../../core/doors/smtp/session.ts';
import type { Envelope, SessionHooks, SessionOptions } from '../../../../core/doors/smtp/session-ports.ts';
import { spoolChunkBytes } from '../../../../core/store/store.ts';
import { type FakeClock, fakeClock } from '../../../fake-clock.ts';

export interface Stored {
  readonly envelope: Envelope;
  readonly content: string;
  readonly transcript: string;
  readonly user: string | null;
}

export interface Wire {
  readonly session: SmtpSession;
  /** Messages handed over, in order. */
  readonly stored: readonly Stored[];
  readonly credentials: readonly Credentials[];
  /** Chunks on disk that belong to no message. */
  readonly spooled: ReadonlyMap<number, Buffer>;
  readonly ended: boolean;
  readonly tlsStarted: boolean;
  readonly paused: boolean;
  /** For answers that come late. */
  readonly clock: FakeClock;
  /** Sends bytes as they are and lets what they set off settle. @returns what came back */
  send(data: string | Uint8Array): Promise<string>;
  /**
   * Plays a dialogue. `C: …` is sent with CRLF behind it, `S: …` must be the next line that came back (with `…` at its
   * end: begin so), and `-` says that nothing more may have come.
   */
  play(script: string): Promise<void>;
}

const usual: SessionOptions = {
  hostname: 'mx.test',
  greeting: 'ESMTP Test',
  startTls: 'off',
  auth: 'optional',
  messageBytesMax: 1_000,
  recipientsMax: 100,
  refusalsMax: 50,
};

export function openWire(options: Partial<SessionOptions> = {}, hooks: Partial<SessionHooks> = {}): Wire {
  const stored: Stored[] = [];
  const credentials: Credentials[] = [];
  const spooled = new Map<number, Buffer>();
  let out = '';
  let lastChunk = 0;
  let ended = false;
  let tlsStarted = false;
  let paused = false;
  const clock = fakeClock();
  const session = new SmtpSession(
    {
      remoteAddress: '127.0.0.1',
      remotePort: 1,
      exchangeId: 'exchange-1',
      write(text) {
        out += text;
      },
      pause() {
        paused = true;
      },
      resume() {
        paused = false;
      },
      end() {
        ended = true;
      },
      cut() {
        ended = true;
      },
      reset() {
        ended = true;
      },
      slow() {
        throw new Error('nothing is slow on this wire');
      },
      later: (delayMs, run) => clock.after(delayMs, run),
      startTls() {
        tlsStarted = true;
      },
      elapsedMs: () => 0,
    },
    { ...usual, ...options },
    {
      authenticate(given) {
        credentials.push(given);
        return null;
      },
      room: () => new Uint8Array(spoolChunkBytes),
      async spool(chunk) {
        spooled.set(++lastChunk, Buffer.from(chunk));
        return lastChunk;
      },
      unspool(chunks) {
        for (const chunk of chunks) spooled.delete(chunk);
      },
      async message(from, envelope, content, transcript): Promise<Reply> {
        stored.push({ envelope, content: whole(content), transcript, user: from.user });
        return reply(250, '2.0.0', `OK: stored as ${stored.length}`);
      },
      challenge: () => '<1.2@mx.test>',
      ...hooks,
    },
  );
  session.greet();

  function whole({ spooled: chunks, tail }: ReceivedContent): string {
    const parts = chunks.map((chunk) => spooled.get(chunk) ?? Buffer.from(`(chunk ${chunk} is missing)`));
    for (const chunk of chunks) spooled.delete(chunk);
    return Buffer.concat([...parts, tail]).toString('latin1');
  }

  function take(): string {
    const taken = out;
    out = '';
    return taken;
  }

  const wire: Wire = {
    session,
    stored,
    credentials,
    spooled,
    clock,
    get ended() {
      return ended;
    },
    get tlsStarted() {
      return tlsStarted;
    },
    get paused() {
      return paused;
    },
    async send(data) {
      session.feed(Buffer.from(data));
      await settled();
      return take();
    },
    async play(script) {
      let came = take().split('\r\n').slice(0, -1);
      for (const line of script.split('\n').map((one) => one.trim())) {
        if (line === '') continue;
        const said = line.slice(3);
        if (line === '-') expect(came, 'nothing more is said').toEqual([]);
        else if (line.startsWith('C:'))
          came.push(...(await wire.send(`${said}\r\n`)).split('\r\n').slice(0, -1));
        else if (said.endsWith('…')) expect(came.shift()?.slice(0, said.length - 1)).toBe(said.slice(0, -1));
        else expect(came.shift()).toBe(said);
      }
      expect(came, 'all that came back is in the script').toEqual([]);
      came = [];
    },
  };
  return wire;
}

/** One turn of the event loop: whatever promises were under way have settled. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
