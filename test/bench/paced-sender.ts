/**
 * `node paced-sender.ts PORT PER_SECOND SECONDS [latency|series]`: mail at a steady pace over ten connections, MAIL, RCPT and
 * DATA pipelined (RFC 2920). Prints how many were acknowledged, or with `latency` also how long the answers to the last
 * dot took, as JSON; with `series` each of them, with the time it came at (epoch, ms). What the far side does not keep up
 * with is not sent.
 */
import { connect, type Socket } from 'node:net';

const connections = 10;
const tickMs = 10;
/** Messages that a connection may be behind its pace. */
const behindMax = 20;
const endMsMax = 10_000;

const [port = 0, perSecond = 0, seconds = 0] = process.argv.slice(2).map(Number);
const filler = 'ordinary words about nothing that anyone would search for\r\n'.repeat(12);
let started = 0;
let acknowledged = 0;
const answerMs: number[] = [];
const series: (readonly [atMs: number, ms: number])[] = [];

class Connection {
  readonly #socket: Socket;
  #due = 0;
  #state: 'greeting' | 'idle' | 'command' | 'content' = 'greeting';
  #rest = '';
  #saidMs = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1').setNoDelay(true);
    socket.on('data', (text: string) => this.#read(text));
  }

  get idle(): boolean {
    return this.#state === 'idle' && this.#due === 0;
  }

  /** One more message is to go out through this connection. */
  push(): void {
    if (this.#due >= behindMax) return;
    this.#due += 1;
    if (this.#state === 'idle') this.#next();
  }

  end(): void {
    this.#socket.end('QUIT\r\n');
  }

  #next(): void {
    if (this.#due === 0) {
      this.#state = 'idle';
      return;
    }
    this.#due -= 1;
    this.#state = 'command';
    this.#socket.write('MAIL FROM:<app@bench.example>\r\nRCPT TO:<jane@bench.example>\r\nDATA\r\n');
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\r\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#reply(line);
  }

  #reply(line: string): void {
    if (/^[45]/.test(line)) throw new Error(`refused: ${line}`);
    if (this.#state === 'greeting') {
      if (line.startsWith('220 ')) this.#socket.write('EHLO bench.example\r\n');
      if (line.startsWith('250 ')) this.#next();
    } else if (this.#state === 'command' && line.startsWith('354')) {
      started += 1;
      this.#state = 'content';
      this.#socket.write(content(started));
      this.#saidMs = performance.now();
    } else if (this.#state === 'content') {
      acknowledged += 1;
      const ms = performance.now() - this.#saidMs;
      answerMs.push(ms);
      series.push([Date.now(), ms]);
      this.#next();
    }
  }
}

function content(number: number): string {
  return `From: App ${number % 17} <app@bench.example>\r\nTo: jane@bench.example\r\nSubject: Streamed in, number ${number}\r\nDate: ${new Date().toUTCString()}\r\n\r\n${filler}.\r\n`;
}

const all = Array.from({ length: connections }, () => new Connection(connect(port, '127.0.0.1')));
const startedMs = performance.now();
let asked = 0;
const timer = setInterval(() => {
  const elapsedMs = performance.now() - startedMs;
  const wanted = Math.floor((Math.min(elapsedMs, seconds * 1000) / 1000) * perSecond);
  for (; asked < wanted; asked += 1) all[asked % connections]?.push();
  const over = elapsedMs > seconds * 1000;
  if (!over || (!all.every((one) => one.idle) && elapsedMs < seconds * 1000 + endMsMax)) return;
  clearInterval(timer);
  for (const one of all) one.end();
  answerMs.sort((a, b) => a - b);
  const p99Ms = answerMs[Math.floor(answerMs.length * 0.99)] ?? 0;
  const asJson = process.argv[5] === 'series' ? { acknowledged, series } : { acknowledged, p99Ms };
  process.stdout.write(process.argv[5] === undefined ? `${acknowledged}\n` : `${JSON.stringify(asJson)}\n`);
}, tickMs);
