import type { Suppression } from '../../../core/api/schema.ts';

export const reasonWords: Readonly<Record<Suppression['reason'], string>> = {
  hard_bounce: 'the address is dead',
  soft_bounces: 'bounced time after time',
  complaint: 'reported as spam',
  unsubscribed: 'unsubscribed',
  manual: 'put there by hand',
};

export const scopeWords: Readonly<Record<Suppression['scope'], string>> = {
  all: 'all streams',
  transactional: 'only transactional',
  marketing: 'only marketing',
};

const sourceWords: Readonly<Record<string, string>> = {
  delivery: 'a reply to a delivery',
  dsn: 'a bounce that came later',
  report: 'a complaint that a provider reported',
  recipient: 'the recipient',
  api: 'the API or this room',
  import: 'an import',
};

export const sourceInWords = (source: string): string => sourceWords[source] ?? source;
