import { describe, expect, it } from 'vitest';
import { phoneNumber } from '../../../core/model/phone-number.ts';

describe('phoneNumber', () => {
  it.each([
    ['+14155550123', '+14155550123', 'US', 'mobile', true],
    ['14155550123', '+14155550123', 'US', 'mobile', true],
    ['+1 (415) 555-0123', '+14155550123', 'US', 'mobile', true],
    ['+15005550006', '+15005550006', 'US', 'mobile', true],
    ['+442071234567', '+442071234567', 'GB', 'landline', true],
    ['+33612345678', '+33612345678', 'FR', 'mobile', true],
    // For dramatic purposes: nobody was given the range, and everybody tests with it.
    ['+447700900001', '+447700900001', null, 'mobile', false],
    ['+15551234567', '+15551234567', null, 'mobile', false],
  ])('reads %s', (text, e164, country, line, valid) => {
    expect(phoneNumber(text)).toMatchObject({ e164, country, line, valid, possible: true });
  });

  it.each([
    '',
    'Shop',
    '+',
    '12',
    '+1415555012345678901234567890123456',
    'tel:+14155550123',
    `${' '.repeat(1_000)}+14155550123`,
    '+999999999999999',
  ])('finds no number in %j, or none that is possible', (text) => {
    expect(phoneNumber(text)?.possible ?? false).toBe(false);
  });

  it('knows a short number for one that is not possible', () => {
    expect(phoneNumber('55555')?.possible ?? false).toBe(false);
  });
});
