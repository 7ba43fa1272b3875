/**
 * The main thread's end of the examining thread. It is started at first need, gets what waits in batches, and is
 * replaced when a message keeps it silent for too long.
 */
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../clock.ts';
import type { Resolver } from '../../dns/dns.ts';
import { AppError, messageOf } from '../../model/app-error.ts';
import type { MessageFacts } from '../message-facts.ts';
import type { FromThread, OneAnswer, Reading, ThreadRequest, ToThread } from './auth-worker.ts';
import type { AuthenticationRequest } from './authenticate.ts';

const requestsMax = 5_000;
const silenceMsMax = 30_000;
const endMsMax = 2_000;
const heapMegabytesMax = 512;

interface Waiting {
  readonly examined: (reading: Reading) => void;
  readonly read: (facts: MessageFacts) => void;
  readonly reject: (error: AppError) => void;
}

export class AuthThread {
  readonly #clock: Clock;
  readonly #resolver: Resolver;
  #worker: Worker | null = null;
  #loaded = false;
  #waiting = new Map<number, Waiting>();
  #batch: ThreadRequest[] = [];
  #lastId = 0;
  #generation = 0;
  #closed = false;
  #cancelTimer: () => void = () => undefined;

  constructor(clock: Clock, resolver: Resolver) {
    this.#clock = clock;
    this.#resolver = resolver;
  }

  /** @throws AppError `unreadable`, `store_busy` */
  examine(raw: Uint8Array, request: AuthenticationRequest): Promise<Reading> {
    return new Promise((resolve, reject) => {
      this.#ask(raw, request, { examined: resolve, read: () => undefined, reject });
    });
  }

  /** @throws AppError `unreadable`, `store_busy` */
  facts(raw: Uint8Array): Promise<MessageFacts> {
    return new Promise((resolve, reject) => {
      this.#ask(raw, null, { examined: () => undefined, read: resolve, reject });
    });
  }

  /** What the thread knows of the DNS is forgotten. */
  zonesChanged(): void {
    this.#generation++;
    this.#post({ kind: 'zones_changed', generation: this.#generation });
  }

  /** Starts it before it is needed, so that the first message need not wait for its modules. */
  warm(): void {
    if (!this.#closed) this.#worker ??= this.#start();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer();
    const worker = this.#worker;
    this.#worker = null;
    this.#fail('Sandpost is stopping');
    if (worker !== null) await this.#end(worker);
  }

  #ask(raw: Uint8Array, request: AuthenticationRequest | null, waiting: Waiting): void {
    if (this.#closed) return waiting.reject(new AppError('store_closed', 'Sandpost is stopping'));
    if (this.#waiting.size >= requestsMax) {
      const text = 'too many messages wait to be examined; try again in a moment';
      return waiting.reject(new AppError('store_busy', text));
    }
    this.#worker ??= this.#start();
    const id = ++this.#lastId;
    this.#waiting.set(id, waiting);
    // A copy, handed over whole: the message itself is still needed here.
    this.#batch.push({ id, raw: new Uint8Array(raw), request });
    if (this.#batch.length === 1) setImmediate(() => this.#sendBatch());
    if (this.#waiting.size === 1) this.#watch();
  }

  #sendBatch(): void {
    const requests = this.#batch;
    this.#batch = [];
    if (requests.length > 0)
      this.#post(
        { kind: 'work', requests },
        requests.map(({ raw }) => raw.buffer),
      );
  }

  #post(message: ToThread, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker?.postMessage(message, [...transfer]);
  }

  #start(): Worker {
    const worker = new Worker(new URL(`./auth-worker${import.meta.url.slice(-3)}`, import.meta.url), {
      name: 'sp-examine',
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytesMax },
    });
    this.#loaded = false;
    worker.on('message', (message: FromThread) => this.#receive(worker, message));
    worker.on('error', (error) => this.#lost(worker, messageOf(error)));
    worker.on('exit', () => this.#lost(worker, 'the examining thread ended'));
    // It must know from which answers on it may keep them.
    worker.postMessage({ kind: 'zones_changed', generation: this.#generation } satisfies ToThread);
    return worker;
  }

  #receive(worker: Worker, message: FromThread): void {
    switch (message.kind) {
      case 'loaded':
        this.#loaded = true;
        return this.#watch();
      case 'question':
        void this.#answer(worker, message);
        return;
      case 'answers':
        for (const answer of message.answers) this.#answered(answer);
        this.#watch();
        return;
    }
  }

  #answered(answer: OneAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    switch (answer.kind) {
      case 'examined':
        waiting?.examined(answer.reading);
        return;
      case 'facts':
        waiting?.read(answer.facts);
        return;
      case 'failed':
        waiting?.reject(new AppError('unreadable', `the message cannot be examined: ${answer.message}`));
        return;
    }
  }

  async #answer(worker: Worker, asked: Extract<FromThread, { kind: 'question' }>): Promise<void> {
    const generation = this.#generation;
    const answer = await this.#resolver.query(asked.name, asked.type);
    if (this.#worker !== worker) return;
    this.#post({ kind: 'answer', question: asked.question, generation, answer });
  }

  /** With work under way: how long it may stay silent, once it has its modules. */
  #watch(): void {
    this.#cancelTimer();
    const worker = this.#worker;
    if (worker === null) return;
    // An idle thread must not keep the process; one at work must.
    if (this.#waiting.size === 0) worker.unref();
    else worker.ref();
    if (this.#waiting.size === 0 || !this.#loaded) return;
    this.#cancelTimer = this.#clock.after(silenceMsMax, () =>
      this.#lost(worker, `examining took longer than ${silenceMsMax} ms`),
    );
  }

  #lost(worker: Worker, why: string): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#cancelTimer();
    void worker.terminate();
    this.#fail(why);
  }

  #end(worker: Worker): Promise<void> {
    // Whoever closes waits for it.
    worker.ref();
    return new Promise((resolve) => {
      const cancel = this.#clock.after(endMsMax, () => void worker.terminate());
      worker.once('exit', () => {
        cancel();
        resolve();
      });
      worker.postMessage({ kind: 'close' } satisfies ToThread);
    });
  }

  #fail(why: string): void {
    const waiting = this.#waiting;
    this.#waiting = new Map();
    this.#batch = [];
    for (const { reject } of waiting.values())
      reject(new AppError('unreadable', `the message cannot be examined: ${why}`));
  }
}
