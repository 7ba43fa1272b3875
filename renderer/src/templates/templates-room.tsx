import { Button, Text } from '@mantine/core';
import { IconPlus, IconTemplate } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useMemo, useState } from 'react';
import { type TemplateEntry, templatesQuery } from '../api/templates.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { plural } from '../format.ts';
import { FilterBar } from '../frame/filter-bar.tsx';
import { LoadingState, ProblemState, RoomState } from '../frame/room-states.tsx';
import { Split } from '../frame/split.tsx';
import { ChannelIcon } from '../users/channel-icon.tsx';
import { NewTemplate } from './new-template.tsx';
import classes from './templates-room.module.css';

// The editor is large, and the list is there sooner without it.
const TemplateView = lazy(async () => ({ default: (await import('./template-view.tsx')).TemplateView }));

const listWidth = 290;

/** Named texts for every channel: written, looked at, published. */
export function TemplatesRoom() {
  const opened = useParams({ strict: false, select: ({ template }) => template ?? null });
  const [q, setQ] = useState('');
  const [making, setMaking] = useState(false);
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery({
    ...templatesQuery(q.trim()),
    placeholderData: keepPreviousData,
  });
  const open = useCallback(
    (next: string | null) =>
      void navigate(
        next === null
          ? { to: '/templates', search: {} }
          : { to: '/templates/$template', params: { template: next }, search: {} },
      ),
    [navigate],
  );
  useCommands(
    useMemo<readonly Command[]>(
      () => [
        {
          id: 'new-template',
          title: 'Write a template',
          group: 'Sandbox',
          keys: ['n'],
          run: () => setMaking(true),
        },
      ],
      [],
    ),
  );
  const entries = data ?? [];
  return (
    <>
      <Split
        name="templates"
        usualWidth={listWidth}
        shown={opened === null ? 'list' : 'detail'}
        list={
          <>
            <FilterBar label="Filter templates" value={q} onChange={setQ}>
              <Button
                variant="default"
                leftSection={<IconPlus size={14} aria-hidden />}
                onClick={() => setMaking(true)}
              >
                New
              </Button>
            </FilterBar>
            {data === undefined && error === null && <LoadingState what="templates" />}
            {data === undefined && error !== null && (
              <ProblemState error={error} onRetry={() => void refetch()} />
            )}
            {data !== undefined && entries.length === 0 && (
              <NoTemplates filtered={q.trim() !== ''} onMake={() => setMaking(true)} />
            )}
            {entries.length > 0 && (
              <ul className={classes.list} aria-label="Templates">
                {entries.map((entry) => (
                  <li key={entry.id}>
                    <button
                      type="button"
                      className={classes.row}
                      aria-current={entry.id === opened}
                      onClick={() => open(entry.id)}
                    >
                      <TemplateRow entry={entry} />
                    </button>
                  </li>
                ))}
              </ul>
            )}
            <p className={classes.foot}>{plural(entries.length, 'template', 'templates')}</p>
          </>
        }
        detail={
          opened === null ? (
            <RoomState icon={<IconTemplate size={28} stroke={1.3} aria-hidden />} title="No template open">
              A send names a template by its id, and goes by the version that is published.
            </RoomState>
          ) : (
            <Suspense fallback={<LoadingState what="the template" />}>
              <TemplateView key={opened} id={opened} onOpen={open} />
            </Suspense>
          )
        }
      />
      <NewTemplate opened={making} onClose={() => setMaking(false)} onMade={open} />
    </>
  );
}

function TemplateRow({ entry }: { readonly entry: TemplateEntry }) {
  return (
    <>
      <span className={classes.line}>
        <span className={classes.grow}>{entry.name}</span>
        {entry.channels.map((channel) => (
          <ChannelIcon key={channel} channel={channel} size={13} />
        ))}
      </span>
      <span className={classes.line}>
        <span className={classes.grow}>{entry.id}</span>
        <span>{entry.published === null ? 'not published' : `v${entry.published}`}</span>
        {entry.hasDraft && <span className={classes.draft}>draft</span>}
      </span>
    </>
  );
}

function NoTemplates({ filtered, onMake }: { readonly filtered: boolean; readonly onMake: () => void }) {
  return (
    <RoomState
      icon={<IconTemplate size={28} stroke={1.5} aria-hidden />}
      title={filtered ? 'No template matches this filter' : 'No templates yet'}
    >
      {!filtered && (
        <>
          <Text size="md" c="dimmed">
            Named texts for every channel, versioned, with variables. Begin with one that is written already.
          </Text>
          <Button variant="light" onClick={onMake}>
            Write a template
          </Button>
        </>
      )}
    </RoomState>
  );
}
