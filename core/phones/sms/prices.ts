/** What a message costs: decimals are added as whole numbers of the smallest place, for floats would leave noise. Pure. */
import type { SmsPrice, SmsProvider } from '../../model/sms.ts';
import type { SmsWorldSettings } from './settings.ts';

export function priceOf(
  { on, currency, perPart, countries }: SmsWorldSettings['prices'],
  message: { readonly provider: SmsProvider; readonly country: string | null; readonly parts: number },
): SmsPrice | null {
  if (!on) return null;
  const each = (message.country === null ? undefined : countries[message.country]) ?? perPart;
  return { amount: times(each, message.parts), currency: currency[message.provider] ?? 'USD' };
}

/** `0.0079` × 2 = `0.0158`: as many places as there were. */
function times(decimal: string, count: number): string {
  const [whole = '0', fraction = ''] = decimal.split('.');
  const product = String(BigInt(whole + fraction) * BigInt(count)).padStart(fraction.length + 1, '0');
  if (fraction === '') return product;
  return `${product.slice(0, -fraction.length)}.${product.slice(-fraction.length)}`;
}
