import { describe, expect, it } from 'vitest';
import { tagCharsMax, tagsMax, tagsOf } from '../../../core/model/message-tags.ts';

describe('the tags of a message', () => {
  it('are those of X-Tags, trimmed, each once, in their order', () => {
    expect(tagsOf('Subject: x\r\nx-tags: one,  two words ,one,,\r\n three\r\n')).toEqual([
      'one',
      'two words',
      'three',
    ]);
    expect(tagsOf('X-Tags: one\r\nX-Tags: two\r\n')).toEqual(['one', 'two']);
  });

  it('are none without it, and none in the middle of another field', () => {
    expect(tagsOf('Subject: X-Tags: one\r\n')).toEqual([]);
    expect(tagsOf('X-Tagsy: one\r\n')).toEqual([]);
  });

  it('may be in UTF-8', () => {
    expect(tagsOf(Buffer.from('X-Tags: grün\r\n').toString('latin1'))).toEqual(['grün']);
  });

  it('are so many and so long at the most', () => {
    const many = Array.from({ length: 50 }, (_, n) => `t${n}`).join(',');
    expect(tagsOf(`X-Tags: ${many}\r\n`)).toHaveLength(tagsMax);
    expect(tagsOf(`X-Tags: ${'x'.repeat(tagCharsMax + 1)}, kept\r\n`)).toEqual(['kept']);
  });
});
