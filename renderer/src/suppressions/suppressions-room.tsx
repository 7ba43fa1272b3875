import { Button } from '@mantine/core';
import { IconBan, IconDownload, IconPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import {
  fetchSuppressions,
  type ListedSuppression,
  suppressionsFileUrl,
  unsuppress,
} from '../api/suppressions.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import type { FeedSource } from '../feed/feed.ts';
import { RoomFeed } from '../feed/room-feed.tsx';
import { useFeed } from '../feed/use-feed.ts';
import { formatDateTime, plural } from '../format.ts';
import { FilterBar } from '../frame/filter-bar.tsx';
import { RoomState } from '../frame/room-states.tsx';
import { Split } from '../frame/split.tsx';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import { saveFile } from '../host/save-file.ts';
import { Facts } from '../journey/stage-evidence.tsx';
import { useLive, useLiveChange } from '../live/live-context.tsx';
import { classWords } from '../status/class-words.ts';
import { AddSuppression } from './add-suppression.tsx';
import { ImportSuppressions } from './import-suppressions.tsx';
import { SuppressionRow, sameSuppression, suppressionRowHeight } from './suppression-row.tsx';
import { reasonWords, scopeWords, sourceInWords } from './suppression-words.ts';
import classes from './suppressions-room.module.css';

const typingPauseMs = 200;

/** The addresses that must not be sent to, and why. */
export function SuppressionsRoom() {
  const [text, setText] = useState('');
  const [q, setQ] = useState('');
  const [id, setId] = useState<string | null>(null);
  const [adding, setAdding] = useState<'open' | 'closed'>('closed');
  const queries = useQueryClient();
  useEffect(() => {
    const timer = setTimeout(() => setQ(text.trim()), typingPauseMs);
    return () => clearTimeout(timer);
  }, [text]);

  const source = useMemo<FeedSource<ListedSuppression>>(
    () => ({ fetch: (page) => fetchSuppressions(q, page), same: sameSuppression }),
    [q],
  );
  const [feed, state] = useFeed(source);
  const connection = useLive().state;
  useEffect(() => {
    if (connection === 'open') feed.refresh();
  }, [connection, feed]);
  useLiveChange((change) => {
    if (change === 'resync' || change.suppressions) void feed.reload();
  });
  const changed = () => {
    void feed.reload();
    void queries.invalidateQueries({ queryKey: ['suppressions'] });
  };
  const remove = (entry: ListedSuppression) => {
    unsuppress(entry.address, entry.scope).then(
      () => {
        toast(`${entry.address} may be sent to again`);
        setId(null);
        changed();
      },
      (error: unknown) => toastProblem(error, 'It could not be taken off the list'),
    );
  };
  const download = () => {
    saveFile(suppressionsFileUrl(), 'suppressions.csv').catch((error: unknown) =>
      toastProblem(error, 'The list could not be saved'),
    );
  };
  useCommands(
    useMemo<readonly Command[]>(
      () => [
        {
          id: 'add-suppression',
          title: 'Suppress an address',
          group: 'Sandbox',
          keys: ['n'],
          run: () => setAdding('open'),
        },
      ],
      [],
    ),
  );

  const selected = state.entries.find((entry) => entry.id === id) ?? null;
  return (
    <>
      <Split
        name="suppressions"
        shown={selected === null ? 'list' : 'detail'}
        list={
          <>
            <FilterBar label="Filter addresses" value={text} onChange={setText}>
              <Button
                variant="default"
                leftSection={<IconPlus size={14} aria-hidden />}
                onClick={() => setAdding('open')}
              >
                Add
              </Button>
            </FilterBar>
            <RoomFeed
              what="suppressions"
              empty={<NobodySuppressed filtered={q !== ''} />}
              label="Suppressions"
              feed={feed}
              state={state}
              entries={state.entries}
              selectedId={id}
              onSelect={setId}
              onOpen={() => undefined}
              rowHeight={suppressionRowHeight}
              Row={SuppressionRow}
            />
            <div className={classes.foot}>
              <span className={classes.count}>{plural(state.total, 'entry', 'entries')}</span>
              <ImportSuppressions onDone={changed} />
              <Button
                variant="default"
                leftSection={<IconDownload size={14} aria-hidden />}
                onClick={download}
              >
                Export
              </Button>
            </div>
          </>
        }
        detail={
          selected === null ? (
            <RoomState icon={<IconBan size={28} stroke={1.3} aria-hidden />} title="No suppression open">
              What is on this list is refused before anything is sent.
            </RoomState>
          ) : (
            <OneSuppression entry={selected} onRemove={() => remove(selected)} onClose={() => setId(null)} />
          )
        }
      />
      <AddSuppression opened={adding === 'open'} onClose={() => setAdding('closed')} onAdded={changed} />
    </>
  );
}

interface OneSuppressionProps {
  readonly entry: ListedSuppression;
  readonly onRemove: () => void;
  readonly onClose: () => void;
}

function OneSuppression({ entry, onRemove, onClose }: OneSuppressionProps) {
  return (
    <section className={classes.detail} aria-label={entry.address}>
      <h1 className={classes.title}>{entry.address}</h1>
      <Facts
        facts={[
          ['Not sent to', scopeWords[entry.scope]],
          ['Because', reasonWords[entry.reason]],
          ...(entry.class === null ? [] : ([['Class', classWords[entry.class].fault]] as const)),
          ['Put there by', sourceInWords(entry.source)],
          ['Since', formatDateTime(entry.createdAt)],
          ['Until', entry.expiresAt === null ? 'it is taken off' : formatDateTime(entry.expiresAt)],
        ]}
      />
      {entry.detail !== null && <p className={classes.words}>{entry.detail}</p>}
      <div className={classes.actions}>
        <Button variant="default" onClick={onRemove}>
          Take it off the list
        </Button>
        {entry.deliveryId !== null && (
          <Link className={classes.link} to="/queue/$id" params={{ id: entry.deliveryId }} search={{}}>
            Show the delivery
          </Link>
        )}
        <Button variant="subtle" color="gray" onClick={onClose}>
          Close
        </Button>
      </div>
    </section>
  );
}

function NobodySuppressed({ filtered }: { readonly filtered: boolean }) {
  return (
    <RoomState
      icon={<IconBan size={28} stroke={1.5} aria-hidden />}
      title={filtered ? 'No address matches this filter' : 'Nobody is suppressed'}
    >
      {!filtered &&
        'An address lands here by itself when it is surely dead, bounces time after time, complains or unsubscribes.'}
    </RoomState>
  );
}
