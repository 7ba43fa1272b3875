/** MessageBird's validator of webhooks, which its package has no types for. */
declare module 'messagebird/lib/webhook-signature-jwt.js' {
  import type { KeyObject } from 'node:crypto';

  /** @throws where the token, the address or the payload does not fit */
  export function verify(url: string, payload: Buffer, jwt: string, key: KeyObject): Promise<true>;
}
