import type { Delivery } from '../../../core/api/schema.ts';
import { isSmsProvider, smsProviderNames } from '../../../core/model/sms.ts';

/** Who it is for, in words: the call of a webhook has an id for a recipient. */
export function recipientName({
  carriage,
  recipient,
  domain,
  provider,
}: Pick<Delivery, 'carriage' | 'recipient' | 'domain' | 'provider'>): string {
  if (carriage === 'webhook') return `webhook at ${domain}`;
  if (carriage === 'callback') return `callback of ${providerName(provider)} to ${domain}`;
  if (carriage === 'sms') return provider === null ? recipient : `${recipient} (${providerName(provider)})`;
  return carriage === 'push' ? pushRecipient({ recipient, provider }) : recipient;
}

const pushNames: Readonly<Record<string, string>> = { apns: 'APNs', fcm: 'FCM', webpush: 'Web Push' };

const providerName = (provider: string | null): string =>
  isSmsProvider(provider) ? smsProviderNames[provider] : (provider ?? 'a provider');

/** `a1b2c3d4…7e8f90 (APNs)`: a token says nothing to a person but which one it is. */
export function pushRecipient({ recipient, provider }: Pick<Delivery, 'recipient' | 'provider'>): string {
  const name = provider === null ? null : (pushNames[provider] ?? provider);
  return name === null ? shortToken(recipient) : `${shortToken(recipient)} (${name})`;
}

const tokenCharsShown = 20;

/** Tokens have a hundred characters and more; their ends tell them apart. A topic stays whole. */
export function shortToken(token: string): string {
  if (token.length <= tokenCharsShown || token.startsWith('/topics/')) return token;
  return `${token.slice(0, 8)}…${token.slice(-6)}`;
}
