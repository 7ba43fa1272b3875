import fc from 'fast-check';
import { expect, it } from 'vitest';
import { priceOf } from '../../../../core/phones/sms/prices.ts';
import { usualSmsSettings } from '../../../../core/phones/sms/settings.ts';

const prices = usualSmsSettings.prices;

it('is so much for each part, by country, in the provider’s currency, without noise', () => {
  const about = { provider: 'twilio', country: 'US', parts: 3 } as const;
  expect(priceOf(prices, about)).toEqual({ amount: '0.0249', currency: 'USD' });
  expect(priceOf(prices, { ...about, country: 'AT', provider: 'vonage' })).toEqual({
    amount: '0.1500',
    currency: 'EUR',
  });
  expect(priceOf({ ...prices, perPart: '2' }, { ...about, country: null })?.amount).toBe('6');
  expect(priceOf({ ...prices, on: false }, about)).toBeNull();
});

it('is exact for any decimal', () => {
  fc.assert(
    fc.property(
      fc.nat(999_999),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 0, max: 50 }),
      (units, places, parts) => {
        const text = String(units).padStart(places + 1, '0');
        const perPart = `${text.slice(0, -places)}.${text.slice(-places)}`;
        const amount =
          priceOf({ ...prices, perPart }, { provider: 'sinch', country: null, parts })?.amount ?? '';
        expect(BigInt(amount.replace('.', ''))).toBe(BigInt(units) * BigInt(parts));
        expect(amount.split('.')[1]).toHaveLength(places);
      },
    ),
  );
});
