import type { ReactNode } from 'react';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { FeedList, type FeedListProps } from './feed-list.tsx';
import type { FeedEntry } from './merge.ts';

interface RoomFeedProps<T extends FeedEntry> extends FeedListProps<T> {
  /** What is loading: “exchanges”. */
  readonly what: string;
  /** In the list's place when there is nothing in it. */
  readonly empty: ReactNode;
}

/** The list of a room in whatever state it is: loading, broken, empty, there. */
export function RoomFeed<T extends FeedEntry>({ what, empty, ...list }: RoomFeedProps<T>) {
  const { feed, state, entries } = list;
  switch (state.status) {
    case 'loading':
      return <LoadingState what={what} />;
    case 'error':
      return <ProblemState error={state.problem} onRetry={() => feed.refresh()} />;
    case 'ready':
      return entries.length === 0 ? empty : <FeedList {...list} />;
  }
}
