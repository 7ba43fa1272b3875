import { ActionIcon, Menu } from '@mantine/core';
import { IconArrowLeft, IconDots, IconMessage2, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { HandsetView as Handset, SmsThreadView } from '../../../core/api/sms-schema.ts';
import { smsProviderNames } from '../../../core/model/sms.ts';
import { deleteHandset, handsetQuery, switchOff, switchOn, threadsQuery } from '../api/handsets.ts';
import { useVirtualNow } from '../clock/use-virtual-now.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { formatDateTime, formatWhen, plural } from '../format.ts';
import { LoadingState, ProblemState, RoomState } from '../frame/room-states.tsx';
import { OfflineMenu } from '../phones/offline-menu.tsx';
import view from '../phones/phone-view.module.css';
import { withSearch } from '../room-search.ts';
import { HandsetFacts } from './handset-facts.tsx';
import classes from './handset-view.module.css';
import { countryName, stateShapes } from './handset-words.ts';
import { SmsThread } from './sms-thread.tsx';
import { useHandsetAction } from './use-handset-action.ts';

/** One number: what was written to it and from it, and its switches. */
export function HandsetView({ number }: { readonly number: string }) {
  const { data, error, refetch } = useQuery(handsetQuery(number));
  if (data !== undefined) return <OneHandset handset={data} />;
  return error === null ? (
    <LoadingState what="the handset" />
  ) : (
    <ProblemState error={error} onRetry={() => void refetch()} />
  );
}

function OneHandset({ handset }: { readonly handset: Handset }) {
  const { number, name, online } = handset;
  const nowMs = useVirtualNow();
  const threads = useQuery(threadsQuery(number)).data;
  const asked = useSearch({ strict: false, select: (search) => search.sender ?? null });
  const shown = threads?.find(({ sender }) => sender === asked) ?? threads?.[0] ?? null;
  const act = useHandsetAction();
  const navigate = useNavigate();
  const remove = async () => {
    if (
      (await act(
        deleteHandset(number).then(() => true),
        `${name} is gone`,
      )) !== null
    )
      void navigate({ to: '/phones/handsets', search: (old) => withSearch(old, { sender: null }) });
  };
  const show = (sender: string) =>
    void navigate({ to: '.', search: (old) => withSearch(old, { sender }), replace: true });
  const commands = useMemo<readonly Command[]>(
    () => [
      {
        id: 'handset-online',
        title: online ? `Switch ${name} off` : `Switch ${name} on`,
        group: 'Sandbox',
        keys: ['o'],
        run: () => void act(online ? switchOff(number, null) : switchOn(number)),
      },
    ],
    [online, name, number, act],
  );
  useCommands(commands);

  return (
    <article className={view.view} aria-label={name}>
      <header className={view.head}>
        <div className={view.titles}>
          <Link to="/phones/handsets" search={true} className={view.back} aria-label="Back to the handsets">
            <IconArrowLeft size={14} aria-hidden />
          </Link>
          <h1 className={view.title}>{name}</h1>
          <span className={view.dim}>
            {name === number ? '' : `${number} · `}
            {countryName(handset.country)} · {handset.carrier.name}
            {handset.portedFrom !== null && `, ported from ${handset.portedFrom.name}`} ·{' '}
            {handset.user === null ? 'nobody’s' : `of ${handset.user}`} · since{' '}
            {formatDateTime(handset.createdAt)}
            {handset.onTheFly && ' · made on the fly, for a number that nobody knew'}
          </span>
          {handset.waiting > 0 && (
            <span className={view.warn}>
              {plural(handset.waiting, 'message waits', 'messages wait')} for it
            </span>
          )}
        </div>
        <OfflineMenu
          phone={handset}
          nowMs={nowMs}
          onOnline={() => void act(switchOn(number))}
          onOffline={(forMs) => void act(switchOff(number, forMs))}
        />
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon aria-label={`More about ${name}`}>
              <IconDots size={16} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconTrash size={14} aria-hidden />} onClick={() => void remove()}>
              Delete this handset; what waits for it is undelivered
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </header>
      <div className={classes.columns}>
        {threads !== undefined && threads.length > 1 && (
          <nav className={classes.threads} aria-label="Threads">
            {threads.map((thread) => (
              <ThreadButton
                key={`${thread.provider} ${thread.sender}`}
                thread={thread}
                current={thread === shown}
                onShow={() => show(thread.sender)}
              />
            ))}
          </nav>
        )}
        {threads === undefined && <LoadingState what="the threads" />}
        {threads !== undefined &&
          (shown === null ? (
            <RoomState icon={<IconMessage2 size={28} stroke={1.3} aria-hidden />} title="No message yet">
              What an app sends to {number} shows up here, and can be answered.
            </RoomState>
          ) : (
            <SmsThread key={`${number} ${shown.sender}`} handset={handset} thread={shown} nowMs={nowMs} />
          ))}
        <HandsetFacts key={number} handset={handset} />
      </div>
    </article>
  );
}

interface ThreadButtonProps {
  readonly thread: SmsThreadView;
  readonly current: boolean;
  readonly onShow: () => void;
}

function ThreadButton({ thread, current, onShow }: ThreadButtonProps) {
  const { sender, last, optedOut, provider } = thread;
  return (
    <button type="button" className={classes.thread} aria-current={current} onClick={onShow}>
      <span className={classes.line}>
        <span className={classes.name}>{sender === '' ? 'No name' : sender}</span>
        <time className={classes.dim} dateTime={last.at}>
          {formatWhen(last.at, new Date())}
        </time>
      </span>
      <span className={classes.last}>
        <span aria-hidden>{stateShapes[last.state]} </span>
        {last.text === '' ? '(no text)' : last.text}
      </span>
      <span className={classes.dim}>
        {smsProviderNames[provider]}
        {optedOut && ' · STOP'}
      </span>
    </button>
  );
}
