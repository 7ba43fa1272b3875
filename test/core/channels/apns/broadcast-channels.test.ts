import { describe, expect, it } from 'vitest';
import { openBroadcastChannels } from '../../../../core/channels/apns/broadcast-channels.ts';
import type { BroadcastChannel } from '../../../../core/channels/apns/schema.ts';
import { app, startMs } from './apns-world.ts';

function memoryStore() {
  const documents = new Map<string, unknown>();
  return {
    documents: () => Promise.resolve([...documents].map(([key, value]) => ({ key, value }))),
    saveDocument(_kind: string, key: string, value: unknown) {
      documents.set(key, JSON.parse(JSON.stringify(value)));
      return Promise.resolve();
    },
    deleteDocument(_kind: string, key: string) {
      documents.delete(key);
      return Promise.resolve();
    },
  };
}

const channel: BroadcastChannel = {
  id: 'dHN0LXNyY2gtY2hubA==',
  app,
  environment: 'production',
  storagePolicy: 1,
  createdAtMs: startMs,
};

describe('broadcast channels', () => {
  it('are there again after a restart', async () => {
    const store = memoryStore();
    const first = await openBroadcastChannels(store);
    await first.add(channel);
    await first.add({ ...channel, id: 'b3RoZXI=', app: 'com.example.other' });
    const again = await openBroadcastChannels(store);
    expect(again.all(app, null)).toEqual([channel]);
    await again.remove(channel);
    expect((await openBroadcastChannels(store)).all(app, null)).toEqual([]);
  });

  it('are of one app and one environment', async () => {
    const channels = await openBroadcastChannels(memoryStore());
    await channels.add(channel);
    expect(channels.find(app, 'production', channel.id)).toEqual(channel);
    expect(channels.find(app, null, channel.id)).toEqual(channel);
    expect(channels.find(app, 'development', channel.id)).toBeNull();
    expect(channels.find('com.example.other', 'production', channel.id)).toBeNull();
  });

  it('that cannot be read stop the start, in words', async () => {
    const store = memoryStore();
    await store.saveDocument('apns_channel', 'x', { id: 7 });
    await expect(openBroadcastChannels(store)).rejects.toThrow(
      'a broadcast channel in the data folder cannot be read',
    );
  });
});
