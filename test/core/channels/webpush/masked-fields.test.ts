import { expect, test } from 'vitest';
import { maskedField } from '../../../../core/channels/webpush/acceptance.ts';

test('takes the signature off a token, and leaves its claims and the public key', () => {
  expect(maskedField('authorization', 'vapid t=eyJ0eXAi.eyJhdWQi.c2lnbmF0dXJl, k=BNQ_public-key')).toBe(
    'vapid t=eyJ0eXAi.eyJhdWQi.…, k=BNQ_public-key',
  );
  expect(maskedField('ttl', '60')).toBe('60');
  expect(maskedField('cookie', 'session=1')).toBe('(masked)');
});

test('gets through the longest field that a door takes, whatever is in it', () => {
  // Looked at anew from each of its characters, this one kept everybody waiting for most of a minute.
  const padding = 'a'.repeat(60_000);
  expect(maskedField('authorization', `vapid t=eyJ0eXAi.eyJhdWQi.c2ln, x=${padding}`)).toBe(
    `vapid t=eyJ0eXAi.eyJhdWQi.…, x=${padding}`,
  );
});
