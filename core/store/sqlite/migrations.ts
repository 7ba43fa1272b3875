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
  {
    /*
     * Deliveries and what the far side keeps. A delivery stands in `deliveries_due` only while it waits for a time: claiming
     * takes it out, so that the cost of a claim does not grow with what is held, suspended or done.
     */
    version: 2,
    sql: `
      ALTER TABLE messages ADD COLUMN details TEXT;
      ALTER TABLE events ADD COLUMN delivery_id TEXT;
      ALTER TABLE events ADD COLUMN virtual_at INTEGER;
      CREATE TABLE deliveries (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, carriage TEXT NOT NULL, message INTEGER, project INTEGER NOT NULL,
        recipient TEXT NOT NULL, domain TEXT NOT NULL, provider TEXT, stream TEXT NOT NULL, parameters TEXT,
        status TEXT NOT NULL, substatus TEXT, class TEXT, reason TEXT, attempts INTEGER NOT NULL DEFAULT 0,
        created_at INTEGER NOT NULL, due_at INTEGER, waits_for TEXT, expires_at INTEGER NOT NULL, remaining INTEGER,
        ended_at INTEGER, placement TEXT, retry_of TEXT, lease INTEGER, leased_due INTEGER, asked TEXT
      );
      CREATE INDEX deliveries_by_message ON deliveries (message);
      CREATE INDEX deliveries_due ON deliveries (due_at, seq) WHERE due_at IS NOT NULL;
      CREATE INDEX deliveries_leased ON deliveries (lease) WHERE lease IS NOT NULL;
      CREATE INDEX deliveries_queued ON deliveries (domain, seq) WHERE status = 'queued';
      CREATE TABLE attempts (
        delivery INTEGER NOT NULL, number INTEGER NOT NULL, started_at INTEGER NOT NULL, started_at_wall INTEGER NOT NULL,
        duration REAL NOT NULL, outcome TEXT NOT NULL, next_hop TEXT, code INTEGER, enhanced TEXT, text TEXT NOT NULL,
        class TEXT, evidence INTEGER, PRIMARY KEY (delivery, number)
      ) WITHOUT ROWID;
      CREATE TABLE evidence (id INTEGER PRIMARY KEY, value TEXT NOT NULL);
      CREATE TABLE copies (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, provider TEXT NOT NULL, mailbox TEXT NOT NULL, delivery INTEGER,
        delivery_id TEXT, message INTEGER, message_id TEXT NOT NULL, received_at INTEGER NOT NULL, placement TEXT NOT NULL,
        envelope_from TEXT NOT NULL, report INTEGER NOT NULL, raw INTEGER NOT NULL, head_only INTEGER NOT NULL,
        flags TEXT NOT NULL DEFAULT '{}'
      );
      CREATE INDEX copies_by_mailbox ON copies (mailbox, seq);
      CREATE INDEX copies_by_message ON copies (message, delivery);
      CREATE TABLE mailboxes (
        address TEXT PRIMARY KEY, provider TEXT NOT NULL, inbox INTEGER NOT NULL DEFAULT 0, promotions INTEGER NOT NULL DEFAULT 0,
        updates INTEGER NOT NULL DEFAULT 0, spam INTEGER NOT NULL DEFAULT 0, unseen INTEGER NOT NULL DEFAULT 0, last_at INTEGER
      ) WITHOUT ROWID;
      CREATE TABLE suppressions (
        seq INTEGER PRIMARY KEY, address TEXT NOT NULL, scope TEXT NOT NULL, reason TEXT NOT NULL, source TEXT NOT NULL,
        class TEXT, detail TEXT, delivery_id TEXT, created_at INTEGER NOT NULL, expires_at INTEGER, UNIQUE (address, scope)
      );
      CREATE TABLE soft_bounces (
        address TEXT NOT NULL, scope TEXT NOT NULL, run INTEGER NOT NULL, last_at INTEGER NOT NULL, PRIMARY KEY (address, scope)
      ) WITHOUT ROWID;
      CREATE TABLE acts (seq INTEGER PRIMARY KEY, due_at INTEGER NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL);
      CREATE INDEX acts_due ON acts (due_at, seq);
      CREATE TABLE documents (kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID;
      CREATE TABLE idempotency (
        key TEXT PRIMARY KEY, hash TEXT NOT NULL, answer TEXT NOT NULL, created_at INTEGER NOT NULL
      ) WITHOUT ROWID;
      CREATE INDEX idempotency_by_age ON idempotency (created_at);
    `,
  },
  {
    /*
     * An act says which delivery waits for it, so that retention leaves its message alone. `taken_run`: the run of soft
     * bounces that a provider's yes ended, for as long as it is not known that the message got into a mailbox. In
     * `leased_due` of a held delivery stands when it is to be sent, where that is later than its release may be. Calls of webhooks have
     * no message that they would go with: those that ended are found by `calls_ended`.
     */
    version: 3,
    sql: `
      ALTER TABLE acts ADD COLUMN delivery_id TEXT;
      UPDATE acts SET delivery_id = json_extract(data, '$.copy.deliveryId') WHERE kind IN ('place', 'out_of_band_bounce');
      CREATE INDEX acts_by_delivery ON acts (delivery_id) WHERE delivery_id IS NOT NULL;
      CREATE INDEX calls_ended ON deliveries (ended_at, seq) WHERE message IS NULL AND ended_at IS NOT NULL;
      ALTER TABLE soft_bounces ADD COLUMN taken_run INTEGER NOT NULL DEFAULT 0;
    `,
  },
  {
    /*
     * Holds that say since when and what for. `held_by` is a rule's id, or a magic address's tag with its plus sign;
     * `released_from` is the one that let go last, and is not to hold it again. `mail_from` is the delivery's own where its
     * envelope was edited, `edited` what stood there before. An act without a due time waits for the release of its
     * delivery; `held_due` is when it was due before that was held. In `waits_for` stands `schedule` now for what is to be
     * sent later.
     */
    version: 4,
    sql: `
      ALTER TABLE deliveries ADD COLUMN held_at INTEGER;
      ALTER TABLE deliveries ADD COLUMN held_by TEXT;
      ALTER TABLE deliveries ADD COLUMN held_label TEXT;
      ALTER TABLE deliveries ADD COLUMN released_at INTEGER;
      ALTER TABLE deliveries ADD COLUMN released_from TEXT;
      ALTER TABLE deliveries ADD COLUMN mail_from TEXT;
      ALTER TABLE deliveries ADD COLUMN edited TEXT;
      CREATE INDEX deliveries_held ON deliveries (seq) WHERE substatus = 'held';
      UPDATE deliveries SET waits_for = 'schedule'
        WHERE status = 'queued' AND substatus IS NULL AND waits_for IS NULL AND due_at > created_at;
      UPDATE deliveries SET held_at = (SELECT max(e.virtual_at) FROM events e
          WHERE e.message = deliveries.message AND e.delivery_id = deliveries.id AND e.type = 'held')
        WHERE substatus = 'held' AND message IS NOT NULL;
      UPDATE deliveries SET held_at = created_at WHERE substatus = 'held' AND held_at IS NULL;
      CREATE TABLE acts_waiting (
        seq INTEGER PRIMARY KEY, due_at INTEGER, kind TEXT NOT NULL, data TEXT NOT NULL, delivery_id TEXT, held_due INTEGER,
        CHECK (due_at IS NOT NULL OR delivery_id IS NOT NULL)
      );
      INSERT INTO acts_waiting (seq, due_at, kind, data, delivery_id) SELECT seq, due_at, kind, data, delivery_id FROM acts;
      DROP TABLE acts;
      ALTER TABLE acts_waiting RENAME TO acts;
      CREATE INDEX acts_due ON acts (due_at, seq) WHERE due_at IS NOT NULL;
      CREATE INDEX acts_by_delivery ON acts (delivery_id) WHERE delivery_id IS NOT NULL;
      CREATE TABLE rule_hits (
        seq INTEGER PRIMARY KEY, rule TEXT NOT NULL, label TEXT NOT NULL, virtual_at INTEGER NOT NULL, at INTEGER NOT NULL,
        stage TEXT NOT NULL, point TEXT NOT NULL, action TEXT NOT NULL, recipient TEXT, sender TEXT, message_id TEXT,
        delivery_id TEXT, exchange_id TEXT
      );
      CREATE INDEX rule_hits_by_rule ON rule_hits (rule, seq);
      CREATE INDEX rule_hits_by_message ON rule_hits (message_id, seq) WHERE message_id IS NOT NULL;
      CREATE INDEX rule_hits_by_delivery ON rule_hits (delivery_id, seq) WHERE delivery_id IS NOT NULL;
      CREATE TABLE rule_counters (
        rule TEXT PRIMARY KEY, matches INTEGER NOT NULL, hits INTEGER NOT NULL, last_at INTEGER
      ) WITHOUT ROWID;
    `,
  },
  {
    /* What was pushed to devices: what waits for them, what they show. Devices themselves are documents. */
    version: 5,
    sql: `
      CREATE TABLE pushes (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, phone TEXT NOT NULL, app TEXT NOT NULL, provider TEXT NOT NULL,
        message INTEGER, message_id TEXT NOT NULL, delivery_id TEXT, state TEXT NOT NULL, shown INTEGER NOT NULL, reason TEXT,
        collapse_key TEXT, priority TEXT, received_at INTEGER NOT NULL, expires_at INTEGER, delivered_at INTEGER,
        content TEXT NOT NULL, flags TEXT NOT NULL DEFAULT '{}'
      );
      CREATE INDEX pushes_by_phone ON pushes (phone, seq);
      CREATE INDEX pushes_by_message ON pushes (message, delivery_id);
      CREATE INDEX pushes_stored ON pushes (seq) WHERE state = 'stored';
    `,
  },
  {
    /*
     * SMS: one row a message and handset, answers of handsets among them. Calls to the app (`callback` of a provider, `webhook`)
     * have indexes of their own: thousands of them that wait must not stand in the way of a claim.
     */
    version: 6,
    sql: `
      ALTER TABLE deliveries ADD COLUMN about TEXT;
      CREATE INDEX deliveries_about ON deliveries (about) WHERE about IS NOT NULL;
      DROP INDEX deliveries_due;
      CREATE INDEX deliveries_due ON deliveries (due_at, seq)
        WHERE due_at IS NOT NULL AND carriage NOT IN ('callback', 'webhook');
      CREATE INDEX calls_due ON deliveries (due_at, seq)
        WHERE due_at IS NOT NULL AND carriage IN ('callback', 'webhook');
      CREATE INDEX calls_due_at_host ON deliveries (domain, due_at, seq)
        WHERE due_at IS NOT NULL AND carriage IN ('callback', 'webhook');
      CREATE TABLE smses (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, provider TEXT NOT NULL, account TEXT NOT NULL,
        provider_id TEXT NOT NULL, batch_id TEXT, direction TEXT NOT NULL, number TEXT NOT NULL, sender TEXT NOT NULL,
        service TEXT, message INTEGER, message_id TEXT, delivery_id TEXT, own INTEGER NOT NULL, state TEXT NOT NULL,
        text TEXT NOT NULL, media TEXT NOT NULL, encoding TEXT NOT NULL, parts INTEGER NOT NULL, price TEXT,
        received_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, steps TEXT NOT NULL, record TEXT NOT NULL
      );
      CREATE INDEX smses_by_provider_id ON smses (provider_id, provider);
      CREATE INDEX smses_by_batch ON smses (batch_id) WHERE batch_id IS NOT NULL;
      CREATE INDEX smses_by_number ON smses (number, seq);
      CREATE INDEX smses_by_message ON smses (message, delivery_id) WHERE message IS NOT NULL;
      CREATE INDEX smses_of_nobody ON smses (seq) WHERE message IS NULL;
      CREATE INDEX smses_waiting ON smses (seq) WHERE state IN ('scheduled', 'accepted', 'sent', 'held');
    `,
  },
  {
    /*
     * In-app messages: one row a message and user. Users of the app and what they did, for segments. What a send over several
     * channels led to names it (`part_of`). A delivery says when it came to where it is, by either clock, so that counts over
     * time need no events, which go in time; those of before are gone through once for all deliveries together, for to look
     * them up for each takes hours of a large store. What providers reported stands word for word in `reports`. Calls have no
     * message that their events are found by.
     */
    version: 7,
    sql: `
      ALTER TABLE messages ADD COLUMN part_of TEXT;
      ALTER TABLE messages ADD COLUMN template TEXT;
      ALTER TABLE messages ADD COLUMN topic TEXT;
      ALTER TABLE deliveries ADD COLUMN user_id TEXT;
      ALTER TABLE deliveries ADD COLUMN created_wall INTEGER;
      ALTER TABLE deliveries ADD COLUMN sent_at INTEGER;
      ALTER TABLE deliveries ADD COLUMN sent_wall INTEGER;
      ALTER TABLE deliveries ADD COLUMN ended_wall INTEGER;
      ALTER TABLE deliveries ADD COLUMN opened_at INTEGER;
      ALTER TABLE deliveries ADD COLUMN opened_wall INTEGER;
      ALTER TABLE deliveries ADD COLUMN clicked_at INTEGER;
      ALTER TABLE deliveries ADD COLUMN clicked_wall INTEGER;
      CREATE INDEX messages_part_of ON messages (part_of, seq) WHERE part_of IS NOT NULL;
      CREATE INDEX messages_template ON messages (template, seq) WHERE template IS NOT NULL;
      CREATE INDEX messages_topic ON messages (topic, seq) WHERE topic IS NOT NULL;
      CREATE INDEX deliveries_user ON deliveries (user_id, seq) WHERE user_id IS NOT NULL;
      CREATE TABLE inapps (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, user TEXT NOT NULL, message INTEGER, message_id TEXT NOT NULL,
        delivery_id TEXT, project TEXT NOT NULL, state TEXT NOT NULL, priority INTEGER NOT NULL, content TEXT NOT NULL,
        display TEXT NOT NULL, tags TEXT NOT NULL, save_to_inbox INTEGER NOT NULL, created_at INTEGER NOT NULL,
        available_at INTEGER NOT NULL, expires_at INTEGER, pulled_at INTEGER, seen_at INTEGER, read_at INTEGER,
        archived_at INTEGER, interacted_at INTEGER, dismissed_at INTEGER, snoozed_until INTEGER,
        impressions INTEGER NOT NULL DEFAULT 0, impressions_at TEXT NOT NULL DEFAULT '[]'
      );
      CREATE INDEX inapps_by_user ON inapps (user, seq);
      CREATE INDEX inapps_by_message ON inapps (message, seq);
      CREATE INDEX inapps_by_delivery ON inapps (delivery_id) WHERE delivery_id IS NOT NULL;
      CREATE TABLE users (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, document TEXT NOT NULL, search TEXT NOT NULL);
      CREATE TABLE user_events (
        seq INTEGER PRIMARY KEY, user TEXT NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL, data TEXT NOT NULL
      );
      CREATE INDEX user_events_by_user ON user_events (user, seq);
      CREATE TABLE reports (id INTEGER PRIMARY KEY, delivery INTEGER NOT NULL, value TEXT NOT NULL);
      CREATE INDEX reports_by_delivery ON reports (delivery);
      CREATE INDEX events_of_calls ON events (delivery_id, seq) WHERE message IS NULL AND delivery_id IS NOT NULL;
      UPDATE deliveries SET created_wall = (SELECT received_at FROM messages WHERE seq = deliveries.message)
        WHERE message IS NOT NULL;
      WITH found AS (
        SELECT delivery_id,
          min(CASE WHEN type = 'sent' THEN virtual_at END) AS sent_at,
          min(CASE WHEN type = 'sent' THEN at END) AS sent_wall,
          min(CASE WHEN type IN ('delivered', 'undeliverable', 'canceled') THEN at END) AS ended_wall,
          min(CASE WHEN type = 'opened' THEN virtual_at END) AS opened_at,
          min(CASE WHEN type = 'opened' THEN at END) AS opened_wall,
          min(CASE WHEN type = 'clicked' THEN virtual_at END) AS clicked_at,
          min(CASE WHEN type = 'clicked' THEN at END) AS clicked_wall
        FROM events WHERE message IS NOT NULL AND delivery_id IS NOT NULL
          AND type IN ('sent', 'delivered', 'undeliverable', 'canceled', 'opened', 'clicked')
        GROUP BY delivery_id
      )
      UPDATE deliveries SET sent_at = found.sent_at, sent_wall = found.sent_wall, ended_wall = found.ended_wall,
          opened_at = found.opened_at, opened_wall = found.opened_wall,
          clicked_at = found.clicked_at, clicked_wall = found.clicked_wall
        FROM found WHERE deliveries.id = found.delivery_id AND deliveries.message IS NOT NULL;
      CREATE TABLE multi_steps (
        seq INTEGER PRIMARY KEY, message_id TEXT NOT NULL, delivery_id TEXT NOT NULL, step INTEGER NOT NULL,
        channel TEXT NOT NULL, child_id TEXT, status TEXT NOT NULL, class TEXT, reason TEXT, why TEXT NOT NULL,
        passed_over TEXT, unread_after INTEGER, started_at INTEGER NOT NULL, ended_at INTEGER, UNIQUE (delivery_id, step)
      );
      CREATE INDEX multi_steps_by_message ON multi_steps (message_id, seq);
      CREATE INDEX multi_steps_by_child ON multi_steps (child_id) WHERE child_id IS NOT NULL;
      CREATE INDEX user_events_by_user_name ON user_events (user, name, at);
    `,
  },
  {
    /*
     * Live relay. A delivery says by which relay it goes, or was under way last (`live`: the relay's id), and what the
     * provider there calls it: by that it reports, and is asked. 1 in `handed_on`: it went as its app brought it. The audit
     * log is only ever added to; the database itself sees to it.
     */
    version: 8,
    sql: `
      ALTER TABLE deliveries ADD COLUMN live TEXT;
      ALTER TABLE deliveries ADD COLUMN provider_id TEXT;
      ALTER TABLE deliveries ADD COLUMN handed_on INTEGER;
      CREATE INDEX deliveries_live ON deliveries (seq) WHERE live IS NOT NULL;
      CREATE INDEX deliveries_provider_id ON deliveries (provider_id) WHERE provider_id IS NOT NULL;
      CREATE TABLE live_audit (
        seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, actor TEXT NOT NULL, channel TEXT, relay TEXT,
        recipient TEXT, message_id TEXT, delivery_id TEXT, detail TEXT NOT NULL
      );
      CREATE INDEX live_audit_sends ON live_audit (channel, at) WHERE kind = 'send';
      CREATE INDEX live_audit_passed ON live_audit (channel, at) WHERE kind = 'passed_through';
      CREATE INDEX live_audit_by_delivery ON live_audit (delivery_id, seq) WHERE delivery_id IS NOT NULL;
      CREATE TRIGGER live_audit_unchanged BEFORE UPDATE ON live_audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END;
      CREATE TRIGGER live_audit_kept BEFORE DELETE ON live_audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END;
    `,
  },
];
