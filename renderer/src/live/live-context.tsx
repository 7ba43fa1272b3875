import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, use, useEffect, useEffectEvent, useMemo, useState } from 'react';
import { messageQuery } from '../api/messages.ts';
import { apiUrl } from '../base-path.ts';
import { type LiveChange, liveChange } from './live-change.ts';
import { LiveSocket, type LiveState } from './live-socket.ts';
import { paced } from './paced.ts';

type Listener = (change: LiveChange | 'resync') => void;

interface Live {
  readonly state: LiveState;
  readonly subscribe: (listener: Listener) => () => void;
  readonly retryNow: () => void;
}

const LiveContext = createContext<Live | null>(null);

/** Counts need not be exact to the millisecond; the list itself is refreshed sooner. */
const countsIntervalMs = 1_000;

export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const queries = useQueryClient();
  const [state, setState] = useState<LiveState>('connecting');
  const listeners = useMemo(() => new Set<Listener>(), []);
  const socket = useMemo(
    () =>
      new LiveSocket({
        connect: (after) => new WebSocket(liveUrl(after)),
        onState: setState,
        onNews: (news) => {
          const change = news.type === 'resync' ? 'resync' : liveChange(news.events);
          for (const listener of listeners) listener(change);
        },
      }),
    [listeners],
  );

  useEffect(() => {
    const counts = paced(
      () =>
        queries.invalidateQueries({
          // A message may have set its sender's domain up.
          predicate: ({ queryKey: [kind] }) => kind === 'stats' || kind === 'projects' || kind === 'domains',
        }),
      countsIntervalMs,
    );
    const queue = paced(
      () =>
        queries.invalidateQueries({
          predicate: ({ queryKey: [kind] }) =>
            kind === 'queues' || kind === 'clock' || kind === 'webhook-calls',
        }),
      countsIntervalMs,
    );
    const listener: Listener = (change) => {
      counts.run();
      if (change === 'resync' || change.deliveries.size > 0) queue.run();
      if (change === 'resync') {
        void queries.invalidateQueries();
        return;
      }
      // At once: who presses `u` right after it was read means the opposite of what is shown.
      for (const [id, read] of change.read)
        queries.setQueryData(messageQuery(id).queryKey, (old) =>
          old === undefined ? old : { ...old, read },
        );
      for (const id of [...change.indexed, ...change.read.keys(), ...change.tagged.keys()]) {
        // Only a message that is open has an entry here, so a burst costs nothing.
        const queryKey = ['message', id];
        if (queries.getQueryState(queryKey)) void queries.invalidateQueries({ queryKey, exact: true });
      }
      for (const id of change.deliveredMessages) {
        const queryKey = ['message', id];
        if (!queries.getQueryState(queryKey)) continue;
        void queries.invalidateQueries({ queryKey, exact: true });
        void queries.invalidateQueries({ queryKey: [...queryKey, 'auth'] });
      }
      for (const id of change.deliveries) {
        const queryKey = ['delivery', id];
        if (queries.getQueryState(queryKey)) void queries.invalidateQueries({ queryKey });
      }
      if (change.users) void queries.invalidateQueries({ queryKey: ['users'] });
      if (change.templates) void queries.invalidateQueries({ queryKey: ['templates'] });
      if (change.suppressions) void queries.invalidateQueries({ queryKey: ['suppressions'] });
      for (const id of change.exchanges) {
        if (queries.getQueryState(['exchange', id]))
          void queries.invalidateQueries({ queryKey: ['exchange', id] });
      }
    };
    listeners.add(listener);
    socket.start();
    const retryNow = () => socket.retryNow();
    window.addEventListener('online', retryNow);
    return () => {
      window.removeEventListener('online', retryNow);
      listeners.delete(listener);
      counts.stop();
      queue.stop();
      socket.stop();
    };
  }, [queries, listeners, socket]);

  const live = useMemo<Live>(
    () => ({
      state,
      retryNow: () => socket.retryNow(),
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    }),
    [state, listeners, socket],
  );
  return <LiveContext value={live}>{children}</LiveContext>;
}

export function useLive(): Live {
  const live = use(LiveContext);
  if (live === null) throw new Error('useLive needs a LiveProvider above it');
  return live;
}

/** Calls back on every batch of events while the component is there. */
export function useLiveChange(onChange: Listener): void {
  const { subscribe } = useLive();
  const handle = useEffectEvent(onChange);
  useEffect(() => subscribe((change) => handle(change)), [subscribe]);
}

function liveUrl(after: number | null): string {
  const url = new URL(apiUrl('/live'), window.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  if (after !== null) url.searchParams.set('after', String(after));
  return url.href;
}
