import { expect, it } from 'vitest';
import { formatBytes, formatDuration } from '../../renderer/src/format.ts';
import { headerMeaning } from '../../renderer/src/message/header-meanings.ts';
import { mimeRows } from '../../renderer/src/message/mime-tree.ts';
import { parseSearch, readRoomSearch, stringifySearch } from '../../renderer/src/room-search.ts';
import { retentionForm, retentionLimits } from '../../renderer/src/settings/retention-units.ts';

it('explains a header whatever its case, and says so when it is nobody’s', () => {
  expect(headerMeaning('List-Unsubscribe-POST')).toContain('one-click');
  expect(headerMeaning('X-Something-Else')).toContain('own');
  expect(headerMeaning('Something-Else')).toBeNull();
});

it('gives every MIME part its depth', () => {
  const part = (n: number, parent: number | null) => ({
    ...{ n, parent, path: '', contentType: 'text/plain', charset: null, encoding: null, disposition: null },
    ...{
      filename: null,
      contentId: null,
      bytes: 0,
      decodedBytes: null,
      headerStart: 0,
      bodyStart: 0,
      bodyEnd: 0,
    },
  });
  expect(mimeRows([part(0, null), part(1, 0), part(2, 1), part(3, 0)]).map(({ depth }) => depth)).toEqual([
    0, 1, 2, 1,
  ]);
});

it('keeps a search through the address and drops what is not known', () => {
  const search = readRoomSearch(parseSearch('?q=from%3Ajane+x&tab=nonsense&project=42&other=1'));
  expect(search).toEqual({ q: 'from:jane x', project: '42' });
  expect(stringifySearch({ ...search })).toBe('?q=from%3Ajane+x&project=42');
});

it('reads limits as people write them', () => {
  expect(retentionLimits({ count: '500', days: '1.5', megabytes: '' })).toEqual({
    countMax: 500,
    ageMaxMs: 129_600_000,
    bytesMax: null,
  });
  expect(retentionLimits({ count: 'many', days: '', megabytes: '' })).toBeNull();
  expect(retentionForm({ countMax: null, ageMaxMs: 86_400_000, bytesMax: 2_097_152 })).toEqual({
    count: '',
    days: '1',
    megabytes: '2',
  });
});

it('writes sizes and durations short', () => {
  expect([1_023, 1_024, 1_234, 48_211, 1_572_864].map(formatBytes)).toEqual([
    '1023 B',
    '1 kB',
    '1.2 kB',
    '47 kB',
    '1.5 MB',
  ]);
  expect([84, 1_500, 120_000].map(formatDuration)).toEqual(['84 ms', '1.5 s', '2 min']);
});
