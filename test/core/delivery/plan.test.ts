import { describe, expect, it } from 'vitest';
import { streamOf } from '../../../core/delivery/plan.ts';

describe('the stream of a message', () => {
  it.each([
    ['its header says', 'Subject: x\r\nX-Sandpost-Stream: Marketing\r\n', 'transactional', 'marketing'],
    [
      'its header says, whatever else looks like bulk',
      'X-Sandpost-Stream: transactional\r\nList-Id: <a.example>\r\n',
      null,
      'transactional',
    ],
    ['its sub-domain says', 'List-Id: <a.example>\r\n', 'transactional', 'transactional'],
    ['a way out of a list says', 'List-Unsubscribe: <https://a.example/u>\r\n', null, 'marketing'],
    ['nobody says', 'X-Sandpost-Stream: other\r\nX-Stream: marketing\r\n', null, 'transactional'],
  ] as const)('is as %s', (_who, block, bySubdomain, stream) => {
    expect(streamOf(block, bySubdomain)).toBe(stream);
  });
});
