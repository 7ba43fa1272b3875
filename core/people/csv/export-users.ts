/** All users as CSV that the import takes back as the same users. */
import { csvLine } from '../../model/csv.ts';
import { type User, userChannels } from '../../model/user.ts';
import type { Store } from '../../store/store.ts';
import { writeText, writeValue } from './cell.ts';
import { pathName, textFields } from './columns.ts';

const usersAtOnce = 500;
/** Attributes and topics that have a column of their own; what is beyond stands in the column `attributes`, as JSON. */
export const columnsMax = 500;

/** Users are gone through twice: the columns must be known before the first line. */
export async function* exportUsers(store: Pick<Store, 'users'>): AsyncGenerator<string> {
  const attributes = new Set<string>();
  const topics = new Set<string>();
  let others = false;
  let devices = false;
  for await (const users of allUsers(store)) {
    for (const user of users) {
      for (const name of Object.keys(user.attributes)) {
        if (attributes.size < columnsMax) attributes.add(name);
        else if (!attributes.has(name)) others = true;
      }
      for (const topic of Object.keys(user.preferences.topics)) topics.add(topic);
      devices ||= user.devices.length > 0;
    }
  }
  const named = [...attributes].sort();
  const asked = [...topics].sort();
  yield csvLine([
    ...textFields,
    'unsubscribed',
    ...userChannels.map((channel) => `channels.${channel}`),
    ...asked.map((topic) => pathName(['topics', topic])),
    ...(devices ? ['devices'] : []),
    ...(others ? ['attributes'] : []),
    ...named.map((name) => pathName(['attributes', name])),
  ]);
  for await (const users of allUsers(store)) {
    yield users
      .map((user) => {
        const { preferences } = user;
        const rest = Object.entries(user.attributes).filter(([name]) => !attributes.has(name));
        return csvLine([
          ...textFields.map((field) => writeText(user[field] ?? '')),
          preferences.unsubscribed ? 'true' : '',
          ...userChannels.map((channel) => writeValue(preferences.channels[channel])),
          ...asked.map((topic) => writeValue(memberOf(preferences.topics, topic))),
          ...(devices ? [user.devices.length === 0 ? '' : writeValue(user.devices)] : []),
          ...(others ? [rest.length === 0 ? '' : writeValue(Object.fromEntries(rest))] : []),
          ...named.map((name) => writeValue(memberOf(user.attributes, name))),
        ]);
      })
      .join('');
  }
}

function memberOf(of: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(of, name) ? of[name] : undefined;
}

async function* allUsers(store: Pick<Store, 'users'>): AsyncGenerator<readonly User[]> {
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof store.users>> = await store.users(
      { text: null },
      { after, limit: usersAtOnce },
    );
    yield page.entries;
    after = page.next;
  } while (after !== null);
}
