/**
 * What the sandbox shows itself by when it sends pushes: a signing key of APNs, a service account of Google's, VAPID keys.
 * Made when first needed, known to its own providers' doors, kept sealed.
 */
import { createECDH, generateKeyPair, randomBytes, randomInt } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Seal } from '../store/seal.ts';
import type { Store } from '../store/store.ts';

const keysSchema = z.object({
  apns: z.object({ kid: z.string(), teamId: z.string(), privateKey: z.string(), publicKey: z.string() }),
  fcm: z.object({
    clientEmail: z.string(),
    projectId: z.string(),
    privateKey: z.string(),
    publicKey: z.string(),
  }),
  vapid: z.object({ publicKey: z.string(), privateKey: z.string(), subject: z.string() }),
});
/** Keys of APNs and Google are PEM; those of VAPID raw, base64url (RFC 8292 §3.2). */
export type PushKeys = z.infer<typeof keysSchema>;

export interface KeptPushKeys {
  /** Null while none was needed. */
  known(): PushKeys | null;
  /** Makes them at the first call. */
  get(): Promise<PushKeys>;
  /** Signs the access tokens that the sandbox gives out. */
  readonly tokenSecret: Buffer;
}

const documents = 'push_keys';
const projectId = 'sandpost';
const rsaBits = 2_048;
const secretBytes = 32;
/** Apple's key and team ids have ten of these. */
const idLetters = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const idChars = 10;

export async function openPushKeys(
  store: Pick<Store, 'documents' | 'saveDocument'>,
  seal: Seal,
): Promise<KeptPushKeys> {
  const kept = new Map((await store.documents(documents)).map(({ key, value }) => [key, String(value)]));
  const sealed = kept.get('keys');
  let known = sealed === undefined ? null : keysSchema.parse(JSON.parse(seal.unseal(sealed)));
  let making: Promise<PushKeys> | null = null;
  const secret = kept.get('token-secret');
  const tokenSecret =
    secret === undefined ? randomBytes(secretBytes) : Buffer.from(seal.unseal(secret), 'base64');
  if (secret === undefined)
    await store.saveDocument(documents, 'token-secret', seal.seal(tokenSecret.toString('base64')));

  async function make(): Promise<PushKeys> {
    const keys = await makeKeys();
    await store.saveDocument(documents, 'keys', seal.seal(JSON.stringify(keys)));
    known = keys;
    return keys;
  }

  return {
    tokenSecret,
    known: () => known,
    async get() {
      if (known !== null) return known;
      making ??= make().finally(() => {
        making = null;
      });
      return await making;
    },
  };
}

const generate = promisify(generateKeyPair);
const spki = { type: 'spki', format: 'pem' } as const;
const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;

export interface KeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Of a kind that APNs takes. */
export async function newSigningKey(): Promise<KeyPair> {
  return await generate('ec', { namedCurve: 'P-256', publicKeyEncoding: spki, privateKeyEncoding: pkcs8 });
}

/** Of the kind that Google's service accounts have. */
export async function newAccountKey(): Promise<KeyPair> {
  return await generate('rsa', {
    modulusLength: rsaBits,
    publicKeyEncoding: spki,
    privateKeyEncoding: pkcs8,
  });
}

async function makeKeys(): Promise<PushKeys> {
  const [ec, rsa] = await Promise.all([newSigningKey(), newAccountKey()]);
  const pair = createECDH('prime256v1');
  pair.generateKeys();
  return {
    apns: { kid: newAppleId(), teamId: newAppleId(), ...ec },
    fcm: { clientEmail: `sandbox@${projectId}.iam.gserviceaccount.com`, projectId, ...rsa },
    vapid: {
      publicKey: pair.getPublicKey('base64url'),
      privateKey: pair.getPrivateKey('base64url'),
      subject: 'mailto:hello@sandpost.example',
    },
  };
}

/** As those of keys and teams look. */
export function newAppleId(): string {
  return Array.from({ length: idChars }, () => idLetters[randomInt(idLetters.length)] ?? 'A').join('');
}
