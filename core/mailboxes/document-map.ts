/**
 * A table kept in memory and on disk: read at the start, changed at once, written a little later, all changes since
 * then together. For what the far side remembers and what is set.
 */
import { messageOf } from '../model/app-error.ts';

export interface Documents {
  documents(kind: string): Promise<readonly { readonly key: string; readonly value: unknown }[]>;
  saveDocument(kind: string, key: string, value: unknown): Promise<void>;
  deleteDocument(kind: string, key: string): Promise<void>;
}

export class DocumentMap<T> {
  readonly #documents: Documents;
  readonly #kind: string;
  readonly #parse: (value: unknown) => T | null;
  readonly #entriesMax: number;
  readonly #values = new Map<string, T>();
  readonly #changed = new Set<string>();

  constructor(documents: Documents, kind: string, parse: (value: unknown) => T | null, entriesMax: number) {
    this.#documents = documents;
    this.#kind = kind;
    this.#parse = parse;
    this.#entriesMax = entriesMax;
  }

  async load(): Promise<void> {
    for (const { key, value } of await this.#documents.documents(this.#kind)) {
      // One that an older version wrote and this one cannot read is as good as none.
      const parsed = this.#parse(value);
      if (parsed !== null) this.#values.set(key, parsed);
    }
  }

  get(key: string): T | null {
    return this.#values.get(key) ?? null;
  }

  entries(): ReadonlyMap<string, T> {
    return this.#values;
  }

  /** Changes it now; it is on disk after the next `flush`. */
  set(key: string, value: T): void {
    // The oldest makes room: a Map keeps the order of its making.
    if (!this.#values.has(key) && this.#values.size >= this.#entriesMax) {
      const [oldest] = this.#values.keys();
      if (oldest !== undefined) this.delete(oldest);
    }
    this.#values.set(key, value);
    this.#changed.add(key);
  }

  delete(key: string): void {
    if (this.#values.delete(key)) this.#changed.add(key);
  }

  /** On disk when the promise settles. */
  async save(key: string, value: T): Promise<void> {
    await this.#documents.saveDocument(this.#kind, key, value);
    this.#values.set(key, value);
    this.#changed.delete(key);
  }

  async remove(key: string): Promise<void> {
    await this.#documents.deleteDocument(this.#kind, key);
    this.#values.delete(key);
    this.#changed.delete(key);
  }

  async flush(onProblem: (text: string) => void): Promise<void> {
    const keys = [...this.#changed];
    this.#changed.clear();
    const written = await Promise.allSettled(
      keys.map((key) => {
        const value = this.#values.get(key);
        return value === undefined
          ? this.#documents.deleteDocument(this.#kind, key)
          : this.#documents.saveDocument(this.#kind, key, value);
      }),
    );
    for (const [at, { status }] of written.entries()) {
      const key = keys[at];
      // It is tried again with what changes by then.
      if (status === 'rejected' && key !== undefined) this.#changed.add(key);
    }
    const [failed] = written.flatMap((one) => (one.status === 'rejected' ? [messageOf(one.reason)] : []));
    if (failed !== undefined) onProblem(`what the mailbox providers remember could not be kept: ${failed}`);
  }
}
