/**
 * The main thread's end of the segments' thread. It is started when it is needed and let go when it is idle, for it costs
 * memory. One question is asked at a time: where it takes too long, it is plain which one it was.
 */
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../clock.ts';
import { AppError, messageOf } from '../../model/app-error.ts';
import type { CheckedExpression, Scanned, SegmentAnswer, SegmentQuestion } from './worker.ts';

const questionsMax = 200;
/** For some hundred users; what is slower than this is a regular expression that runs away. */
const silenceMsMax = 10_000;
const scanMsMax = 120_000;
const idleMsMax = 30_000;
const heapMegabytesMax = 512;

type ValueOf<Q extends SegmentQuestion> = Q extends { readonly kind: 'check' } ? CheckedExpression : Scanned;

interface Waiting {
  readonly question: SegmentQuestion;
  readonly resolve: (value: CheckedExpression | Scanned) => void;
  readonly reject: (error: AppError) => void;
}

export class SegmentThread {
  readonly #file: string;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #waiting: Waiting[] = [];
  /** Threads that have their modules. One ended while it loads a native module takes the whole process along. */
  readonly #loaded = new WeakSet<Worker>();
  #underWay: Waiting | null = null;
  #worker: Worker | null = null;
  #closed = false;
  #cancelTimer: () => void = () => undefined;
  #cancelScan: () => void = () => undefined;

  /** @param file of the database */
  constructor(file: string, clock: Pick<Clock, 'after'>) {
    this.#file = file;
    this.#clock = clock;
  }

  /** @throws AppError `bad_request` with the place in the expression, or because it takes too long; `store_busy` */
  ask<Q extends SegmentQuestion>(question: Q): Promise<ValueOf<Q>> {
    if (this.#closed) return Promise.reject(new AppError('store_closed', 'Sandpost is stopping'));
    if (this.#waiting.length >= questionsMax)
      return Promise.reject(
        new AppError('store_busy', 'Too many segments wait to be looked through; try again in a moment.'),
      );
    return new Promise((resolve, reject) => {
      this.#waiting.push({ question, resolve: resolve as Waiting['resolve'], reject });
      this.#next();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimers();
    const worker = this.#worker;
    this.#worker = null;
    const waiting = [...(this.#underWay === null ? [] : [this.#underWay]), ...this.#waiting.splice(0)];
    this.#underWay = null;
    for (const { reject } of waiting) reject(new AppError('store_closed', 'Sandpost is stopping'));
    if (worker !== null) await this.#end(worker);
  }

  #next(): void {
    if (this.#underWay !== null || this.#closed) return;
    const next = this.#waiting.shift();
    if (next === undefined) {
      const worker = this.#worker;
      this.#cancelTimers();
      if (worker !== null) this.#cancelTimer = this.#clock.after(idleMsMax, () => this.#retire(worker));
      return;
    }
    this.#underWay = next;
    const worker = this.#worker ?? this.#start();
    worker.postMessage(next.question);
    this.#watch();
    this.#cancelScan = this.#clock.after(scanMsMax, () => this.#tooSlow(scanMsMax));
  }

  #start(): Worker {
    const worker = new Worker(new URL(`./worker${import.meta.url.slice(-3)}`, import.meta.url), {
      name: 'sp-segments',
      workerData: { file: this.#file },
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytesMax },
    });
    worker.on('message', (answer: SegmentAnswer) => this.#receive(worker, answer));
    worker.on('error', (error) => this.#lost(worker, messageOf(error)));
    worker.on('exit', () => this.#lost(worker, 'the thread ended'));
    this.#worker = worker;
    return worker;
  }

  #receive(worker: Worker, answer: SegmentAnswer): void {
    if ('loaded' in answer) this.#loaded.add(worker);
    if ('loaded' in answer || 'progress' in answer) return this.#watch();
    const asked = this.#underWay;
    if (asked === null || this.#worker !== worker) return;
    this.#underWay = null;
    this.#cancelTimers();
    if (answer.ok) asked.resolve(answer.value);
    else if ('problem' in answer) asked.reject(expressionRefused(answer.problem));
    else asked.reject(new AppError('store_failed', `The users cannot be looked through: ${answer.message}`));
    this.#next();
  }

  /** How long it may stay silent, once it is loaded. */
  #watch(): void {
    this.#cancelTimer();
    this.#cancelTimer = () => undefined;
    if (this.#underWay === null || this.#worker === null || !this.#loaded.has(this.#worker)) return;
    this.#cancelTimer = this.#clock.after(silenceMsMax, () => this.#tooSlow(silenceMsMax));
  }

  #tooSlow(ms: number): void {
    const asked = this.#underWay;
    const worker = this.#worker;
    if (asked === null || worker === null || !this.#loaded.has(worker)) return;
    this.#underWay = null;
    this.#worker = null;
    this.#cancelTimers();
    void worker.terminate();
    const detail = `The expression takes longer than ${ms / 1_000} seconds; regular expressions like (a+)+ do.`;
    asked.reject(
      new AppError('bad_request', detail, { errors: [{ field: 'expression', code: 'too_slow', detail }] }),
    );
    this.#next();
  }

  #lost(worker: Worker, why: string): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#cancelTimers();
    void worker.terminate();
    const asked = this.#underWay;
    this.#underWay = null;
    asked?.reject(new AppError('store_failed', `The users cannot be looked through: ${why}`));
    this.#next();
  }

  #retire(worker: Worker): void {
    if (this.#worker !== worker || this.#underWay !== null) return;
    this.#worker = null;
    worker.postMessage('close');
  }

  #cancelTimers(): void {
    this.#cancelTimer();
    this.#cancelScan();
    this.#cancelTimer = () => undefined;
    this.#cancelScan = () => undefined;
  }

  /** One that is loaded and busy is made to; one that still loads ends by itself. */
  #end(worker: Worker): Promise<void> {
    return new Promise((resolve) => {
      worker.once('exit', () => resolve());
      worker.postMessage('close');
      if (this.#loaded.has(worker)) void worker.terminate();
    });
  }
}

function expressionRefused({
  code,
  detail,
  line,
  column,
}: {
  readonly code: string;
  readonly detail: string;
  readonly line: number | null;
  readonly column: number | null;
}): AppError {
  const where = line === null ? '.' : ` (line ${line}, column ${column}).`;
  const whole = `${detail.replace(/\.$/, '')}${where}`;
  return new AppError('bad_request', `expression: ${whole}`, {
    errors: [{ field: 'expression', code, detail: whole }],
  });
}
