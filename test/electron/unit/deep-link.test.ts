import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseDeepLink } from '../../../electron/deep-link.ts';

it.each([
  [
    'sandpost://message/0199c0de-0000-7000-8000-000000000001',
    '/messages/0199c0de-0000-7000-8000-000000000001',
  ],
  ['sandpost://message/0199C0DE/', '/messages/0199c0de'],
  ['SANDPOST://MESSAGE/abc', '/messages/abc'],
])('%s names a message', (link, path) => {
  expect(parseDeepLink(link)).toBe(path);
});

it.each([
  'sandpost://message/',
  'sandpost://message/../settings',
  'sandpost://message/abc/raw',
  'sandpost://message/abc?x=1',
  'sandpost://settings',
  'https://message/abc',
  'javascript:sandpost://message/abc',
  `sandpost://message/${'a'.repeat(65)}`,
])('%s names nothing', (link) => {
  expect(parseDeepLink(link)).toBeNull();
});

it('never leads anywhere but to a message', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `sandpost://message/${text}`),
      ),
      (link) => {
        const path = parseDeepLink(link);
        return path === null || /^\/messages\/[0-9a-f-]+$/.test(path);
      },
    ),
  );
});
