/** A bare SMTP client: it sends exactly the bytes it is told, so that a test decides what is on the wire. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';

export interface SmtpClient {
  socket: Socket | TLSSocket;
  /** The next whole reply, its lines joined by `\n`; rejects when the connection ends first. */
  reply(): Promise<string>;
  write(data: string | Uint8Array): void;
  /** Sends a command and takes its reply. */
  say(line: string): Promise<string>;
  /** One transaction: MAIL, RCPT for each, DATA with these bytes stuffed and ended. @returns the last reply */
  deliver(from: string, to: readonly string[], content: string | Uint8Array): Promise<string>;
  /** Goes on in TLS; call it after the 220 to STARTTLS. */
  upgrade(ca: string): Promise<void>;
  /** Settles when the server has closed the connection. */
  readonly closed: Promise<void>;
  quit(): Promise<void>;
  destroy(): void;
}

export function openSmtp(port: number, host = '127.0.0.1'): Promise<SmtpClient> {
  return clientOn(connect({ port, host }), 'connect');
}

export function openSmtps(port: number, ca: string, host = 'localhost'): Promise<SmtpClient> {
  return clientOn(connectTls({ port, host, ca, servername: 'localhost' }), 'secureConnect');
}

async function clientOn(first: Socket, event: string): Promise<SmtpClient> {
  const client = smtpOn(first);
  const lost = client.closed.then(() => Promise.reject(new Error('the server closed the connection')));
  await Promise.race([once(first, event), lost]);
  return client;
}

/** On a connection that is open, or about to be. */
export function smtpOn(first: Socket): SmtpClient {
  const replies: string[] = [];
  let waiting: { resolve: (reply: string) => void; reject: (error: Error) => void } | null = null;
  let text = '';
  let over: Error | null = null;
  let done: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    done = resolve;
  });

  const listen = (socket: Socket): void => {
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      for (;;) {
        const whole = /^(?:\d{3}-.*\r\n)*\d{3} .*\r\n/.exec(text)?.[0];
        if (whole === undefined) return;
        text = text.slice(whole.length);
        const reply = whole.trimEnd().replaceAll('\r\n', '\n');
        if (waiting === null) replies.push(reply);
        else waiting.resolve(reply);
        waiting = null;
      }
    });
    socket.on('error', (error) => {
      over ??= error;
    });
    socket.on('close', () => {
      over ??= new Error('the server closed the connection');
      waiting?.reject(over);
      waiting = null;
      done();
    });
  };
  listen(first);

  const client: SmtpClient = {
    socket: first,
    closed,
    reply() {
      const next = replies.shift();
      if (next !== undefined) return Promise.resolve(next);
      if (over !== null) return Promise.reject(over);
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
      });
    },
    write(data) {
      client.socket.write(data);
    },
    say(line) {
      client.write(`${line}\r\n`);
      return client.reply();
    },
    async deliver(from, to, content) {
      for (const line of [`MAIL FROM:<${from}>`, ...to.map((one) => `RCPT TO:<${one}>`), 'DATA']) {
        const reply = await client.say(line);
        if (/^[45]/.test(reply)) return reply;
      }
      client.write(onTheWire(content));
      return client.reply();
    },
    async upgrade(ca) {
      const plain = client.socket;
      plain.removeAllListeners('data');
      const secure = connectTls({ socket: plain, ca, servername: 'localhost' });
      listen(secure);
      client.socket = secure;
      await once(secure, 'secureConnect');
    },
    async quit() {
      await client.say('QUIT');
      await closed;
    },
    destroy() {
      client.socket.destroy();
    },
  };
  return client;
}

/** Dots stuffed and the end added (RFC 5321 §4.5.2). A content without final CRLF cannot be sent and gets one. */
export function onTheWire(content: string | Uint8Array): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
  const stuffed = bytes.toString('latin1').replace(/(^|\r\n)\./g, '$1..');
  return Buffer.from(`${stuffed}${stuffed.endsWith('\r\n') || stuffed === '' ? '' : '\r\n'}.\r\n`, 'latin1');
}
