/**
 * What the fakes of HTTP providers have in common: a request as it came, whole, and the answer to it. Which wire it came by
 * (HTTP/1.1 or 2, plain or TLS, by path, by host name, through the proxy) is the door's business alone.
 */
import type { WebSocket } from 'ws';
import type { ExchangeEnd, ExchangePart, ExchangeStart } from '../../model/message.ts';
import type { Passing, WholeRequest } from './handing-on.ts';

/** Header fields in the order they came; names in lower case. */
export interface Fields {
  readonly entries: readonly (readonly [name: string, value: string])[];
  /** The first of that name, or null. */
  get(name: string): string | null;
  all(name: string): readonly string[];
}

export interface ProviderRequest {
  /** Id of its exchange. */
  readonly id: string;
  /** Key of the door that it came by: `providers`, `tls`, `proxy`, `apns`, `apnsManage`, `metadata`. */
  readonly door: string;
  readonly method: string;
  /** As it was asked for, without the query, and without the prefix of a path like `/fcm`. */
  readonly path: string;
  /** Without the question mark; empty where there is none. */
  readonly query: string;
  /** Host or :authority, without the port, lower case; empty where there is none. */
  readonly host: string;
  readonly fields: Fields;
  /** At most the route's `bodyBytesMax`; of more, only so much, and `bodyTooLarge`. */
  readonly body: Uint8Array;
  readonly bodyTooLarge: boolean;
  readonly httpVersion: '1.0' | '1.1' | '2';
  /** Where the app reaches this door: for addresses in answers (`Location`), without a slash at the end. */
  readonly baseUrl: string;
  readonly connection: ProviderConnection;
  readonly startedAtMs: number;
  /** One of the delivery core's own sends, or null. */
  readonly own: OwnSend | null;
  /** Aborted when the client went away. */
  readonly gone: AbortSignal;
}

/** A connection of a client; lives as long as its socket. */
export interface ProviderConnection {
  readonly id: string;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly tls: ExchangeStart['tls'];
  /** DER of the client's certificate, where it showed one. */
  readonly clientCertificate: Uint8Array | null;
  readonly openedMs: number;
  /** What a channel wants to know again at the connection's next request, by a key of its own. */
  readonly memory: Map<symbol, unknown>;
  /** HTTP/2: how many streams at once the client may have from now on (SETTINGS_MAX_CONCURRENT_STREAMS); else nothing. */
  setConcurrentStreams(streams: number): void;
}

/** A send of the delivery core, recognised at a door by a secret of this run; see delivery/own-sends. */
export interface OwnSend {
  readonly messageId: string;
  readonly deliveryId: string;
}

export interface ProviderReply {
  readonly status: number;
  /** HTTP/1.1: the words behind the status; left out: the usual ones. */
  readonly statusText?: string;
  /** Names in lower case. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: string | Uint8Array;
  /** HTTP/2: fields behind the body. */
  readonly trailers?: readonly (readonly [name: string, value: string])[];
  /** After the body it goes on for as long as both sides stay: an event stream, whose length nobody knows. */
  follow?(out: ReplyStream): void;
}

/** What is said to a client bit by bit. */
export interface ReplyStream {
  write(text: string): void;
  /** What the client has not taken yet. */
  readonly bufferedBytes: number;
  /** Says no more: what was written still goes out. */
  end(): void;
  /** Ends at once; what was not taken is lost. */
  destroy(): void;
  /** Called once, when it is over, whoever ended it. */
  onClose(run: () => void): void;
}

export interface ProviderAnswer {
  readonly reply: ProviderReply;
  /** Why it was refused, in words, and what to change; null: it was not. */
  readonly refused: string | null;
  /** Nothing that is worth an exchange: it changed nothing, and told nothing new. */
  readonly quiet?: boolean;
  /** Shown with the exchange: whose credentials they were. */
  readonly user?: string | null;
  /**
   * Stores what was accepted; the reply goes out when it settles, and never before. The exchange is handed over with it, in
   * the same transaction.
   */
  take?(exchange: FinishedExchange): Promise<void>;
  /** The provider's own temporary error, where it could not be stored. */
  unstored?(error: unknown): ProviderReply;
  /** What is done to the connection on purpose, or because the protocol says so. */
  readonly connection?: ConnectionEffect;
  /** Real time before the reply. */
  readonly lateMs?: number;
  readonly bytesPerSecond?: number;
}

