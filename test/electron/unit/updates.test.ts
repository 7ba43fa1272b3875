import { expect, it } from 'vitest';
import type { UpdateState } from '../../../electron/bridge.ts';
import { parsePreferences, preferenceChangeSchema } from '../../../electron/preferences.ts';
import { mayFetch, parseFeedAddress } from '../../../electron/update-feed.ts';
import { createUpdates, type Updater } from '../../../electron/updates.ts';

function start(updater: Partial<Updater> = {}, firstFeed: string | null = 'https://feed.example/') {
  const world = { feed: firstFeed };
  const opened: string[] = [];
  const states: UpdateState[] = [];
  const due: (() => void)[] = [];
  const updates = createUpdates({
    feed: () => world.feed,
    open: (feed) => {
      opened.push(feed);
      return Promise.resolve({
        check: () => Promise.resolve('9.9.9'),
        download: () => Promise.resolve(),
        install: () => undefined,
        ...updater,
      });
    },
    after: (_delayMs, run) => {
      due.push(run);
      return () => due.splice(due.indexOf(run), 1);
    },
    onState: (state) => states.push(state),
  });
  return { updates, world, opened, states, due };
}

it('opens no updater while there is no feed', async () => {
  const { updates, opened, due } = start({}, null);
  updates.keepLooking();
  expect(await updates.check()).toEqual({ kind: 'off' });
  expect(await updates.download()).toEqual({ kind: 'off' });
  updates.install();
  expect([opened, due]).toEqual([[], []]);
});

it('checks, fetches when asked to, and installs what is there', async () => {
  const done: string[] = [];
  const { updates, states } = start({
    download: (onPercent) => {
      onPercent(41.7);
      return Promise.resolve();
    },
    install: () => done.push('install'),
  });
  updates.install();
  expect(await updates.check()).toEqual({ kind: 'available', version: '9.9.9' });
  expect(await updates.download()).toEqual({ kind: 'ready', version: '9.9.9' });
  expect(states).toContainEqual({ kind: 'downloading', version: '9.9.9', percent: 41 });
  // What is there is not looked for again.
  expect(await updates.check()).toEqual({ kind: 'ready', version: '9.9.9' });
  updates.install();
  expect(done).toEqual(['install']);
});

it('says what went wrong, and can be asked again', async () => {
  let fails = true;
  const { updates } = start({
    check: () => (fails ? Promise.reject(new Error('no such host')) : Promise.resolve(null)),
  });
  expect(await updates.check()).toEqual({ kind: 'failed', detail: 'no such host' });
  fails = false;
  expect(await updates.check()).toEqual({ kind: 'current' });
});

it('looks again every few hours, and at another feed at once', async () => {
  const { updates, world, opened, due, states } = start({ check: () => Promise.resolve(null) });
  updates.keepLooking();
  await expect.poll(() => states.at(-1)?.kind).toBe('current');
  expect(due).toHaveLength(1);
  world.feed = 'https://other.example/';
  updates.feedChanged();
  await expect.poll(() => states.at(-1)?.kind).toBe('current');
  expect(opened).toEqual(['https://feed.example/', 'https://other.example/']);
  world.feed = null;
  updates.feedChanged();
  expect([updates.state(), due]).toEqual([{ kind: 'off' }, []]);
});

it('has nothing to install of a feed that was taken away while it was fetched', async () => {
  let arrive: () => void = () => undefined;
  const { updates, world } = start({
    download: () =>
      new Promise((resolve) => {
        arrive = resolve;
      }),
  });
  await updates.check();
  const downloaded = updates.download();
  world.feed = null;
  updates.feedChanged();
  arrive();
  expect(await downloaded).toEqual({ kind: 'off' });
  expect(updates.state()).toEqual({ kind: 'off' });
});

it('takes programs only from where nobody on the way can change them', () => {
  expect(parseFeedAddress('https://updates.example/sandpost/')).toBe('https://updates.example/sandpost/');
  expect(parseFeedAddress('updates.example/sandpost/')).toBe('https://updates.example/sandpost/');
  expect(parseFeedAddress('http://127.0.0.1:9/feed/')).toBe('http://127.0.0.1:9/feed/');
  for (const feed of ['http://updates.example/', 'http://10.0.0.7/', 'file:///tmp/', '', null])
    expect(parseFeedAddress(feed)).toBeNull();
  expect(preferenceChangeSchema.safeParse({ updateFeed: 'http://updates.example/' }).success).toBe(false);
  expect(parsePreferences({ updateFeed: 'http://updates.example/' }).updateFeed).toBeNull();
  expect(preferenceChangeSchema.safeParse({ attachUrl: 'http://teammate:8025/' }).success).toBe(true);

  expect(mayFetch('https://files.example/Sandpost.exe', 'https://updates.example/')).toBe(true);
  expect(mayFetch('http://updates.example/Sandpost.exe', 'https://updates.example/')).toBe(false);
  expect(mayFetch('http://127.0.0.1:1/Sandpost.exe', 'https://updates.example/')).toBe(false);
  expect(mayFetch('http://updates.example/Sandpost.exe', 'http://127.0.0.1:9/')).toBe(false);
  expect(mayFetch('http://127.0.0.1:9/Sandpost.exe', 'http://127.0.0.1:9/')).toBe(true);
});
