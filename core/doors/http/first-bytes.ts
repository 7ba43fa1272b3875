/** Looks at what a client says first, and puts it back. */
import type { Socket } from 'node:net';

/** RFC 9113 §3.4: what every HTTP/2 client begins with. */
export const http2Preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export type FirstBytes = 'http2' | 'other';

/**
 * Calls `then` once as soon as it is plain whether the client speaks HTTP/2; never, when it goes away before.
 * @param said what came, as far as it was read; it is on the socket again
 */
export function whenFirstBytes(socket: Socket, then: (spoken: FirstBytes, said: Buffer) => void): void {
  let said: Buffer = Buffer.alloc(0);
  const look = (): void => {
    const chunk: unknown = socket.read();
    if (!Buffer.isBuffer(chunk)) return;
    said = said.length === 0 ? chunk : Buffer.concat([said, chunk]);
    const compared = Math.min(said.length, http2Preface.length);
    const same = said.compare(http2Preface, 0, compared, 0, compared) === 0;
    if (same && compared < http2Preface.length) return;
    socket.off('readable', look);
    socket.unshift(said);
    then(same ? 'http2' : 'other', said);
  };
  socket.on('readable', look);
}