export type ConnectionEffect =
  /** HTTP/2: GOAWAY after the reply (its last), with that debug data; HTTP/1.1: `connection: close`. */
  | { readonly kind: 'goAway'; readonly debug: string; readonly reply: 'given' | 'withheld' }
  /** The socket is destroyed in place of the reply. */
  | { readonly kind: 'cut' }
  /** HTTP/2: RST_STREAM in place of the reply; HTTP/1.1: as `cut`. */
  | { readonly kind: 'reset' }
  /** The reply ends before its length: after so many bytes of its body, or its first half. */
  | { readonly kind: 'cutMiddle'; readonly afterBytes: number | null };

/** An exchange that is over but for the sending of its reply. */
export interface FinishedExchange {
  readonly part: ExchangePart;
  readonly end: ExchangeEnd;
}

export type ProviderHandler = (request: ProviderRequest) => ProviderAnswer | Promise<ProviderAnswer>;

/** Where a handler is reached. */
export interface ProviderRoute {
  /** Shown, and the key of rules' `door`: `apns`, `fcm`, `google`, `webpush`. */
  readonly key: string;
  /** First part of the path on the plain door, with its slash: `/fcm`. */
  readonly prefix: string;
  /** Hosts that it answers for by name, lower case; `*.` stands for one more label. */
  readonly hosts: readonly string[];
  /** Where routes share a host: the beginnings of paths that are this one's there. Without them: all that no other has. */
  readonly paths?: readonly string[];
  readonly bodyBytesMax: number;
  readonly handle: ProviderHandler;
  /** What of it may go on to the real provider while live relay is on; null, or left out: nothing. */
  readonly passing?: (request: WholeRequest) => Passing | null;
  /** Fields whose values are masked in transcripts, besides the usual ones (authorization, cookie, proxy-authorization). */
  readonly secretFields?: readonly string[];
  /** Masks secrets in a body for its transcript. */
  readonly maskBody?: (text: string) => string;
  /** Requests that are not worth an exchange of their own (a metadata server's ping). */
  readonly quiet?: boolean;
  /** Pages of other sites may ask: the handler itself decides which (CORS), and answers their preflights. */
  readonly ownOrigins?: boolean;
  /**
   * HTTP/2: how many streams at once a client may have as its connection opens, by the first SETTINGS. Asked where a
   * listener has routes of its own (APNs); else the door's limit holds.
   */
  readonly firstStreams?: (connection: ProviderConnection) => number;
  /**
   * HTTP/1.1: a GET without a body that clients send again and again. What it makes of one answers for as long as the same
   * bytes come again on that connection. Null: it is no such request.
   */
  readonly standing?: (request: StandingHead) => StandingRequest | null;
  /**
   * HTTP/1.1: a GET that asks for a WebSocket (RFC 6455 §4.1); the connection is the route's from then on. Null: there is
   * to be none, and `handle` says why.
   */
  readonly webSocket?: (request: StandingHead) => ((socket: WebSocket) => void) | null;
}

export interface StandingHead {
  /** As in a `ProviderRequest`. */
  readonly path: string;
  readonly query: string;
  readonly fields: Fields;
  readonly connection: ProviderConnection;
}

export interface StandingRequest {
  /**
   * The reply to it right now, where that takes neither a promise nor a look at the disk; null: it goes the way of all
   * requests. Without `date` and `connection`, which the wire adds; without a body.
   */
  answer(): StandingReply | null;
}

/** Kept and given again by who answers, so that the wire may keep what it made of it. */
export interface StandingReply {
  readonly status: 304;
  readonly fields: ProviderReply['fields'];
}
