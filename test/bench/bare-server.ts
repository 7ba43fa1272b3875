/** The yardstick: smtp-server with its greeting sent at once, discarding what it is given. Prints its port. */
import type { Socket } from 'node:net';
import { SMTPServer } from 'smtp-server';

interface Greeter {
  connectionReady(): void;
}

/** smtp-server waits 100 ms before it greets, to catch early talkers; a load generator would measure that wait. */
class GreetingAtOnce extends SMTPServer {
  override connect(socket: Socket, options: unknown): void {
    Reflect.apply(super.connect, this, [socket, options]);
    const greeter = lastOf(this.connections as unknown as Set<Greeter>);
    if (greeter === undefined) return;
    const ready = greeter.connectionReady.bind(greeter);
    let greeted = false;
    greeter.connectionReady = () => {
      if (greeted) return;
      greeted = true;
      ready();
    };
    greeter.connectionReady();
  }
}

function lastOf<T>(set: ReadonlySet<T>): T | undefined {
  let last: T | undefined;
  for (const one of set) last = one;
  return last;
}

const server = new GreetingAtOnce({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  disableReverseLookup: true,
  size: 100 * 1024 * 1024,
  onData(stream, _session, done) {
    stream.on('end', () => done());
    stream.resume();
  },
});
server.on('error', () => undefined);
const listener = server.listen(0, '127.0.0.1', () => {
  const address = listener.address();
  if (typeof address === 'object' && address !== null) process.stdout.write(`${address.port}\n`);
});
process.on('SIGTERM', () => process.exit(0));
