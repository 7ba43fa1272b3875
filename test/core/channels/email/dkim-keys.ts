/** Keys for tests: made once in a process, for RSA takes its time. */
import { generateKeyPairSync } from 'node:crypto';
import type { SigningKey } from '../../../../core/channels/email/dkim.ts';

export interface TestKey extends SigningKey {
  /** Name and text of the record that publishes it. */
  readonly record: { readonly name: string; readonly text: string };
}

export function makeKey(domain: string, selector: string, algorithm: SigningKey['algorithm']): TestKey {
  const pair =
    algorithm === 'rsa-sha256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ed25519');
  const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
  // RFC 8463 §4: the 32 bytes alone, which are the last of the SPKI.
  const published = (algorithm === 'rsa-sha256' ? spki : spki.subarray(-32)).toString('base64');
  return {
    domain,
    selector,
    algorithm,
    id: published,
    privateKey: String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' })),
    record: {
      name: `${selector}._domainkey.${domain}`,
      text: `v=DKIM1; k=${algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519'}; p=${published}`,
    },
  };
}
