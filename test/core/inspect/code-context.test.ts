import { describe, expect, it } from 'vitest';
import { findCodes } from '../../../core/inspect/codes.ts';

describe('the words around a code', () => {
  it('are whole, and on one line', () => {
    const text =
      'Track it at https://shop.example/track/BB-20418\n\nPick-up code at the locker: 482 913\nIt is good for a month, as long as nobody else takes it.';
    expect(findCodes(text)).toEqual([
      {
        code: '482 913',
        context: 'Pick-up code at the locker: 482 913 It is good for a month, as long as',
      },
    ]);
  });

  it('are there too where the script has no spaces', () => {
    const found = findCodes(`${'您'.repeat(60)}验证码：739201，${'请'.repeat(60)}`);
    expect(found[0]?.context).toContain('验证码：739201，请');
  });
});
