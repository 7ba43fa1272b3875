/** JSON Web Tokens as SMS providers sign and want them (RFC 7519; HS256 and RS256 of RFC 7518 §3.2, §3.3). */
import { createHmac, createPublicKey, verify } from 'node:crypto';

export interface WebToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** What the signature is over. */
  readonly signed: string;
  readonly signature: Uint8Array;
}

const tokenCharsMax = 16_384;

/** @returns null for what is no JWT */
export function readWebToken(text: string): WebToken | null {
  if (text.length > tokenCharsMax) return null;
  const parts = text.split('.');
  const [header = '', claims = '', signature = ''] = parts;
  if (parts.length !== 3 || signature === '') return null;
  const read = [objectOf(header), objectOf(claims)] as const;
  if (read[0] === null || read[1] === null) return null;
  return {
    header: read[0],
    claims: read[1],
    signed: `${header}.${claims}`,
    signature: Buffer.from(signature, 'base64url'),
  };
}

/** @param publicKey PEM; what is none fits nothing */
export function rs256Fits({ signed, signature }: WebToken, publicKey: string): boolean {
  try {
    return verify('RSA-SHA256', Buffer.from(signed), createPublicKey(publicKey), signature);
  } catch {
    // Whoever set the key up is told by the refusal; a key that cannot be read lets nobody in.
    return false;
  }
}

export function signHs256(claims: Readonly<Record<string, unknown>>, secret: string): string {
  const signed = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function objectOf(part: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
