/** Is it one message to one person, or one of many? What a provider goes by, for nobody tells it. Pure. */
import type { Stream } from '../model/delivery.ts';

const marketingLabels =
  /^(?:news(?:letters?)?|marketing|mkt|promo(?:tions?)?|offers?|deals|campaigns?|em|mailing|bulk)$/i;

export function judgeStream(header: (name: string) => readonly string[], fromDomain: string): Stream {
  const said = header('x-sandpost-stream')[0]?.trim().toLowerCase();
  if (said === 'marketing' || said === 'transactional') return said;
  if (header('list-unsubscribe').length > 0 || header('list-id').length > 0) return 'marketing';
  if (/^(?:bulk|list)$/i.test(header('precedence')[0]?.trim() ?? '')) return 'marketing';
  return marketingLabels.test(fromDomain.split('.')[0] ?? '') ? 'marketing' : 'transactional';
}
