import { randomFillSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { idMaker } from '../../../core/model/new-id.ts';

it('ids are UUIDv7, never the same twice, in the order they were made', () => {
  const newId = idMaker((block) => randomFillSync(block));
  const ids = Array.from({ length: 5_000 }, newId);
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(ids).size).toBe(ids.length);
  const times = ids.map((id) => id.slice(0, 13));
  expect(times).toEqual([...times].sort());
});
