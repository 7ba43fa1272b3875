/**
 * The database's shape, step by step. A step that has landed is never edited; a change is a new step.
 *
 * What grows on every message is only ever added to at its end (seq order), so that a commit touches few pages:
 * what reading a message finds goes into `summaries`, not into the message's own row, which would have to move.
 * Every index that a new message does not have to touch is a page less to sync: its `accepted` event is found by
 * `messages.event`, unread ones are counted by project.
 * Numbers are given by the writer, never by AUTOINCREMENT, which writes a second table on every insert.
 */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}

export const migrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
      CREATE TABLE projects (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, fixed INTEGER NOT NULL DEFAULT 0,
        messages INTEGER NOT NULL DEFAULT 0, unread INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
        last_message_at INTEGER, retention TEXT NOT NULL DEFAULT '{}'
      );
      INSERT INTO projects (id, name, fixed) VALUES (1, 'main', 1);
      CREATE TABLE messages (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, project INTEGER NOT NULL,
        channel TEXT NOT NULL, door TEXT NOT NULL, user TEXT, envelope_from TEXT NOT NULL, envelope_to TEXT NOT NULL,
        envelope_parameters TEXT, received_at INTEGER NOT NULL, bytes INTEGER NOT NULL, raw TEXT NOT NULL,
        exchange INTEGER, event INTEGER NOT NULL, read INTEGER NOT NULL DEFAULT 0, tags TEXT NOT NULL DEFAULT '[]'
      );
      CREATE INDEX messages_by_project ON messages (project, seq);
      CREATE INDEX messages_tagged ON messages (seq) WHERE tags <> '[]';
      CREATE TABLE raw (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
      CREATE TABLE spool (raw INTEGER PRIMARY KEY);
      CREATE TABLE summaries (
        seq INTEGER PRIMARY KEY, subject TEXT NOT NULL, sender TEXT, recipients TEXT NOT NULL, cc TEXT NOT NULL,
        bcc TEXT NOT NULL, reply_to TEXT NOT NULL, message_id TEXT, date_at INTEGER, snippet TEXT NOT NULL,
        attachments TEXT NOT NULL, problems TEXT NOT NULL
      );
      CREATE INDEX summaries_with_attachment ON summaries (seq) WHERE attachments <> '[]';
      CREATE VIRTUAL TABLE search USING fts5 (
        subject, sender, recipients, cc, bcc, attachments, message_id, body,
        content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
      );
      CREATE TABLE events (
        seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, type TEXT NOT NULL, message INTEGER, message_id TEXT, exchange_id TEXT, project TEXT, data TEXT NOT NULL
      );
      CREATE INDEX events_by_message ON events (message) WHERE message IS NOT NULL AND type <> 'accepted';
      CREATE TABLE exchanges (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, door TEXT NOT NULL, kind TEXT NOT NULL,
        started_at INTEGER NOT NULL, ended_at INTEGER, outcome TEXT NOT NULL, reason TEXT, remote_address TEXT NOT NULL,
        remote_port INTEGER NOT NULL, client_name TEXT, user TEXT, tls TEXT, messages INTEGER NOT NULL DEFAULT 0,
        refusals INTEGER NOT NULL DEFAULT 0, bytes_in INTEGER NOT NULL DEFAULT 0, bytes_out INTEGER NOT NULL DEFAULT 0,
        first_transcript INTEGER, last_transcript INTEGER
      );
      CREATE TABLE transcripts (
        id INTEGER PRIMARY KEY, exchange INTEGER NOT NULL, previous INTEGER, message INTEGER, text TEXT NOT NULL
      );
      CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    `,
  },
];
