/** What a session is given: its connection, its options, and what the door decides. */
import type { EnvelopeParameters } from '../../model/message.ts';
import type { Credentials } from './auth.ts';
import type { Parameters } from './command.ts';
import type { ReceivedContent } from './content-buffer.ts';
import type { Extension } from './extensions.ts';
import type { Reply } from './reply.ts';
import type { SmtpSession } from './session.ts';
import type { Troublemaker } from './trouble.ts';

/** What a session may do to its connection. */
export interface Connection {
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Of the exchange that the session becomes. */
  readonly exchangeId: string;
  write(text: string): void;
  /** Stop and go on taking bytes from the client. */
  pause(): void;
  resume(): void;
  /** Close after what was written is out. */
  end(): void;
  /** Cut it after what was written is out, whatever the client has still to say. */
  cut(): void;
  /** Cut it at once, so that the client finds it reset. */
  reset(): void;
  /** Both directions go at this pace from now on. */
  slow(bytesPerSecond: number): void;
  /** Calls `run` once, `delayMs` from now. @returns cancel */
  later(delayMs: number, run: () => void): () => void;
  /** Begin the TLS handshake; bytes the client sent ahead of it are dropped (RFC 3207 §5). */
  startTls(): void;
  /** Milliseconds since the session began. */
  elapsedMs(): number;
}

export interface SessionOptions {
  readonly hostname: string;
  readonly greeting: string;
  /** `broken`: offered, and the connection is cut when the client takes it up. */
  readonly startTls: 'off' | 'optional' | 'required' | 'broken';
  readonly auth: 'none' | 'optional' | 'required';
  readonly messageBytesMax: number;
  readonly recipientsMax: number;
  /** Commands refused for good before the session is closed. */
  readonly refusalsMax: number;
  /** What EHLO offers, in this order; all of it when left out. */
  readonly extensions?: readonly Extension[];
  /** The client may say who it is (Postfix's XCLIENT). Never for clients from elsewhere. */
  readonly xclient?: boolean;
}

/** Who is at the other end: as the socket says, until a PROXY header or XCLIENT says better. */
export interface Peer {
  readonly address: string;
  readonly port: number;
  /** Name that the client's own server found for it; null where nobody said. */
  readonly name: string | null;
  /** Where it wanted to go, when a PROXY header says so. */
  readonly destination: string | null;
  /** By whose word it is known. */
  readonly by: 'socket' | 'proxy' | 'xclient';
}

export interface Envelope {
  readonly from: string;
  readonly to: readonly string[];
  readonly parameters: EnvelopeParameters | null;
}

/** What the door decides. `null` stands for the usual yes. */
export interface SessionHooks {
  authenticate(credentials: Credentials): Reply | null;
  /** Memory for a chunk. */
  room(): Uint8Array<ArrayBuffer>;
  /** Puts a chunk of a message that is still coming in on disk. @returns its number */
  spool(chunk: Uint8Array): Promise<number>;
  /** The chunks of a message that did not come to its end are not wanted any more. */
  unspool(chunks: readonly number[]): void;
  /** A whole message. The reply goes to the client when the promise settles, not before. */
  message(
    session: SmtpSession,
    envelope: Envelope,
    content: ReceivedContent,
    transcript: string,
  ): Promise<Reply>;
  challenge(): string;
  /** What an MX decides on the way. Without it every step is as usual. */
  readonly gate?: Gate | undefined;
  /** What goes wrong on purpose. It is asked when a command is in order, before the gate. */
  readonly trouble?: Troublemaker | undefined;
}

/** What a server that takes mail in for others decides at each step. A reply that refuses ends the step. */
export interface Gate {
  /** The greeting, or what is said in its place. */
  connect(session: SmtpSession): Reply;
  /** The first line of the answer to EHLO or HELO, or a refusal. */
  hello(session: SmtpSession, name: string): string | Reply;
  mail(session: SmtpSession, from: string, parameters: Parameters): Reply | null;
  recipient(session: SmtpSession, to: string, parameters: Parameters): Reply | null;
  data(session: SmtpSession): Reply | null;
}
