import type { Delivery } from '../../../core/api/schema.ts';

/** Who it is for, in words: the call of a webhook has an id for a recipient. */
export const recipientName = ({
  carriage,
  recipient,
  domain,
}: Pick<Delivery, 'carriage' | 'recipient' | 'domain'>): string =>
  carriage === 'webhook' ? `webhook at ${domain}` : recipient;
