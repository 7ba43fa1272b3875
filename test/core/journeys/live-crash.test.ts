/** A core that is killed while something is on its way for real: it starts again in the sandbox, and sends nothing twice. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { startProcess } from '../../core-process.ts';
import { openSmtp } from '../../smtp-client.ts';
import { temporaryFolder } from '../../start-core.ts';
import { mail } from './journey.ts';

/** Killed and started anew on a busy machine. */
const testMsMax = 120_000;

it('holds what was under way, with the reason', { timeout: testMsMax }, async () => {
  const smarthost = await silentSmarthost();
  const folder = await temporaryFolder();
  const first = await startProcess(folder);
  const relay = await ask<{ id: string }>(first.ready.url, 'POST', '/v1/live-relay/relays', {
    name: 'main',
    settings: { kind: 'smtp', host: '127.0.0.1', port: smarthost.port, tls: 'off', auth: 'none' },
  });
  const { confirmation } = await ask<{ confirmation: string }>(
    first.ready.url,
    'POST',
    '/v1/live-relay/summary',
    {
      channels: {
        email: {
          relayId: relay.id,
          recipients: { kind: 'allow', entries: [{ kind: 'domain', value: 'mine.example' }] },
        },
      },
    },
  );
  await ask(first.ready.url, 'POST', '/v1/live-relay', { confirmation });
  const client = await openSmtp(first.port('smtp'));
  await client.reply();
  await client.say('EHLO client.example');
  const reply = await client.deliver(
    'hello@shop.example',
    ['me@mine.example'],
    mail({ to: 'me@mine.example' }),
  );
  expect(reply).toContain('250');
  await smarthost.dotted;
  await first.end('SIGKILL');

  const second = await startProcess(folder);
  expect(await ask(second.ready.url, 'GET', '/v1/live-relay')).toMatchObject({ live: false, lastEnd: null });
  const [one] = await heldAt(second.ready.url);
  expect(one).toMatchObject({
    live: relay.id,
    reason: expect.stringMatching(/Sandpost was started anew.*may have taken the message/),
  });
  expect(smarthost.messages()).toBe(1);
  const audit = await ask<{ entries: { kind: string }[] }>(
    second.ready.url,
    'GET',
    '/v1/live-relay/audit?kind=send',
  );
  expect(audit.entries).toHaveLength(1);
  await second.end('SIGTERM');
});

async function ask<T>(url: string, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${url}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  const answer: T = JSON.parse(text);
  return answer;
}

async function heldAt(url: string): Promise<readonly unknown[]> {
  for (;;) {
    const { entries } = await ask<{ entries: unknown[] }>(url, 'GET', '/v1/deliveries?substatus=held');
    if (entries.length > 0) return entries;
  }
}

/** Takes a message up to its last dot, and never says whether it has it. */
async function silentSmarthost() {
  const sockets = new Set<Socket>();
  let messages = 0;
  let told: () => void = () => undefined;
  const dotted = new Promise<void>((resolve) => {
    told = resolve;
  });
  const server = createServer((socket) => {
    sockets.add(socket);
    // Its client is killed.
    socket.on('error', () => undefined);
    socket.write('220 smarthost.example ESMTP\r\n');
    let inData = false;
    createInterface({ input: socket }).on('line', (line) => {
      if (inData) {
        if (line !== '.') return;
        messages++;
        told();
      } else if (line === 'DATA') {
        inData = true;
        socket.write('354 go ahead\r\n');
      } else socket.write('250 OK\r\n');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, dotted, messages: () => messages };
}
