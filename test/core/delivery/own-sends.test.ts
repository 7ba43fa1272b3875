import { expect, test } from 'vitest';
import { createOwnSends, type OwnSendOrders } from '../../../core/delivery/own-sends.ts';

const send: OwnSendOrders = {
  messageId: 'message',
  deliveryId: 'delivery',
  orders: null,
  carriedOut: () => undefined,
};

test('knows a send under way by its value, from this machine, and until it is closed', () => {
  const sends = createOwnSends();
  const { value, close } = sends.open(send);
  expect(sends.find(value, '127.0.0.1')).toBe(send);
  expect(sends.find(value, '::ffff:127.0.0.1')).toBe(send);
  expect(sends.find(value, '192.0.2.7')).toBeNull();
  close();
  expect(sends.find(value, '127.0.0.1')).toBeNull();
});

test('takes any value that is not its own for nothing, and never throws', () => {
  const sends = createOwnSends();
  const { value } = sends.open(send);
  const secretChars = value.indexOf('.');
  for (const forged of [
    '',
    '.',
    value.slice(0, -1),
    `${'x'.repeat(secretChars)}.1`,
    // As long as the secret in characters, and longer in bytes.
    `${'\u00e9'.repeat(secretChars)}.1`,
  ])
    expect(sends.find(forged, '127.0.0.1')).toBeNull();
});
