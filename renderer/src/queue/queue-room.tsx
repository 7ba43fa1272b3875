import { modals } from '@mantine/modals';
import { IconMailForward } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { Delivery } from '../../../core/api/schema.ts';
import {
  type DeliveryAction,
  deliveryQuery,
  fetchDeliveries,
  type OrderHow,
  orderAll,
  orderSome,
} from '../api/deliveries.ts';
import type { DeliveryScope } from '../api/delivery-scope.ts';
import { messageQuery } from '../api/messages.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import type { FeedSource } from '../feed/feed.ts';
import type { FeedMarks } from '../feed/feed-list.tsx';
import { RoomFeed } from '../feed/room-feed.tsx';
import { useFeed } from '../feed/use-feed.ts';
import { plural } from '../format.ts';
import { RoomState } from '../frame/room-states.tsx';
import { Split } from '../frame/split.tsx';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import { DeliveryJourney } from '../journey/delivery-journey.tsx';
import { useLive, useLiveChange } from '../live/live-context.tsx';
import { RealRelease } from '../live-relay/real-release.tsx';
import { type Release, releaseOf } from '../live-relay/release-channels.ts';
import { withSearch } from '../room-search.ts';
import { BounceDialog } from '../status/bounce-dialog.tsx';
import { actionsFor } from '../status/delivery-actions.ts';
import { useDeliveryCommands } from '../status/use-delivery-commands.ts';
import { DeliveryRow, deliveryRowHeight, sameDelivery } from './delivery-row.tsx';
import { HoldingBar } from './holding-bar.tsx';
import { MarkedBar } from './marked-bar.tsx';
import { type Marks, noMarks, rangeTo, stillListed, toggled } from './marks.ts';
import { QueueBar } from './queue-bar.tsx';
import { QueueOverview } from './queue-overview.tsx';
import classes from './queue-room.module.css';
import { SuspendDialog } from './suspend-dialog.tsx';

/** In the address, `any` stands for every status: nothing stands for what waits. */
const anyStatus = 'any';

