/** The broadcast channels that apps made: documents of the store, all of them in memory. */
import { AppError } from '../../model/app-error.ts';
import type { PushEnvironment } from '../../model/push.ts';
import type { Store } from '../../store/store.ts';
import { type BroadcastChannel, channelSchema } from './schema.ts';

/** Where channels are kept. */
export interface BroadcastChannels {
  /** @param environment null: of either */
  find(app: string, environment: PushEnvironment | null, id: string): BroadcastChannel | null;
  /** In the order of their making. */
  all(app: string, environment: PushEnvironment | null): readonly BroadcastChannel[];
  /** @throws AppError `disk_full`, `store_failed`, `store_busy` */
  add(channel: BroadcastChannel): Promise<void>;
  remove(channel: BroadcastChannel): Promise<void>;
}

const documentKind = 'apns_channel';

/** The channels as documents of the store, all of them in memory. */
export async function openBroadcastChannels(
  store: Pick<Store, 'documents' | 'saveDocument' | 'deleteDocument'>,
): Promise<BroadcastChannels> {
  const byApp = new Map<string, Map<string, BroadcastChannel>>();
  const put = (channel: BroadcastChannel): void => {
    const of = byApp.get(channel.app) ?? new Map<string, BroadcastChannel>();
    of.set(channel.id, channel);
    byApp.set(channel.app, of);
  };
  for (const { value } of await store.documents(documentKind)) {
    const parsed = channelSchema.safeParse(value);
    if (!parsed.success)
      throw new AppError('unreadable', 'a broadcast channel in the data folder cannot be read', {
        cause: parsed.error,
      });
    put(parsed.data);
  }
  const fits = (channel: BroadcastChannel, environment: PushEnvironment | null): boolean =>
    environment === null || channel.environment === null || channel.environment === environment;
  return {
    find(app, environment, id) {
      const found = byApp.get(app)?.get(id);
      return found !== undefined && fits(found, environment) ? found : null;
    },
    all: (app, environment) => [...(byApp.get(app)?.values() ?? [])].filter((one) => fits(one, environment)),
    async add(channel) {
      await store.saveDocument(documentKind, channel.id, channel);
      put(channel);
    },
    async remove({ app, id }) {
      await store.deleteDocument(documentKind, id);
      byApp.get(app)?.delete(id);
    },
  };
}
