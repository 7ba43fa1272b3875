import { ActionIcon, Button, Tabs, Tooltip } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconSend, IconTrash, IconX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { UserDetailView } from '../../../core/api/people-schema.ts';
import { deleteUser, userQuery } from '../api/users.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { formatDateTime } from '../format.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import { withSearch } from '../room-search.ts';
import { KnownPlaces } from './known-places.tsx';
import { PreferenceTable } from './preference-table.tsx';
import { ProfileForm } from './profile-form.tsx';
import { SendDialog } from './send-dialog.tsx';
import { UserEvents } from './user-events.tsx';
import { UserMessages } from './user-messages.tsx';
import classes from './users-room.module.css';

const views = ['profile', 'preferences', 'messages', 'events'] as const;
type View = (typeof views)[number];
const titles: Readonly<Record<View, string>> = {
  profile: 'Profile',
  preferences: 'Preferences',
  messages: 'Messages',
  events: 'Events',
};
const isView = (value: unknown): value is View => views.some((view) => view === value);

/** One user: who they are, where they are reached, what they want, and what came of it. */
export function UserView({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const { data: user, error, refetch } = useQuery(userQuery(id));
  if (user !== undefined) return <OpenUser user={user} onClose={onClose} />;
  return error === null ? (
    <LoadingState what="the user" />
  ) : (
    <ProblemState error={error} onRetry={() => void refetch()} />
  );
}

function OpenUser({ user, onClose }: { readonly user: UserDetailView; readonly onClose: () => void }) {
  const { id } = user;
  const view = useSearch({ strict: false, select: ({ view: asked }) => (isView(asked) ? asked : 'profile') });
  const [sending, setSending] = useState(false);
  const navigate = useNavigate();
  const queries = useQueryClient();
  useCommands(
    useMemo<readonly Command[]>(
      () => [
        {
          id: 'send-to-user',
          title: `Send a message to ${id}`,
          group: 'Sandbox',
          keys: ['s'],
          run: () => setSending(true),
        },
      ],
      [id],
    ),
  );
  const remove = () =>
    modals.openConfirmModal({
      title: `Delete ${user.name ?? id}?`,
      children: 'What they did and want goes with them. What was sent to them stays.',
      labels: { confirm: 'Delete', cancel: 'Cancel' },
      confirmProps: { color: 'red' },
      onConfirm: () => {
        deleteUser(id).then(
          () => {
            toast(`${user.name ?? id} is deleted`);
            queries.removeQueries({ queryKey: ['users', 'one', id] });
            onClose();
          },
          (error: unknown) => toastProblem(error, 'The user could not be deleted'),
        );
      },
    });
  return (
    <article id="user" className={classes.pane} tabIndex={-1} aria-label={user.name ?? id}>
      <header className={classes.head}>
        <div className={classes.about}>
          <h1 className={classes.title}>{user.name ?? id}</h1>
          <p className={classes.dim}>
            {id} · known since {formatDateTime(user.createdAt)}
            {user.preferences.unsubscribed && (
              <>
                {' · '}
                <span className={classes.warn}>unsubscribed from everything</span>
              </>
            )}
          </p>
        </div>
        <div className={classes.actions}>
          <Button leftSection={<IconSend size={14} aria-hidden />} onClick={() => setSending(true)}>
            Send a message
          </Button>
          <Tooltip label="Delete the user">
            <ActionIcon aria-label="Delete the user" onClick={remove}>
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Close">
            <ActionIcon aria-label="Close the user" onClick={onClose}>
              <IconX size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </div>
      </header>
      <Tabs
        value={view}
        className={classes.pane ?? ''}
        keepMounted={false}
        onChange={(next) => {
          if (isView(next))
            void navigate({
              to: '.',
              search: (old) => withSearch(old, { view: next === 'profile' ? null : next }),
              replace: true,
            });
        }}
      >
        <Tabs.List className={classes.tabList ?? ''} aria-label="Views of the user">
          {views.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {titles[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="profile" className={classes.panel ?? ''}>
          <ProfileForm key={user.updatedAt} user={user} />
          <KnownPlaces user={user} />
        </Tabs.Panel>
        <Tabs.Panel value="preferences" className={classes.panel ?? ''}>
          <PreferenceTable id={id} />
        </Tabs.Panel>
        <Tabs.Panel value="messages" className={classes.panel ?? ''}>
          <UserMessages id={id} />
        </Tabs.Panel>
        <Tabs.Panel value="events" className={classes.panel ?? ''}>
          <UserEvents id={id} />
        </Tabs.Panel>
      </Tabs>
      <SendDialog
        opened={sending}
        onClose={() => setSending(false)}
        to={{ user: id }}
        who={user.name ?? id}
      />
    </article>
  );
}
