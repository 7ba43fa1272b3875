/**
 * What happens to every request at a provider door, whichever wire it came by: its route, its body up to the limit, the
 * handler, `take`, the exchange, and the reply.
 */
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../model/app-error.ts';
import type { ExchangeEnd, ExchangePart, ExchangeStart } from '../../model/message.ts';
import type { DoorConnection } from './door-connection.ts';
import { exchangeText, replyText, type SaidRequest } from './exchange-text.ts';
import { foreignPage, isLoopbackName } from './foreign-page.ts';
import type { HandOn, WholeRequest } from './handing-on.ts';
import type { ProviderDoorLimits } from './limits.ts';
import { ownSendField } from './own-send-field.ts';
import type { ConnectionEffect, OwnSend, ProviderAnswer, ProviderReply } from './provider-request.ts';
import type { RequestFields, RequestHead } from './request-fields.ts';
import { authorityOf, hostOf, type Routed } from './routing.ts';

export interface PipelinePorts {
  readonly clock: Clock;
  readonly newId: () => string;
  /** An exchange that no message carries: refused, or accepted without one. Returns at once. */
  exchangeEnded(end: ExchangeEnd): void;
  findOwn(value: string, remoteAddress: string): OwnSend | null;
  /** Asked of every request that has a route, before its handler; left out: nothing is handed on. */
  readonly handOn?: HandOn | undefined;
  onProblem(problem: string, error: unknown): void;
}

/** How a wire brings a reply back. Each is called once at the most, and only one of them. */
export interface Wire {
  readonly httpVersion: '1.0' | '1.1' | '2';
  /** @param pace bytes a second, or null */
  reply(reply: ProviderReply, effect: ConnectionEffect | null, pace: number | null): void;
  /** Takes the stream or the connection away in place of a reply. */
  drop(effect: ConnectionEffect): void;
}

export interface Pipeline {
  begin(connection: DoorConnection, head: RequestHead, wire: Wire): RequestUnderWay;
  /** A client that spoke something else, or badly, before there was a request. */
  broken(connection: DoorConnection, reason: string, notes: readonly string[]): void;
  problem(what: string, error: unknown): void;
  readonly limits: ProviderDoorLimits;
  readonly clock: Clock;
}

export function createPipeline(ports: PipelinePorts, limits: ProviderDoorLimits): Pipeline {
  const shared: Shared = { ...ports, limits, pendingBodyBytes: 0 };
  return {
    begin: (connection, head, wire) => new RequestUnderWay(shared, connection, head, wire),
    broken: (connection, reason, notes) =>
      ports.exchangeEnded(brokenExchange(ports, connection, reason, notes)),
    problem: (what, error) => ports.onProblem(what, error),
    limits,
    clock: ports.clock,
  };
}

interface Shared extends PipelinePorts {
  readonly limits: ProviderDoorLimits;
  pendingBodyBytes: number;
}

const noBytes = new Uint8Array(0);

export class RequestUnderWay implements WholeRequest {
  readonly id: string;
  readonly connection: DoorConnection;
  readonly head: RequestHead;
  readonly routed: Routed | null;
  readonly host: string;
  readonly startedAtMs: number;
  readonly own: OwnSend | null;
  readonly #shared: Shared;
  readonly #wire: Wire;
  readonly #startedMonotonicMs: number;
  readonly #bodyBytesMax: number;
  #chunks: Uint8Array[] = [];
  #received = 0;
  #body: Uint8Array = noBytes;
  #bodyTooLarge = false;
  #phase: 'body' | 'handling' | 'over' = 'body';
  #gone: AbortController | null = null;
  #isGone = false;
  /** It is kept with a message already, up to its reply. */
  #kept = false;
  #cancelLate: () => void = () => undefined;

