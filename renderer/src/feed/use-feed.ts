import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { Feed, type FeedSource, type FeedState } from './feed.ts';
import type { FeedEntry } from './merge.ts';

/** One feed for as long as the source is the same; the source must be memoised by what it asks for. */
export function useFeed<T extends FeedEntry>(source: FeedSource<T>): readonly [Feed<T>, FeedState<T>] {
  const feed = useMemo(() => new Feed<T>(source), [source]);
  useEffect(() => {
    feed.start();
    return () => feed.stop();
  }, [feed]);
  return [feed, useSyncExternalStore(feed.subscribe, feed.state)];
}
