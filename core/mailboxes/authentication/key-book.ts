/**
 * Public keys of DKIM records, parsed once for each text of a record: parsing an RSA key takes longer than checking
 * a signature with it. The DNS is asked all the same, every time.
 */
import { createPublicKey } from 'node:crypto';
import type { Key, KeyCache } from 'mailauth/lib/dkim/dkim-verifier.js';
import { createKeyCache } from 'mailauth/lib/tools.js';
import type { MailauthResolver } from './ask-dns.ts';

const keysMax = 2_000;

export class KeyBook {
  readonly #keys = new Map<string, Key>();

  /** What mailauth asks for keys, for one message. */
  for(resolver: MailauthResolver): KeyCache {
    return {
      resolver,
      get: async (type, name, minBitLength, options) => {
        const answer = await resolver(name, 'TXT');
        const id = JSON.stringify([minBitLength, options, answer]);
        const known = this.#keys.get(id);
        if (known !== undefined) return known;
        const key = await createKeyCache(async () => answer).get(type, name, minBitLength, options);
        const parsed: Key = { ...key, publicKey: keyOf(key.publicKey) };
        if (this.#keys.size >= keysMax) this.#keys.clear();
        this.#keys.set(id, parsed);
        return parsed;
      },
    };
  }
}

function keyOf(pem: unknown): unknown {
  return typeof pem === 'string' || Buffer.isBuffer(pem) ? createPublicKey(pem) : pem;
}
