/**
 * Ten thousand users that ask for their in-app messages every second, each over a connection of its own, while a hundred
 * messages a second come in for some of them: how long an answer takes. And how many such questions a second are answered at
 * the most, against the same doors answering a constant; Node's bare HTTP stands beside it.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { answered3xx, isMissing, median } from './h2load.ts';
import { pause } from './queries.ts';
import { type Core, type Subject, startConstant, startCore } from './subjects.ts';

const mostP99Ms = 50;
const leastRatio = 0.5;
const messagesPerSecond = 100;
const connections = 500;

export async function measureInApp(
  folder: string,
  quick: boolean,
  say: (line: string) => void,
): Promise<void> {
  const core = await startCore(mkdtempSync(join(folder, 'inapp-')));
  try {
    say(await paced(core, quick));
    say(await flooded(core, quick));
  } finally {
    await core.stop();
  }
}

const measuredSchema = z.object({
  perSecond: z.number(),
  notAnswered: z.int(),
  notModified: z.int(),
  changed: z.int(),
  others: z.int(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  maxMs: z.number(),
});

async function paced(core: Core, quick: boolean): Promise<string> {
  const users = quick ? 2_000 : 10_000;
  const seconds = quick ? 5 : 20;
  const sender = new Sender(core.ports.providers ?? 0, users);
  const said = await clients([core.ports.providers ?? 0, users, seconds, 'pace'].map(String), () =>
    sender.start(),
  );
  await sender.stop();
  const { perSecond, notAnswered, notModified, changed, others, p50Ms, p99Ms, maxMs } =
    measuredSchema.parse(said);
  const all = notModified + changed + others;
  const met = p99Ms < mostP99Ms && notAnswered === 0 && others === 0;
  return (
    `${`${users} users, each second`.padEnd(28)} ${perSecond.toFixed(0)}/s answered, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, worst ${maxMs.toFixed(0)} ms,` +
    ` ${((100 * notModified) / all).toFixed(1)} % 304, ${sender.perSecond.toFixed(0)} messages/s taken` +
    `${others + notAnswered > 0 ? `, ${others} refused, ${notAnswered} not answered` : ''} (p99 under ${mostP99Ms} ms: ${met ? 'met' : 'not met'})`
  );
}

/** The clients' own program. @param ready when all of them are connected, and know their tags */
function clients(args: readonly string[], ready: () => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const path = fileURLToPath(new URL('inapp-clients.ts', import.meta.url));
    const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    let told = false;
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      if (told || !text.includes('\n')) return;
      told = true;
      ready();
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      const last = text.trim().split('\n').at(-1) ?? '';
      if (code === 0) resolve(JSON.parse(last));
      else reject(new Error(`the clients ended with ${code}`));
    });
  });
}

/** An app's backend that sends at a steady pace to one user after the other, far apart. */
class Sender {
  readonly #port: number;
  readonly #users: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 10 });
  #startedMs = 0;
  #sent = 0;
  #taken = 0;
  #underWay = 0;
  #timer: NodeJS.Timeout | null = null;
  perSecond = 0;

  constructor(port: number, users: number) {
    this.#port = port;
    this.#users = users;
  }

  start(): void {
    this.#startedMs = performance.now();
    this.#timer = setInterval(() => {
      const due = ((performance.now() - this.#startedMs) / 1000) * messagesPerSecond;
      while (this.#sent < due && this.#underWay < messagesPerSecond) this.#send();
    }, tickMs);
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.perSecond = this.#taken / ((performance.now() - this.#startedMs) / 1000);
    while (this.#underWay > 0) await pause(tickMs);
    this.#agent.destroy();
  }

  #send(): void {
    const user = `bench-${(this.#sent * strideUsers) % this.#users}`;
    this.#sent += 1;
    this.#underWay += 1;
    const body = JSON.stringify({ user, title: `Order ${this.#sent}`, body: 'It is on its way.' });
    const asked = request(
      {
        ...{ host: '127.0.0.1', port: this.#port, agent: this.#agent, method: 'POST' },
        path: '/inapp/v1/messages',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        response.resume();
        response.once('end', () => {
          if (response.statusCode === 202) this.#taken += 1;
          this.#underWay -= 1;
        });
      },
    );
    asked.once('error', (error) => {
      throw error;
    });
    asked.end(body);
  }
}

const tickMs = 10;
/** No divisor of the users: each has its turn. */
const strideUsers = 7_919;

async function flooded(core: Core, quick: boolean): Promise<string> {
  const requests = quick ? 20_000 : 100_000;
  const rounds = quick ? 1 : 5;
  const url = `http://127.0.0.1:${core.ports.providers}/inapp/v1/users/bench-1/messages?limit=20`;
  const answer = await fetch(url);
  await answer.arrayBuffer();
  const tag = answer.headers.get('etag') ?? '';
  const door = await startConstant('door');
  const http = await startConstant('http');
  const rates: { core: number; door: number; http: number }[] = [];
  const rate = (target: string, count: number): Promise<number> => rateOf(target, tag, count);
  const constant = (subject: Subject): string =>
    url.replace(String(core.ports.providers), String(subject.smtpPort));
  try {
    for (const target of [url, constant(door), constant(http)]) await rate(target, 10_000);
    for (let round = 0; round < rounds; round++)
      rates.push({
        core: await rate(url, requests),
        door: await rate(constant(door), requests),
        http: await rate(constant(http), requests),
      });
  } catch (error) {
    if (!isMissing(error)) throw error;
    return 'not measured: h2load was not found (Debian: nghttp2-client)';
  } finally {
    await door.stop();
    await http.stop();
  }
  const middle = (of: (one: (typeof rates)[number]) => number): number => median(rates.map(of));
  const ratio = middle((one) => one.core / one.door);
  return (
    `${`as fast as can be, ${connections}`.padEnd(28)} ${middle((one) => one.core).toFixed(0)}/s, a constant ${middle((one) => one.door).toFixed(0)}/s, ÷ ${ratio.toFixed(2)}` +
    ` (at least ${leastRatio}: ${ratio >= leastRatio ? 'met' : 'not met'}); bare node:http ${middle((one) => one.http).toFixed(0)}/s, ÷ ${middle((one) => one.core / one.http).toFixed(2)}`
  );
}

async function rateOf(url: string, tag: string, requests: number): Promise<number> {
  const startedMs = performance.now();
  const answered = await answered3xx([
    ...['--h1', '-n', String(requests), '-c', String(connections), '-H', `if-none-match: ${tag}`, url],
  ]);
  const seconds = (performance.now() - startedMs) / 1000;
  if (answered !== requests) throw new Error(`${requests - answered} of ${requests} were no 304`);
  return requests / seconds;
}
