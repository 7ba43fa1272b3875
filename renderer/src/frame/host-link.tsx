import { useQuery } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { Message } from '../../../core/api/schema.ts';
import { statsQuery } from '../api/core.ts';
import { request } from '../api/request.ts';
import { plural } from '../format.ts';
import { bridge, can } from '../host/host.ts';
import { useLiveChange } from '../live/live-context.tsx';

/** One notification says what came within this time; more would be noise. */
const notifyIntervalMs = 4_000;

/** Tells the desktop what it shows outside the window, and goes where it asks. Shows nothing itself. */
export function HostLink() {
  const router = useRouter();
  const project = useSearch({ strict: false, select: (search) => search.project ?? null });
  const unread = useQuery(statsQuery(project)).data?.unread ?? 0;
  const waiting = useRef({ count: 0, lastId: '', timer: 0 });

  useEffect(() => {
    document.title = unread === 0 ? 'Sandpost' : `(${unread > 999 ? '999+' : unread}) Sandpost`;
    if (bridge !== null && can('badge')) void bridge.setBadge(unread);
  }, [unread]);

  useEffect(
    () => bridge?.onNavigate((path) => router.history.push(router.basepath.replace(/\/$/, '') + path)),
    [router],
  );

  useLiveChange((change) => {
    if (change === 'resync' || bridge === null || !can('notify') || document.hasFocus()) return;
    const arrived = change.arrived.size;
    if (arrived === 0) return;
    const state = waiting.current;
    state.count += arrived;
    state.lastId = change.lastArrivedId ?? state.lastId;
    if (state.timer !== 0) return;
    state.timer = window.setTimeout(
      () => {
        const { count, lastId } = state;
        waiting.current = { count: 0, lastId: '', timer: 0 };
        void notify(count, lastId);
      },
      Math.min(notifyIntervalMs, notifyDelayMs(state.count)),
    );
  });
  return null;
}

/** The first message is told at once; a burst waits and is told together. */
const notifyDelayMs = (count: number): number => (count === 1 ? 150 : notifyIntervalMs);

async function notify(count: number, lastId: string): Promise<void> {
  if (bridge === null || !(await bridge.preferences()).notifications) return;
  if (count === 1 && lastId !== '') {
    const message = await request<Message>(`/messages/${lastId}`);
    await bridge.notify({
      title: message.subject === '' ? '(no subject)' : message.subject,
      body: `${message.from?.address ?? 'no sender'} → ${message.envelope.to.join(', ')}`,
      messageId: lastId,
    });
    return;
  }
  await bridge.notify({ title: plural(count, 'new message', 'new messages'), body: '', messageId: null });
}
