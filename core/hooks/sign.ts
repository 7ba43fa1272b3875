/**
 * Signatures of webhook calls, as the Standard Webhooks specification has them: HMAC-SHA256 over `id.timestamp.body`.
 * Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.
 */
import { createHmac } from 'node:crypto';

const prefix = 'whsec_';

/** @param secret `whsec_` and base64 @param timestampS seconds since the epoch, wall time */
export function webhookHeaders(
  secret: string,
  id: string,
  timestampS: number,
  body: string,
): Readonly<Record<string, string>> {
  const key = Buffer.from(secret.startsWith(prefix) ? secret.slice(prefix.length) : secret, 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestampS}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampS),
    'webhook-signature': `v1,${signature}`,
  };
}

/** @param bytes 24 to 64 random bytes */
export function webhookSecret(bytes: Uint8Array): string {
  return prefix + Buffer.from(bytes).toString('base64');
}
