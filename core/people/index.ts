/** The users' room: who the app's users are, what they want to hear, what they did, and who of them is meant. */
import { AppError, messageOf } from '../model/app-error.ts';
import type { Segment, Topic, User, UserBook, UserEvent, UserPreferences } from '../model/user.ts';
import type { IdPage, IdPageRequest, Page, PageRequest } from '../store/store.ts';
import { exportUsers } from './csv/export-users.ts';
import { type GivenUser, type ImportOutcome, importUsers, type KeptStep } from './csv/import-users.ts';
import { changedUser, newUser } from './make-user.ts';
import type { PeoplePorts } from './ports.ts';
import { refusalOf } from './refusal.ts';
import { SegmentThread } from './segments/segment-thread.ts';
import { openSegments } from './segments/segments.ts';
import type { Scanned } from './segments/worker.ts';
import { openTopics } from './topics.ts';
import { readUnsubscribeToken, type UnsubscribeAbout, unsubscribeToken } from './unsubscribe-link.ts';
import type { Profile, ProfileChange } from './user-schema.ts';

export interface People extends UserBook {
  users(filter: { readonly text: string | null }, page: IdPageRequest): Promise<IdPage<User>>;
  /** @throws AppError `not_possible` where there is one of that id */
  create(id: string, profile: Profile): Promise<User>;
  /** Whole: what is not said is taken away. @returns whether it is new */
  replace(id: string, profile: Profile): Promise<{ readonly user: User; readonly isNew: boolean }>;
  /** What is not said stays. @throws AppError `not_found`, `bad_request` */
  change(id: string, change: ProfileChange): Promise<User>;
  /** @throws AppError `not_found` */
  setPreferences(id: string, preferences: UserPreferences): Promise<User>;
  /** Of one who may not be in the book yet. @param next of what is said by now */
  ensurePreferences(id: string, next: (before: UserPreferences) => UserPreferences): Promise<User>;
  /** Takes them as they were elsewhere, in place of those of the same ids, and what they did there besides. */
  adopt(users: readonly User[], events: readonly Omit<UserEvent, 'seq'>[]): Promise<void>;
  /** With what they did. @throws AppError `not_found` */
  remove(id: string): Promise<void>;
  /** What is not said stays, of those that are there. */
  putAll(given: readonly GivenUser[]): Promise<{
    readonly created: number;
    readonly updated: number;
    /** Of what was given, by its place there. */
    readonly refused: KeptStep['refused'];
  }>;
  events(user: string, name: string | null, page: PageRequest): Promise<Page<UserEvent>>;
  /** @param atMs as the app says it, in wall time; null: now */
  track(
    user: string,
    event: {
      readonly name: string;
      readonly data: Readonly<Record<string, unknown>>;
      readonly atMs: number | null;
    },
  ): Promise<void>;
  importCsv(
    bytes: AsyncIterable<Uint8Array>,
    options: { readonly dryRun: boolean; readonly empty: 'keep' | 'clear' },
  ): Promise<ImportOutcome>;
  exportCsv(): AsyncGenerator<string>;

  topics(): readonly Topic[];
  /** @returns whether it is new */
  putTopic(topic: Topic): Promise<boolean>;
  removeTopic(id: string): Promise<void>;

  segments(): readonly Segment[];
  /** @returns whether it is new. @throws AppError `bad_request` with the place in the expression */
  putSegment(segment: Segment): Promise<boolean>;
  removeSegment(id: string): Promise<void>;
  /** All that it holds for, with what went wrong. @param among null: of all users */
  scan(expression: string, among: readonly string[] | null): Promise<Scanned>;

  /** For List-Unsubscribe; a GET asks, a POST does it (RFC 8058). */
  unsubscribeUrl(about: Omit<UnsubscribeAbout, 'deliveryId'> & { readonly deliveryId?: string }): string;
  /** @returns null for a token that was not made here */
  readUnsubscribe(token: string): UnsubscribeAbout | null;
  unsubscribe(about: UnsubscribeAbout, how: string): Promise<User>;

