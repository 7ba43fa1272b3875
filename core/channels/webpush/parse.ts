/** A push message request (RFC 8030 §5) apart from who sends it: which subscription, for how long, how urgent, what is in it. Pure. */
import type { Fields, ProviderRequest } from '../../doors/http/provider-request.ts';
import { type Decrypted, decryptAes128gcm, decryptAesgcm, type ReceiverKeys } from './encryption.ts';
import type { Refusal, RefusalReason, Voice } from './reply.ts';
import { cryptoKey, parametersOf } from './vapid.ts';

export type Resource =
  | { readonly kind: 'subscription'; readonly id: string }
  /** What `Location` names: the message itself. */
  | { readonly kind: 'message'; readonly id: string };

/**
 * Paths of our own (`/v1/<id>`), and of the services that browsers subscribe at: Mozilla's `/wpush/v1/<id>` and
 * `/wpush/v2/<id>`, Google's `/fcm/send/<id>` and `/wp/<id>`, Microsoft's `/w/?token=<id>`, Apple's `/<id>`.
 */
export function resourceOf(path: string, query: string, voice: Voice): Resource | null {
  const message = /^\/m\/([^/]+)$/.exec(path)?.[1];
  if (message !== undefined) return { kind: 'message', id: unescaped(message) };
  const named =
    /^\/(?:v1|wpush\/v[12]|fcm\/send|wp)\/([^/]+)\/?$/.exec(path)?.[1] ??
    (voice === 'apple' ? /^\/([^/]+)$/.exec(path)?.[1] : undefined) ??
    (/^\/w\/?$/.test(path) ? (new URLSearchParams(query).get('token') ?? undefined) : undefined);
  return named === undefined || named === '' ? null : { kind: 'subscription', id: unescaped(named) };
}

/** Of fcm.googleapis.com, which is FCM's as well: whether a path is a subscription's. */
export function isSubscriptionPath(path: string): boolean {
  return /^\/(?:fcm\/send|wp)\//.test(path);
}

function unescaped(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    // A stray %: then it is meant as it stands.
    if (error instanceof URIError) return segment;
    throw error;
  }
}

export const urgencies = ['very-low', 'low', 'normal', 'high'] as const;
export type Urgency = (typeof urgencies)[number];

export interface PushHeaders {
  /** Seconds that it is kept at the most, lowered to what the service keeps. */
  readonly ttlS: number;
  /** Null: none was sent, which means normal (RFC 8030 §5.3). */
  readonly urgency: Urgency | null;
  readonly topic: string | null;
  readonly encryption: Encryption | null;
}

export type Encryption =
  | { readonly kind: 'aes128gcm' }
  | { readonly kind: 'aesgcm'; readonly salt: Buffer; readonly sender: Buffer };

/** RFC 8030 §7.2: every service takes 4096 bytes of body; none takes more. */
export const bodyBytesMax = 4096;
const topicCharsMax = 32;
const daySeconds = 24 * 3600;

/** What each service keeps a message for at the most (RFC 8030 §5.2): Mozilla 60 days, Google four weeks, Apple 30 days. */
export const ttlSMax: Readonly<Record<Voice, number>> = {
  mozilla: 60 * daySeconds,
  google: 28 * daySeconds,
  apple: 30 * daySeconds,
  windows: 28 * daySeconds,
};

