/**
 * Where what opens the real providers is kept: never the database. The desktop app brings the keychain of the system;
 * without it there is a file beside the database that this user alone can read. The environment goes before both.
 */
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, codeOf, messageOf } from '../model/app-error.ts';

/** Field → value: `password`, `privateKey`, `accessToken` … */
export type Credential = Readonly<Record<string, string>>;

export interface CredentialVault {
  /** What of the machine keeps them. */
  readonly kind: 'keychain' | 'file';
  /** @returns null when nothing is kept by that name */
  get(name: string): Promise<Credential | null>;
  /** Replaces what was kept. Settles when it is on disk. */
  put(name: string, credential: Credential): Promise<void>;
  remove(name: string): Promise<void>;
}

export interface Credentials {
  readonly kind: CredentialVault['kind'];
  /** Fields of the environment first, then what is kept. */
  get(name: string): Promise<Credential>;
  /** Which fields there are, and where they come from; never their values. */
  known(name: string): Promise<Readonly<Record<string, 'environment' | CredentialVault['kind']>>>;
  /** What is kept, without the environment. */
  kept(name: string): Promise<Credential | null>;
  put(name: string, credential: Credential): Promise<void>;
  remove(name: string): Promise<void>;
}

const fileName = 'credentials.json';
const environmentPrefix = 'SANDPOST_RELAY_';

/**
 * `SANDPOST_RELAY_<NAME>_<FIELD>`: of a relay named `main` the password is `SANDPOST_RELAY_MAIN_PASSWORD`.
 * A field's words are parted by `_`: `privateKey` is `PRIVATE_KEY`.
 */
export function openCredentials(
  vault: CredentialVault,
  environment: Readonly<Record<string, string | undefined>>,
): Credentials {
  function fromEnvironment(name: string): Credential {
    const prefix = `${environmentPrefix}${variablePart(name)}_`;
    return Object.fromEntries(
      Object.entries(environment).flatMap(([variable, value]) =>
        variable.startsWith(prefix) && value !== undefined && value !== ''
          ? [[fieldOf(variable.slice(prefix.length)), value]]
          : [],
      ),
    );
  }
  return {
    kind: vault.kind,
    async get(name) {
      return { ...(await vault.get(name)), ...fromEnvironment(name) };
    },
    async known(name) {
      const kept = Object.keys((await vault.get(name)) ?? {}).map((field) => [field, vault.kind] as const);
      const given = Object.keys(fromEnvironment(name)).map((field) => [field, 'environment'] as const);
      return Object.fromEntries([...kept, ...given]);
    },
    kept: (name) => vault.get(name),
    put: (name, credential) => vault.put(name, credential),
    remove: (name) => vault.remove(name),
  };
}

function variablePart(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
}

function fieldOf(variable: string): string {
  return variable.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** In `credentials.json` of the data folder, mode 0600. @throws AppError `data_folder_unusable` */
export function openFileVault(folder: string): CredentialVault {
  const file = join(folder, fileName);
  let kept = read(file);

  function write(next: ReadonlyMap<string, Credential>): void {
    const beside = `${file}.new`;
    try {
      writeFileSync(beside, `${JSON.stringify(Object.fromEntries(next))}\n`, { mode: 0o600, flush: true });
      renameSync(beside, file);
    } catch (error) {
      throw new AppError('store_failed', `${file} cannot be written: ${messageOf(error)}`, { cause: error });
    }
    kept = next;
  }

  return {
    kind: 'file',
    get: (name) => Promise.resolve(kept.get(name) ?? null),
    async put(name, credential) {
      write(new Map([...kept, [name, credential]]));
    },
    async remove(name) {
      if (kept.has(name)) write(new Map([...kept].filter(([one]) => one !== name)));
    },
  };
}

function read(file: string): ReadonlyMap<string, Credential> {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    // Somebody may have copied it without its mode.
    chmodSync(file, 0o600);
    if (typeof parsed !== 'object' || parsed === null) throw new Error('it is no object');
    return new Map(
      Object.entries(parsed).map(([name, fields]: [string, unknown]) => [name, credentialOf(fields)]),
    );
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return new Map();
    throw new AppError(
      'data_folder_unusable',
      `${file} cannot be read: ${messageOf(error)}. Mend it, or delete it and give the credentials anew.`,
      { cause: error },
    );
  }
}

function credentialOf(fields: unknown): Credential {
  if (typeof fields !== 'object' || fields === null) throw new Error('a credential is no object');
  return Object.fromEntries(
    Object.entries(fields).map(([field, value]: [string, unknown]) => {
      if (typeof value !== 'string') throw new Error(`the field ${field} is no text`);
      return [field, value];
    }),
  );
}
