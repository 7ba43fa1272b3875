/** Carriers: invented ones, on the networks that are there for tests (MCC 001, ITU-T E.212 Annex A). */
import type { Carrier } from '../../model/handset.ts';

const names = [
  'Alder Mobile',
  'Birch Wireless',
  'Cedar Telecom',
  'Dogwood Cellular',
  'Elm Networks',
] as const;
/** So many of them are in one country. */
const perCountry = 3;

export const carriers: readonly Carrier[] = names.map((name, at) => ({
  name,
  network: `001${String(at + 1).padStart(2, '0')}`,
}));

const [first] = carriers;

/** The same number has the same one, always. */
export function carrierOf(number: string, country: string | null): Carrier {
  const from = country === null ? 0 : sumOf(country);
  const found = carriers[(from + (sumOf(number) % perCountry)) % carriers.length] ?? first;
  if (found === undefined) throw new Error('there are no carriers');
  return found;
}

function sumOf(text: string): number {
  let sum = 0;
  for (let at = 0; at < text.length; at++) sum = (sum * 31 + text.charCodeAt(at)) % 1_000_003;
  return sum;
}
