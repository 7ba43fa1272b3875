import { NativeSelect } from '@mantine/core';
import { IconArrowsLeftRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { Exchange } from '../../../core/api/schema.ts';
import { smsProviders } from '../../../core/model/sms.ts';
import { statusQuery } from '../api/core.ts';
import { type ExchangeScope, fetchExchanges } from '../api/exchanges.ts';
import type { FeedSource } from '../feed/feed.ts';
import { RoomFeed } from '../feed/room-feed.tsx';
import { useFeed } from '../feed/use-feed.ts';
import { FilterBar } from '../frame/filter-bar.tsx';
import { RoomState } from '../frame/room-states.tsx';
import { Split } from '../frame/split.tsx';
import { useLive, useLiveChange } from '../live/live-context.tsx';
import { ExchangeTab } from '../message/exchange-tab.tsx';
import { withSearch } from '../room-search.ts';
import { ExchangeRow, exchangeRowHeight, sameExchange } from './exchange-row.tsx';
import { outcomes } from './outcomes.ts';

const typingPauseMs = 200;

/** Everything that came through the doors, refused things too. */
export function ExchangesRoom() {
  const id = useParams({ strict: false, select: (parameters) => parameters.id ?? null });
  const outcome = useSearch({ strict: false, select: (search) => search.outcome ?? null });
  const door = useSearch({ strict: false, select: (search) => search.door ?? null });
  const [text, setText] = useState('');
  const [q, setQ] = useState('');
  const navigate = useNavigate();
  const doors = doorsOf(useQuery(statusQuery).data?.ports ?? {});

  useEffect(() => {
    const timer = setTimeout(() => setQ(text.trim()), typingPauseMs);
    return () => clearTimeout(timer);
  }, [text]);

  const scope = useMemo<ExchangeScope>(() => ({ q, outcome, door }), [q, outcome, door]);
  const source = useMemo<FeedSource<Exchange>>(
    () => ({ fetch: (page) => fetchExchanges(scope, page), same: sameExchange }),
    [scope],
  );
  const [feed, state] = useFeed(source);
  const connection = useLive().state;
  useEffect(() => {
    if (connection === 'open') feed.refresh();
  }, [connection, feed]);
  useLiveChange((change) => {
    if (change === 'resync') void feed.reload();
    else if (change.exchanges.size > 0) feed.arrived(null);
  });

  const select = useCallback(
    (next: string) => void navigate({ to: '/exchanges/$id', params: { id: next }, search: (old) => old }),
    [navigate],
  );
  const filter = (change: { outcome?: string | null; door?: string | null }) =>
    void navigate({ to: '.', search: (old) => withSearch(old, change), replace: true });

  return (
    <Split
      name="exchanges"
      shown={id === null ? 'list' : 'detail'}
      list={
        <>
          <FilterBar label="Filter exchanges" value={text} onChange={setText}>
            <NativeSelect
              aria-label="Outcome"
              value={outcome ?? ''}
              onChange={(event) => filter({ outcome: event.currentTarget.value })}
              data={[{ value: '', label: 'Any outcome' }, ...Object.keys(outcomes)]}
            />
            <NativeSelect
              aria-label="Door"
              value={door ?? ''}
              onChange={(event) => filter({ door: event.currentTarget.value })}
              data={[{ value: '', label: 'Any door' }, ...doors]}
            />
          </FilterBar>
          <RoomFeed
            what="exchanges"
            empty={<NoExchanges filtered={q !== '' || outcome !== null || door !== null} />}
            label="Exchanges"
            feed={feed}
            state={state}
            entries={state.entries}
            selectedId={id}
            onSelect={select}
            onOpen={() => undefined}
            rowHeight={exchangeRowHeight}
            Row={ExchangeRow}
          />
        </>
      }
      detail={
        id === null ? (
          <RoomState
            icon={<IconArrowsLeftRight size={28} stroke={1.3} aria-hidden />}
            title="No exchange open"
          />
        ) : (
          <ExchangeTab key={id} id={id} />
        )
      }
    />
  );
}

/** Providers that share ports: their exchanges are kept under the provider's own name. */
const providerNames = [
  'fcm',
  'google',
  'webpush',
  ...smsProviders.filter((name) => name !== 'smpp'),
  'inapp',
] as const;
/** The screen and the DNS keep no exchanges. */
const withoutExchanges = new Set(['http', 'dns']);

function doorsOf(ports: Readonly<Record<string, number>>): readonly string[] {
  const doors = Object.keys(ports).filter((name) => !withoutExchanges.has(name));
  return ports.providers === undefined && ports.tls === undefined ? doors : [...doors, ...providerNames];
}

function NoExchanges({ filtered }: { readonly filtered: boolean }) {
  return (
    <RoomState
      icon={<IconArrowsLeftRight size={28} stroke={1.5} aria-hidden />}
      title={filtered ? 'Nothing matches this filter' : 'Nothing has come through a door yet'}
    >
      {!filtered && 'Every session shows up here as soon as it begins, also one that is refused.'}
    </RoomState>
  );
}