  constructor(shared: Shared, connection: DoorConnection, head: RequestHead, wire: Wire) {
    this.#shared = shared;
    this.connection = connection;
    this.head = head;
    this.#wire = wire;
    this.id = shared.newId();
    this.startedAtMs = shared.clock.wallMs();
    this.#startedMonotonicMs = shared.clock.monotonicMs();
    this.host = hostOf(authorityOf(head.target) ?? head.authority);
    const { servername, door } = connection;
    const hosts = servername === '' || servername === this.host ? [this.host] : [this.host, servername];
    this.routed = door.routing.find(head.target, hosts);
    this.#bodyBytesMax = this.routed?.route.bodyBytesMax ?? unroutedBodyBytesMax;
    const ownValue = head.fields.get(ownSendField);
    this.own = ownValue === null ? null : shared.findOwn(ownValue, connection.remoteAddress);
  }

  get door(): string {
    return this.connection.door.key;
  }

  get method(): string {
    return this.head.method;
  }

  get path(): string {
    return this.routed?.path ?? this.head.target;
  }

  get query(): string {
    return this.routed?.query ?? '';
  }

  get fields(): RequestFields {
    return this.head.fields;
  }

  get rawFields(): WholeRequest['rawFields'] {
    const { raw } = this.head;
    if (raw === undefined) return this.fields.entries;
    const fields: (readonly [string, string])[] = [];
    for (let at = 0; at + 1 < raw.length; at += 2) {
      const [name = '', value = ''] = [raw[at], raw[at + 1]];
      if (!name.startsWith(':')) fields.push([name, value]);
    }
    return fields;
  }

  get target(): string {
    const whole = this.head.target;
    const from = whole.startsWith('/') ? 0 : whole.indexOf('/', whole.indexOf('://') + '://'.length);
    const target = from < 0 ? '/' : whole.slice(from + (this.routed?.prefix.length ?? 0));
    return target.startsWith('/') ? target : `/${target}`;
  }

