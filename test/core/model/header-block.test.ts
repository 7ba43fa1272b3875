import { describe, expect, it } from 'vitest';
import {
  headerBlock,
  headerBlockBytesMax,
  headerFields,
  headerValue,
} from '../../../core/model/header-block.ts';

const block = (text: string) => headerBlock(Buffer.from(text, 'latin1'));

describe('the header block', () => {
  it.each([
    ['A: 1\r\nB: 2\r\n\r\nC: 3\r\n\r\n', 'A: 1\r\nB: 2'],
    ['A: 1\nB: 2\n\nC: 3\n\n', 'A: 1\nB: 2'],
    ['A: 1\n\nB: 2\r\n\r\n', 'A: 1'],
    ['A: 1', 'A: 1'],
    ['', ''],
    ['\r\nA: 1\r\n\r\n', ''],
    ['\nA: 1\n\n', ''],
  ])('of %j ends at the first empty line', (raw, wanted) => {
    expect(block(raw).trimEnd()).toBe(wanted);
  });

  it('is cut at its limit', () => {
    expect(block(`A: ${'x'.repeat(200_000)}`)).toHaveLength(headerBlockBytesMax);
  });

  it('is read from the middle of a larger buffer too', () => {
    const whole = Buffer.from('????A: 1\r\n\r\nbody');
    expect(headerBlock(new Uint8Array(whole.buffer, whole.byteOffset + 4, whole.length - 4)).trimEnd()).toBe(
      'A: 1',
    );
  });
});

describe('its fields', () => {
  it('keep their folds, their order and their spelling', () => {
    expect(
      headerFields('Subject: one\r\n two\r\n\tthree\r\nX-y:z\r\nno colon\r\n: no name\r\nA :b\r\n'),
    ).toEqual([
      { name: 'Subject', raw: ' one\r\n two\r\n\tthree' },
      { name: 'X-y', raw: 'z' },
      { name: 'A', raw: 'b' },
    ]);
  });

  it('are found by name, unfolded', () => {
    expect(headerValue('Subject: one\r\n two\r\n', 'SUBJECT')).toBe('one two');
    expect(headerValue('Subject: one\r\n', 'To')).toBeNull();
  });
});
