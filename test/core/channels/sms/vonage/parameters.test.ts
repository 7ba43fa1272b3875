import { expect, it } from 'vitest';
import { maskParameters } from '../../../../../core/channels/sms/vonage/parameters.ts';

it.each([
  ['api_key=a&api_secret=b%3D&to=1', 'api_key=a&api_secret=***&to=1'],
  ['{"api_key":"a","api_secret":"b\\"c","to":"1"}', '{"api_key":"a","api_secret":"***","to":"1"}'],
  ['{"api_secret": 12345678,"to":"1"}', '{"api_secret": "***","to":"1"}'],
  ['{"to":"1","api_secret":"cut of', '{"to":"1","api_secret":"***"'],
  ['{"text":"my api_secretary, sig"}', '{"text":"my api_secretary, sig"}'],
])('masks what is secret in %s', (text, masked) => {
  expect(maskParameters(text)).toBe(masked);
});
