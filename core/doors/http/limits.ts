/** What a provider door bears. Times are real time. */
export interface ProviderDoorLimits {
  /** Connections of one door at once; more are closed as they come. */
  readonly connectionsMax: number;
  /** The same of the plain door, where every user of an app may keep one to ask for in-app messages. */
  readonly plainConnectionsMax: number;
  /** For the TLS handshake. */
  readonly handshakeMsMax: number;
  /** HTTP/1.1: from the first byte of a request to the end of its fields. */
  readonly headMsMax: number;
  /** From the end of the fields to the end of the body. */
  readonly bodyMsMax: number;
  /** For a client to take the reply. */
  readonly replyMsMax: number;
  /** A connection without a request. */
  readonly idleMsMax: number;
  /** The same of APNs, whose clients keep theirs: Apple closes them after hours. */
  readonly apnsIdleMsMax: number;
  /** HTTP/2: requests of one connection at once. */
  readonly streamsMax: number;
  readonly apnsStreamsMax: number;
  /** What a client has not taken yet of its replies, past which it is not read from. */
  readonly untakenBytesMax: number;
  /** Of a request's fields, all together. */
  readonly headerBytesMax: number;
  /** Of a body that is too large so much more is read and thrown away, so that the client gets to read the refusal. */
  readonly drainBytesMax: number;
  /** Bodies that are coming in, of all connections together; past it requests are refused. */
  readonly pendingBodyBytesMax: number;
  /** HTTP/2: requests that a client takes back within `resetWindowMs`; past it the connection ends. */
  readonly resetsMax: number;
  readonly resetWindowMs: number;
}

export const providerDoorLimits: ProviderDoorLimits = {
  connectionsMax: 1_000,
  plainConnectionsMax: 15_000,
  handshakeMsMax: 10_000,
  headMsMax: 10_000,
  bodyMsMax: 30_000,
  replyMsMax: 30_000,
  idleMsMax: 120_000,
  apnsIdleMsMax: 3_600_000,
  streamsMax: 250,
  apnsStreamsMax: 1_000,
  untakenBytesMax: 64 * 1024,
  headerBytesMax: 64 * 1024,
  drainBytesMax: 16 * 1024 * 1024,
  pendingBodyBytesMax: 64 * 1024 * 1024,
  resetsMax: 200,
  resetWindowMs: 10_000,
};
