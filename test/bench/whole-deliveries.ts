/**
 * A process that makes whole deliveries: compose → store → sign → route → SMTP → verify → judge → place, each step real.
 * `node whole-deliveries.ts <kind> <count> <folder>` prints what it measured as JSON.
 */
import { keepHeapSmall } from '../../core/heap.ts';
import { letter, letterKinds } from './letters.ts';
import { stageTimes, threadTimes } from './threads.ts';

keepHeapSmall();
const { createApp, systemPorts } = await import('../../core/app.ts');
const { loadConfig } = await import('../../core/config.ts');

const [, , kindText = '', countText = '1000', folder = ''] = process.argv;
const kind = letterKinds.find((one) => one === kindText) ?? letterKinds[0];
const count = Number(countText);
/** Submissions not delivered yet: a sender that goes by what comes back. */
const ahead = 200;
const senders = 20;
const providers = ['gmail.com', 'outlook.com', 'yahoo.com', 'corp.example', 'somewhere.example'];

const problems: string[] = [];
const app = await createApp(
  loadConfig(['--data', folder, '--ports', '0', '--http-port', '0', '--quiet'], {}),
  {
    ...systemPorts({ info: () => undefined, warn: (text) => problems.push(text) }),
  },
);
// RSA-2048 alone, as the library steps beside it do: by default a domain signs with Ed25519 as well.
await set('POST', '/v1/domains', { name: 'shop.example' });
await set('PATCH', '/v1/domains/shop.example', { signWith: 'rsa-sha256' });
let sent = 0;
async function send(messages: number): Promise<void> {
  const until = sent + messages;
  const sender = async (): Promise<void> => {
    while (sent < until) {
      const number = sent++;
      const domain = providers[number % providers.length] ?? 'gmail.com';
      await app.submissions.submit(letter(kind, `user${number % 2_000}@${domain}`));
      while (app.waiting() > ahead) await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  await Promise.all(Array.from({ length: senders }, sender));
  await app.settled();
}
async function set(method: string, path: string, body: unknown): Promise<void> {
  const response = await fetch(app.url + path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
}

await send(200);
const threads = threadTimes();
const cpu = process.cpuUsage();
const main = process.threadCpuUsage();
const startedMs = performance.now();
await send(count);
const elapsedMs = performance.now() - startedMs;
const total = process.cpuUsage(cpu);
const mine = process.threadCpuUsage(main);
const answer: unknown = await (await fetch(`${app.url}/v1/deliveries?status=delivered&limit=1`)).json();
process.stdout.write(
  `${JSON.stringify({
    perSecond: count / (elapsedMs / 1000),
    cpuMs: (total.user + total.system) / 1000 / count,
    mainCpuMs: (mine.user + mine.system) / 1000 / count,
    stages: stageTimes(threads, count),
    delivered: answer,
    problems: problems.slice(0, 5),
    residentMb: process.memoryUsage.rss() / 1024 / 1024,
  })}\n`,
);
await app.close();
process.exit(0);
