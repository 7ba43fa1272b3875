/** Secrets that sign callbacks: for now in memory alone. */
import { generateKeyPairSync } from 'node:crypto';
import type { SmsOwnSecret, SmsSecrets } from '../delivery/sms-far-side.ts';
import type { Seal } from '../store/seal.ts';
import type { Store } from '../store/store.ts';

export type SmsSecretsRoom = SmsSecrets;

export async function openSmsSecrets(ports: {
  readonly store: Store;
  readonly seal: Seal;
  readonly random: (count: number) => Buffer;
}): Promise<SmsSecretsRoom> {
  const seen = new Map<string, string>();
  const own = new Map<SmsOwnSecret, string>();
  return {
    seen(provider, account, secret) {
      seen.set(`${provider} ${account}`, secret);
      return null;
    },
    of: (provider, account) => seen.get(`${provider} ${account}`) ?? null,
    own(name) {
      const made =
        own.get(name) ??
        (name === 'telnyx'
          ? generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
          : ports.random(16).toString('hex'));
      own.set(name, made);
      return made;
    },
  };
}
