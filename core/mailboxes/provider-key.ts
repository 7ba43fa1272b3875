import { type ProviderKey, providerKeys } from '../model/mail-provider.ts';

/** Stored rows and requests name a provider by text. */
export function isProviderKey(text: string): text is ProviderKey {
  return providerKeys.some((key) => key === text);
}