/** In autopush's order: size, TTL, encryption, topic; then the urgency, which autopush does not look at. */
export function parseHeaders(
  request: Pick<ProviderRequest, 'fields' | 'body' | 'bodyTooLarge'>,
  voice: Voice,
): PushHeaders | Refusal {
  const { fields, body } = request;
  if (request.bodyTooLarge || body.length > bodyBytesMax)
    return refusal(
      'PayloadTooLarge',
      `the body has ${request.bodyTooLarge ? 'more than' : `${body.length} bytes, more than`} ${bodyBytesMax} bytes (RFC 8030 §7.2): about 3,990 of text before encryption`,
    );
  const ttl = fields.get('ttl');
  if (ttl === null || ttl === '')
    return refusal(
      'MissingTtl',
      'the field TTL is required: seconds that the message is kept (RFC 8030 §5.2)',
    );
  if (!/^-?\d{1,15}$/.test(ttl))
    return refusal(
      'MissingTtl',
      `TTL is ${ttl.slice(0, 40)}; it is a whole number of seconds (RFC 8030 §5.2)`,
    );
  if (Number(ttl) < 0) return refusal('BadTtl', `TTL is ${ttl}; it is 0 or more`);
  const encryption = body.length === 0 ? null : encryptionOf(fields);
  if (encryption !== null && 'reason' in encryption) return encryption;
  const topic = fields.get('topic');
  const wrongTopic = topic === null ? null : topicFault(topic, voice);
  if (wrongTopic !== null) return wrongTopic;
  const urgency = fields.get('urgency');
  if (urgency !== null && !isUrgency(urgency))
    return refusal(
      'BadUrgency',
      `Urgency is ${urgency.slice(0, 40)}; it is one of ${urgencies.join(', ')} (RFC 8030 §5.3)`,
    );
  return { ttlS: Math.min(Number(ttl), ttlSMax[voice]), urgency, topic, encryption };
}

function topicFault(topic: string, voice: Voice): Refusal | null {
  if (!/^[A-Za-z0-9_-]+$/.test(topic))
    return refusal(
      'BadTopic',
      `Topic ${topic.slice(0, 40)} has characters outside base64url (RFC 8030 §5.4)`,
    );
  if (topic.length > topicCharsMax)
    return refusal(
      'TopicTooLong',
      `Topic has ${topic.length} characters, more than ${topicCharsMax} (RFC 8030 §5.4)`,
    );
  // Apple decodes it, and no base64url text is one character longer than a multiple of four.
  return voice === 'apple' && topic.length % 4 === 1
    ? refusal('BadTopic', `Apple reads Topic as base64url, which is never ${topic.length} characters long`)
    : null;
}

function encryptionOf(fields: Fields): Encryption | Refusal {
  const encoding = fields.get('content-encoding');
  switch (encoding?.trim().toLowerCase()) {
    case undefined:
      return refusal('MissingEncoding', 'a body needs Content-Encoding: aes128gcm (RFC 8291 §4)');
    case 'aes128gcm':
      return { kind: 'aes128gcm' };
    case 'aesgcm': {
      const salt = parametersOf(fields.get('encryption') ?? '', ';').get('salt');
      const sender = cryptoKey(fields, 'dh');
      if (salt === undefined)
        return refusal('BadEncryption', 'with aesgcm the field Encryption has salt=…; better send aes128gcm');
      if (sender === null)
        return refusal('BadEncryption', 'with aesgcm the field Crypto-Key has dh=…; better send aes128gcm');
      return {
        kind: 'aesgcm',
        salt: Buffer.from(salt, 'base64url'),
        sender: Buffer.from(sender, 'base64url'),
      };
    }
    default:
      return refusal(
        'UnknownEncoding',
        `Content-Encoding ${encoding} is neither aes128gcm nor the older aesgcm`,
      );
  }
}

/** A real browser made it, and has the keys: what is for it goes to a simulated one, which cannot read it. */
const foreign =
  'Sandpost did not make this subscription and has no keys for it; subscribe a browser of the Phones room to see what is inside';

/** What the browser reads. Without a body there is nothing to decrypt, and the page's worker gets an event without data. */
export function decrypted(
  body: Uint8Array,
  encryption: Encryption | null,
  keys: ReceiverKeys | null,
): Decrypted {
  if (encryption === null) return { ok: true, plain: Buffer.alloc(0) };
  if (keys === null) return { ok: false, why: foreign };
  return encryption.kind === 'aes128gcm'
    ? decryptAes128gcm(body, keys)
    : decryptAesgcm(body, keys, encryption);
}

function isUrgency(text: string): text is Urgency {
  return urgencies.some((one) => one === text);
}

function refusal(reason: RefusalReason, detail: string): Refusal {
  return { reason, detail };
}
