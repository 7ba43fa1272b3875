import { NativeSelect, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { StatusStats } from '../../../core/api/log-schema.ts';
import { statusStatsQuery } from '../api/stats.ts';
import { templatesQuery } from '../api/templates.ts';
import { formatCount, formatDateTime } from '../format.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { withSearch } from '../room-search.ts';
import classes from './statistics.module.css';
import { type Series, StatusChart } from './status-chart.tsx';

const spans = [
  { value: '1h', label: 'Last hour', bucket: 'minute' },
  { value: '24h', label: 'Last 24 hours', bucket: 'hour' },
  { value: '7d', label: 'Last 7 days', bucket: 'hour' },
  { value: '30d', label: 'Last 30 days', bucket: 'day' },
] as const;
const channels = [
  { value: '', label: 'All channels' },
  { value: 'email', label: 'Mail' },
  { value: 'push', label: 'Push' },
  { value: 'sms', label: 'SMS' },
  { value: 'inapp', label: 'In-app' },
  { value: 'multi', label: 'Several channels' },
];
const buckets = ['minute', 'hour', 'day'] as const;

const statusSeries: readonly Series[] = [
  { name: 'delivered', tone: 'good' },
  { name: 'sent', tone: 'accent' },
  { name: 'undeliverable', tone: 'bad' },
  { name: 'canceled', tone: 'dim' },
];
const channelSeries: readonly Series[] = [
  { name: 'email', tone: 'accent' },
  { name: 'push', tone: 'held' },
  { name: 'sms', tone: 'good' },
  { name: 'inapp', tone: 'warn' },
];

/** How many deliveries came to which status when, and how well it goes by channel. */
export function Statistics({ project }: { readonly project: string | null }) {
  const [span, setSpan] = useState<(typeof spans)[number]>(spans[0]);
  const [bucket, setBucket] = useState<StatusStats['bucket']>('minute');
  const [channel, setChannel] = useState('');
  const [template, setTemplate] = useState('');
  const [tag, setTag] = useState('');
  const templates = useQuery(templatesQuery('')).data ?? [];
  const { data, error, refetch } = useQuery({
    ...statusStatsQuery({
      bucket,
      from: span.value,
      channel,
      template,
      tag: tag.trim(),
      project: project ?? '',
    }),
    placeholderData: keepPreviousData,
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label="Statistics">
      <div className={classes.head}>
        <h1 className={classes.title}>Statistics</h1>
        <Link className={classes.link} to="/messages" search={(old) => withSearch(old, { view: null })}>
          Close
        </Link>
      </div>
      <div className={classes.bar}>
        <NativeSelect
          label="Span"
          value={span.value}
          data={spans.map(({ value, label }) => ({ value, label }))}
          onChange={(event) => {
            const next = spans.find(({ value }) => value === event.currentTarget.value);
            if (next === undefined) return;
            setSpan(next);
            setBucket(next.bucket);
          }}
        />
        <NativeSelect
          label="By"
          value={bucket}
          data={[...buckets]}
          onChange={(event) => {
            const next = buckets.find((one) => one === event.currentTarget.value);
            if (next !== undefined) setBucket(next);
          }}
        />
        <NativeSelect
          label="Channel"
          value={channel}
          data={channels}
          onChange={(event) => setChannel(event.currentTarget.value)}
        />
        <NativeSelect
          label="Template"
          value={template}
          data={[
            { value: '', label: 'Any' },
            ...templates.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={(event) => setTemplate(event.currentTarget.value)}
        />
        <TextInput label="Tag" w={120} value={tag} onChange={(event) => setTag(event.currentTarget.value)} />
      </div>
      {data === undefined && error === null && <LoadingState what="the statistics" />}
      {error !== null && <ProblemState error={error} onRetry={() => void refetch()} />}
      {data !== undefined && error === null && <Shown stats={data} />}
    </section>
  );
}

function Shown({ stats }: { readonly stats: StatusStats }) {
  const { totals, rates } = stats;
  return (
    <>
      <dl className={classes.totals}>
        {(
          [
            ['Queued', totals.queued, null],
            ['Sent', totals.sent, null],
            ['Delivered', totals.delivered, rates.delivered],
            ['Undeliverable', totals.undeliverable, rates.undeliverable],
            ['Opened', totals.opened, rates.opened],
            ['Clicked', totals.clicked, rates.clicked],
          ] as const
        ).map(([name, count, rate]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {formatCount(count)}
              {rate !== null && <small> {percent(rate)}</small>}
            </dd>
          </div>
        ))}
      </dl>
      <h2 className={classes.heading}>By status</h2>
      <StatusChart
        label="Deliveries by status over time"
        series={statusSeries}
        points={stats.buckets.map(({ at, delivered, sent, undeliverable, canceled }) => ({
          at,
          values: { delivered, sent, undeliverable, canceled },
        }))}
      />
      <h2 className={classes.heading}>Queued by channel</h2>
      <StatusChart
        label="Deliveries queued by channel over time"
        series={channelSeries}
        points={stats.buckets.map((one) => ({
          at: one.at,
          values: Object.fromEntries(one.channels.map(({ channel, queued }) => [channel, queued])),
        }))}
      />
      <h2 className={classes.heading}>By channel</h2>
      <table className={classes.table} aria-label="Counts by channel">
        <thead>
          <tr>
            <th scope="col">Channel</th>
            <th scope="col">Queued</th>
            <th scope="col">Sent</th>
            <th scope="col">Delivered</th>
            <th scope="col">Undeliverable</th>
            <th scope="col">Opened</th>
            <th scope="col">Clicked</th>
          </tr>
        </thead>
        <tbody>
          {stats.channels.map((one) => (
            <tr key={one.channel}>
              <th scope="row">{channels.find(({ value }) => value === one.channel)?.label}</th>
              <td>{formatCount(one.queued)}</td>
              <td>{formatCount(one.sent)}</td>
              <td>
                {formatCount(one.delivered)} {percent(one.rates.delivered)}
              </td>
              <td>
                {formatCount(one.undeliverable)} {percent(one.rates.undeliverable)}
              </td>
              <td>{formatCount(one.opened)}</td>
              <td>{formatCount(one.clicked)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <OverTime stats={stats} />
    </>
  );
}

/** The same in numbers, for who cannot see the charts or wants to copy them. */
function OverTime({ stats }: { readonly stats: StatusStats }) {
  const filled = stats.buckets.filter(({ at: _at, channels: _channels, ...counts }) =>
    Object.values(counts).some((count) => count > 0),
  );
  return (
    <>
      <h2 className={classes.heading}>Over time</h2>
      <table className={classes.table} aria-label="Counts over time">
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">Queued</th>
            <th scope="col">Sent</th>
            <th scope="col">Delivered</th>
            <th scope="col">Undeliverable</th>
            <th scope="col">Canceled</th>
          </tr>
        </thead>
        <tbody>
          {filled.toReversed().map((one) => (
            <tr key={one.at}>
              <th scope="row">{formatDateTime(one.at)}</th>
              <td>{formatCount(one.queued)}</td>
              <td>{formatCount(one.sent)}</td>
              <td>{formatCount(one.delivered)}</td>
              <td>{formatCount(one.undeliverable)}</td>
              <td>{formatCount(one.canceled)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {filled.length === 0 && <p className={classes.dim}>Nothing happened in this span.</p>}
    </>
  );
}

const percent = (rate: number | null): string => (rate === null ? '' : `${Math.round(rate * 1_000) / 10} %`);
