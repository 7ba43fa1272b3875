/** Topics: what a message can be about. All of them are in memory, and on disk as documents. */
import { z } from 'zod';
import { AppError } from '../model/app-error.ts';
import type { Topic } from '../model/user.ts';
import type { Store } from '../store/store.ts';
import { channelPreferencesSchema, topicIdSchema } from './user-schema.ts';

export const topicsMax = 1_000;
const topicDocuments = 'topic';
const nameCharsMax = 200;
const descriptionCharsMax = 1_000;

/** Null and left out are the same. */
export const topicShape = {
  name: z.string().trim().min(1).max(nameCharsMax),
  description: z.string().trim().max(descriptionCharsMax).nullable().default(null),
  required: z
    .boolean()
    .default(false)
    .describe('cannot be unsubscribed from: a receipt, a password to be set anew'),
  usual: z
    .enum(['in', 'out'])
    .default('in')
    .describe('where the user has said nothing: wanted, or only after an opt-in'),
  channels: channelPreferencesSchema.default({}),
};
const topicSchema = z.object({ id: topicIdSchema, ...topicShape });

export interface Topics {
  list(): readonly Topic[];
  get(id: string): Topic | null;
  /** @returns whether it is new */
  put(topic: Topic): Promise<boolean>;
  /** @throws AppError `not_found` */
  remove(id: string): Promise<void>;
}

export async function openTopics(
  store: Pick<Store, 'documents' | 'saveDocument' | 'deleteDocument'>,
): Promise<Topics> {
  const topics = new Map<string, Topic>();
  for (const { value } of await store.documents(topicDocuments)) {
    // One that an older version wrote and this one cannot read is as good as none.
    const read = topicSchema.safeParse(value);
    if (read.success) topics.set(read.data.id, read.data);
  }

  return {
    list: () => [...topics.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    get: (id) => topics.get(id) ?? null,

    async put(topic) {
      const isNew = !topics.has(topic.id);
      if (isNew && topics.size >= topicsMax)
        throw new AppError('not_possible', `There are ${topicsMax} topics already; remove one first.`);
      await store.saveDocument(topicDocuments, topic.id, topic);
      topics.set(topic.id, topic);
      return isNew;
    },

    async remove(id) {
      if (!topics.has(id)) throw new AppError('not_found', `There is no topic ${id}.`);
      await store.deleteDocument(topicDocuments, id);
      topics.delete(id);
    },
  };
}
