/** An SMTP server that says what a test tells it to, and writes down what it was told. */
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../../../core/clock.ts';
import type { Network } from '../../../../../core/delivery/network.ts';

/**
 * Lines that begin with `S: ` are sent, `C: ` are awaited (a regular expression between slashes, else the exact line),
 * `close` closes, `S- ` is sent without a line end, but for those written as `\\r\\n`, `data` awaits a whole message up to its final dot.
 */
export interface ScriptedServer {
  readonly port: number;
  /** What each connection said. */
  readonly said: string[][];
  readonly messages: string[];
  connections(): number;
}

export async function scriptedServer(...scripts: readonly string[]): Promise<ScriptedServer> {
  const said: string[][] = [];
  const messages: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    const lines: string[] = [];
    said.push(lines);
    const script = scripts[Math.min(said.length, scripts.length) - 1] ?? '';
    play(socket, script, lines, messages).catch((error: unknown) => {
      lines.push(`fault: ${error instanceof Error ? error.message : String(error)}`);
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  );
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, said, messages, connections: () => said.length };
}

async function play(socket: Socket, script: string, lines: string[], messages: string[]): Promise<void> {
  const input = reader(socket);
  for (const step of script
    .trim()
    .split('\n')
    .map((line) => line.trim())) {
    if (step === 'close') return void socket.end();
    if (step === 'destroy') return void socket.resetAndDestroy();
    if (step === 'data') {
      messages.push(await input.message());
    } else if (step.startsWith('S: ')) {
      socket.write(`${step.slice(3)}\r\n`);
    } else if (step.startsWith('S- ')) {
      socket.write(step.slice(3).replaceAll('\\r\\n', '\r\n'));
    } else if (step.startsWith('C: ')) {
      const line = await input.line();
      lines.push(line);
      const wanted = step.slice(3);
      const fits = /^\/.*\/$/.test(wanted) ? new RegExp(wanted.slice(1, -1)).test(line) : line === wanted;
      if (!fits) throw new Error(`expected ${wanted}, got ${line}`);
    }
  }
}

function reader(socket: Socket) {
  let text = '';
  let ended = false;
  let wake: () => void = () => undefined;
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    wake();
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    ended = true;
    wake();
  });
  async function until(mark: string): Promise<string> {
    for (;;) {
      const at = text.indexOf(mark);
      if (at >= 0) {
        const found = text.slice(0, at);
        text = text.slice(at + mark.length);
        return found;
      }
      if (ended)
        throw new Error(`closed before ${JSON.stringify(mark)}, after ${JSON.stringify(text.slice(0, 80))}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  return {
    line: () => until('\r\n'),
    async message() {
      text = `\r\n${text}`;
      return (await until('\r\n.\r\n')).slice(2);
    },
  };
}

/** Every host leads to one port of this machine. */
export function networkTo(port: number): Network {
  return {
    connect: () =>
      new Promise((resolve, reject) => {
        const socket = connect({ host: '127.0.0.1', port });
        socket.once('connect', () => {
          socket.removeListener('error', reject);
          resolve(socket);
        });
        socket.once('error', reject);
      }),
  };
}

export const testClock = systemClock;
