/** The in-app door's route with what does not wait for a request each: WebSocket, event stream, and pulls at the wire. */
import type { WebSocket } from 'ws';
import type {
  ProviderAnswer,
  ProviderReply,
  ProviderRoute,
  StandingHead,
} from '../../doors/http/provider-request.ts';
import { type FastPorts, standingPulls } from './fast.ts';
import type { LineRules, Realtime } from './realtime.ts';
import { SocketLine } from './realtime-socket.ts';
import { StreamLine, streamFields } from './stream.ts';

/** Who asks, by the query: an EventSource and a WebSocket of a browser send no fields of their own. */
export interface RealtimeAsked {
  readonly user: string;
  readonly after: number | null;
}

export interface RealtimeRoutePorts extends FastPorts {
  readonly realtime: Realtime;
  /** Who may listen, and what rules do to the connection; else the answer that says why not. Asked once of each. */
  readonly welcome: (request: Asking, user: string) => Welcome;
  /** A refusal in the door's own words. */
  readonly refuse: (status: 400 | 404 | 426, detail: string) => ProviderAnswer;
}

/** `door`: key of the door that it came by, where that is known. */
export type Asking = Pick<StandingHead, 'query' | 'fields'> & { readonly door?: string };

export type Welcome =
  | {
      readonly admitted: true;
      readonly fields: ProviderReply['fields'];
      readonly rules: LineRules | null;
      /** Whether who is let in now would be so at any later time. */
      readonly mayStay: () => boolean;
    }
  | { readonly admitted: false; readonly answer: ProviderAnswer };

const socketPath = '/v1/ws';
const streamPath = '/v1/stream';

export function withRealtime(route: ProviderRoute, ports: RealtimeRoutePorts): ProviderRoute {
  const { realtime } = ports;
  return {
    ...route,
    standing: standingPulls(ports),
    webSocket(request) {
      if (request.path !== socketPath) return null;
      const made = socketFor(ports, request);
      if (typeof made === 'function') return made;
      request.connection.memory.set(refusedSocket, made);
      return null;
    },
    handle(request) {
      if (request.path !== socketPath && request.path !== streamPath) return route.handle(request);
      if (request.method !== 'GET') return route.handle(request);
      const refused = request.path === socketPath ? takenFrom(request.connection.memory) : null;
      if (refused !== null) return refused;
      const asked = askedOf(request);
      if ('wrong' in asked) return ports.refuse(400, asked.wrong);
      const welcome = ports.welcome(request, asked.user);
      if (!welcome.admitted) return welcome.answer;
      if (request.path === socketPath)
        return ports.refuse(
          426,
          'This is a WebSocket: ask with Upgrade: websocket, or take /inapp/v1/stream.',
        );
      return streamed(welcome.fields, (line) => realtime.join(line, { ...asked, ...welcome }));
    },
  };
}

/** Who gets the WebSocket that is asked for, or the answer in its place. */
export function socketFor(
  ports: RealtimeRoutePorts,
  request: Asking,
): ((socket: WebSocket) => void) | ProviderAnswer {
  const asked = askedOf(request);
  if ('wrong' in asked) return ports.refuse(400, asked.wrong);
  const welcome = ports.welcome(request, asked.user);
  if (!welcome.admitted) return welcome.answer;
  return (socket) => ports.realtime.join(new SocketLine(socket), { ...asked, ...welcome });
}

/** What a request for a WebSocket was refused with, until the same request comes by the way of all requests. */
const refusedSocket = Symbol('refused WebSocket');

function takenFrom(memory: Map<symbol, unknown>): ProviderAnswer | null {
  const kept = memory.get(refusedSocket);
  memory.delete(refusedSocket);
  return isAnswer(kept) ? kept : null;
}

function isAnswer(value: unknown): value is ProviderAnswer {
  return typeof value === 'object' && value !== null && 'reply' in value;
}

function streamed(fields: ProviderReply['fields'], join: (line: StreamLine) => void): ProviderAnswer {
  return {
    reply: {
      status: 200,
      fields: [...streamFields, ...fields],
      body: '',
      follow: (out) => join(new StreamLine(out)),
    },
    refused: null,
  };
}

const seqDigitsMax = 16;

/** `Last-Event-ID` is what an EventSource says when it comes back, and newer than the address it was made with. */
function askedOf(request: Asking): RealtimeAsked | { readonly wrong: string } {
  const query = new URLSearchParams(request.query);
  const user = query.get('user') ?? '';
  if (user === '') return { wrong: 'Say whose messages they are: ?user=…' };
  const after = request.fields.get('last-event-id') ?? query.get('after') ?? '';
  if (after === '') return { user, after: null };
  if (!/^\d+$/.test(after) || after.length > seqDigitsMax)
    return { wrong: '`after` is the seq of the last event, a whole number' };
  return { user, after: Number(after) };
}