/** What waits, why, and until when; and the rest of the deliveries by their status. */
export function QueueRoom() {
  const id = useParams({ strict: false, select: (parameters) => parameters.id ?? null });
  const scope = useScope();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [suspending, setSuspending] = useState<string | null>(null);
  const source = useMemo<FeedSource<Delivery>>(
    () => ({ fetch: (page) => fetchDeliveries(scope, page), same: sameDelivery }),
    [scope],
  );
  const [feed, state] = useFeed(source);
  const connection = useLive().state;
  useEffect(() => {
    if (connection === 'open') feed.refresh();
  }, [connection, feed]);
  useLiveChange((change) => {
    if (change === 'resync' || change.wholesale || change.deleted.size > 0) void feed.reload();
    else if (change.deliveries.size > 0) feed.arrived(null);
  });

  const select = useCallback(
    (next: string | null) =>
      void navigate(
        next === null
          ? { to: '/queue', search: (old) => old }
          : { to: '/queue/$id', params: { id: next }, search: (old) => withSearch(old, { delivery: null }) },
      ),
    [navigate],
  );
  const narrow = useCallback(
    (change: Partial<DeliveryScope>) =>
      void navigate({
        to: '.',
        search: (old) => withSearch(old, toAddress(change)),
        replace: true,
      }),
    [navigate],
  );
  const [marks, setMarks] = useState<Marks>(noMarks);
  const [reach, setReach] = useState<'marked' | 'matching'>('marked');
  const [bouncing, setBouncing] = useState<Addressed | null>(null);
  const { entries } = state;
  const clear = useCallback(() => {
    setMarks(noMarks);
    setReach('marked');
  }, []);
  // Another list is another choice.
  useEffect(clear, [clear, scope]);
  useEffect(() => {
    const listed = new Set(entries.map((entry) => entry.id));
    setMarks((old) => stillListed(old, listed));
  }, [entries]);
  const feedMarks = useMemo<FeedMarks>(() => {
    const order = () => entries.map((entry) => entry.id);
    return {
      marked: marks.ids,
      onMark: (marked, how) => {
        setReach('marked');
        setMarks((old) => (how === 'one' ? toggled(old, marked) : rangeTo(old, marked, order())));
      },
      onMarkAll: () => setMarks({ ids: new Set(order()), anchor: null }),
    };
  }, [entries, marks]);
  const marked = entries.filter((entry) => marks.ids.has(entry.id));
  const run = useCallback(
    (whom: Addressed, action: DeliveryAction, how: OrderHow = {}) => {
      const done =
        whom.kind === 'some' ? orderSome(whom.ids, action, how) : orderAll(whom.scope, action, how);
      done.then(
        ({ count }) => {
          toast(
            count === 0
              ? 'There was nothing to do'
              : `${plural(count, 'delivery', 'deliveries')}: ${pasts[action]}`,
          );
          clear();
          void queries.invalidateQueries({ queryKey: ['queues'] });
          void queries.invalidateQueries({ queryKey: ['delivery'] });
          feed.refresh();
        },
        (error: unknown) => toastProblem(error, 'It could not be done to all'),
      );
    },
    [queries, feed, clear],
  );
  const order = useCallback(
    (whom: Addressed, action: DeliveryAction) => {
      if (action === 'bounce') return setBouncing(whom);
      if (action !== 'cancel') return run(whom, action);
      modals.openConfirmModal({
        title: 'Cancel them',
        children: `${describe(whom)} will end for good and not arrive.`,
        labels: { confirm: 'Cancel them', cancel: 'Keep them' },
        confirmProps: { color: 'red' },
        onConfirm: () => run(whom, action),
      });
    },
    [run],
  );

  const [releasing, setReleasing] = useState<Release | null>(null);
  const real = releaseOf(marked);
  const selected = state.entries.find((entry) => entry.id === id) ?? null;
  useDeliveryCommands(useMemo(() => (selected === null ? [] : [selected]), [selected]));
  useMoveCommands(state.entries, id, {
    select,
    mark: feedMarks.onMark,
    leave: marks.ids.size > 0 ? clear : () => select(null),
  });
  // What has ended is not ordered about together.
  const canMeanAll = waitingStatuses.has(scope.status);
  const whom: Addressed =
    reach === 'matching' ? { kind: 'all', scope } : { kind: 'some', ids: marked.map((entry) => entry.id) };
  const every = { ...scope, status: 'queued', recipient: '', provider: '', stream: '', tag: '' };

  return (
    <>
      <Split
        name="queue"
        shown={id === null ? 'list' : 'detail'}
        list={
          <>
            <HoldingBar />
            <QueueBar
              scope={scope}
              total={state.total}
              onChange={narrow}
              onOrder={(action) => order({ kind: 'all', scope }, action)}
            />
            {marked.length > 0 && (
              <MarkedBar
                count={reach === 'matching' ? state.total : marked.length}
                of={reach}
                matching={
                  canMeanAll && reach === 'marked' && state.total > marked.length ? state.total : null
                }
                actions={reach === 'matching' ? actionsForAll : actionsForSome(marked)}
                onOrder={(action) => order(whom, action)}
                onReal={reach === 'marked' && real.messageIds.length > 0 ? () => setReleasing(real) : null}
                onAll={() => setReach('matching')}
                onClear={clear}
              />
            )}
            <RoomFeed
              what="deliveries"
              empty={<NothingWaits scope={scope} />}
              label="Deliveries"
              feed={feed}
              state={state}
              entries={state.entries}
              selectedId={id}
              onSelect={select}
              onOpen={() => undefined}
              rowHeight={deliveryRowHeight}
              Row={DeliveryRow}
              marks={feedMarks}
            />
          </>
        }
        detail={
          id === null ? (
            <QueueOverview
              onNarrow={narrow}
              onOrder={(domain, action) => order({ kind: 'all', scope: { ...every, domain } }, action)}
              onSuspend={setSuspending}
            />
          ) : (
            <OpenDelivery key={id} id={id} onClose={() => select(null)} />
          )
        }
      />
      <SuspendDialog
        opened={suspending !== null}
        initial={{ by: 'domain', value: suspending ?? '' }}
        onClose={() => setSuspending(null)}
      />
      <RealRelease request={releasing} onClose={() => setReleasing(null)} />
      <BounceDialog
        opened={bouncing !== null}
        what={
          bouncing?.kind === 'some' ? plural(bouncing.ids.length, 'delivery', 'deliveries') : 'all of them'
        }
        onBounce={(how) => {
          if (bouncing !== null) run(bouncing, 'bounce', how);
        }}
        onClose={() => setBouncing(null)}
      />
    </>
  );
}

function useScope(): DeliveryScope {
  const status = useSearch({ strict: false, select: (search) => search.status ?? 'queued' });
  const recipient = useSearch({ strict: false, select: (search) => search.recipient ?? '' });
  const domain = useSearch({ strict: false, select: (search) => search.domain ?? '' });
  const provider = useSearch({ strict: false, select: (search) => search.provider ?? '' });
  const stream = useSearch({ strict: false, select: (search) => search.stream ?? '' });
  const project = useSearch({ strict: false, select: (search) => search.project ?? '' });
  return useMemo(
    () => ({
      status: status === anyStatus ? '' : status,
      recipient,
      domain,
      provider,
      stream,
      tag: '',
      project,
    }),
    [status, recipient, domain, provider, stream, project],
  );
}

