/** The last word to a client whose HTTP/1.1 cannot be gone on with. */
import type { DoorConnection } from './door-connection.ts';
import type { Pipeline } from './pipeline.ts';

/** @param status with its phrase, as in a status line */
export function sayAndClose(
  pipeline: Pipeline,
  connection: DoorConnection,
  status: string,
  reason: string,
): void {
  const { socket } = connection;
  // Nothing is waited for any more, but that it goes out.
  connection.watched = null;
  pipeline.broken(connection, reason, [`answered with ${status}`]);
  const body = `${JSON.stringify({ error: reason })}\n`;
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
  socket.destroySoon();
}
