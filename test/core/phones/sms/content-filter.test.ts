import { expect, it } from 'vitest';
import { filteredBecause } from '../../../../core/phones/sms/content-filter.ts';

it.each([
  ['Your parcel: https://bit.ly/3abc', 'a link of a public shortener (bit.ly)'],
  ['TINYURL.COM/abc', 'a link of a public shortener (TINYURL.COM)'],
  ['CBD oil, half price', 'cannabis'],
  ['Free spins at our online casino', 'gambling'],
  ['Loan approved! Act now', 'high-risk offers'],
  ['Your account is suspended, log in at https://bank.example', 'words of phishing'],
  ['You’ve won! Claim your prize at http://x.example', 'words of phishing'],
  ['LAST CHANCE TO BUY EVERYTHING https://shop.example', 'capital letters'],
])('keeps “%s” away, and says why', (text, why) => {
  expect(filteredBecause(text, [])).toContain(why);
});

it.each([
  'Your code is 123456',
  'YOUR CODE IS 123456 AND NOTHING ELSE IS IN HERE',
  'Your table is booked. See https://habit.ly/menu or orbit.lyon.example',
  'Your account is ready at https://shop.example',
  'Weed the garden on Saturday',
])('lets “%s” through', (text) => {
  expect(filteredBecause(text, [])).toBeNull();
});

it('has words of one’s own, in either case', () => {
  expect(filteredBecause('Pineapple Pizza today', ['pineapple pizza'])).toContain('“pineapple pizza”');
});
