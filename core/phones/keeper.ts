/**
 * Writes what changed of phones that nobody waits for: made on the fly, badges, topics. Many go together, one write at a
 * time; what could not be written goes along with the next.
 */
import type { KeptPhone, KeptPushes } from '../model/message.ts';
import { createBackground } from './background.ts';

const phonesPerWriteMax = 500;

export interface Keeper {
  later(phoneId: string, news: Readonly<Record<string, unknown>>): void;
  /** What came `later` until now is on disk. @throws AppError where it could not be written; it goes along with the next */
  written(): Promise<void>;
  /** Begins something that nobody waits for; a fault of it is reported. */
  begin(what: string, run: () => Promise<unknown>): void;
  /** Settles when nothing is under way. */
  idle(): Promise<void>;
}

/** @param documentOf null: the phone is gone, and there is nothing to keep */
export function createKeeper(
  store: { keepPushes(pushes: KeptPushes): Promise<void> },
  documentOf: (phoneId: string) => KeptPhone['document'],
  nowMs: () => number,
  onProblem: (text: string) => void,
): Keeper {
  const news = new Map<string, Readonly<Record<string, unknown>>>();
  const { begin, idle } = createBackground(onProblem);
  let writing = false;
  /** Phones that were written, and those that are being so; who waits does so for a number of them. */
  let written = 0;
  let underWrite = 0;
  let waiting: {
    readonly forWritten: number;
    readonly resolve: () => void;
    readonly reject: (error: unknown) => void;
  }[] = [];

  async function write(): Promise<void> {
    writing = true;
    try {
      while (news.size > 0) {
        const batch = [...news].slice(0, phonesPerWriteMax);
        for (const [id] of batch) news.delete(id);
        underWrite = batch.length;
        const phones = batch.flatMap(([phoneId, said]): KeptPhone[] => {
          const document = documentOf(phoneId);
          return document === null ? [] : [{ phoneId, document, news: said, nowMs: nowMs() }];
        });
        try {
          if (phones.length > 0) await store.keepPushes({ puts: [], changes: [], acts: [], phones });
        } catch (error) {
          for (const [id, said] of batch) if (!news.has(id)) news.set(id, said);
          for (const one of waiting.splice(0)) one.reject(error);
          throw error;
        }
        written += batch.length;
        underWrite = 0;
        for (const one of waiting) if (one.forWritten <= written) one.resolve();
        waiting = waiting.filter((one) => one.forWritten > written);
      }
    } finally {
      writing = false;
      underWrite = 0;
    }
  }

  function writeSoon(): void {
    if (!writing) begin('what changed of a phone could not be kept', write);
  }

  return {
    later(phoneId, said) {
      news.set(phoneId, { ...news.get(phoneId), ...said });
      writeSoon();
    },
    written() {
      const forWritten = written + underWrite + news.size;
      if (forWritten === written) return Promise.resolve();
      return new Promise((resolve, reject) => {
        waiting.push({ forWritten, resolve, reject });
        writeSoon();
      });
    },
    begin,
    idle,
  };
}
