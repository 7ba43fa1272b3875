/** Documents of one kind, in memory from their first use on, and on disk before anybody is told. */
import type { z } from 'zod';
import { AppError } from '../../../model/app-error.ts';
import type { SmsDoorPorts } from '../room.ts';

/** Of one kind, of all accounts. */
const documentsMax = 10_000;

export interface Documents<T> {
  /** Null once they are read; till then settles when they are. */
  reading(): Promise<void> | null;
  get(key: string): T | null;
  all(): readonly T[];
  put(key: string, value: T): Promise<void>;
  remove(key: string): Promise<void>;
}

export function createDocuments<T>(
  kind: string,
  schema: z.ZodType<T>,
  { store, onProblem }: Pick<SmsDoorPorts, 'store' | 'onProblem'>,
): Documents<T> {
  const known = new Map<string, T>();
  let read = false;
  let underWay: Promise<void> | null = null;
  async function readAll(): Promise<void> {
    try {
      for (const { key, value } of await store.documents(kind)) {
        const parsed = schema.safeParse(value);
        if (parsed.success) known.set(key, parsed.data);
        else onProblem(`the kept ${kind} ${key} cannot be read, and is left alone`);
      }
      read = true;
    } finally {
      underWay = null;
    }
  }
  return {
    reading() {
      if (read) return null;
      underWay ??= readAll();
      return underWay;
    },
    get: (key) => known.get(key) ?? null,
    all: () => [...known.values()],
    async put(key, value) {
      if (known.size >= documentsMax && !known.has(key))
        throw new AppError('not_possible', `There are ${documentsMax} of them; delete some first.`);
      await store.saveDocument(kind, key, value);
      known.set(key, value);
    },
    async remove(key) {
      await store.deleteDocument(kind, key);
      known.delete(key);
    },
  };
}
