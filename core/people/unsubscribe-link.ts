/**
 * Links that take a reader off a topic (RFC 8058 §3.1, RFC 2369 §3.2). What a link says is sealed: it names nobody to whom
 * it is not meant, and nobody can make one for another.
 */
import { z } from 'zod';
import { AppError } from '../model/app-error.ts';
import type { Seal } from '../store/seal.ts';

export interface UnsubscribeAbout {
  readonly user: string;
  /** Null: from everything that may be unsubscribed from. */
  readonly topic: string | null;
  /** The delivery that carries the link: the unsubscribe is told of it. */
  readonly deliveryId: string | null;
}

const tokenCharsMax = 4_000;
/** Members in short, for links in mail are better short. */
const sealedSchema = z.object({
  unsubscribe: z.literal(1),
  u: z.string(),
  t: z.string().nullable(),
  d: z.string().nullable(),
});

export function unsubscribeToken(seal: Seal, { user, topic, deliveryId }: UnsubscribeAbout): string {
  const text = JSON.stringify({ unsubscribe: 1, u: user, t: topic, d: deliveryId });
  return Buffer.from(seal.seal(text)).toString('base64url');
}

/** @returns null for one that was not made here */
export function readUnsubscribeToken(seal: Seal, token: string): UnsubscribeAbout | null {
  if (token.length > tokenCharsMax || !/^[\w-]+$/.test(token)) return null;
  try {
    const text = seal.unseal(Buffer.from(token, 'base64url').toString('utf8'));
    const { u, t, d } = sealedSchema.parse(JSON.parse(text));
    return { user: u, topic: t, deliveryId: d };
  } catch (error) {
    if (error instanceof AppError || error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}
