import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import type { Message } from '../../../core/api/schema.ts';
import type { MessageScope } from '../api/message-list-path.ts';
import { fetchMessages } from '../api/messages.ts';
import type { FeedSource } from '../feed/feed.ts';
import { RoomFeed } from '../feed/room-feed.tsx';
import { useFeed } from '../feed/use-feed.ts';
import { LoadingState } from '../frame/room-states.tsx';
import { Split } from '../frame/split.tsx';
import { arrivedIn } from '../live/live-change.ts';
import { useLive, useLiveChange } from '../live/live-context.tsx';
import { RealRelease } from '../live-relay/real-release.tsx';
import type { Release } from '../live-relay/release-channels.ts';
import { MessagePane } from '../message/message-pane.tsx';
import { statisticsView } from '../stats/statistics-view.ts';
import { useDeletions } from './deletions-context.tsx';
import { ListBar } from './list-bar.tsx';
import { MessageRow, messageRowHeight, sameRow } from './message-row.tsx';
import { NoMessages, NothingOpen } from './no-messages.tsx';
import { isHidden } from './pending-deletions.ts';
import { useListCommands } from './use-list-commands.ts';

// Looked at now and then; the list is there without it.
const Statistics = lazy(async () => ({ default: (await import('../stats/statistics.tsx')).Statistics }));

export function MessagesRoom() {
  const id = useParams({ strict: false, select: (parameters) => parameters.id ?? null });
  const q = useSearch({ strict: false, select: (search) => search.q ?? '' });
  const project = useSearch({ strict: false, select: (search) => search.project ?? null });
  const view = useSearch({ strict: false, select: (search) => search.view ?? null });
  const scope = useMemo<MessageScope>(() => ({ q, project }), [q, project]);
  const navigate = useNavigate();

  const source = useMemo<FeedSource<Message>>(
    () => ({ fetch: (page) => fetchMessages(scope, page), same: sameRow }),
    [scope],
  );
  const [feed, state] = useFeed(source);
  const { pending } = useDeletions();
  const entries = useMemo(
    () =>
      pending.length === 0
        ? state.entries
        : state.entries.filter((entry) => !isHidden(entry, scope, pending)),
    [state.entries, pending, scope],
  );

  const connection = useLive().state;
  useEffect(() => {
    // What arrived between the first page and the first event would be missing otherwise.
    if (connection === 'open') feed.refresh();
  }, [connection, feed]);

  useLiveChange((change) => {
    if (change === 'resync' || change.wholesale) return void feed.reload();
    const arrived = arrivedIn(change, scope.project);
    if (arrived.length > 0) feed.arrived(scope.q === '' ? arrived : null);
    if (change.deleted.size > 0) {
      feed.remove(change.deleted);
      feed.refresh();
    }
    for (const read of [true, false]) {
      const ids = new Set([...change.read].filter(([, value]) => value === read).map(([changed]) => changed));
      if (ids.size > 0) feed.change(ids, (entry) => ({ ...entry, read }));
    }
    for (const [changed, tags] of change.tagged)
      feed.change(new Set([changed]), (entry) => ({ ...entry, tags: [...tags] }));
    // Subjects and addresses are known on arrival; the index adds attachments, snippet and problems.
    if (change.indexed.size > 0) feed.touched(change.indexed);
    if (change.deliveredMessages.size > 0) feed.touched(change.deliveredMessages);
  });

  const select = useCallback(
    (next: string | null, how: 'push' | 'replace' = 'push') =>
      void navigate(
        next === null
          ? { to: '/messages', search: (old) => old, replace: how === 'replace' }
          : { to: '/messages/$id', params: { id: next }, search: (old) => old, replace: how === 'replace' },
      ),
    [navigate],
  );
  const [releasing, setReleasing] = useState<Release | null>(null);
  const focusMessage = useCallback(() => document.getElementById('message')?.focus(), []);
  const actions = useListCommands({
    entries,
    selectedId: id,
    scope,
    newest: state.entries[0] ?? null,
    select,
    focusMessage,
    onRelease: setReleasing,
  });

  return (
    <>
      <Split
        name="messages"
        shown={id === null && view !== statisticsView ? 'list' : 'detail'}
        list={
          <>
            <ListBar
              scope={scope}
              total={Math.max(0, state.total - (state.entries.length - entries.length))}
              actions={actions}
            />
            <RoomFeed
              what="messages"
              empty={<NoMessages scope={scope} />}
              label="Messages"
              feed={feed}
              state={state}
              entries={entries}
              selectedId={id}
              onSelect={select}
              onOpen={focusMessage}
              rowHeight={messageRowHeight}
              Row={MessageRow}
            />
          </>
        }
        detail={
          id !== null ? (
            <MessagePane key={id} id={id} onDelete={actions.deleteOne} />
          ) : view === statisticsView ? (
            <Suspense fallback={<LoadingState what="the statistics" />}>
              <Statistics project={project} />
            </Suspense>
          ) : (
            <NothingOpen />
          )
        }
      />
      <RealRelease request={releasing} onClose={() => setReleasing(null)} />
    </>
  );
}
