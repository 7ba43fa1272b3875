/** Users, what they did, topics and segments, as parts of an exported workspace. */
import { z } from 'zod';
import type { Topic, User, UserEvent } from '../../model/user.ts';
import type { People } from '../../people/index.ts';
import { segmentIdSchema, segmentShape } from '../../people/segments/segments.ts';
import { topicShape } from '../../people/topics.ts';
import { profileShape, topicIdSchema, userIdSchema } from '../../people/user-schema.ts';
import type { Store } from '../../store/store.ts';
import { listSection, type Section } from '../../workspace/section.ts';

const rowsAtOnce = 500;
const nameCharsMax = 200;

const topicSchema = z.object({ id: topicIdSchema, ...topicShape });
const segmentSchema = z.object({ id: segmentIdSchema, ...segmentShape });
const userSchema = z.object({
  id: userIdSchema,
  ...profileShape,
  createdAtMs: z.int().min(0),
  updatedAtMs: z.int().min(0),
});
const eventSchema = z.object({
  user: userIdSchema,
  name: z.string().min(1).max(nameCharsMax),
  atMs: z.int().min(0),
  data: z.record(z.string(), z.unknown()),
});

export function peopleSections(
  people: People,
  store: Pick<Store, 'users' | 'user' | 'userEventsFrom'>,
): readonly Section[] {
  return [
    listSection<Topic>({
      entry: 'topics.json',
      part: 'topics',
      schema: topicSchema,
      rows: () => people.topics(),
      nameOf: ({ id }) => id,
      isKnown: ({ id }) => people.topic(id) !== null,
      put: (topic) => people.putTopic(topic),
    }),
    // A segment may name another one: those that are named stand before it in no order that the ids would have.
    listSection({
      entry: 'segments.json',
      part: 'segments',
      schema: segmentSchema,
      rows: () => namedFirst(people.segments()),
      nameOf: ({ id }) => id,
      isKnown: ({ id }) => people.segment(id) !== null,
      put: (segment) => people.putSegment(segment),
    }),
    // Before the users: who is not in the book yet has done nothing here.
    listSection<Omit<UserEvent, 'seq'>>({
      entry: 'user-events.json',
      part: 'user events',
      schema: eventSchema,
      rows: () => allEvents(store),
      nameOf: ({ user, name }) => `${user} ${name}`,
      isKnown: async ({ user }) => (await store.user(user)) !== null,
      put: (event) => people.adopt([], [event]),
      putAll: (events) => people.adopt([], events),
      neverReplaced: true,
    }),
    listSection<User>({
      entry: 'users.json',
      part: 'users',
      schema: userSchema,
      rows: () => allUsers(store),
      nameOf: ({ id }) => id,
      isKnown: async ({ id }) => (await store.user(id)) !== null,
      put: (user) => people.adopt([user], []),
      putAll: (users) => people.adopt(users, []),
    }),
  ];
}

/** Those that others name first, so that each finds what it names. */
function namedFirst<One extends { readonly id: string; readonly expression: string }>(
  segments: readonly One[],
): readonly One[] {
  const placed = new Set<string>();
  const ordered: One[] = [];
  const place = (segment: One): void => {
    if (placed.has(segment.id)) return;
    placed.add(segment.id);
    for (const other of segments) if (segment.expression.includes(other.id)) place(other);
    ordered.push(segment);
  };
  for (const segment of segments) place(segment);
  return ordered;
}

async function* allUsers(store: Pick<Store, 'users'>): AsyncGenerator<User> {
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof store.users>> = await store.users(
      { text: null },
      { after, limit: rowsAtOnce },
    );
    yield* page.entries;
    after = page.next;
  } while (after !== null);
}

/** Oldest first: they come in again in their order. */
async function* allEvents(store: Pick<Store, 'userEventsFrom'>): AsyncGenerator<Omit<UserEvent, 'seq'>> {
  for (let after = 0; ; ) {
    const events = await store.userEventsFrom(after, rowsAtOnce);
    for (const { user, name, atMs, data } of events) yield { user, name, atMs, data };
    const last = events.at(-1);
    if (last === undefined) return;
    after = last.seq;
  }
}
