/** Tokens and subscriptions as the platforms hand them out: the same lengths and letters, from the chance passed in. */
import { createECDH, createHash } from 'node:crypto';
import type { PushProvider } from '../model/push.ts';

export type RandomBytes = (count: number) => Uint8Array;

const apnsTokenBytes = 32;
const subscriptionIdBytes = 24;
/** RFC 8291 §3.2. */
const authSecretBytes = 16;
const scalarBytes = 32;
/** FCM: the id of the installation, a colon, and the rest behind `APA91b`. */
const installationIdBytes = 16;
const fcmTailBytes = 100;

export function newToken(provider: PushProvider, random: RandomBytes): string {
  switch (provider) {
    case 'apns':
      return Buffer.from(random(apnsTokenBytes)).toString('hex');
    case 'fcm': {
      const installation = Buffer.from(random(installationIdBytes)).toString('base64url');
      return `${installation}:APA91b${Buffer.from(random(fcmTailBytes)).toString('base64url')}`;
    }
    case 'webpush':
      return Buffer.from(random(subscriptionIdBytes)).toString('base64url');
    default:
      return provider satisfies never;
  }
}

export interface NewSubscriptionKeys {
  readonly p256dh: string;
  readonly auth: string;
  /** Raw, 32 bytes. */
  readonly privateKey: Uint8Array;
}

const keyTriesMax = 100;

/** A key pair on P-256 and the authentication secret (RFC 8291 §3.1, §3.2). */
export function newSubscriptionKeys(random: RandomBytes): NewSubscriptionKeys {
  for (let tries = 0; tries < keyTriesMax; tries++) {
    const privateKey = random(scalarBytes);
    const pair = createECDH('prime256v1');
    try {
      pair.setPrivateKey(privateKey);
    } catch (error) {
      // Not below the order of the curve: one in 2^32 is so, and another is drawn.
      if (tries === keyTriesMax - 1) throw error;
      continue;
    }
    return {
      p256dh: pair.getPublicKey().toString('base64url'),
      auth: Buffer.from(random(authSecretBytes)).toString('base64url'),
      privateKey,
    };
  }
  throw new Error('no key pair could be made');
}

/**
 * The id of a phone that is made on the fly comes of its token (UUIDv8, RFC 9562 §5.8), so that the same token makes the
 * same phone again where the first was not kept in time.
 */
export function idOfToken(key: string): string {
  const bytes = createHash('sha256').update(key).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
