import { NativeSelect } from '@mantine/core';
import { IconListDetails } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import {
  type AuditKind,
  auditKinds,
  type LiveChannel,
  liveChannels,
} from '../../../core/model/live-relay.ts';
import { type AuditFilter, fetchAudit } from '../api/live-relay.ts';
import type { FeedSource } from '../feed/feed.ts';
import { RoomFeed } from '../feed/room-feed.tsx';
import { useFeed } from '../feed/use-feed.ts';
import { formatDateTime, plural } from '../format.ts';
import { RoomState } from '../frame/room-states.tsx';
import { Split } from '../frame/split.tsx';
import { Facts } from '../journey/stage-evidence.tsx';
import { useLive, useLiveChange } from '../live/live-context.tsx';
import { AuditRow, auditRowHeight } from './audit-row.tsx';
import classes from './audit-tab.module.css';
import { type AuditLine, detailFacts, lineOf } from './audit-words.ts';
import { actorNames, auditKindNames, channelNames } from './live-words.ts';

/** Everything that was turned on, sent, answered and changed; it is only ever added to. */
export function AuditTab() {
  const [kind, setKind] = useState<AuditKind | null>(null);
  const [channel, setChannel] = useState<LiveChannel | null>(null);
  const [id, setId] = useState<string | null>(null);
  const filter = useMemo<AuditFilter>(() => ({ kind, channel }), [kind, channel]);
  const source = useMemo<FeedSource<AuditLine>>(
    () => ({
      async fetch(page) {
        const found = await fetchAudit(filter, page);
        return { ...found, entries: found.entries.map(lineOf) };
      },
      // An entry never changes.
      same: (a, b) => a.id === b.id,
    }),
    [filter],
  );
  const [feed, state] = useFeed(source);
  const connection = useLive().state;
  useEffect(() => {
    if (connection === 'open') feed.refresh();
  }, [connection, feed]);
  useLiveChange((change) => {
    if (change === 'resync') void feed.reload();
    else if (change.liveRelay.size > 0) feed.arrived(null);
  });
  const selected = state.entries.find((entry) => entry.id === id) ?? null;
  const filtered = kind !== null || channel !== null;
  return (
    <Split
      name="live-log"
      usualWidth={460}
      shown={selected === null ? 'list' : 'detail'}
      list={
        <>
          <div className={classes.bar}>
            <span className={classes.count}>{plural(state.total, 'entry', 'entries')}</span>
            <NativeSelect
              aria-label="Kind of entry"
              value={kind ?? ''}
              data={[
                { value: '', label: 'Everything' },
                ...auditKinds.map((value) => ({ value, label: auditKindNames[value] })),
              ]}
              onChange={(event) => {
                const { value } = event.currentTarget;
                setKind(auditKinds.find((one) => one === value) ?? null);
              }}
            />
            <NativeSelect
              aria-label="Channel"
              value={channel ?? ''}
              data={[
                { value: '', label: 'Every channel' },
                ...liveChannels.map((value) => ({ value, label: channelNames[value] })),
              ]}
              onChange={(event) => {
                const { value } = event.currentTarget;
                setChannel(liveChannels.find((one) => one === value) ?? null);
              }}
            />
          </div>
          <RoomFeed
            what="the log"
            empty={<NothingLogged filtered={filtered} />}
            label="Log of live relay"
            feed={feed}
            state={state}
            entries={state.entries}
            selectedId={id}
            onSelect={setId}
            onOpen={() => undefined}
            rowHeight={auditRowHeight}
            Row={AuditRow}
          />
        </>
      }
      detail={
        selected === null ? (
          <RoomState icon={<IconListDetails size={28} stroke={1.3} aria-hidden />} title="No entry open">
            What was turned on, sent and answered, by whom and when. Nothing is ever taken out of it.
          </RoomState>
        ) : (
          <OneEntry line={selected} onClose={() => setId(null)} />
        )
      }
    />
  );
}

function OneEntry({ line, onClose }: { readonly line: AuditLine; readonly onClose: () => void }) {
  const { messageId, deliveryId } = line;
  return (
    <section className={classes.detail} aria-label={auditKindNames[line.kind]}>
      <h2 className={classes.title}>{auditKindNames[line.kind]}</h2>
      <Facts
        facts={[
          ['When', formatDateTime(line.at)],
          ['By', actorNames[line.by]],
          ...(line.channel === null ? [] : ([['Channel', channelNames[line.channel]]] as const)),
          ...(line.relay === null ? [] : ([['Relay', line.relay]] as const)),
          ...(line.recipient === null ? [] : ([['Really to', line.recipient]] as const)),
          ...detailFacts(line),
        ]}
      />
      <p className={classes.links}>
        {deliveryId !== null && (
          <Link to="/queue/$id" params={{ id: deliveryId }} search={{}} className={classes.link}>
            Show the delivery
          </Link>
        )}
        {messageId !== null && (
          <Link to="/messages/$id" params={{ id: messageId }} search={{}} className={classes.link}>
            Show the message
          </Link>
        )}
        <button type="button" className={classes.close} onClick={onClose}>
          Close
        </button>
      </p>
    </section>
  );
}

function NothingLogged({ filtered }: { readonly filtered: boolean }) {
  return (
    <RoomState
      icon={<IconListDetails size={28} stroke={1.5} aria-hidden />}
      title={filtered ? 'Nothing matches this filter' : 'Nothing was ever sent for real'}
    >
      {!filtered && 'What is turned on, sent, answered or changed here is entered in this log.'}
    </RoomState>
  );
}
