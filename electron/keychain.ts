/**
 * Credentials of relays, sealed by the keychain of the system: what is on the disk opens for this person on this machine
 * alone. `credentials.json` of the app's own folder holds base64 of `safeStorage.encryptString`, by data folder and name.
 */
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Credential, VaultPort } from './core-host/vault-port.ts';
import { readJson, writeJson } from './json-file.ts';

/** The part of Electron's `safeStorage` that is used. */
export interface SafeStorage {
  isEncryptionAvailable(): boolean;
  encryptString(plain: string): Buffer;
  decryptString(sealed: Buffer): string;
  /** Newer Electrons on Linux only. */
  getSelectedStorageBackend?(): string;
}

const fileSchema = z.record(z.string(), z.record(z.string(), z.string()));
const credentialSchema = z.record(z.string(), z.string());

/** On Linux `basic_text` is no keychain: its key is a word that stands in Chromium's source. */
export function keychainUsable(storage: SafeStorage, platform: string): boolean {
  if (!storage.isEncryptionAvailable()) return false;
  return platform !== 'linux' || storage.getSelectedStorageBackend?.() !== 'basic_text';
}

/** Reads the file anew for each question: credentials are asked for seldom. */
export function openKeychain(storage: SafeStorage, file: string): VaultPort {
  const kept = () => {
    const parsed = fileSchema.safeParse(readJson(file) ?? {});
    if (!parsed.success) {
      throw new Error(`${file} is not as it was written. Delete it, and give the credentials anew.`);
    }
    return parsed.data;
  };
  return {
    get(folder, name) {
      const names = kept()[resolve(folder)] ?? {};
      // A name may be one that every object has something by.
      const sealed = Object.hasOwn(names, name) ? names[name] : undefined;
      return sealed === undefined ? null : opened(storage, name, sealed);
    },
    put(folder, name, credential) {
      const all = kept();
      const key = resolve(folder);
      const sealed = storage.encryptString(JSON.stringify(credential)).toString('base64');
      writeJson(file, { ...all, [key]: { ...all[key], [name]: sealed } });
    },
    remove(folder, name) {
      const all = kept();
      const key = resolve(folder);
      const rest = Object.fromEntries(Object.entries(all[key] ?? {}).filter(([one]) => one !== name));
      writeJson(file, { ...all, [key]: rest });
    },
  };
}

function opened(storage: SafeStorage, name: string, sealed: string): Credential {
  try {
    return credentialSchema.parse(JSON.parse(storage.decryptString(Buffer.from(sealed, 'base64'))));
  } catch (cause) {
    throw new Error(`The keychain does not open the credential “${name}”. Give it anew.`, { cause });
  }
}
