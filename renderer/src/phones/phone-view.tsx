import { ActionIcon, Menu } from '@mantine/core';
import { IconArrowLeft, IconDots, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { Phone, PhonePush } from '../../../core/api/phones-schema.ts';
import {
  deletePhone,
  dismissAll,
  dismissPush,
  goOffline,
  goOnline,
  phonePushesQuery,
  phoneQuery,
  tapPush,
} from '../api/phones.ts';
import { useVirtualNow } from '../clock/use-virtual-now.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { formatDateTime } from '../format.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { LockScreen } from './lock-screen.tsx';
import { type LockNote, noteTitle } from './lock-stacks.ts';
import { OfflineMenu } from './offline-menu.tsx';
import { PhoneApps } from './phone-apps.tsx';
import classes from './phone-view.module.css';
import { type PushPlace, placeOf, platformWords, tapWords } from './phone-words.ts';
import { PushList } from './push-list.tsx';
import { RegisterDialog } from './register-dialog.tsx';
import { usePhoneAction } from './use-phone-action.ts';

/** One device: what it shows, what waits for it, and its switches. */
export function PhoneView({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery(phoneQuery(id));
  if (data !== undefined) return <OnePhone phone={data} />;
  return error === null ? (
    <LoadingState what="the phone" />
  ) : (
    <ProblemState error={error} onRetry={() => void refetch()} />
  );
}

const tapsShownMax = 4;

function OnePhone({ phone }: { readonly phone: Phone }) {
  const { id, name, platform } = phone;
  const nowMs = useVirtualNow();
  const pushes = useQuery(phonePushesQuery(id)).data ?? noPushes;
  const places = useMemo(() => byPlace(pushes), [pushes]);
  const [taps, setTaps] = useState<readonly { readonly key: number; readonly words: string }[]>([]);
  const [registering, setRegistering] = useState<'open' | 'closed'>('closed');
  const act = usePhoneAction();
  const navigate = useNavigate();
  const say = (words: string) =>
    setTaps((old) => [{ key: (old[0]?.key ?? 0) + 1, words }, ...old].slice(0, tapsShownMax));

  const acts = {
    onTap: async (note: LockNote, action: string | null) => {
      const result = await act(tapPush(id, note.id, action));
      if (result !== null) say(tapWords(noteTitle(note.content), result));
    },
    onDismiss: async (note: LockNote) => {
      if ((await act(dismissPush(id, note.id))) !== null)
        say(`“${noteTitle(note.content)}” was swiped away. The sender learns nothing of it.`);
    },
  };
  const remove = async () => {
    const gone = await act(deletePhone(id), `${name} is gone`);
    if (gone !== null) void navigate({ to: '/phones', search: (old) => old });
  };
  const commands = useMemo<readonly Command[]>(
    () => [
      {
        id: 'phone-online',
        title: phone.online ? `Switch ${name} off the net` : `Switch ${name} online`,
        group: 'Sandbox',
        keys: ['o'],
        run: () => void act(phone.online ? goOffline(id, null) : goOnline(id)),
      },
      {
        id: 'phone-register',
        title: `Register an app on ${name}`,
        group: 'Sandbox',
        keys: ['a'],
        run: () => setRegistering('open'),
      },
      {
        id: 'phone-clear',
        title: `Clear the lock screen of ${name}`,
        group: 'Sandbox',
        run: () => void act(dismissAll(id), 'Nothing is shown any more'),
      },
    ],
    [phone.online, name, id, act],
  );
  useCommands(commands);

  return (
    <article className={classes.view} aria-label={name}>
      <header className={classes.head}>
        <div className={classes.titles}>
          <Link to="/phones" search={true} className={classes.back} aria-label="Back to the phones">
            <IconArrowLeft size={14} aria-hidden />
          </Link>
          <h1 className={classes.title}>{name}</h1>
          <span className={classes.dim}>
            {platformWords[platform]} · {phone.user === null ? 'nobody’s' : `of ${phone.user}`} · since{' '}
            {formatDateTime(phone.createdAt)}
            {phone.onTheFly && ' · made on the fly, for a token that nobody knew'}
          </span>
        </div>
        <OfflineMenu
          phone={phone}
          nowMs={nowMs}
          onOnline={() => void act(goOnline(id))}
          onOffline={(forMs) => void act(goOffline(id, forMs))}
        />
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon aria-label={`More about ${name}`}>
              <IconDots size={16} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => void act(dismissAll(id), 'Nothing is shown any more')}>
              Dismiss all that it shows
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item leftSection={<IconTrash size={14} aria-hidden />} onClick={() => void remove()}>
              Delete this {platform === 'browser' ? 'browser' : 'phone'}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className={classes.scroll} tabIndex={0} aria-label={`All about ${name}`}>
        <div className={classes.left}>
          <LockScreen
            label={platform === 'browser' ? `Desktop of ${name}` : `Lock screen of ${name}`}
            platform={platform}
            online={phone.online}
            nowMs={nowMs}
            notes={places.shown.map(noteOf)}
            icons={phone.apps.filter(({ installed }) => installed).map(({ app, badge }) => ({ app, badge }))}
            acts={{
              onTap: (note, action) => void acts.onTap(note, action),
              onDismiss: (note) => void acts.onDismiss(note),
            }}
            empty={
              places.waiting.length > 0 ? 'Nothing yet: what came waits at the provider.' : 'No notifications'
            }
          />
          <ol className={classes.taps} aria-live="polite" aria-label="What was done with it">
            {taps.map(({ key, words }) => (
              <li key={key}>{words}</li>
            ))}
          </ol>
        </div>
        <div className={classes.right}>
          <PushList
            title="Waiting at the provider"
            meaning="Accepted while the device was off. Delivered when it comes back, unless its time is over by then."
            pushes={places.waiting}
            nowMs={nowMs}
          />
          <PushList
            title="Arrived, and not on the screen"
            meaning="No provider tells a sender of this: the answer was a success all the same."
            pushes={places.unseen}
            nowMs={nowMs}
          />
          <PushList
            title="Never arrived"
            meaning="Accepted, and then gone before the device had it."
            pushes={places.lost}
            nowMs={nowMs}
          />
          <PhoneApps phone={phone} onRegister={() => setRegistering('open')} />
          <PushList
            title="Opened or dismissed"
            meaning="What its user did with it."
            pushes={places.done}
            nowMs={nowMs}
          />
        </div>
      </section>
      <RegisterDialog
        opened={registering === 'open'}
        phone={phone}
        onClose={() => setRegistering('closed')}
      />
    </article>
  );
}

const noPushes: readonly PhonePush[] = [];

function byPlace(pushes: readonly PhonePush[]): Readonly<Record<PushPlace, readonly PhonePush[]>> {
  const places: Record<PushPlace, PhonePush[]> = { shown: [], waiting: [], unseen: [], lost: [], done: [] };
  for (const push of pushes) places[placeOf(push)].push(push);
  return places;
}

const noteOf = (push: PhonePush): LockNote => ({
  id: push.id,
  app: push.app,
  at: push.deliveredAt ?? push.receivedAt,
  content: push.content,
  messageId: push.messageId,
});
