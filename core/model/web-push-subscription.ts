/** A browser's subscription as its page has it: `PushSubscription.toJSON()` (Push API). Pure. */

export interface WebPushSubscription {
  readonly endpoint: string;
  readonly keys: {
    /** Public key of the browser (RFC 8291 §3.1), base64url. */
    readonly p256dh: string;
    /** Authentication secret (RFC 8291 §3.2), base64url. */
    readonly auth: string;
  };
}

/** Names of the parameters by which a delivery has the keys; its recipient is the endpoint. */
export const subscriptionParameters = ['p256dh', 'auth'] as const;

const p256dhBytes = 65;
const authBytes = 16;

/** @param text JSON, with whatever else the page wrote into it @returns null: it is none */
export function readSubscription(text: string): WebPushSubscription | null {
  if (!text.trimStart().startsWith('{')) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // No JSON: a token, or an endpoint.
    return null;
  }
  const endpoint = textAt(parsed, 'endpoint');
  const keys = memberOf(parsed, 'keys');
  const [p256dh, auth] = [textAt(keys, 'p256dh'), textAt(keys, 'auth')];
  if (endpoint === null || p256dh === null || auth === null) return null;
  const subscription = { endpoint, keys: { p256dh, auth } };
  return subscriptionFault(subscription) === null ? subscription : null;
}

/** @returns what is wrong with it, or null */
export function subscriptionFault({ endpoint, keys }: WebPushSubscription): string | null {
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol))
    return 'its endpoint is no address';
  if (bytesOf(keys.p256dh) !== p256dhBytes)
    return 'keys.p256dh is no uncompressed point of P-256 in base64url (65 bytes)';
  return bytesOf(keys.auth) === authBytes ? null : 'keys.auth is no secret of 16 bytes in base64url';
}

/** What a delivery to it has as its recipient. */
export function placeOf(to: string): string {
  return readSubscription(to)?.endpoint ?? to;
}

/** Some write base64 for it, with padding. */
function bytesOf(text: string): number {
  const digits = /^([A-Za-z0-9_+/-]+)={0,2}$/.exec(text)?.[1] ?? '';
  return Math.floor((digits.length * 3) / 4);
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function textAt(value: unknown, name: string): string | null {
  const found = memberOf(value, name);
  return typeof found === 'string' ? found : null;
}