  begun(): ExchangePart {
    this.#kept = true;
    return {
      start: this.#start(null),
      transcript: exchangeText(this.routed?.route ?? null, this.#said(true, []), null, 0),
    };
  }

  get body(): Uint8Array {
    return this.#body;
  }

  get bodyTooLarge(): boolean {
    return this.#bodyTooLarge;
  }

  get httpVersion(): '1.0' | '1.1' | '2' {
    return this.#wire.httpVersion;
  }

  get baseUrl(): string {
    const { scheme } = this.connection.door;
    // As an origin is written: lower case, without the scheme's own port.
    const authority = (authorityOf(this.head.target) ?? this.head.authority).toLowerCase();
    const usual = scheme === 'https' ? ':443' : ':80';
    const origin = authority.endsWith(usual) ? authority.slice(0, -usual.length) : authority;
    return `${scheme}://${origin}${this.routed?.prefix ?? ''}`;
  }

  get gone(): AbortSignal {
    this.#gone ??= new AbortController();
    if (this.#isGone) this.#gone.abort();
    return this.#gone.signal;
  }

  /** Since when its body is being waited for, or null: it is all there. */
  get waitsForBodySinceMs(): number | null {
    return this.#phase === 'body' ? this.#startedMonotonicMs : null;
  }

  /** A piece of the body. @returns false when no more of it is wanted: it is over what is taken, or was refused */
  take(chunk: Uint8Array): boolean {
    if (this.#phase !== 'body') return false;
    const room = this.#bodyBytesMax - this.#received;
    const piece = chunk.length > room ? chunk.subarray(0, room) : chunk;
    if (this.#shared.pendingBodyBytes + piece.length > this.#shared.limits.pendingBodyBytesMax) {
      this.#refuse(overloaded, 'more bodies come in at once than are taken; try again in a moment');
      return false;
    }
    this.#chunks.push(piece);
    this.#received += piece.length;
    this.#shared.pendingBodyBytes += piece.length;
    if (chunk.length <= room) return true;
    this.#bodyTooLarge = true;
    return false;
  }

  /** The body is all there, or as much of it as is taken. */
  complete(): void {
    if (this.#phase !== 'body') return;
    this.#phase = 'handling';
    this.#gatherBody();
    if (this.routed === null) {
      this.#nobodyHere();
      return;
    }
    const page = this.routed.route.ownOrigins === true ? null : this.#foreignPage();
    if (page !== null) {
      const reason = `a web page (${page.slice(0, originCharsShown)}) asks, and providers are asked by servers: nothing is taken from pages of other sites`;
      this.#refuse(jsonReply(403, { error: reason }), reason);
      return;
    }
    const { route } = this.routed;
    const { handOn } = this.#shared;
    let answer: ProviderAnswer | Promise<ProviderAnswer>;
    try {
      answer = handOn === undefined ? route.handle(this) : handOn(this, route, () => route.handle(this));
    } catch (error) {
      this.#failed(error);
      return;
    }
    if (answer instanceof Promise)
      answer.then(
        (given) => this.#answered(given),
        (error: unknown) => this.#failed(error),
      );
    else this.#answered(answer);
  }

  /** @returns the page of another site that asks, or null */
  #foreignPage(): string | null {
    const { fields, authority } = this.head;
    const origin = fields.get('origin');
    if (origin !== null) return isLoopbackName(hostOf(authorityOf(origin) ?? '')) ? null : origin;
    const asker = { site: fields.get('sec-fetch-site'), host: authority, agent: fields.get('user-agent') };
    const { routing } = this.connection.door;
    return foreignPage(asker, (host) => isLoopbackName(hostOf(host)) || routing.knows(hostOf(host)));
  }

  #nobodyHere(): void {
    const { proxies, routing } = this.connection.door;
    if (proxies) {
      const reason = `${this.host} is no provider of this sandbox, and the proxy passes no plain request on`;
      this.#refuse(jsonReply(403, { error: reason, hosts: routing.listed.hosts }), reason);
    } else
      this.#refuse(
        jsonReply(404, {
          error:
            'no provider answers here: begin the path with one of the prefixes, or ask for one of the hosts',
          ...routing.listed,
        }),
        'no provider answers there; see the prefixes and hosts in the reply',
      );
  }

  /** The client took so long that it is not waited for any more. */
  tooSlow(): void {
    if (this.#phase === 'body') this.#refuse(tooSlowReply, 'the body did not come in time');
  }

  /** The client went away, or took the request back. */
  clientGone(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#gone?.abort();
    if (this.#phase !== 'body') return;
    this.#phase = 'over';
    this.#gatherBody();
    this.#record('aborted', 'the client went away in the middle of its request', null, false, []);
  }

  #gatherBody(): void {
    this.#shared.pendingBodyBytes -= this.#received;
    if (this.#received > 0) {
      // In memory of its own: what the socket read into is shared with other requests.
      const body = new Uint8Array(this.#received);
      let at = 0;
      for (const chunk of this.#chunks) {
        body.set(chunk, at);
        at += chunk.length;
      }
      this.#body = body;
    }
    this.#chunks = [];
  }

  /** Nobody is there to catch what is thrown here: it would end the core. */
  #answered(answer: ProviderAnswer): void {
    try {
      this.#carryOut(answer);
    } catch (error) {
      this.#shared.onProblem(`an answer of ${this.routed?.route.key ?? this.door} failed`, error);
      this.#phase = 'over';
      if (!this.#isGone) this.#wire.drop({ kind: 'reset' });
    }
  }

  #carryOut(answer: ProviderAnswer): void {
    if (answer.take === undefined) {
      if (answer.refused !== null || (answer.quiet !== true && this.routed?.route.quiet !== true))
        this.#record(answer.refused === null ? 'accepted' : 'refused', answer.refused, answer, false, []);
      this.#send(answer, answer.reply);
      return;
    }
    let taken: Promise<void>;
    try {
      const end = this.#end('accepted', null, answer, answer.reply, true, []);
      const { start, transcript, ...rest } = end;
      taken = answer.take({ part: { start, transcript, end: rest }, end });
    } catch (error) {
      this.#unstored(answer, error);
      return;
    }
    taken.then(
      () => this.#send(answer, answer.reply),
      (error: unknown) => this.#unstored(answer, error),
    );
  }

  #unstored(answer: ProviderAnswer, error: unknown): void {
    const reply = answer.unstored?.(error) ?? internalError;
    const reason = `it could not be stored: ${messageOf(error)}`;
    this.#recordEnd(this.#end('refused', reason, answer, reply, false, []));
    this.#send({ reply, refused: reason }, reply);
  }

  #failed(error: unknown): void {
    this.#shared.onProblem(`a request at ${this.routed?.route.key ?? this.door} failed`, error);
    this.#refuse(internalError, `Sandpost failed: ${messageOf(error)}`);
  }

