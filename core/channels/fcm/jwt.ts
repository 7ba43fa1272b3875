/** JSON Web Tokens as Google's accounts sign them (RFC 7519, RS256 of RFC 7518 §3.3): decoded, and the signature checked. */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';

export interface DecodedJwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** What the signature is over. */
  readonly signed: string;
  readonly signature: Uint8Array;
}

export const jwtCharsMax = 16_384;

/** @returns null for what is no JWT */
export function decodeJwt(text: string): DecodedJwt | null {
  if (text.length > jwtCharsMax) return null;
  const parts = text.split('.');
  const [header = '', claims = '', signature = ''] = parts;
  if (parts.length !== 3) return null;
  const read = [jsonOf(header), jsonOf(claims)] as const;
  if (read[0] === null || read[1] === null) return null;
  return {
    header: read[0],
    claims: read[1],
    signed: `${header}.${claims}`,
    signature: Buffer.from(signature, 'base64url'),
  };
}

export function signatureFits({ signed, signature }: DecodedJwt, publicKey: string): boolean {
  return verify('RSA-SHA256', Buffer.from(signed), keyOf(publicKey), signature);
}

/** Parsing a PEM costs more than a check: the last one is kept. */
let last: { readonly pem: string; readonly key: KeyObject } | null = null;

function keyOf(pem: string): KeyObject {
  if (last?.pem !== pem) last = { pem, key: createPublicKey(pem) };
  return last.key;
}

function jsonOf(part: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
