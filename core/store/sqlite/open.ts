/** Opens the database file for the writer or for a reader, with the settings that the promises rest on. */
import Database from 'better-sqlite3';
import { migrations } from './migrations.ts';

export type Connection = Database.Database;
export type Statement<Parameters extends unknown[]> = Database.Statement<Parameters>;

/** What a commit waits for. `off` exists for the benchmark and for the test that must fail with it. */
export type Durability = 'full' | 'off';

const busyMsMax = 5000;
const pageBytes = 8192;
/** The WAL is cut back to this size when it starts over; what it keeps is written over, which is quicker than growing. */
const walKeptBytes = 64 * 1024 * 1024;

export function openWriter(file: string, durability: Durability): Connection {
  const db = new Database(file);
  db.pragma(`busy_timeout = ${busyMsMax}`);
  db.pragma(`page_size = ${pageBytes}`);
  db.pragma('journal_mode = WAL');
  // SQLite syncs the WAL at every commit only with FULL; on macOS a plain fsync does not reach the platter.
  db.pragma(`synchronous = ${durability === 'full' ? 'FULL' : 'OFF'}`);
  db.pragma('fullfsync = ON');
  db.pragma('checkpoint_fullfsync = ON');
  // Checkpoints are made when the writer has nothing to do, or when the WAL has grown; never inside a commit.
  db.pragma('wal_autocheckpoint = 0');
  db.pragma(`journal_size_limit = ${walKeptBytes}`);
  db.pragma('cache_size = -16384');
  db.pragma('temp_store = MEMORY');
  migrate(db);
  return db;
}

export function openReader(file: string): Connection {
  const db = new Database(file, { readonly: true });
  db.pragma(`busy_timeout = ${busyMsMax}`);
  db.pragma('cache_size = -8192');
  db.pragma('query_only = ON');
  return db;
}

function migrate(db: Connection): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  const newest = migrations.at(-1)?.version ?? 0;
  if (version > newest) {
    throw new Error(
      `the data folder was written by a newer Sandpost (database version ${version}, this one knows ${newest}); ` +
        'use that version, or another folder with --data',
    );
  }
  for (const step of migrations) {
    if (step.version <= version) continue;
    db.transaction(() => {
      db.exec(step.sql);
      db.pragma(`user_version = ${step.version}`);
    })();
  }
}
