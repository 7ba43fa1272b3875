/**
 * Where what opens the real providers is kept: never the database. The desktop app brings the keychain of the system;
 * without it there is a file beside the database that this user alone can read. The environment goes before both.
 */
import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
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
 * A field's words are parted by `_`: `privateKey` is `PRIVATE_KEY`. Where a variable cannot have a line break, a key in PEM
 * has `\n` for each.
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
          ? [[fieldOf(variable.slice(prefix.length)), withLineBreaks(value)]]
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

function withLineBreaks(value: string): string {
  return value.includes('-----BEGIN') ? value.replaceAll(/(?:\\r)?\\n/g, '\n') : value;
}

/** Two names that come out the same are one to the environment. */
export function variablePart(name: string): string {
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
      // What a stop in the middle left there may have another mode, and keeps it when it is written over.
      rmSync(beside, { force: true });
      const text = `${JSON.stringify(Object.fromEntries(next))}\n`;
      writeFileSync(beside, text, { mode: 0o600, flag: 'wx', flush: true });
      renameSync(beside, file);
      syncFolder(folder);
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

/** The name is on disk only then. */
function syncFolder(folder: string): void {
  // Windows opens no folder; a rename is on disk there when it is done.
  if (process.platform === 'win32') return;
  const opened = openSync(folder, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}

const fileSchema = z.record(z.string(), z.record(z.string(), z.string()));

function read(file: string): ReadonlyMap<string, Credential> {
  try {
    // Before it is read: somebody may have copied it without its mode.
    chmodSync(file, 0o600);
    return new Map(Object.entries(parse(readFileSync(file, 'utf8'))));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return new Map();
    throw new AppError(
      'data_folder_unusable',
      `${file} cannot be read: ${messageOf(error)}. Mend it, or delete it and give the credentials anew.`,
    );
  }
}

/** What is wrong is said without what is written there: an error of JSON.parse quotes it. */
function parse(text: string): z.infer<typeof fileSchema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('it is no JSON');
  }
  const parsed = fileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${issue?.path.join('.') || 'it'} is not as it has to be: {"relay": {"field": "text"}}`);
}
