/**
 * The main thread's end of a thread that renders or compiles templates. It has one request at a time, so that of a template
 * that never ends nobody else's is lost: the thread is ended then, and the next request has a new one.
 */
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../clock.ts';
import { AppError, messageOf } from '../../model/app-error.ts';
import { requestsWaitingMax, threadHeapMegabytesMax, threadIdleMs, threadLoadMsMax } from '../limits.ts';
import type { TemplateRequest, TemplateThreadAnswer, TemplateWork } from './requests.ts';

interface Waiting {
  readonly request: TemplateRequest;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: AppError) => void;
}

export class TemplateThread {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #silenceMsMax: number;
  readonly #what: string;
  readonly #waiting: Waiting[] = [];
  #current: Waiting | null = null;
  #currentId = 0;
  #worker: Worker | null = null;
  #loaded = false;
  #closed = false;
  #cancelTimer: () => void = () => undefined;

  /** @param what it does, in words of what is said when it takes too long */
  constructor(clock: Pick<Clock, 'after'>, limits: { readonly silenceMsMax: number; readonly what: string }) {
    this.#clock = clock;
    this.#silenceMsMax = limits.silenceMsMax;
    this.#what = limits.what;
  }

  /** @throws AppError `invalid_template` when it takes too long or too much memory, `store_busy`, `store_closed` */
  ask<R extends TemplateRequest>(request: R): Promise<TemplateWork[R['kind']]['answer']>;
  ask(request: TemplateRequest): Promise<unknown> {
    if (this.#closed) return Promise.reject(new AppError('store_closed', 'Sandpost is stopping'));
    if (this.#waiting.length >= requestsWaitingMax)
      return Promise.reject(new AppError('store_busy', 'too many templates wait to be rendered; try again'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      this.#next();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer();
    const stopping = new AppError('store_closed', 'Sandpost is stopping');
    this.#current?.reject(stopping);
    this.#current = null;
    for (const { reject } of this.#waiting.splice(0)) reject(stopping);
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #next(): void {
    if (this.#current !== null) return;
    const next = this.#waiting.shift();
    if (next === undefined) return this.#watch();
    this.#current = next;
    const worker = this.#worker ?? this.#start();
    worker.postMessage({ id: ++this.#currentId, request: next.request });
    this.#watch();
  }

  #start(): Worker {
    const worker = new Worker(new URL(`./worker${import.meta.url.slice(-3)}`, import.meta.url), {
      name: 'sp-templates',
      resourceLimits: { maxOldGenerationSizeMb: threadHeapMegabytesMax },
    });
    this.#loaded = false;
    worker.on('message', (answer: TemplateThreadAnswer) => this.#receive(worker, answer));
    worker.on('error', (error) => this.#lost(worker, whyLost(error)));
    worker.on('exit', () => this.#lost(worker, 'its thread ended'));
    this.#worker = worker;
    return worker;
  }

  #receive(worker: Worker, answer: TemplateThreadAnswer): void {
    if (this.#worker !== worker) return;
    if ('loaded' in answer) {
      this.#loaded = true;
      return this.#watch();
    }
    const current = this.#current;
    if (current === null || answer.id !== this.#currentId) return;
    this.#current = null;
    if (answer.ok) current.resolve(answer.value);
    else current.reject(new AppError('invalid_template', answer.message));
    this.#next();
  }

  /** With work under way: how long it may take. Without: how long the thread is kept. */
  #watch(): void {
    this.#cancelTimer();
    const worker = this.#worker;
    if (worker === null) return;
    if (this.#current === null)
      this.#cancelTimer = this.#clock.after(threadIdleMs, () => this.#retire(worker));
    else if (this.#loaded)
      this.#cancelTimer = this.#clock.after(this.#silenceMsMax, () =>
        this.#lost(worker, `it takes longer than ${this.#silenceMsMax / 1000} s`),
      );
    else
      this.#cancelTimer = this.#clock.after(threadLoadMsMax, () =>
        this.#lost(worker, `its thread did not start within ${threadLoadMsMax / 1000} s`),
      );
  }

  #retire(worker: Worker): void {
    if (this.#worker !== worker || this.#current !== null) return;
    this.#worker = null;
    void worker.terminate();
  }

  #lost(worker: Worker, why: string): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#cancelTimer();
    void worker.terminate();
    const current = this.#current;
    this.#current = null;
    current?.reject(new AppError('invalid_template', `The template cannot be ${this.#what}: ${why}.`));
    this.#next();
  }
}

function whyLost(error: unknown): string {
  const text = messageOf(error);
  return text.includes('memory') ? `it takes more than ${threadHeapMegabytesMax} MB of memory` : text;
}
