/**
 * The main thread's end of a reading thread. It is started when it is needed, ended when it is idle for a while (it
 * costs memory), and replaced when a message takes too long or makes it run out of memory.
 */
import { Worker } from 'node:worker_threads';
import type { Clock } from '../clock.ts';
import { AppError, messageOf } from '../model/app-error.ts';
import type { InspectAnswer, InspectRequest, InspectValues } from './worker.ts';

type Kind = keyof InspectValues;
type RequestOf<K extends Kind> = Omit<Extract<InspectRequest, { kind: K }>, 'id' | 'kind'>;

const requestsMax = 500;
const endMsMax = 2_000;
const heapMegabytesMax = 768;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: AppError) => void;
  /** The message under way, of a request for several. */
  progress: number | null;
}

export class InspectThread {
  readonly #file: string;
  readonly #clock: Clock;
  readonly #silenceMsMax: number;
  readonly #idleMsMax: number;
  #worker: Worker | null = null;
  #waiting = new Map<number, Waiting>();
  /** Threads that have their modules. One ended while it loads a native module takes the whole process along. */
  readonly #loaded = new WeakSet<Worker>();
  #lastId = 0;
  #cancelTimer: () => void = () => undefined;

  constructor(
    file: string,
    clock: Clock,
    limits: { readonly silenceMsMax: number; readonly idleMsMax: number },
  ) {
    this.#file = file;
    this.#clock = clock;
    this.#silenceMsMax = limits.silenceMsMax;
    this.#idleMsMax = limits.idleMsMax;
  }

  /** @throws UnreadableError naming the message on which the thread was lost; AppError `store_busy`, `unreadable` */
  ask<K extends Kind>(kind: K, request: RequestOf<K>): Promise<InspectValues[K]> {
    if (this.#waiting.size >= requestsMax) {
      return Promise.reject(
        new AppError('store_busy', 'too many messages wait to be read; try again in a moment'),
      );
    }
    const worker = this.#worker ?? this.#start();
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject, progress: null });
      worker.postMessage({ ...request, kind, id });
      this.#watch();
    });
  }

  async close(): Promise<void> {
    this.#cancelTimer();
    const worker = this.#worker;
    this.#worker = null;
    this.#fail('Sandpost is stopping');
    if (worker !== null) await this.#end(worker);
  }

  #start(): Worker {
    const worker = new Worker(new URL(`./worker${import.meta.url.slice(-3)}`, import.meta.url), {
      name: 'sp-inspect',
      workerData: { file: this.#file },
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytesMax },
    });
    worker.on('message', (answer: InspectAnswer) => {
      if (!('loaded' in answer)) return this.#receive(answer);
      this.#loaded.add(worker);
      this.#watch();
    });
    worker.on('error', (error) => this.#lost(worker, messageOf(error)));
    worker.on('exit', () => this.#lost(worker, 'the reading thread ended'));
    this.#worker = worker;
    return worker;
  }

  #receive(answer: Exclude<InspectAnswer, { loaded: true }>): void {
    const waiting = this.#waiting.get(answer.id);
    if (waiting === undefined) return;
    if ('progress' in answer) {
      waiting.progress = answer.progress;
    } else {
      this.#waiting.delete(answer.id);
      if (answer.ok) waiting.resolve(answer.value);
      else waiting.reject(new AppError('unreadable', answer.message));
    }
    this.#watch();
  }

  /** With work under way: how long it may stay silent. Without: how long the thread is kept. */
  #watch(): void {
    this.#cancelTimer();
    const worker = this.#worker;
    if (worker === null || !this.#loaded.has(worker)) return;
    this.#cancelTimer =
      this.#waiting.size > 0
        ? this.#clock.after(this.#silenceMsMax, () =>
            this.#lost(worker, `reading took longer than ${this.#silenceMsMax} ms`),
          )
        : this.#clock.after(this.#idleMsMax, () => this.#retire(worker));
  }

  #retire(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    void this.#end(worker);
  }

  /** Asked to end, and made to when it is loaded and busy. */
  #end(worker: Worker): Promise<void> {
    return new Promise((resolve) => {
      let cancel: () => void = () => undefined;
      const makeIt = (): void => {
        cancel = this.#clock.after(endMsMax, () => void worker.terminate());
      };
      worker.once('exit', () => {
        cancel();
        resolve();
      });
      if (this.#loaded.has(worker)) makeIt();
      else worker.on('message', (answer: InspectAnswer) => ('loaded' in answer ? makeIt() : undefined));
      worker.postMessage('close');
    });
  }

  #lost(worker: Worker, why: string): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#cancelTimer();
    void worker.terminate();
    this.#fail(why);
  }

  #fail(why: string): void {
    const waiting = this.#waiting;
    this.#waiting = new Map();
    for (const { reject, progress } of waiting.values()) reject(new UnreadableError(why, progress));
  }
}

/** The thread was lost while it read; `seq` names the message, where one is known. */
export class UnreadableError extends AppError {
  readonly seq: number | null;
  constructor(why: string, seq: number | null) {
    super('unreadable', `the message cannot be read: ${why}`);
    this.seq = seq;
  }
}
