import { useQuery } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { List, Message } from '../../../core/api/schema.ts';
import type { ArrivedMessage } from '../../../electron/bridge.ts';
import { statsQuery } from '../api/core.ts';
import { messageListPath } from '../api/message-list-path.ts';
import { request } from '../api/request.ts';
import { useLiveChange } from '../live/live-context.tsx';
import { bridge, can } from './host.ts';

/** The first message is told at once; a burst waits and is told together. */
const firstDelayMs = 150;
const burstDelayMs = 4_000;
/** So many are looked at; of the others the number is told. */
const announcedMax = 100;

interface Waiting {
  readonly ids: Set<string>;
  timer: number;
}

/** Tells the desktop what it shows outside the window, and goes where it asks. Shows nothing itself. */
export function HostLink() {
  const router = useRouter();
  const project = useSearch({ strict: false, select: (search) => search.project ?? null });
  const unread = useQuery(statsQuery(project)).data?.unread ?? 0;
  const waiting = useRef<Waiting>({ ids: new Set(), timer: 0 });

  useEffect(() => {
    document.title = unread === 0 ? 'Sandpost' : `(${unread > 999 ? '999+' : unread}) Sandpost`;
    if (bridge !== null && can('badge')) void bridge.setBadge(unread);
  }, [unread]);

  useEffect(
    () => bridge?.onNavigate((path) => router.history.push(router.basepath.replace(/\/$/, '') + path)),
    [router],
  );

  useLiveChange((change) => {
    if (change === 'resync' || bridge === null || !can('notify') || change.arrived.size === 0) return;
    const state = waiting.current;
    for (const id of change.arrived.keys()) state.ids.add(id);
    if (state.timer !== 0) return;
    state.timer = window.setTimeout(
      () => {
        waiting.current = { ids: new Set(), timer: 0 };
        // What cannot be fetched is on the screen when the core is back; a notification of it would come late.
        announce(state.ids).catch(() => undefined);
      },
      state.ids.size === 1 ? firstDelayMs : burstDelayMs,
    );
  });
  return null;
}

/** The desktop decides which of them are told. */
async function announce(ids: ReadonlySet<string>): Promise<void> {
  const messages = ids.size === 1 ? await oneOf(ids) : await newestOf(ids);
  await bridge?.announce(messages.map(arrivedOf), ids.size - messages.length);
}

async function oneOf(ids: ReadonlySet<string>): Promise<readonly Message[]> {
  return await Promise.all([...ids].map((id) => request<Message>(`/messages/${id}`)));
}

/** Oldest first, as they came. */
async function newestOf(ids: ReadonlySet<string>): Promise<readonly Message[]> {
  const path = messageListPath({ q: '', project: null }, null, announcedMax);
  const { entries } = await request<List<Message>>(path);
  return entries.filter(({ id }) => ids.has(id)).reverse();
}

function arrivedOf({ id, channel, project, subject, from, envelope }: Message): ArrivedMessage {
  return { id, channel, project, subject, from: from?.address ?? '', recipients: envelope.to };
}
