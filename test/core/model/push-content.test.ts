import { expect, test } from 'vitest';
import { readApnsPayload } from '../../../core/model/push-content.ts';

test('the arguments of a localized text may be anything, and nothing is thrown', () => {
  const alert = { 'loc-key': 'GREETING', 'loc-args': ['Jane', 2, null, { toString: 1, valueOf: 1 }] };
  const { content } = readApnsPayload(Buffer.from(JSON.stringify({ aps: { alert } })));
  expect(content.body).toBe('GREETING(Jane, 2, null, {"toString":1,"valueOf":1})');
});
