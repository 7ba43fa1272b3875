import { describe, expect, it } from 'vitest';
import { DocumentMap } from '../../../core/mailboxes/document-map.ts';

describe('a table of documents', () => {
  it('writes again what could not be written, as it is by then', async () => {
    const kept = new Map<string, unknown>();
    const problems: string[] = [];
    let full = true;
    const table = new DocumentMap<number>(
      {
        documents: () => Promise.resolve([]),
        async saveDocument(_, key, value) {
          if (full) throw new Error('the disk is full');
          kept.set(key, value);
        },
        async deleteDocument(_, key) {
          if (full) throw new Error('the disk is full');
          kept.delete(key);
        },
      },
      'number',
      (value) => (typeof value === 'number' ? value : null),
      10,
    );
    const flush = (): Promise<void> => table.flush((text) => problems.push(text));
    table.set('a', 1);
    table.set('b', 1);
    await flush();
    expect(problems).toEqual([expect.stringContaining('the disk is full')]);
    table.set('b', 2);
    full = false;
    await flush();
    expect([...kept]).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    await flush();
    expect(problems.length).toBe(1);
  });
});
