/**
 * Message encryption for Web Push: RFC 8291 over aes128gcm (RFC 8188), and the draft before it, aesgcm
 * (draft-ietf-webpush-encryption-04), which older libraries still send. Pure: keys and salts come in as arguments.
 */
import { createCipheriv, createDecipheriv, createECDH, hkdfSync } from 'node:crypto';

/** Whose message it is to read. Raw keys: 32 bytes, 65 bytes (an uncompressed point), 16 bytes. */
export interface ReceiverKeys {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly auth: Uint8Array;
}

export type Decrypted =
  | { readonly ok: true; readonly plain: Buffer }
  /** What a browser would find wrong; it says so to nobody and drops the message. */
  | { readonly ok: false; readonly why: string };

export const curve = 'prime256v1';
const saltBytes = 16;
const tagBytes = 16;
const publicKeyBytes = 65;
/** RFC 8188 §2.1: salt, record size, length of the key id. */
const fixedHeaderBytes = saltBytes + 4 + 1;
/** RFC 8188 §2.1: a record holds at least its delimiter and its tag, and one byte of content. */
const recordBytesMin = tagBytes + 2;
const recordBytes = 4096;

/** @param body salt, record size, the sender's public key, then the one record (RFC 8291 §4) */
export function decryptAes128gcm(body: Uint8Array, keys: ReceiverKeys): Decrypted {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const idBytes = bytes[fixedHeaderBytes - 1];
  if (idBytes === undefined)
    return failed('the body is shorter than the header of aes128gcm (RFC 8188 §2.1)');
  if (idBytes !== publicKeyBytes)
    return failed(
      `the key id is ${idBytes} bytes long; it is to be the sender's public key of 65 (RFC 8291 §4)`,
    );
  const salt = bytes.subarray(0, saltBytes);
  const size = bytes.readUInt32BE(saltBytes);
  const sender = bytes.subarray(fixedHeaderBytes, fixedHeaderBytes + publicKeyBytes);
  const record = bytes.subarray(fixedHeaderBytes + publicKeyBytes);
  if (size < recordBytesMin) return failed(`a record size of ${size} is too small (RFC 8188 §2.1)`);
  if (record.length > size)
    return failed(`the body has more than one record of ${size} bytes; a push has one (RFC 8291 §4)`);
  const secret = sharedSecret(keys, sender);
  if (secret === null) return failed("the sender's public key is no point of P-256");
  const opened = open(record, contentKeys(secret, keys, sender, salt));
  if (opened === null) return failed(notForThisOne);
  return unpadded(opened);
}

export interface Aes128gcmSecrets {
  /** Random, 16 bytes; never twice with the same key. */
  readonly salt: Uint8Array;
  /** Private half of a key pair that is used once, raw. */
  readonly privateKey: Uint8Array;
}

