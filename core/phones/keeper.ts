/**
 * Writes what changed of phones that nobody waits for: made on the fly, badges, topics. Many go together, one write at a
 * time; what could not be written goes along with the next.
 */
import { messageOf } from '../model/app-error.ts';
import type { KeptPhone, KeptPushes } from '../model/message.ts';

const phonesPerWriteMax = 500;

export interface Keeper {
  later(phoneId: string, news: Readonly<Record<string, unknown>>): void;
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
  const underWay = new Set<Promise<void>>();
  let writing = false;

  function begin(what: string, run: () => Promise<unknown>): void {
    const done: Promise<void> = run()
      .then(
        () => undefined,
        (error: unknown) => onProblem(`${what}: ${messageOf(error)}`),
      )
      .finally(() => underWay.delete(done));
    underWay.add(done);
  }

  async function write(): Promise<void> {
    writing = true;
    try {
      while (news.size > 0) {
        const batch = [...news].slice(0, phonesPerWriteMax);
        for (const [id] of batch) news.delete(id);
        const phones = batch.flatMap(([phoneId, said]): KeptPhone[] => {
          const document = documentOf(phoneId);
          return document === null ? [] : [{ phoneId, document, news: said, nowMs: nowMs() }];
        });
        if (phones.length === 0) continue;
        try {
          await store.keepPushes({ puts: [], changes: [], acts: [], phones });
        } catch (error) {
          for (const [id, said] of batch) if (!news.has(id)) news.set(id, said);
          throw error;
        }
      }
    } finally {
      writing = false;
    }
  }

  return {
    later(phoneId, said) {
      news.set(phoneId, { ...news.get(phoneId), ...said });
      if (!writing) begin('what changed of a phone could not be kept', write);
    },
    begin,
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
