/** Users and what belongs to them, as the API shows them. Pure. */
import type { Handset } from '../model/handset.ts';
import type { Phone } from '../model/phone.ts';
import type { SuppressionRow } from '../model/suppression.ts';
import { type Topic, type User, type UserBook, type UserEvent, userChannels } from '../model/user.ts';
import type { InAppUserRow } from '../store/store.ts';
import { iso, isoOrNull } from './iso-time.ts';
import type {
  EffectivePreferenceView,
  TopicView,
  UserDetailView,
  UserEventView,
  UserPreferencesView,
  UserView,
} from './people-schema.ts';
import { presentSuppression } from './present-delivery.ts';

export function presentUser({ createdAtMs, updatedAtMs, ...user }: User): UserView {
  return {
    ...user,
    attributes: { ...user.attributes },
    devices: user.devices.map((one) => ({ ...one })),
    preferences: presentPreferences(user),
    createdAt: iso(createdAtMs),
    updatedAt: iso(updatedAtMs),
  };
}

export function presentPreferences({
  preferences: { channels, topics, unsubscribed },
}: Pick<User, 'preferences'>): UserPreferencesView {
  return {
    channels: { ...channels },
    topics: Object.fromEntries(
      Object.entries(topics).map(([id, said]) => [id, typeof said === 'object' ? { ...said } : said]),
    ),
    unsubscribed,
  };
}

/** What comes of the preferences, by topic and channel. */
export function effectivePreferences(
  user: User,
  topics: readonly Topic[],
  book: Pick<UserBook, 'refusalOf'>,
): EffectivePreferenceView[] {
  return [null, ...topics.map(({ id }) => id)].flatMap((topic) =>
    userChannels.map((channel): EffectivePreferenceView => {
      const refusal = book.refusalOf(user, channel, { topic, transactional: false });
      return {
        topic,
        channel,
        wanted: refusal === null,
        reason: refusal === null ? null : refusal.reason === 'unsubscribed' ? 'unsubscribed' : 'filtered',
        detail: refusal?.detail ?? null,
      };
    }),
  );
}

export function presentUserDetail(
  user: User,
  known: {
    readonly phones: readonly Phone[];
    readonly handsets: readonly Handset[];
    readonly inapp: InAppUserRow | null;
    readonly suppressions: readonly SuppressionRow[];
  },
): UserDetailView {
  const { inapp } = known;
  return {
    ...presentUser(user),
    known: {
      phones: known.phones.map(({ id, name, platform, online, apps }) => ({
        id,
        name,
        platform,
        online,
        apps: apps.map(({ app, provider, token, permission, installed }) => ({
          app,
          provider,
          token,
          permission,
          installed,
        })),
      })),
      handsets: known.handsets.map(({ number, name, carrier, online, blocked }) => ({
        number,
        name,
        carrier: carrier.name,
        online,
        blocked,
      })),
      inapp: {
        total: inapp?.total ?? 0,
        waiting: inapp?.waiting ?? 0,
        unseen: inapp?.unseen ?? 0,
        unread: inapp?.unread ?? 0,
        lastAt: isoOrNull(inapp?.lastAtMs ?? null),
      },
      suppressions: known.suppressions.map(presentSuppression),
    },
  };
}

export function presentUserEvent({ seq, user, name, atMs, data }: UserEvent): UserEventView {
  return { seq, user, name, at: iso(atMs), data: { ...data } };
}

export function presentTopic(topic: Topic): TopicView {
  return { ...topic, channels: { ...topic.channels } };
}
