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

const known = new Map<string, string>();
const knownMax = 1_000;

/** The same few products are asked for thousands of times a second. */
function times(decimal: string, count: number): string {
  const key = `${count} ${decimal}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = multiplied(decimal, count);
  if (known.size >= knownMax) known.clear();
  known.set(key, made);
  return made;
}

/** `0.0079` × 2 = `0.0158`: as many places as there were. */
function multiplied(decimal: string, count: number): string {
  const [whole = '0', fraction = ''] = decimal.split('.');
  const product = String(BigInt(whole + fraction) * BigInt(count)).padStart(fraction.length + 1, '0');
  if (fraction === '') return product;
  return `${product.slice(0, -fraction.length)}.${product.slice(-fraction.length)}`;
}
