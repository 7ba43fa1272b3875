import { describe, expect, it } from 'vitest';
import { firstBelow, mergeHead, mergeTail } from '../../renderer/src/feed/merge.ts';

const entry = (seq: number, note = '') => ({ id: `m${seq}`, seq, note });
const same = (a: { note: string }, b: { note: string }) => a.note === b.note;
const seqs = (page: { readonly entries: readonly { readonly seq: number }[] }) =>
  page.entries.map(({ seq }) => seq);

describe('mergeHead', () => {
  it('puts what is new on top and keeps the older rows', () => {
    const loaded = { entries: [entry(5), entry(4), entry(3), entry(2)], nextCursor: '2' };
    const merged = mergeHead(loaded, { entries: [entry(7), entry(6), entry(5)], nextCursor: '5' }, same);
    expect(seqs(merged)).toEqual([7, 6, 5, 4, 3, 2]);
    expect(merged.nextCursor).toBe('2');
  });

  it('lets the rest go when more arrived than a page holds', () => {
    const loaded = { entries: [entry(5), entry(4)], nextCursor: '4' };
    const merged = mergeHead(loaded, { entries: [entry(9), entry(8)], nextCursor: '8' }, same);
    expect(seqs(merged)).toEqual([9, 8]);
    expect(merged.nextCursor).toBe('8');
  });

  it('drops rows that are gone when the first page is the whole list', () => {
    const loaded = { entries: [entry(5), entry(4), entry(3)], nextCursor: null };
    const merged = mergeHead(loaded, { entries: [entry(5)], nextCursor: null }, same);
    expect(seqs(merged)).toEqual([5]);
  });

  it('keeps the identity of a row that looks the same, and takes one that changed', () => {
    const [kept, changed] = [entry(2), entry(1, 'old')];
    const loaded = { entries: [kept, changed], nextCursor: null };
    const merged = mergeHead(loaded, { entries: [entry(2), entry(1, 'new')], nextCursor: null }, same);
    expect(merged.entries[0]).toBe(kept);
    expect(merged.entries[1]?.note).toBe('new');
  });
});

describe('mergeTail', () => {
  it('adds the next page without what is there already', () => {
    const loaded = { entries: [entry(5), entry(4)], nextCursor: '4' };
    const merged = mergeTail(loaded, { entries: [entry(4), entry(3)], nextCursor: null });
    expect(seqs(merged)).toEqual([5, 4, 3]);
    expect(merged.nextCursor).toBeNull();
  });
});

it('firstBelow finds where a seq would stand', () => {
  const entries = [entry(9), entry(7), entry(3)];
  expect([10, 9, 8, 7, 3, 1].map((seq) => firstBelow(entries, seq))).toEqual([0, 1, 1, 2, 3, 3]);
});
