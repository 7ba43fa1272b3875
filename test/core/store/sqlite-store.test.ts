import { cpSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { createBus } from '../../../core/bus.ts';
import { systemClock } from '../../../core/clock.ts';
import type { StoredEvent } from '../../../core/model/message.ts';
import { holdDataFolder, readCoreFile } from '../../../core/store/data-folder.ts';
import { parseSearch } from '../../../core/store/search-query.ts';
import { migrations } from '../../../core/store/sqlite/migrations.ts';
import { searchSql } from '../../../core/store/sqlite/search-sql.ts';
import { openSqliteStore } from '../../../core/store/sqlite/sqlite-store.ts';
import type { Store } from '../../../core/store/store.ts';
import { type OpenedStore, storeContract, submission } from '../../contract/store.ts';
import { deliveriesContract } from '../../contract/store-deliveries.ts';
import { holdsContract } from '../../contract/store-holds.ts';
import { inAppsContract } from '../../contract/store-inapps.ts';
import { logContract } from '../../contract/store-log.ts';
import { pushesContract } from '../../contract/store-pushes.ts';
import { rulesContract } from '../../contract/store-rules.ts';
import { smsContract } from '../../contract/store-sms.ts';
import { temporaryFolder } from '../../start-core.ts';

async function openIn(folder: string): Promise<OpenedStore & { readonly file: string }> {
  const published: StoredEvent[] = [];
  const bus = createBus((error) => {
    throw error;
  });
  bus.subscribe((events) => published.push(...events));
  const open = (file: string): Promise<Store> =>
    openSqliteStore({
      file,
      durability: 'full',
      bus,
      clock: systemClock,
      onNotice: () => undefined,
      onFatal: () => undefined,
    });
  let file = join(folder, 'sandpost.db');
  let store = await open(file);
  return {
    file,
    get store() {
      return store;
    },
    published,
    async reopen() {
      await store.close();
      store = await open(file);
      return store;
    },
    async crash() {
      // What is on disk at this moment is all that a process that is killed leaves behind.
      const after = join(folder, `crashed-${Date.now()}`);
      mkdirSync(after);
      for (const name of ['sandpost.db', 'sandpost.db-wal']) cpSync(join(folder, name), join(after, name));
      await store.close();
      file = join(after, 'sandpost.db');
      store = await open(file);
      return store;
    },
  };
}

storeContract('SQLite', async () => openIn(await temporaryFolder()));
deliveriesContract('SQLite', async () => openIn(await temporaryFolder()));
holdsContract('SQLite', async () => openIn(await temporaryFolder()));
inAppsContract('SQLite', async () => openIn(await temporaryFolder()));
pushesContract('SQLite', async () => openIn(await temporaryFolder()));
logContract('SQLite', async () => openIn(await temporaryFolder()));
smsContract('SQLite', async () => openIn(await temporaryFolder()));
rulesContract('SQLite', async () => openIn(await temporaryFolder()));

describe('the database file', () => {
  it('holds no chunk that belongs to no message after a crash', async () => {
    const folder = await temporaryFolder();
    const opened = await openIn(folder);
    await opened.store.spool(Buffer.alloc(100_000, 'o'));
    await opened.store.accept(submission());
    await (await opened.crash()).close();
    const [crashed = ''] = readdirSync(folder).filter((name) => name.startsWith('crashed'));
    const db = new Database(join(folder, crashed, 'sandpost.db'), { readonly: true });
    expect(db.prepare('SELECT count(*) FROM raw').pluck().get()).toBe(1);
    expect(db.prepare('SELECT count(*) FROM spool').pluck().get()).toBe(0);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    db.close();
  });

  it('of a Sandpost before says of each delivery when it came to where it is', async () => {
    const folder = await temporaryFolder();
    const before = new Database(join(folder, 'sandpost.db'));
    for (const { version, sql } of migrations) if (version <= 6) before.exec(sql);
    before.pragma('user_version = 6');
    before.exec(`
      INSERT INTO messages (seq, id, project, channel, door, envelope_from, envelope_to, received_at, bytes, raw, event)
        VALUES (1, 'message-1', 1, 'email', 'smtp', '', '[]', 1000, 1, '1', 1);
      INSERT INTO deliveries (seq, id, carriage, message, project, recipient, domain, stream, status, created_at, expires_at, ended_at)
        VALUES (1, 'delivery-1', 'email', 1, 1, 'jane@example.com', 'example.com', 'transactional', 'delivered', 5000, 9000, 5002);
      INSERT INTO events (seq, at, type, message, delivery_id, virtual_at, data) VALUES
        (1, 1001, 'sent', 1, 'delivery-1', 5001, '{}'), (2, 1002, 'delivered', 1, 'delivery-1', 5002, '{}'),
        (3, 1003, 'opened', 1, 'delivery-1', 5003, '{}'), (4, 1004, 'opened', 1, 'delivery-1', 5004, '{}');
    `);
    before.close();
    await (await openIn(folder)).store.close();
    const after = new Database(join(folder, 'sandpost.db'), { readonly: true });
    expect(
      after
        .prepare(
          'SELECT created_wall, sent_at, sent_wall, ended_wall, opened_at, opened_wall, clicked_at FROM deliveries',
        )
        .raw()
        .get(),
    ).toEqual([1000, 5001, 1001, 1002, 5003, 1003, null]);
    after.close();
  });

  it('of a Sandpost before looks at its events once, however many deliveries there are', () => {
    const db = new Database(':memory:');
    for (const { version, sql } of migrations) if (version <= 6) db.exec(sql);
    const text = migrations.find(({ version }) => version === 7)?.sql ?? '';
    const isColumn = /^\s*ALTER TABLE/;
    const statements = text.split(/;\n/);
    for (const one of statements) if (isColumn.test(one)) db.exec(one);
    const plans = statements
      .filter((one) => /UPDATE deliveries/.test(one))
      .map((one) =>
        (db.prepare(`EXPLAIN QUERY PLAN ${one}`).all() as { readonly detail: string }[]).map(
          ({ detail }) => detail,
        ),
      );
    expect(plans.length).toBeGreaterThan(0);
    for (const plan of plans) {
      const correlated = plan.findIndex((detail) => detail.startsWith('CORRELATED'));
      // What is asked for each delivery is one row, by its number.
      if (correlated >= 0) expect(plan.slice(correlated).join('\n')).not.toContain('events');
    }
    db.close();
  });

  it.each([
    ['user:ann', 'deliveries_user'],
    ['template:welcome', 'messages_template'],
    ['topic:news', 'messages_topic'],
    ['part-of:x', 'messages_part_of'],
    ['status:delivered', 'deliveries_by_message'],
    ['provider:gmail', 'deliveries_by_message'],
    ['tag:spring', 'messages_tagged'],
    ['is:tagged', 'messages_tagged'],
  ])('%s is found by an index', async (text, index) => {
    const { file, store } = await openIn(await temporaryFolder());
    await store.close();
    const db = new Database(file, { readonly: true });
    const { conditions, parameters } = searchSql({ query: parseSearch(text, 0), project: null });
    const plan = db
      .prepare(
        `EXPLAIN QUERY PLAN SELECT m.seq FROM messages m WHERE m.seq < ? AND ${conditions.join(' AND ')} ORDER BY m.seq DESC LIMIT 50`,
      )
      .all(1, ...parameters) as { readonly detail: string }[];
    expect(plan.map(({ detail }) => detail).join('\n')).toContain(index);
    // The list is read newest first as it stands: nothing is sorted.
    expect(plan.map(({ detail }) => detail).join('\n')).not.toContain('TEMP B-TREE FOR ORDER BY');
    db.close();
  });

  it('of a Sandpost before says of each act which delivery waits for it', async () => {
    const folder = await temporaryFolder();
    const before = new Database(join(folder, 'sandpost.db'));
    for (const { version, sql } of migrations) if (version <= 2) before.exec(sql);
    before.pragma('user_version = 2');
    const add = before.prepare('INSERT INTO acts (due_at, kind, data) VALUES (1, ?, ?)');
    add.run('place', JSON.stringify({ copy: { deliveryId: 'delivery-1' } }));
    add.run('open', JSON.stringify({ copyId: 'copy-1' }));
    before.close();
    await (await openIn(folder)).store.close();
    const after = new Database(join(folder, 'sandpost.db'), { readonly: true });
    expect(after.prepare('SELECT delivery_id FROM acts ORDER BY seq').pluck().all()).toEqual([
      'delivery-1',
      null,
    ]);
    after.close();
  });

  it('of a Sandpost before says since when what is held is held, and what waits for its time', async () => {
    const folder = await temporaryFolder();
    const before = new Database(join(folder, 'sandpost.db'));
    for (const { version, sql } of migrations) if (version <= 3) before.exec(sql);
    before.pragma('user_version = 3');
    const add = before.prepare(
      `INSERT INTO deliveries (id, carriage, message, project, recipient, domain, stream, status, substatus, created_at, due_at,
         waits_for, expires_at) VALUES (?, 'email', 1, 1, 'a@b.example', 'b.example', 'marketing', 'queued', ?, 1000, ?, ?, 9000)`,
    );
    add.run('told', 'held', null, 'hold');
    add.run('untold', 'held', null, 'hold');
    add.run('later', null, 5_000, null);
    add.run('now', null, 1_000, null);
    before
      .prepare(
        "INSERT INTO events (at, type, message, data, delivery_id, virtual_at) VALUES (1, 'held', 1, '{}', 'told', 2000)",
      )
      .run();
    before.close();
    const { store } = await openIn(folder);
    const rows = await Promise.all(
      ['told', 'untold', 'later', 'now'].map(async (id) => (await store.delivery(id))?.delivery),
    );
    expect(rows.map((row) => [row?.waitsFor, row?.heldSinceMs])).toEqual([
      ['hold', 2_000],
      ['hold', 1_000],
      ['schedule', null],
      [null, null],
    ]);
    await store.close();
  });

  it('of a newer Sandpost is refused with what to do', async () => {
    const folder = await temporaryFolder();
    await (await openIn(folder)).store.close();
    const db = new Database(join(folder, 'sandpost.db'));
    db.pragma('user_version = 999');
    db.close();
    await expect(openIn(folder)).rejects.toThrow(/newer Sandpost.*999.*--data/);
  });
});

describe('the data folder', () => {
  it('is held by one core; a second is told who has it and what to do', async () => {
    const path = await temporaryFolder();
    const held = holdDataFolder(path);
    held.announce({ pid: 4711, url: 'http://127.0.0.1:9', version: '1', token: null, ports: {} });
    expect(() => holdDataFolder(path)).toThrow(
      expect.objectContaining({
        code: 'data_folder_held',
        message: expect.stringMatching(/process 4711, at http:\/\/127\.0\.0\.1:9.*--data/),
      }),
    );
    held.release();
    expect(readCoreFile(path)).toBeNull();
    holdDataFolder(path).release();
  });

  it('tells how to reach the core to this user alone', async () => {
    const path = await temporaryFolder();
    const held = holdDataFolder(path);
    held.announce({ pid: 1, url: 'http://127.0.0.1:9', version: '1', token: 'secret-token', ports: {} });
    if (process.platform !== 'win32') expect(statSync(join(path, 'core.json')).mode & 0o777).toBe(0o600);
    expect(readCoreFile(path)?.token).toBe('secret-token');
    held.release();
  });

  it('that cannot be made is named', () => {
    expect(() => holdDataFolder('/dev/null/x')).toThrow(
      expect.objectContaining({ code: 'data_folder_unusable' }),
    );
  });
});