  /** Refused by the door itself, in place of the route's handler. */
  #refuse(reply: ProviderReply, reason: string): void {
    if (this.#phase === 'body') this.#gatherBody();
    this.#phase = 'handling';
    const answer: ProviderAnswer = { reply, refused: reason };
    this.#record('refused', reason, answer, false, []);
    this.#send(answer, reply);
  }

  #send(answer: ProviderAnswer, reply: ProviderReply): void {
    const lateMs = answer.lateMs ?? 0;
    if (lateMs > 0) this.#cancelLate = this.#shared.clock.after(lateMs, () => this.#sendNow(answer, reply));
    else this.#sendNow(answer, reply);
  }

  #sendNow(answer: ProviderAnswer, reply: ProviderReply): void {
    this.#phase = 'over';
    if (this.#isGone) return;
    const effect = answer.connection ?? null;
    if (effect?.kind === 'cutMiddle')
      this.#wire.reply(cutReply(reply, effect.afterBytes), effect, answer.bytesPerSecond ?? null);
    else if (effect !== null && (effect.kind !== 'goAway' || effect.reply === 'withheld'))
      this.#wire.drop(effect);
    else this.#wire.reply(reply, effect, answer.bytesPerSecond ?? null);
  }

  /** The door closes: what is held back is not waited for. */
  abandon(): void {
    this.#cancelLate();
  }

  #record(
    outcome: ExchangeEnd['outcome'],
    reason: string | null,
    answer: ProviderAnswer | null,
    stored: boolean,
    notes: readonly string[],
  ): void {
    this.#recordEnd(this.#end(outcome, reason, answer, answer?.reply ?? null, stored, notes));
  }

  #recordEnd(end: ExchangeEnd): void {
    // Of our own sends the attempt tells the story.
    if (this.own === null) this.#shared.exchangeEnded(end);
  }

  #end(
    outcome: ExchangeEnd['outcome'],
    reason: string | null,
    answer: ProviderAnswer | null,
    reply: ProviderReply | null,
    stored: boolean,
    notes: readonly string[],
  ): ExchangeEnd {
    const route = this.routed?.route ?? null;
    const effect = answer?.connection ?? null;
    const given =
      effect === null || effect.kind === 'cutMiddle' || (effect.kind === 'goAway' && effect.reply === 'given')
        ? reply
        : null;
    const allNotes = effect === null ? notes : [...notes, effectNote(effect)];
    const atMs = this.#shared.clock.monotonicMs() - this.#startedMonotonicMs;
    const transcript = this.#kept
      ? replyText(route, this.#wire.httpVersion, allNotes, given, atMs)
      : exchangeText(route, this.#said(stored, allNotes), given, atMs);
    return {
      start: this.#start(answer?.user ?? null),
      endedAtMs: this.#shared.clock.wallMs(),
      outcome,
      reason,
      messages: stored || this.#kept ? 1 : 0,
      refusals: outcome === 'refused' ? 1 : 0,
      bytesIn: headBytes(this.head) + this.#body.length,
      bytesOut: given === null ? 0 : replyBytes(given),
      transcript,
    };
  }

  #said(stored: boolean, notes: readonly string[]): SaidRequest {
    return {
      head: this.head,
      httpVersion: this.#wire.httpVersion,
      body: this.#body,
      bodyTooLarge: this.#bodyTooLarge,
      stored,
      notes,
    };
  }

  #start(user: string | null): ExchangeStart {
    const { connection } = this;
    return {
      id: this.id,
      door: this.routed?.route.key ?? connection.door.key,
      kind: 'http',
      startedAtMs: this.startedAtMs,
      remoteAddress: connection.remoteAddress,
      remotePort: connection.remotePort,
      clientName: this.head.fields.get('user-agent'),
      user,
      tls: connection.tls,
    };
  }
}

