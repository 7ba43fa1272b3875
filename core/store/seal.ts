/**
 * What must be kept and must not be read from the database file alone: signing keys, secrets of webhooks. AES-256-GCM
 * (NIST SP 800-38D) with a key that stands beside the database, readable by this user only.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, codeOf, messageOf } from '../model/app-error.ts';

export interface Seal {
  seal(text: string): string;
  /** @throws AppError `data_folder_unusable` when the key is another one */
  unseal(sealed: string): string;
}

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const prefix = 'v1:';

/** @throws AppError `data_folder_unusable` */
export function openSeal(folder: string): Seal {
  const file = join(folder, 'secret.key');
  const key = readKey(file) ?? makeKey(file);
  return {
    seal(text) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return prefix + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
    },
    unseal(sealed) {
      try {
        if (!sealed.startsWith(prefix)) throw new Error('it was not sealed by this version');
        const bytes = Buffer.from(sealed.slice(prefix.length), 'base64');
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes));
        decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
        return (
          decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
        );
      } catch (error) {
        throw new AppError(
          'data_folder_unusable',
          `a kept secret cannot be read: ${messageOf(error)}; ${file} must be the one that the data folder was made with`,
          { cause: error },
        );
      }
    },
  };
}

function readKey(file: string): Buffer | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw new AppError('data_folder_unusable', `${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== keyBytes)
    throw new AppError(
      'data_folder_unusable',
      `${file} holds no key; restore it, or take another data folder`,
    );
  return key;
}

function makeKey(file: string): Buffer {
  const key = randomBytes(keyBytes);
  writeFileSync(file, `${key.toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  return key;
}
