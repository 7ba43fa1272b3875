/** The main thread's end of the reader threads: each question goes to the one with the least to do. */
import { Worker } from 'node:worker_threads';
import { AppError, messageOf } from '../../model/app-error.ts';
import type { ReaderAnswer, ReaderCall, ReaderCalls, ReaderRequest } from './reader.ts';

const readersMax = 2;
/** Questions waiting at the most; past it callers are told to come back. */
const questionsMax = 2_000;

interface Reader {
  readonly worker: Worker;
  readonly waiting: Map<number, { resolve: (value: unknown) => void; reject: (error: AppError) => void }>;
}

export class ReadPool {
  readonly #file: string;
  readonly #readers: Reader[] = [];
  #lastId = 0;
  #closed = false;

  constructor(file: string) {
    this.#file = file;
  }

  call<C extends ReaderCall>(
    call: C,
    ...args: Parameters<ReaderCalls[C]>
  ): Promise<ReturnType<ReaderCalls[C]>> {
    if (this.#closed) return Promise.reject(new AppError('store_closed', 'the store is closed'));
    const reader = this.#leastBusy();
    if (reader.waiting.size >= questionsMax) {
      return Promise.reject(
        new AppError('store_busy', 'too many questions wait for the store; try again in a moment'),
      );
    }
    const id = ++this.#lastId;
    const request: ReaderRequest = { id, call, args };
    return new Promise((resolve, reject) => {
      reader.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      reader.worker.postMessage(request);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(
      this.#readers.map(
        ({ worker }) =>
          new Promise<void>((resolve) => {
            worker.once('exit', () => resolve());
            worker.postMessage('close');
          }),
      ),
    );
  }

  #leastBusy(): Reader {
    const [first, ...others] = this.#readers;
    if (first === undefined) return this.#start();
    const least = others.reduce((best, one) => (one.waiting.size < best.waiting.size ? one : best), first);
    // A second thread is started when the first has something to do, not before: each costs memory.
    return least.waiting.size > 0 && this.#readers.length < readersMax ? this.#start() : least;
  }

  #start(): Reader {
    const worker = new Worker(new URL(`./reader${import.meta.url.slice(-3)}`, import.meta.url), {
      name: 'sp-reader',
      workerData: { file: this.#file },
    });
    const reader: Reader = { worker, waiting: new Map() };
    worker.on('message', (answer: ReaderAnswer) => {
      const waiting = reader.waiting.get(answer.id);
      reader.waiting.delete(answer.id);
      if (answer.ok) waiting?.resolve(answer.value);
      else waiting?.reject(asAppError(answer.message, answer.code));
    });
    const gone = (why: string): void => {
      const at = this.#readers.indexOf(reader);
      if (at >= 0) this.#readers.splice(at, 1);
      for (const { reject } of reader.waiting.values())
        reject(new AppError('store_failed', `a reader stopped: ${why}`));
      reader.waiting.clear();
    };
    worker.on('error', (error) => gone(messageOf(error)));
    worker.on('exit', (code) => gone(`exit code ${code}`));
    this.#readers.push(reader);
    return reader;
  }
}

function asAppError(message: string, code: string | null): AppError {
  // FTS5 refuses an expression that the parser let through: the words are at fault, not the store.
  return code === 'SQLITE_ERROR' && /fts5|no such column/i.test(message)
    ? new AppError('bad_query', `the search cannot be run: ${message}`)
    : new AppError('store_failed', message);
}
