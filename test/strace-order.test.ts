import { describe, expect, it } from 'vitest';
import { findEarlyAnswers } from './strace-order.ts';

const id = '01a200f2-2cb1-72ee-8021-e89f43664f93';
const other = '01a200f2-2cb1-72ee-8021-000000000000';
const wal = '28</data/sandpost.db-wal>';

const inside =
  '7 pwrite64(28</data/sandpost.db-wal>, "\\0\\0\\0\\20\\0\\0\\0\\0\\nox3\\241W\\200\\375", 24, 100) = 24';
const last =
  '7 pwrite64(28</data/sandpost.db-wal>, "\\0\\0\\0\\24\\0\\0\\0\\"\\nox3\\241W\\200\\375", 24, 200) = 24';
const page = (text = '') => `7 pwrite64(${wal}, "\\r\\0\\0${text}\\0"..., 8192, 300) = 8192`;
const commit = (text: string) => [inside, page(text), last, page()];
const sync = `7 fsync(${wal}) = 0`;
const answer = (one = id) => `1 write(46<socket:[5]>, "250 2.0.0 OK: stored as ${one}\\r\\n", 62) = 62`;

describe('the order of a trace', () => {
  it('is right when the sync comes back between the commit and the answer', () => {
    expect(findEarlyAnswers([...commit(id), sync, answer()])).toEqual({ answered: 1, early: [] });
  });

  it('is right for a group, and for the next commit being written meanwhile', () => {
    const lines = [
      inside,
      page(id),
      page(other),
      last,
      page(),
      sync,
      inside,
      page(),
      answer(),
      answer(other),
    ];
    expect(findEarlyAnswers(lines)).toEqual({ answered: 2, early: [] });
  });

  it('is wrong without a sync', () => {
    const { early } = findEarlyAnswers([...commit(id), answer()]);
    expect(early).toEqual([{ id, why: 'no sync of the WAL came back after its commit' }]);
  });

  it('is wrong when the sync was that of the commit before', () => {
    const { early } = findEarlyAnswers([...commit(other), sync, ...commit(id), answer(other), answer()]);
    expect(early.map((one) => one.id)).toEqual([id]);
  });

  it('is wrong when the sync began before the commit was whole', () => {
    const lines = [
      inside,
      page(id),
      last,
      `8 fsync(${wal} <unfinished ...>`,
      page(),
      '8 <... fsync resumed>) = 0',
    ];
    expect(findEarlyAnswers([...lines, answer()]).early).toHaveLength(1);
  });

  it('is wrong when the sync has not come back yet, and right once it has', () => {
    const begun = [...commit(id), `7 fsync(${wal} <unfinished ...>`];
    const back = '7 <... fsync resumed>) = 0';
    expect(findEarlyAnswers([...begun, answer(), back]).early).toHaveLength(1);
    expect(findEarlyAnswers([...begun, back, answer()]).early).toEqual([]);
  });

  it('is wrong when the sync failed, or was of another file', () => {
    const failed = `7 fsync(${wal}) = -1 EIO (Input/output error)`;
    const elsewhere = '7 fsync(27</data/sandpost.db>) = 0';
    for (const line of [failed, elsewhere])
      expect(findEarlyAnswers([...commit(id), line, answer()]).early).toHaveLength(1);
  });

  it('is wrong when the commit is not whole, or nothing was written at all', () => {
    expect(findEarlyAnswers([inside, page(id), sync, answer()]).early).toHaveLength(1);
    expect(findEarlyAnswers([answer()]).early).toHaveLength(1);
  });

  it('counts every answer of one write, and only those to sockets', () => {
    const both = `1 write(46<socket:[5]>, "250 2.0.0 OK: stored as ${id}\\r\\n250 2.0.0 OK: stored as ${other}\\r\\n", 124) = 124`;
    const log = `1 write(2</tmp/log>, "250 2.0.0 OK: stored as ${id}\\r\\n", 62) = 62`;
    expect(findEarlyAnswers([both, log])).toMatchObject({ answered: 2 });
  });

  it('takes a write that was interrupted in the trace for one that began then', () => {
    const cut = `1 writev(46<TCP:[5]>, [{iov_base="250 2.0.0 OK: stored as ${id}\\r\\n", iov_len=62}], 1 <unfinished ...>`;
    const { answered, early } = findEarlyAnswers([...commit(id), cut, sync, '1 <... writev resumed>) = 62']);
    expect({ answered, early: early.length }).toEqual({ answered: 1, early: 1 });
  });
});
