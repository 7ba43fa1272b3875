/**
 * What `host.cts` loads in Electron's utility process: `sandpost serve`, with messages in place of its streams.
 *
 * To the shell: `{ ready: <the ready line> }`. From the shell: any message asks it to finish. Logs and errors go to
 * the error output and the exit code says what went wrong, as in a terminal.
 */
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { main } from './cli.ts';

interface ParentPort {
  on(event: 'message', listener: () => void): void;
  postMessage(message: unknown): void;
}

const parentPort: unknown = Reflect.get(process, 'parentPort');
if (!isParentPort(parentPort)) {
  throw new Error('This runs only as a utility process of the desktop app. Start `sandpost serve` instead.');
}

const stdin = new PassThrough();
parentPort.on('message', () => stdin.end());
const stdout = new PassThrough();
createInterface({ input: stdout }).on('line', (line) => parentPort.postMessage({ ready: JSON.parse(line) }));

const serve = ['serve', ...process.argv.slice(2), '--json', '--exit-with-stdin'];
process.exit(await main(serve, { stdin, stdout, stderr: process.stderr, environment: process.env }));

function isParentPort(value: unknown): value is ParentPort {
  return typeof value === 'object' && value !== null && 'postMessage' in value && 'on' in value;
}
