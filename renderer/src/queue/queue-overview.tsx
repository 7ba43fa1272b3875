import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconDots, IconPlayerPause } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Queues } from '../../../core/api/schema.ts';
import { type DeliveryAction, queuesQuery } from '../api/deliveries.ts';
import type { DeliveryScope } from '../api/delivery-scope.ts';
import { formatCount, formatDateTime } from '../format.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { StatusShape } from '../status/status-mark.tsx';
import { DueChart } from './due-chart.tsx';
import classes from './queue-overview.module.css';
import { SuspensionList } from './suspension-list.tsx';

interface QueueOverviewProps {
  readonly onNarrow: (change: Partial<Pick<DeliveryScope, 'domain' | 'provider'>>) => void;
  readonly onOrder: (domain: string, action: DeliveryAction) => void;
  readonly onSuspend: (domain: string) => void;
}

/** The whole queue: how much waits where, until when, and what is suspended. */
export function QueueOverview({ onNarrow, onOrder, onSuspend }: QueueOverviewProps) {
  const { data, error, refetch } = useQuery(queuesQuery);
  if (data === undefined) {
    return error === null ? (
      <LoadingState what="the queue" />
    ) : (
      <ProblemState error={error} onRetry={() => void refetch()} />
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label="The whole queue">
      <div className={classes.head}>
        <h1 className={classes.title}>What waits</h1>
        <Button
          variant="default"
          size="compact-xs"
          leftSection={<IconPlayerPause size={13} aria-hidden />}
          onClick={() => onSuspend('')}
        >
          Suspend…
        </Button>
      </div>
      <Counts queues={data} />
      {data.suspensions.length > 0 && (
        <>
          <h2 className={classes.part}>Suspended</h2>
          <SuspensionList suspensions={data.suspensions} />
        </>
      )}
      {data.due.length > 0 && (
        <>
          <h2 className={classes.part}>Due</h2>
          <DueChart due={data.due} />
        </>
      )}
      {data.byDomain.length > 0 && (
        <>
          <h2 className={classes.part}>By domain</h2>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">Domain</th>
                <th scope="col">Provider</th>
                <th scope="col">Queued</th>
                <th scope="col">Deferred</th>
                <th scope="col">Held</th>
                <th scope="col">Next</th>
                <th scope="col" aria-label="Actions" />
              </tr>
            </thead>
            <tbody>
              {data.byDomain.map((one) => (
                <tr key={one.domain}>
                  <th scope="row">
                    <button
                      type="button"
                      className={classes.link}
                      onClick={() => onNarrow({ domain: one.domain })}
                    >
                      {one.domain}
                    </button>
                  </th>
                  <td>
                    {one.provider !== null && (
                      <button
                        type="button"
                        className={classes.link}
                        onClick={() => onNarrow({ provider: one.provider ?? '' })}
                      >
                        {one.provider}
                      </button>
                    )}
                  </td>
                  <td className={classes.number}>{formatCount(one.queued)}</td>
                  <td className={classes.number}>{one.deferred === 0 ? '' : formatCount(one.deferred)}</td>
                  <td className={classes.number}>{one.held === 0 ? '' : formatCount(one.held)}</td>
                  <td>{one.nextAt === null ? '' : formatDateTime(one.nextAt)}</td>
                  <td>
                    <DomainMenu domain={one.domain} onOrder={onOrder} onSuspend={onSuspend} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  );
}

function Counts({ queues }: { readonly queues: Queues }) {
  const waiting = Math.max(0, queues.queued - queues.deferred - queues.held);
  return (
    <ul className={classes.counts} aria-label="Counts">
      <li>
        <StatusShape face="queued" /> <b>{formatCount(waiting)}</b> queued
      </li>
      <li>
        <StatusShape face="deferred" /> <b>{formatCount(queues.deferred)}</b> deferred
      </li>
      <li>
        <StatusShape face="held" /> <b>{formatCount(queues.held)}</b> held
      </li>
      <li>
        <b>{formatCount(queues.underWay)}</b> under way
      </li>
    </ul>
  );
}

interface DomainMenuProps {
  readonly domain: string;
  readonly onOrder: QueueOverviewProps['onOrder'];
  readonly onSuspend: QueueOverviewProps['onSuspend'];
}

function DomainMenu({ domain, onOrder, onSuspend }: DomainMenuProps) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon size={22} aria-label={`What to do with ${domain}`}>
          <IconDots size={15} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => onOrder(domain, 'retry')}>Try all now</Menu.Item>
        <Menu.Item onClick={() => onOrder(domain, 'hold')}>Hold all</Menu.Item>
        <Menu.Item onClick={() => onOrder(domain, 'release')}>Release all</Menu.Item>
        <Menu.Item color="red" onClick={() => onOrder(domain, 'bounce')}>
          Bounce all…
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => onSuspend(domain)}>Suspend…</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
