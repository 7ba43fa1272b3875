import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type Deletion,
  isHidden,
  PendingDeletions,
  undoMs,
  upTo,
} from '../../renderer/src/messages/pending-deletions.ts';

const one: Deletion = { kind: 'messages', ids: new Set(['a']) };

describe('PendingDeletions', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('sends nothing before the time to undo is over', async () => {
    const send = vi.fn(() => Promise.resolve());
    const deletions = new PendingDeletions(send);
    deletions.add(one);
    await vi.advanceTimersByTimeAsync(undoMs - 1);
    expect(send).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(send).toHaveBeenCalledExactlyOnceWith(one, 'later');
    expect(deletions.all()).toEqual([]);
  });

  it('sends nothing at all when it was undone', async () => {
    const send = vi.fn(() => Promise.resolve());
    const deletions = new PendingDeletions(send);
    deletions.undo(deletions.add(one));
    await vi.advanceTimersByTimeAsync(undoMs * 2);
    expect(send).not.toHaveBeenCalled();
  });

  it('sends at once when the page goes away, and not again', async () => {
    const send = vi.fn(() => Promise.resolve());
    const deletions = new PendingDeletions(send);
    deletions.add(one);
    deletions.flush();
    await vi.advanceTimersByTimeAsync(undoMs * 2);
    expect(send).toHaveBeenCalledExactlyOnceWith(one, 'leaving');
  });
});

describe('isHidden', () => {
  const scope = { q: '', project: null };
  const newest = { seq: 5, receivedAt: '2026-01-01T10:00:00.123Z' };

  it('hides what was deleted, by id or as part of a scope', () => {
    expect(isHidden({ id: 'a', seq: 1 }, scope, [one])).toBe(true);
    expect(isHidden({ id: 'b', seq: 1 }, scope, [one])).toBe(false);
    expect(isHidden({ id: 'b', seq: 1 }, scope, [{ kind: 'scope', scope, newest }])).toBe(true);
  });

  it('shows what arrived after everything was deleted, and what another scope held', () => {
    const shop: Deletion = { kind: 'scope', scope: { q: '', project: 'shop' }, newest };
    expect(isHidden({ id: 'b', seq: 6 }, { q: '', project: 'shop' }, [shop])).toBe(false);
    expect(isHidden({ id: 'b', seq: 4 }, { q: '', project: 'main' }, [shop])).toBe(false);
  });
});

it('upTo ends a scope just after the newest message that was seen', () => {
  const newest = { seq: 5, receivedAt: '2026-01-01T10:00:00.123Z' };
  expect(upTo({ q: 'from:jane', project: 'shop' }, newest)).toEqual({
    q: 'from:jane before:2026-01-01T10:00:00.124Z',
    project: 'shop',
  });
});
