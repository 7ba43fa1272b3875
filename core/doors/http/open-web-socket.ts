/** Makes a WebSocket of a connection whose head was read already. */
import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { RequestHead } from './request-fields.ts';

/** What clients say by it is little; larger frames are refused. */
const frameBytesMax = 64 * 1024;

let server: WebSocketServer | null = null;

/**
 * @param unread what came behind the head
 * @param opened not called when the handshake is refused (RFC 6455 §4.2.2), or the client went away
 */
export function openWebSocket(
  socket: Socket,
  head: RequestHead,
  unread: Buffer,
  opened: (socket: WebSocket) => void,
): void {
  server ??= new WebSocketServer({ noServer: true, maxPayload: frameBytesMax, clientTracking: false });
  const request = new IncomingMessage(socket);
  request.method = head.method;
  request.url = head.target;
  for (const [name, value] of head.fields.entries) request.headers[name] ??= value;
  server.handleUpgrade(request, socket, unread, opened);
  // It was paused while it changed hands.
  socket.resume();
}
