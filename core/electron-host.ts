/**
 * What `host.cts` loads in Electron's utility process: `sandpost serve`, with messages in place of its streams.
 *
 * To the shell: `{ ready: <the ready line> }`, and what it asks of the keychain (`store/shell-vault.ts`). From the shell:
 * its answers, and `{ stop: true }`, which asks it to finish. Logs and errors go to the error output and the exit code says
 * what went wrong, as in a terminal.
 */
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { z } from 'zod';
import { main } from './cli.ts';
import { systemClock } from './clock.ts';
import { openShellVault, type ShellLine } from './store/shell-vault.ts';

interface ParentPort {
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
  postMessage(message: unknown): void;
}

const stopSchema = z.object({ stop: z.literal(true) });

const parentPort: unknown = Reflect.get(process, 'parentPort');
if (!isParentPort(parentPort)) {
  throw new Error('This runs only as a utility process of the desktop app. Start `sandpost serve` instead.');
}

const stdin = new PassThrough();
parentPort.on('message', ({ data }) => {
  if (stopSchema.safeParse(data).success) stdin.end();
});
const stdout = new PassThrough();
createInterface({ input: stdout }).on('line', (line) => parentPort.postMessage({ ready: JSON.parse(line) }));

const line: ShellLine = {
  send: (message) => parentPort.postMessage(message),
  onMessage: (listener) => parentPort.on('message', ({ data }) => listener(data)),
};
const vault =
  process.env.SANDPOST_VAULT === 'shell' ? { openVault: () => openShellVault(line, systemClock) } : {};

const serve = ['serve', ...process.argv.slice(2), '--json', '--exit-with-stdin'];
process.exit(
  await main(serve, { stdin, stdout, stderr: process.stderr, environment: process.env, ...vault }),
);

function isParentPort(value: unknown): value is ParentPort {
  return typeof value === 'object' && value !== null && 'postMessage' in value && 'on' in value;
}
