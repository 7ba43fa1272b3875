/**
 * The main thread's end of the mail thread. It is started when it is needed, let go when it is idle for long, and
 * replaced when it is lost: what it was asked for then fails, and is tried again later.
 */
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../../clock.ts';
import { AppError, messageOf } from '../../../model/app-error.ts';
import type { Prepared, PrepareRequest } from './prepare.ts';
import type { OneAnswer, ThreadAnswer, ThreadRequest } from './worker.ts';

const requestsMax = 2_000;
const silenceMsMax = 60_000;
const idleMsMax = 60_000;
const heapMegabytesMax = 1_024;

interface Waiting {
  readonly resolve: (prepared: Prepared | null) => void;
  readonly reject: (error: AppError) => void;
}

export class MailThread {
  readonly #file: string;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #waiting = new Map<number, Waiting>();
  /** Threads that have their modules. One ended while it loads a native module takes the whole process along. */
  readonly #loaded = new WeakSet<Worker>();
  /** What came in this turn of the event loop: it goes in one message, for waking a thread takes longer than most. */
  #batch: ThreadRequest[] = [];
  #worker: Worker | null = null;
  #lastId = 0;
  #closed = false;
  #cancelTimer: () => void = () => undefined;

  /** @param file of the database that it reads messages from */
  constructor(file: string, clock: Pick<Clock, 'after'>) {
    this.#file = file;
    this.#clock = clock;
  }

  /**
   * @returns null when the message is not there any more
   * @throws AppError `store_busy`, `unreadable`
   */
  prepare(request: PrepareRequest): Promise<Prepared | null> {
    if (this.#closed) return Promise.reject(new AppError('store_closed', 'Sandpost is stopping'));
    if (this.#waiting.size >= requestsMax)
      return Promise.reject(new AppError('store_busy', 'too many messages wait to be prepared'));
    if (this.#worker === null) this.#start();
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#batch.push({ id, request });
      if (this.#batch.length === 1) setImmediate(() => this.#sendBatch());
      if (this.#waiting.size === 1) this.#watch();
    });
  }

  /** Starts it before it is needed, so that the first message need not wait for its modules. */
  warm(): void {
    if (!this.#closed && this.#worker === null) this.#start();
  }

  #sendBatch(): void {
    const requests = this.#batch;
    this.#batch = [];
    if (requests.length > 0) this.#worker?.postMessage(requests);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer();
    const worker = this.#worker;
    this.#worker = null;
    this.#fail('Sandpost is stopping');
    if (worker !== null) await ended(worker);
  }

  #start(): Worker {
    const worker = new Worker(new URL(`./worker${import.meta.url.slice(-3)}`, import.meta.url), {
      name: 'sp-mail',
      workerData: { file: this.#file },
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytesMax },
    });
    worker.on('message', (answer: ThreadAnswer) => {
      if ('loaded' in answer) {
        this.#loaded.add(worker);
        this.#watch();
      } else {
        for (const one of answer.answers) this.#receive(one);
      }
    });
    worker.on('error', (error) => this.#lost(worker, messageOf(error)));
    worker.on('exit', () => this.#lost(worker, 'the mail thread ended'));
    this.#worker = worker;
    return worker;
  }

  #receive(answer: OneAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    if (waiting === undefined) return;
    this.#waiting.delete(answer.id);
    if (answer.ok) waiting.resolve(answer.prepared);
    else waiting.reject(new AppError('unreadable', `the message cannot be prepared: ${answer.message}`));
    if (this.#waiting.size === 0 || answer.id % watchEvery === 0) this.#watch();
  }

  /** With work under way: how long it may stay silent. Without: how long the thread is kept. */
  #watch(): void {
    this.#cancelTimer();
    const worker = this.#worker;
    if (worker === null || !this.#loaded.has(worker)) return;
    this.#cancelTimer =
      this.#waiting.size > 0
        ? this.#clock.after(silenceMsMax, () => this.#lost(worker, `it was silent for ${silenceMsMax} ms`))
        : this.#clock.after(idleMsMax, () => this.#retire(worker));
  }

  #retire(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    worker.postMessage('close');
  }

  #lost(worker: Worker, why: string): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#cancelTimer();
    void worker.terminate();
    this.#fail(why);
  }

  #fail(why: string): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#batch = [];
    for (const { reject } of waiting) reject(new AppError('unreadable', `the mail thread was lost: ${why}`));
  }
}

/** The timer is set anew after so many answers: for each it would be too often. */
const watchEvery = 64;

function ended(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    worker.once('exit', () => resolve());
    worker.postMessage('close');
  });
}