  close(): Promise<void>;
}

const putStep = 500;
/** Changes of users that wait for each other. */
const changesWaitingMax = 10_000;

export async function createPeople(ports: PeoplePorts): Promise<People> {
  const { store, virtual, seal } = ports;
  const thread = new SegmentThread(ports.file, ports.clock);
  const [topics, segments] = await Promise.all([openTopics(store), openSegments(store, thread, virtual)]);
  const inTurn = oneAfterAnother(changesWaitingMax);

  async function existing(id: string): Promise<User> {
    const user = await store.user(id);
    if (user === null) throw unknownUser(id);
    return user;
  }

  async function kept(user: User, what: 'created' | 'changed' | 'preferences'): Promise<User> {
    await store.putUsers([user], { what });
    return user;
  }

  const change = (id: string, change_: ProfileChange): Promise<User> =>
    inTurn(async () => kept(changedUser(await existing(id), change_, virtual.nowMs()), 'changed'));

  /** What is not said stays. One that cannot be taken does not stop the others. */
  async function merged(
    given: readonly GivenUser[],
  ): Promise<KeptStep & { readonly users: readonly User[] }> {
    const known = await byIds(given.map(({ id }) => id));
    const nowMs = virtual.nowMs();
    const users = new Map<string, User>();
    const refused: KeptStep['refused'][number][] = [];
    for (const [at, { id, profile }] of given.entries()) {
      const before = users.get(id) ?? known.get(id);
      try {
        users.set(
          id,
          before === undefined ? newUser(id, profile, nowMs) : changedUser(before, asChange(profile), nowMs),
        );
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        refused.push({ at, field: error.errors[0]?.field ?? null, detail: error.message });
      }
    }
    const ids = [...users.keys()];
    return {
      users: [...users.values()],
      created: ids.filter((id) => !known.has(id)),
      updated: ids.filter((id) => known.has(id)),
      refused,
    };
  }

  async function byIds(ids: readonly string[]): Promise<ReadonlyMap<string, User>> {
    const found = await store.usersByIds([...new Set(ids)]);
    return new Map(found.map((user) => [user.id, user]));
  }

  const keepStep = (given: readonly GivenUser[], dryRun: boolean): Promise<KeptStep> =>
    inTurn(async () => {
      const { users, ...step } = await merged(given);
      if (!dryRun && users.length > 0) await store.putUsers(users, { what: 'batch' });
      return step;
    });

  return {
    get: (id) => store.user(id),
    byIds,
    topic: (id) => topics.get(id),
    segment: (id) => segments.get(id),
    async matching(expression, max) {
      return (await segments.scan(expression, null)).ids.slice(0, max);
    },
    refusalOf: (user, channel, about) =>
      refusalOf(user, channel, about, about.topic === null ? null : topics.get(about.topic)),

    users: (filter, page) => store.users(filter, page),
    create: (id, profile) =>
      inTurn(async () => {
        if ((await store.user(id)) !== null)
          throw new AppError('not_possible', `There is a user ${id} already; PUT replaces it.`, {
            errors: [{ field: 'id', code: 'taken', detail: 'there is a user of this id already' }],
          });
        return kept(newUser(id, profile, virtual.nowMs()), 'created');
      }),
    replace: (id, profile) =>
      inTurn(async () => {
        const before = await store.user(id);
        const user = newUser(id, profile, virtual.nowMs());
        return {
          user:
            before === null
              ? await kept(user, 'created')
              : await kept({ ...user, createdAtMs: before.createdAtMs }, 'changed'),
          isNew: before === null,
        };
      }),
    change,
    adopt: (users, events) =>
      inTurn(async () => {
        if (users.length > 0) await store.putUsers(users, { what: 'batch' });
        if (events.length > 0) await store.addUserEvents(events);
      }),
    setPreferences: (id, preferences) =>
      inTurn(async () =>
        kept({ ...(await existing(id)), preferences, updatedAtMs: virtual.nowMs() }, 'preferences'),
      ),
    ensurePreferences: (id, next) =>
      inTurn(async () => {
        const nowMs = virtual.nowMs();
        const user = (await store.user(id)) ?? newUser(id, {}, nowMs);
        return kept({ ...user, preferences: next(user.preferences), updatedAtMs: nowMs }, 'preferences');
      }),
    remove: (id) =>
      inTurn(async () => {
        if ((await store.deleteUsers([id])) === 0) throw unknownUser(id);
      }),
    async putAll(given) {
      const created = new Set<string>();
      const updated = new Set<string>();
      const refused: KeptStep['refused'][number][] = [];
      for (let from = 0; from < given.length; from += putStep) {
        const step = await keepStep(given.slice(from, from + putStep), false);
        for (const id of step.created) created.add(id);
        for (const id of step.updated) if (!created.has(id)) updated.add(id);
        for (const one of step.refused) refused.push({ ...one, at: from + one.at });
      }
      return { created: created.size, updated: updated.size, refused };
    },
    events: (user, name, page) => store.userEvents({ user, ...(name === null ? {} : { name }) }, page),
    async track(user, { name, data, atMs }) {
      const nowMs = virtual.nowMs();
      // The app goes by the wall clock (design §6): what was an hour ago for it is so here.
      const at = atMs === null ? nowMs : atMs + (nowMs - ports.clock.wallMs());
      await store.addUserEvents([{ user, name, data, atMs: Math.round(at) }]);
    },

    importCsv: (bytes, options) =>
      importUsers(bytes, options.empty, (given) => keepStep(given, options.dryRun)),
    exportCsv: () => exportUsers(store),

    topics: () => topics.list(),
    putTopic: (topic) => topics.put(topic),
    removeTopic: (id) => topics.remove(id),

    segments: () => segments.list(),
    putSegment: (segment) => segments.put(segment),
    removeSegment: (id) => segments.remove(id),
    scan: (expression, among) => segments.scan(expression, among),

    unsubscribeUrl: ({ user, topic, deliveryId = null }) =>
      `${ports.baseUrl()}/u/${unsubscribeToken(seal, { user, topic, deliveryId })}`,
    readUnsubscribe: (token) => readUnsubscribeToken(seal, token),
    unsubscribe: ({ user: id, topic, deliveryId }, how) =>
      inTurn(async () => {
        const nowMs = virtual.nowMs();
        // A reader who is not in the book says no all the same, and is kept as somebody who did.
        const user = (await store.user(id)) ?? newUser(id, {}, nowMs);
        const { preferences } = user;
        const next: User = {
          ...user,
          updatedAtMs: nowMs,
          preferences:
            topic === null
              ? { ...preferences, unsubscribed: true }
              : { ...preferences, topics: { ...preferences.topics, [topic]: false } },
        };
        await store.putUsers([next], { what: 'unsubscribed', topic, how });
        if (deliveryId !== null)
          await store.note([
            {
              deliveryId,
              type: 'unsubscribed',
              nowMs,
              data: { user: id, ...(topic === null ? {} : { topic }), how },
              change: null,
            },
          ]);
        return next;
      }),

    close: () => thread.close(),
  };
}

function asChange({ preferences, ...rest }: Profile): ProfileChange {
  return preferences === undefined ? rest : { ...rest, preferences: { ...preferences } };
}

export function unknownUser(id: string): AppError {
  return new AppError('not_found', `There is no user ${id}; POST /v1/users makes one.`);
}

/** Two changes of one user at the same time would each write what it read, and one would be lost. */
function oneAfterAnother(waitingMax: number): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return (task) => {
    if (waiting >= waitingMax)
      return Promise.reject(
        new AppError('store_busy', 'Too many changes of users wait; try again in a moment.'),
      );
    waiting++;
    const done = last.then(task).finally(() => {
      waiting--;
    });
    // Whoever asked hears of it; the next one does not.
    last = done.catch(messageOf);
    return done;
  };
}