/** @param receiver of the subscription, raw; @returns the body to post */
export function encryptAes128gcm(
  plain: Uint8Array,
  receiver: Pick<ReceiverKeys, 'publicKey' | 'auth'>,
  { salt, privateKey }: Aes128gcmSecrets,
): Buffer {
  const pair = createECDH(curve);
  pair.setPrivateKey(Buffer.from(privateKey));
  const sender = pair.getPublicKey();
  const secret = pair.computeSecret(Buffer.from(receiver.publicKey));
  const { key, nonce } = contentKeys(secret, receiver, sender, salt);
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  const header = Buffer.alloc(5);
  header.writeUInt32BE(recordBytes);
  header[4] = sender.length;
  return Buffer.concat([
    salt,
    header,
    sender,
    cipher.update(plain),
    cipher.update(Buffer.of(lastRecord)),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
}

/** A new key pair and salt for one message. */
export function drawSecrets(random: (bytes: number) => Buffer): Aes128gcmSecrets {
  const pair = createECDH(curve);
  pair.generateKeys();
  return { salt: random(saltBytes), privateKey: pair.getPrivateKey() };
}

/** The draft: `salt` of the field Encryption, `dh` of the field Crypto-Key, the record alone in the body. */
export function decryptAesgcm(
  body: Uint8Array,
  keys: ReceiverKeys,
  { salt, sender }: { readonly salt: Uint8Array; readonly sender: Uint8Array },
): Decrypted {
  if (salt.length !== saltBytes) return failed('the salt of the field Encryption is not 16 bytes long');
  if (sender.length !== publicKeyBytes) return failed('dh of the field Crypto-Key is not 65 bytes long');
  const secret = sharedSecret(keys, sender);
  if (secret === null) return failed('dh of the field Crypto-Key is no point of P-256');
  const context = Buffer.concat([
    Buffer.from('P-256\0'),
    lengthOf(keys.publicKey),
    keys.publicKey,
    lengthOf(sender),
    sender,
  ]);
  const ikm = hkdf(secret, keys.auth, Buffer.from('Content-Encoding: auth\0'), 32);
  const opened = open(Buffer.from(body.buffer, body.byteOffset, body.byteLength), {
    key: hkdf(ikm, salt, Buffer.concat([Buffer.from('Content-Encoding: aesgcm\0'), context]), 16),
    nonce: hkdf(ikm, salt, Buffer.concat([Buffer.from('Content-Encoding: nonce\0'), context]), 12),
  });
  if (opened === null) return failed(notForThisOne);
  if (opened.length < 2) return failed('the record has no padding length');
  const start = 2 + opened.readUInt16BE(0);
  return start > opened.length
    ? failed('the padding is longer than the record')
    : { ok: true, plain: opened.subarray(start) };
}

const notForThisOne =
  'it was not encrypted for this subscription: p256dh or auth is another one, or the body was altered';

/** Delimiter of the last record, RFC 8188 §2. */
const lastRecord = 2;

function unpadded(record: Buffer): Decrypted {
  let end = record.length - 1;
  while (end >= 0 && record[end] === 0) end--;
  return end >= 0 && record[end] === lastRecord
    ? { ok: true, plain: record.subarray(0, end) }
    : failed('the record does not end with the delimiter of the last one (RFC 8188 §2)');
}

interface ContentKeys {
  readonly key: Buffer;
  readonly nonce: Buffer;
}

/** RFC 8291 §3.4. */
function contentKeys(
  secret: Uint8Array,
  receiver: Pick<ReceiverKeys, 'publicKey' | 'auth'>,
  sender: Uint8Array,
  salt: Uint8Array,
): ContentKeys {
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), receiver.publicKey, sender]);
  const ikm = hkdf(secret, receiver.auth, info, 32);
  return {
    key: hkdf(ikm, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16),
    nonce: hkdf(ikm, salt, Buffer.from('Content-Encoding: nonce\0'), 12),
  };
}

function hkdf(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', ikm, salt, info, bytes));
}

function sharedSecret({ privateKey }: ReceiverKeys, sender: Uint8Array): Buffer | null {
  const own = createECDH(curve);
  own.setPrivateKey(Buffer.from(privateKey));
  try {
    return own.computeSecret(sender);
  } catch (error) {
    // A point that is not on the curve: the sender's fault, and no exception of ours.
    if (error instanceof Error) return null;
    throw error;
  }
}

function open(record: Buffer, { key, nonce }: ContentKeys): Buffer | null {
  if (record.length < tagBytes) return null;
  const decipher = createDecipheriv('aes-128-gcm', key, nonce);
  decipher.setAuthTag(record.subarray(-tagBytes));
  const plain = decipher.update(record.subarray(0, -tagBytes));
  try {
    return Buffer.concat([plain, decipher.final()]);
  } catch (error) {
    // The tag does not match.
    if (error instanceof Error) return null;
    throw error;
  }
}

function lengthOf(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return length;
}

function failed(why: string): Decrypted {
  return { ok: false, why };
}