function toAddress(change: Partial<DeliveryScope>): Partial<DeliveryScope> {
  if (change.status === undefined) return change;
  if (change.status === 'queued') return { ...change, status: '' };
  return { ...change, status: change.status === '' ? anyStatus : change.status };
}

/** Whom an order is for: those that are marked, or all that the list is narrowed to. */
type Addressed =
  | { readonly kind: 'some'; readonly ids: readonly string[] }
  | { readonly kind: 'all'; readonly scope: DeliveryScope };

const waitingStatuses: ReadonlySet<string> = new Set(['queued', 'deferred', 'held']);
const actionsForAll: readonly DeliveryAction[] = ['hold', 'release', 'retry', 'cancel', 'bounce'];

/** What fits one of them at least; of what has ended nothing is tried again together. */
const actionsForSome = (deliveries: readonly Delivery[]): readonly DeliveryAction[] => [
  ...new Set(deliveries.filter(({ endedAt }) => endedAt === null).flatMap(actionsFor)),
];

interface Moves {
  readonly select: (id: string) => void;
  readonly mark: FeedMarks['onMark'];
  readonly leave: () => void;
}

function useMoveCommands(
  entries: readonly Delivery[],
  id: string | null,
  { select, mark, leave }: Moves,
): void {
  const commands = useMemo<readonly Command[]>(() => {
    const move = (by: number) => () => {
      const index = entries.findIndex((entry) => entry.id === id);
      const next = entries[index === -1 ? 0 : Math.max(0, Math.min(entries.length - 1, index + by))];
      if (next !== undefined) select(next.id);
    };
    return [
      { id: 'next', title: 'Next delivery', group: 'List', keys: ['j'], keyboardOnly: true, run: move(1) },
      {
        id: 'previous',
        title: 'Previous delivery',
        group: 'List',
        keys: ['k'],
        keyboardOnly: true,
        run: move(-1),
      },
      {
        id: 'mark',
        title: 'Mark the delivery',
        group: 'List',
        keys: ['x'],
        keyboardOnly: true,
        run: () => {
          if (id !== null) mark(id, 'one');
        },
      },
      {
        id: 'close',
        title: 'Mark none, or back to the whole queue',
        group: 'List',
        keys: ['Escape'],
        keyboardOnly: true,
        run: leave,
      },
    ];
  }, [entries, id, select, mark, leave]);
  useCommands(commands);
}

function OpenDelivery({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const asked = useSearch({ strict: false, select: (search) => search.delivery ?? null });
  const shown = asked ?? id;
  const messageId = useQuery(deliveryQuery(shown)).data?.messageId ?? null;
  const message = useQuery({ ...messageQuery(messageId ?? ''), enabled: messageId !== null }).data ?? null;
  return (
    <>
      <div className={classes.head}>
        <h1 className={classes.subject}>
          {message === null ? 'Delivery' : message.subject === '' ? 'No subject' : message.subject}
        </h1>
        {messageId !== null && (
          <Link to="/messages/$id" params={{ id: messageId }} search={{}} className={classes.link}>
            Show the message
          </Link>
        )}
        <button type="button" className={classes.link} onClick={onClose}>
          Whole queue
        </button>
      </div>
      <DeliveryJourney key={shown} id={shown} message={message} />
    </>
  );
}

const pasts: Readonly<Record<DeliveryAction, string>> = {
  hold: 'held',
  release: 'released',
  retry: 'tried now',
  cancel: 'canceled',
  bounce: 'bounced',
};

function describe(whom: Addressed): string {
  if (whom.kind === 'some') return plural(whom.ids.length, 'delivery', 'deliveries');
  const { scope } = whom;
  const parts = [
    scope.status === 'queued' ? 'All that waits' : `All that is ${scope.status}`,
    ...(scope.domain === '' ? [] : [`for ${scope.domain}`]),
    ...(scope.recipient === '' ? [] : [`to “${scope.recipient}”`]),
    ...(scope.stream === '' ? [] : [`in the stream ${scope.stream}`]),
    ...(scope.project === '' ? [] : [`of the project ${scope.project}`]),
  ];
  return parts.join(' ');
}

function NothingWaits({ scope }: { readonly scope: DeliveryScope }) {
  const narrowed = scope.recipient + scope.domain + scope.stream + scope.provider !== '';
  return (
    <RoomState
      icon={<IconMailForward size={28} stroke={1.5} aria-hidden />}
      title={narrowed || scope.status !== 'queued' ? 'No delivery matches this filter' : 'Nothing waits'}
    >
      {!narrowed &&
        scope.status === 'queued' &&
        'Deliveries show up here while they are queued, deferred or held. Choose another status to see the rest.'}
    </RoomState>
  );
}
