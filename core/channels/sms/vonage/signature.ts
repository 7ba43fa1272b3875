/**
 * Signatures of the SMS API, of requests and of webhooks: a hash over the sorted parameters.
 * Source: https://developer.vonage.com/getting-started/concepts/signing-messages
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export const signatureAlgorithms = ['MD5HASH', 'MD5HMAC', 'SHA1HMAC', 'SHA256HMAC', 'SHA512HMAC'] as const;
export type SignatureAlgorithm = (typeof signatureAlgorithms)[number];

/**
 * Over `&key=value…`, keys sorted, with `&` and `=` in values replaced by `_`. Upper case for the HMACs, lower case for the
 * MD5 hash, as the examples of the documentation have them; validators ignore the case.
 */
export function signatureOf(
  parameters: Iterable<readonly [name: string, value: string]>,
  secret: string,
  algorithm: SignatureAlgorithm,
): string {
  return digest(canonical(parameters), secret, algorithm);
}

/** How long a digest of each is, in hexadecimal digits: what a signature says of its algorithm. */
const digits: Readonly<Record<SignatureAlgorithm, number>> = {
  MD5HASH: 32,
  MD5HMAC: 32,
  SHA1HMAC: 40,
  SHA256HMAC: 64,
  SHA512HMAC: 128,
};

export function looksLikeSignature(sig: string): boolean {
  return /^[0-9a-f]+$/i.test(sig) && Object.values(digits).includes(sig.length);
}

/** By which algorithm, if any, the signature is one of these parameters and that secret. */
export function fittingAlgorithm(
  parameters: Iterable<readonly [name: string, value: string]>,
  sig: string,
  secret: string,
): SignatureAlgorithm | null {
  const signed = [...parameters].filter(([name]) => name !== 'sig');
  const given = Buffer.from(sig.toLowerCase());
  for (const algorithm of signatureAlgorithms) {
    if (digits[algorithm] !== sig.length) continue;
    for (const text of [canonical(signed), sdkCanonical(signed)]) {
      const wanted = Buffer.from(digest(text, secret, algorithm).toLowerCase());
      if (wanted.length === given.length && timingSafeEqual(wanted, given)) return algorithm;
    }
  }
  return null;
}

function canonical(parameters: Iterable<readonly [name: string, value: string]>): string {
  return [...parameters]
    .sort(byName)
    .map(([name, value]) => `&${name}=${value.replace(/[&=]/g, '_')}`)
    .join('');
}

/** What @vonage/auth signs instead (`createSignatureHash`): a query string with every `&` and `=` of it replaced. */
function sdkCanonical(parameters: Iterable<readonly [name: string, value: string]>): string {
  const sorted = new URLSearchParams([...parameters].map(([name, value]): [string, string] => [name, value]));
  sorted.sort();
  return sorted.toString().replace(/[&=]/g, '_');
}

function byName([one]: readonly [string, string], [other]: readonly [string, string]): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function digest(text: string, secret: string, algorithm: SignatureAlgorithm): string {
  switch (algorithm) {
    case 'MD5HASH':
      return createHash('md5')
        .update(text + secret)
        .digest('hex');
    case 'MD5HMAC':
      return createHmac('md5', secret).update(text).digest('hex').toUpperCase();
    case 'SHA1HMAC':
      return createHmac('sha1', secret).update(text).digest('hex').toUpperCase();
    case 'SHA256HMAC':
      return createHmac('sha256', secret).update(text).digest('hex').toUpperCase();
    case 'SHA512HMAC':
      return createHmac('sha512', secret).update(text).digest('hex').toUpperCase();
    default:
      return algorithm satisfies never;
  }
}
