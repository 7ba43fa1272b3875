/**
 * `node inapp-clients.ts PORT USERS SECONDS pace|flood [PATH]`: users of an app that ask for their in-app messages, each over
 * a connection of its own, with the tag that it got last. At a pace each asks once a second, the users spread over it, and an
 * answer's time counts from when the question was due; a flood asks again as soon as it has its answer. Prints JSON.
 * PATH holds `{user}` where the name goes; without it, the pull's.
 */
import { connect, type Socket } from 'node:net';

const [port = 0, users = 0, seconds = 0] = process.argv.slice(2, 5).map(Number);
const isFlood = process.argv[5] === 'flood';
const path = process.argv[6] ?? '/inapp/v1/users/{user}/messages?limit=20';

const periodMs = 1_000;
/** Before the count begins. */
const warmMs = 2_000;
const connectingMax = 100;
const lateMsMax = 10_000;

const answerMs: number[] = [];
const statuses = new Map<number, number>();
/** Questions that are due from then on count. */
let fromMs = Number.POSITIVE_INFINITY;
let notAnswered = 0;

class User {
  readonly #socket: Socket;
  readonly #target: string;
  readonly ready: Promise<void>;
  #question = '';
  #tag = '';
  #rest = '';
  /** When the question that is not answered yet was due; null: none is. */
  #dueMs: number | null = null;
  #missed: number[] = [];
  #greeted: (() => void) | null = null;

  constructor(name: string) {
    this.#target = path.replace('{user}', name);
    this.#write('');
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => this.#read(text));
    this.ready = new Promise((resolve, reject) => {
      this.#socket.once('error', reject);
      this.#greeted = resolve;
      // Its first pull, before the count: the queue is read from the disk, and the tag is known.
      this.ask(performance.now());
    });
    this.#socket.once('close', () => {
      if (!over) throw new Error(`${name}: the connection was closed`);
    });
  }

  #write(tag: string): void {
    this.#tag = tag;
    this.#question =
      `GET ${this.#target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: application/json\r\n` +
      `User-Agent: Mozilla/5.0 (X11; Linux x64) bench\r\n${tag === '' ? '' : `If-None-Match: ${tag}\r\n`}\r\n`;
  }

  ask(dueMs: number): void {
    if (this.#dueMs !== null) {
      this.#missed.push(dueMs);
      return;
    }
    this.#dueMs = dueMs;
    this.#socket.write(this.#question, 'latin1');
  }

  get owed(): number {
    return (this.#dueMs === null ? 0 : 1) + this.#missed.length;
  }

  end(): void {
    this.#socket.destroy();
  }

  #read(text: string): void {
    this.#rest = this.#rest === '' ? text : this.#rest + text;
    const end = this.#rest.indexOf('\r\n\r\n');
    if (end < 0) return;
    const status = Number(this.#rest.slice(9, 12));
    let length = end + 4;
    if (status !== 304) {
      const head = this.#rest.slice(0, end);
      length += Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (this.#rest.length < length) return;
      const tag = /\r\netag: ([^\r]*)/i.exec(head)?.[1] ?? '';
      if (tag !== this.#tag) this.#write(tag);
    }
    this.#rest = this.#rest.slice(length);
    const nowMs = performance.now();
    if (this.#dueMs !== null && this.#dueMs >= fromMs && this.#dueMs < fromMs + seconds * 1_000) {
      answerMs.push(nowMs - this.#dueMs);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    this.#dueMs = null;
    if (this.#greeted !== null) {
      this.#greeted();
      this.#greeted = null;
      return;
    }
    if (isFlood) {
      if (!over) this.ask(nowMs);
      return;
    }
    const missed = this.#missed.shift();
    if (missed !== undefined) this.ask(missed);
  }
}

let over = false;
const all: User[] = [];
while (all.length < users) {
  const some = Array.from(
    { length: Math.min(connectingMax, users - all.length) },
    (_, at) => new User(`bench-${all.length + at}`),
  );
  await Promise.all(some.map((one) => one.ready));
  all.push(...some);
}
process.stdout.write('ready\n');

const startedMs = performance.now();
fromMs = startedMs + warmMs;
if (isFlood) for (const user of all) user.ask(startedMs);
const tickMs = 2;
let asked = 0;
const timer = setInterval(() => {
  const nowMs = performance.now();
  const elapsedMs = nowMs - startedMs;
  if (elapsedMs >= warmMs + seconds * 1_000) {
    finish(elapsedMs);
    return;
  }
  if (isFlood) return;
  // Each has its own moment of the second.
  for (; (asked * periodMs) / users <= elapsedMs; asked++)
    all[asked % users]?.ask(startedMs + (asked * periodMs) / users);
}, tickMs);

function finish(elapsedMs: number): void {
  const owed = all.reduce((sum, user) => sum + user.owed, 0);
  // Those under way are waited for: the slowest answers are not to be left out.
  if (!isFlood && owed > 0 && elapsedMs < warmMs + seconds * 1_000 + lateMsMax) return;
  notAnswered = isFlood ? 0 : owed;
  over = true;
  clearInterval(timer);
  answerMs.sort((a, b) => a - b);
  const at = (share: number): number => answerMs[Math.floor((answerMs.length - 1) * share)] ?? 0;
  process.stdout.write(
    `${JSON.stringify({
      answers: answerMs.length,
      perSecond: answerMs.length / seconds,
      notAnswered,
      notModified: statuses.get(304) ?? 0,
      changed: statuses.get(200) ?? 0,
      others: answerMs.length - (statuses.get(304) ?? 0) - (statuses.get(200) ?? 0),
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      p999Ms: at(0.999),
      maxMs: at(1),
    })}\n`,
  );
  for (const user of all) user.end();
}
