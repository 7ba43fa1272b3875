import { VisuallyHidden } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { type LiveStatus, liveQuery } from '../api/live-relay.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { formatDateTime } from '../format.ts';
import { useLiveChange } from '../live/live-context.tsx';
import { paced } from '../live/paced.ts';
import markUrl from '../theme/icon.svg';
import liveMarkUrl from '../theme/icon-live.svg';
import { tellShell } from './host-mode.ts';
import classes from './live-watch.module.css';
import { channelNames, endWords } from './live-words.ts';
import { markTitle } from './page-title.ts';
import { useLiveRelay, useStopLive } from './use-live-relay.ts';

/** How often at most the counts are asked for while deliveries stream by. */
const countsIntervalMs = 1_000;
/** The end may be told by the core a moment after its time. */
const endSlackMs = 300;

/** What is red everywhere while anything goes out for real, and says when that begins and ends. */
export function LiveWatch() {
  const status = useLiveRelay();
  const known = status !== null;
  const live = status?.live === true;
  const until = status?.until ?? null;
  useStaysCurrent(status);
  usePageMark(live);
  useLiveCommands(status);
  const words = useAnnouncements(status);

  useEffect(() => {
    // A page that loads anew knows nothing yet; the shell, which asks before it quits while live, knows more.
    if (known) tellShell({ live, untilWallMs: until === null ? null : Date.parse(until) });
  }, [known, live, until]);

  return (
    <>
      {live && <div className={classes.edge} aria-hidden />}
      <VisuallyHidden role="status">{words}</VisuallyHidden>
    </>
  );
}

/** By the log's events, by what happens to deliveries, and when its time is over. */
function useStaysCurrent(status: LiveStatus | null): void {
  const queries = useQueryClient();
  const counts = useMemo(
    () =>
      paced(
        async () => void (await queries.invalidateQueries({ queryKey: liveQuery.queryKey })),
        countsIntervalMs,
      ),
    [queries],
  );
  useEffect(() => () => counts.stop(), [counts]);
  const counted = status !== null && (status.live || status.released > 0);
  useLiveChange((change) => {
    if (change === 'resync') return;
    const { liveRelay } = change;
    if (liveRelay.has('turned_on') || liveRelay.has('turned_off'))
      void queries.invalidateQueries({ queryKey: liveQuery.queryKey });
    else if (liveRelay.size > 0 || (counted && change.deliveries.size > 0)) counts.run();
    if (liveRelay.has('mailbox_read'))
      void queries.invalidateQueries({ queryKey: ['live-relay', 'return-mailbox'] });
    if (
      ['relay_changed', 'relay_deleted', 'credential_changed', 'verified'].some((kind) => liveRelay.has(kind))
    )
      void queries.invalidateQueries({ queryKey: ['live-relay', 'relays'] });
  });
  const until = status?.until ?? null;
  useEffect(() => {
    if (until === null) return;
    const timer = setTimeout(
      () => void queries.invalidateQueries({ queryKey: liveQuery.queryKey }),
      Math.max(0, Date.parse(until) - Date.now()) + endSlackMs,
    );
    return () => clearTimeout(timer);
  }, [until, queries]);
}

/** The tab of the browser says it too. */
function usePageMark(live: boolean): void {
  useEffect(() => {
    if (!live) return;
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    icon?.setAttribute('href', liveMarkUrl);
    const unmark = markTitle(document, 'LIVE · ');
    return () => {
      unmark();
      icon?.setAttribute('href', markUrl);
    };
  }, [live]);
}

function useLiveCommands(status: LiveStatus | null): void {
  const navigate = useNavigate();
  const stop = useStopLive();
  const goes = status !== null && (status.live || status.released > 0);
  useCommands(
    useMemo<readonly Command[]>(() => {
      const go = (view: string | null) => () =>
        void navigate({ to: '/live-relay', search: view === null ? {} : { view } });
      return [
        ...(goes
          ? ([
              {
                id: 'live-stop',
                title: 'Back to the sandbox: nothing more goes out for real',
                group: 'Sandbox',
                keys: [stopKeys],
                keywords: 'live relay stop kill switch off',
                run: stop,
              },
            ] satisfies Command[])
          : []),
        {
          id: 'live-go',
          title: 'Live relay: send for real…',
          group: 'Sandbox',
          keywords: 'go live on smarthost',
          run: go(null),
        },
        {
          id: 'live-relays',
          title: 'Live relay: relays',
          group: 'Sandbox',
          keywords: 'smarthost smtp apns fcm twilio credentials',
          run: go('relays'),
        },
        {
          id: 'live-log',
          title: 'Live relay: log of what went out',
          group: 'Sandbox',
          keywords: 'audit history',
          run: go('log'),
        },
      ];
    }, [goes, navigate, stop]),
  );
  // Also where somebody types, and in a dialog: it must never be out of reach.
  useEffect(() => {
    if (!goes) return;
    const press = (event: KeyboardEvent) => {
      if (!event.shiftKey || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      if (event.code !== 'Period' && event.key !== '.') return;
      event.preventDefault();
      stop();
    };
    window.addEventListener('keydown', press, { capture: true });
    return () => window.removeEventListener('keydown', press, { capture: true });
  }, [goes, stop]);
}

/** As the keyboard help shows it. */
const stopKeys = navigator.userAgent.includes('Mac') ? '⌘ ⇧ .' : 'Ctrl Shift .';

const endToast = 'live-relay-end';

/** @returns what is said to who cannot see the red */
function useAnnouncements(status: LiveStatus | null): string {
  const [words, setWords] = useState('');
  const before = useRef<LiveStatus | null>(null);
  useEffect(() => {
    const was = before.current;
    before.current = status;
    if (status === null) return;
    if (status.live && was?.live !== true) {
      const names = Object.keys(status.channels).flatMap((channel) =>
        channel in channelNames ? channelNames[channel as keyof typeof channelNames] : [],
      );
      setWords(
        `Live relay is on until ${formatDateTime(status.until ?? '')}: ${names.join(', ')} goes out for real.`,
      );
      notifications.hide(endToast);
    }
    if (!status.live && was?.live === true) {
      const { lastEnd } = status;
      const why = lastEnd === null ? 'The core was started again.' : endWords(lastEnd.why, lastEnd.by);
      setWords(`Back in the sandbox. ${why}`);
      notifications.show({
        id: endToast,
        title: 'Back in the sandbox',
        message: `${why} Nothing goes out for real any more.`,
        autoClose: false,
      });
    }
  }, [status]);
  return words;
}
