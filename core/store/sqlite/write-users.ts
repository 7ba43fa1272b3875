/** The writer's part for users of the app, and what they did. */
import type { User, UserEvent } from '../../model/user.ts';
import type { Connection } from './open.ts';
import type { MessageWriter } from './write-messages.ts';

/** What is kept of each user; older ones go. */
const eventsPerUserMax = 1_000;

export function userWriter(db: Connection, messages: MessageWriter) {
  const known = db.prepare('SELECT 1 FROM users WHERE id = ?').pluck();
  const insert = db.prepare(
    `INSERT INTO users (id, document, search) VALUES (?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET document = excluded.document, search = excluded.search`,
  );
  const remove = db.prepare('DELETE FROM users WHERE id = ?');
  const removeEvents = db.prepare('DELETE FROM user_events WHERE user = ?');
  const addEvent = db.prepare('INSERT INTO user_events (user, name, at, data) VALUES (?, ?, ?, ?)');
  const oldest = db.prepare(
    'DELETE FROM user_events WHERE user = ? AND seq <= (SELECT seq FROM user_events WHERE user = ? ORDER BY seq DESC LIMIT 1 OFFSET ?)',
  );

  return {
    put(users: readonly User[], news: Readonly<Record<string, unknown>>): number {
      let added = 0;
      for (const user of users) {
        if (known.get(user.id) === undefined) added++;
        insert.run(user.id, JSON.stringify(user), searchOf(user));
      }
      if (users.length > 0)
        messages.event('user', Date.now(), { data: { ids: idsOf(users), users: users.length, ...news } });
      return added;
    },

    delete(ids: readonly string[]): number {
      let gone = 0;
      for (const id of ids) {
        gone += remove.run(id).changes;
        removeEvents.run(id);
      }
      if (gone > 0)
        messages.event('user', Date.now(), {
          data: { ids: ids.slice(0, idsTold), users: gone, deleted: true },
        });
      return gone;
    },

    addEvents(events: readonly Omit<UserEvent, 'seq'>[]): void {
      for (const { user, name, atMs, data } of events) addEvent.run(user, name, atMs, JSON.stringify(data));
      for (const user of new Set(events.map((one) => one.user))) oldest.run(user, user, eventsPerUserMax);
    },
  };
}

/** An import of thousands is told of by its first ones. */
const idsTold = 20;

function idsOf(users: readonly User[]): readonly string[] {
  return users.slice(0, idsTold).map(({ id }) => id);
}

function searchOf({ id, name, email, phone }: User): string {
  return [id, name, email, phone]
    .filter((text) => text !== null)
    .join('\n')
    .toLowerCase();
}
