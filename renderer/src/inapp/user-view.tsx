import { Button } from '@mantine/core';
import { IconArrowLeft, IconChecks, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useCallback, useMemo, useRef, useState } from 'react';
import type { DemoState } from '../../../client/inapp/demo/demo.ts';
import { inAppPassQuery, inAppQueueQuery, readAllInApp } from '../api/inapp.ts';
import { useVirtualNow } from '../clock/use-virtual-now.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { formatCount } from '../format.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import view from '../phones/phone-view.module.css';
import { AppFrame, type FrameHandle, type Surface, surfaceNames } from './app-frame.tsx';
import { QueueList } from './queue-list.tsx';
import { useInAppAction } from './use-in-app-action.ts';
import classes from './user-view.module.css';
import { WhyNot } from './why-not.tsx';

const surfaces = ['browser', 'phone'] as const satisfies readonly Surface[];

interface UserViewProps {
  readonly user: string;
  readonly onNew: () => void;
}

/** One user: two devices that really pull, the queue, and why what is in it is not shown. */
export function UserView({ user, onNew }: UserViewProps) {
  const nowMs = useVirtualNow();
  const queue = useQuery(inAppQueueQuery(user));
  const pass = useQuery(inAppPassQuery(user));
  const [states, setStates] = useState<Readonly<Record<Surface, DemoState | null>>>(noStates);
  const phone = useRef<FrameHandle>(null);
  const browser = useRef<FrameHandle>(null);
  const act = useInAppAction();
  const tell = useMemo(
    () => ({
      phone: (state: DemoState | null) => setStates((old) => ({ ...old, phone: state })),
      browser: (state: DemoState | null) => setStates((old) => ({ ...old, browser: state })),
    }),
    [],
  );
  const readAll = useCallback(() => {
    if (pass.data !== undefined) void act(readAllInApp(pass.data), 'The inbox is read');
  }, [act, pass.data]);
  const commands = useMemo<readonly Command[]>(
    () => [
      ...surfaces.flatMap((surface): readonly Command[] => {
        const of = surface === 'phone' ? phone : browser;
        const name = surfaceNames[surface].toLowerCase();
        return [
          {
            id: `inapp-event-${surface}`,
            title: `Fire an event in the ${name}`,
            group: 'Sandbox',
            ...(surface === 'browser' ? { keys: ['v'] } : {}),
            run: () => of.current?.focusEvent(),
          },
          {
            id: `inapp-session-${surface}`,
            title: `New session on the ${name}`,
            group: 'Sandbox',
            run: () => of.current?.newSession(),
          },
        ];
      }),
      { id: 'inapp-read-all', title: `Mark the inbox of ${user} as read`, group: 'Sandbox', run: readAll },
    ],
    [user, readAll],
  );
  useCommands(commands);

  if (queue.data === undefined)
    return queue.error === null ? (
      <LoadingState what="the queue" />
    ) : (
      <ProblemState error={queue.error} onRetry={() => void queue.refetch()} />
    );
  const { entries, total } = queue.data;
  const waiting = entries.filter(({ state }) => state === 'waiting').length;
  return (
    <article className={view.view} aria-label={user}>
      <header className={view.head}>
        <div className={view.titles}>
          <Link to="/inapp" search={true} className={view.back} aria-label="Back to the users">
            <IconArrowLeft size={14} aria-hidden />
          </Link>
          <h1 className={view.title}>{user}</h1>
          <span className={view.dim}>
            {formatCount(total)} in-app messages, {formatCount(waiting)} not pulled yet ·{' '}
            <Link to="/users/$user" params={{ user }} className={classes.link}>
              profile and preferences
            </Link>
          </span>
        </div>
        <Button variant="default" leftSection={<IconChecks size={14} aria-hidden />} onClick={readAll}>
          Read the inbox
        </Button>
        <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={onNew}>
          New message
        </Button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className={classes.scroll} tabIndex={0} aria-label={`In-app messages of ${user}`}>
        {pass.error !== null && pass.data === undefined && (
          <ProblemState error={pass.error} onRetry={() => void pass.refetch()} />
        )}
        {pass.data !== undefined && (
          <div className={classes.devices}>
            <AppFrame surface="browser" pass={pass.data} handle={browser} onState={tell.browser} />
            <AppFrame surface="phone" pass={pass.data} handle={phone} onState={tell.phone} />
          </div>
        )}
        <div className={classes.columns}>
          {entries.length === 0 ? (
            <p className={classes.none}>
              Nothing waits for {user}. Send something: it shows up in both devices at once.
            </p>
          ) : (
            <QueueList messages={entries} total={total} pass={pass.data ?? null} nowMs={nowMs} />
          )}
          <WhyNot messages={entries} states={states} />
        </div>
      </section>
    </article>
  );
}

const noStates: Readonly<Record<Surface, DemoState | null>> = { phone: null, browser: null };
