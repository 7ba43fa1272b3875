/**
 * The data folder: where it is by default, and that only one Sandpost holds it. The lock is a transaction on a small
 * database of its own, which the system lets go of the moment the process ends, however it ends.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import envPaths from 'env-paths';
import { z } from 'zod';
import { AppError, codeOf, messageOf } from '../model/app-error.ts';

export const coreFileSchema = z.object({
  pid: z.int(),
  url: z.string(),
  version: z.string(),
  token: z.string().nullable(),
  ports: z.record(z.string(), z.int()).default({}),
});
export type CoreFile = z.infer<typeof coreFileSchema>;

export interface DataFolder {
  readonly path: string;
  readonly databaseFile: string;
  /** Tells other programs how to reach this core; readable by this user only. */
  announce(core: CoreFile): void;
  release(): void;
}

export function defaultDataFolder(): string {
  return envPaths('sandpost', { suffix: '' }).data;
}

/** @throws AppError `data_folder_held` when another Sandpost has it, `data_folder_unusable` */
export function holdDataFolder(path: string): DataFolder {
  const lock = openLock(path);
  const coreFile = join(path, 'core.json');
  return {
    path,
    databaseFile: join(path, databaseName),
    announce(core) {
      writeFileSync(coreFile, `${JSON.stringify(core)}\n`, { mode: 0o600 });
    },
    release() {
      rmSync(coreFile, { force: true });
      lock.close();
    },
  };
}

/** What `core.json` in the folder says, or null. The process it names may be gone. */
export function readCoreFile(path: string): CoreFile | null {
  try {
    return coreFileSchema.parse(JSON.parse(readFileSync(join(path, 'core.json'), 'utf8')));
  } catch {
    // Not there, or being written: the same as not knowing.
    return null;
  }
}

const databaseName = 'sandpost.db';
const ownerOnly = 0o600;

/**
 * A database is for its owner alone, also in a folder that others may look into. Files that SQLite puts beside it get the
 * mode of the database (SQLite, "Temporary Files Used By SQLite"); those of an older version are mended.
 */
function keepToOwner(databaseFile: string): void {
  // One that is there is not opened: closing it would let go of the locks that this process has on it (POSIX fcntl).
  if (!existsSync(databaseFile)) closeSync(openSync(databaseFile, 'ax', ownerOnly));
  for (const beside of ['', '-wal', '-shm', '-journal'])
    try {
      chmodSync(`${databaseFile}${beside}`, ownerOnly);
    } catch {
      // Not there, or on a file system without modes, or another's: what is there is used as it is.
    }
}

function openLock(path: string): Database.Database {
  let lock: Database.Database;
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const lockFile = join(path, 'lock.db');
    for (const file of [lockFile, join(path, databaseName)]) keepToOwner(file);
    lock = new Database(lockFile, { timeout: 0 });
  } catch (error) {
    throw new AppError(
      'data_folder_unusable',
      `the data folder ${path} cannot be used: ${messageOf(error)}; choose another with --data`,
      { cause: error },
    );
  }
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (codeOf(error) !== 'SQLITE_BUSY') {
      throw new AppError(
        'data_folder_unusable',
        `the data folder ${path} cannot be locked: ${messageOf(error)}`,
        { cause: error },
      );
    }
    const holder = readCoreFile(path);
    const who = holder === null ? '' : ` (process ${holder.pid}, at ${holder.url})`;
    throw new AppError(
      'data_folder_held',
      `another Sandpost holds the data folder ${path}${who}; use that one, stop it, or choose another folder with --data`,
      { cause: error },
    );
  }
}