/** Of a request that is for nobody so much is read, to be shown. */
const unroutedBodyBytesMax = 64 * 1024;

const originCharsShown = 200;

function effectNote(effect: ConnectionEffect): string {
  switch (effect.kind) {
    case 'goAway':
      return `the connection is given up with ${effect.debug === '' ? 'no reason' : effect.debug}${
        effect.reply === 'withheld' ? ', in place of a reply' : ''
      }`;
    case 'cut':
      return 'the connection is cut in place of a reply';
    case 'reset':
      return 'the request is reset in place of a reply';
    case 'cutMiddle':
      return 'the connection is cut in the middle of the reply';
  }
}

/** With the length of the whole, so that the client knows that something is missing (RFC 9112 §6.3). */
function cutReply(reply: ProviderReply, afterBytes: number | null): ProviderReply {
  const body = Buffer.from(reply.body);
  const kept = Math.min(afterBytes ?? Math.ceil(body.length / 2), Math.max(0, body.length - 1));
  return {
    ...reply,
    fields: [
      ...reply.fields.filter(([name]) => name !== 'content-length'),
      ['content-length', String(body.length)],
    ],
    body: body.subarray(0, kept),
  };
}

/** As HTTP/1.1 would write it: name, colon, space, value, line end. */
const bytesPerField = 4;

function headBytes(head: RequestHead): number {
  let bytes = head.method.length + head.target.length + 12;
  for (const entry of head.fields.entries) bytes += entry[0].length + entry[1].length + bytesPerField;
  return bytes;
}

function replyBytes(reply: ProviderReply): number {
  let bytes = typeof reply.body === 'string' ? Buffer.byteLength(reply.body) : reply.body.length;
  for (const field of reply.fields) bytes += field[0].length + field[1].length + bytesPerField;
  return bytes;
}

export function jsonReply(status: number, value: unknown): ProviderReply {
  return {
    status,
    fields: [['content-type', 'application/json; charset=utf-8']],
    body: `${JSON.stringify(value, null, 2)}\n`,
  };
}

const internalError = jsonReply(500, { error: 'Sandpost failed at this request; see its log' });
const overloaded = jsonReply(503, { error: 'too many bodies come in at once; try again in a moment' });
const tooSlowReply = jsonReply(408, { error: 'the body of the request did not come in time' });

function brokenExchange(
  ports: PipelinePorts,
  connection: DoorConnection,
  reason: string,
  notes: readonly string[],
): ExchangeEnd {
  const nowMs = ports.clock.wallMs();
  return {
    start: {
      id: ports.newId(),
      door: connection.door.key,
      kind: 'http',
      startedAtMs: nowMs,
      remoteAddress: connection.remoteAddress,
      remotePort: connection.remotePort,
      clientName: null,
      user: null,
      tls: connection.tls,
    },
    endedAtMs: nowMs,
    outcome: 'refused',
    reason,
    messages: 0,
    refusals: 1,
    bytesIn: 0,
    bytesOut: 0,
    transcript: [...notes, reason].map((note) => `N 0 ${note}\n`).join(''),
  };
}
