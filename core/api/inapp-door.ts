/**
 * The in-app door on the API's own port, `/inapp/v1/…`: pages that the screen shows in its frames pull there from where they
 * came from. The same handlers answer as at the providers' door; the guard of the API has let the request in.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type HttpBindings, upgradeWebSocket } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import { WebSocket } from 'ws';

export interface InAppDoor {
  /** Answers it. */
  take(request: IncomingMessage, response: ServerResponse): void;
  /** @returns who gets the WebSocket that is asked for; null: there is to be none, and `take` says why */
  webSocket(asked: SocketAsked): ((socket: WebSocket) => void) | null;
}

export interface SocketAsked {
  readonly query: string;
  /** Names in lower case. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

export function inAppDoor(door: InAppDoor): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.get('/inapp/v1/ws', async (c, next) => {
    const opened = c.req.header('upgrade')?.toLowerCase() === 'websocket' ? door.webSocket(askedBy(c)) : null;
    if (opened === null) return await next();
    const upgraded = upgradeWebSocket(() => ({
      onOpen(_event, { raw }) {
        if (raw instanceof WebSocket) opened(raw);
      },
    }));
    return await upgraded(c, next);
  });
  app.all('/inapp/v1/*', async (c) => {
    const { incoming, outgoing } = c.env;
    // Without the base path that the API may stand under.
    const target = incoming.url ?? '';
    incoming.url = target.slice(Math.max(0, target.indexOf('/inapp/v1/')));
    const over = new Promise((resolve) => outgoing.once('close', resolve));
    door.take(incoming, outgoing);
    await over;
    return RESPONSE_ALREADY_SENT;
  });
  return app;
}

function askedBy(c: Context): SocketAsked {
  return {
    query: new URL(c.req.url).search.slice(1),
    fields: Object.entries(c.req.header()),
  };
}
