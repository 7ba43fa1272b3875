import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { Fragment, useState } from 'react';
import type { ProviderReport, ProviderResponse, StatusChange } from '../../../core/api/log-schema.ts';
import type { MessageDetail } from '../../../core/api/schema.ts';
import { attemptResponseQuery, reportsQuery, statusLogQuery } from '../api/delivery-log.ts';
import { formatBytes, formatDateTime } from '../format.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { shownDelivery } from '../status/shown-delivery.ts';
import { StatusMark } from '../status/status-mark.tsx';
import { Copy } from './found-panel.tsx';
import classes from './log-tab.module.css';

/** Every change of status of one delivery, with what its provider said, word for word. */
export function LogTab({ message }: { readonly message: MessageDetail }) {
  const asked = useSearch({ strict: false, select: (search) => search.delivery ?? null });
  const delivery = shownDelivery(message.deliveries, asked);
  return delivery === null ? (
    <p className={classes.note}>It was kept as it came and sent nowhere: there is no log.</p>
  ) : (
    <OneLog key={delivery.id} id={delivery.id} recipient={delivery.recipient} />
  );
}

function OneLog({ id, recipient }: { readonly id: string; readonly recipient: string }) {
  const { data: log, error, refetch } = useQuery(statusLogQuery(id));
  const reports = useQuery(reportsQuery(id)).data ?? [];
  const [open, setOpen] = useState<number | null>(null);
  if (log === undefined)
    return error === null ? (
      <LoadingState what="the log" />
    ) : (
      <ProblemState error={error} onRetry={() => void refetch()} />
    );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label={`Log of the delivery to ${recipient}`}>
      {!log.complete && <p className={classes.note}>Its beginning went in time.</p>}
      <table className={classes.table} aria-label="Changes of status">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Status</th>
            <th scope="col">Provider</th>
            <th scope="col">Its status</th>
            <th scope="col">Code</th>
            <th scope="col">Reason</th>
            <th scope="col">Answer</th>
          </tr>
        </thead>
        <tbody>
          {log.entries.map((change) => (
            <Fragment key={change.seq}>
              <ChangeRow
                change={change}
                opened={open === change.seq}
                onToggle={() => setOpen(open === change.seq ? null : change.seq)}
              />
              {open === change.seq && change.attempt !== null && (
                <tr>
                  <td colSpan={7}>
                    <Responses id={id} attempt={change.attempt} />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
      {reports.length > 0 && (
        <>
          <h2 className={classes.heading}>Reported later by the provider</h2>
          {reports.map((report) => (
            <Verbatim
              key={report.id}
              of={report}
              title={`${report.provider}, ${formatDateTime(report.at)}${report.target === null ? '' : `, ${report.method ?? ''} ${report.target}`}`}
            />
          ))}
        </>
      )}
    </section>
  );
}

interface ChangeRowProps {
  readonly change: StatusChange;
  readonly opened: boolean;
  readonly onToggle: () => void;
}

function ChangeRow({ change, opened, onToggle }: ChangeRowProps) {
  const code = [change.code, change.enhanced].filter((one) => one !== null).join(' ');
  return (
    <tr>
      <td className={classes.time}>{formatDateTime(change.at)}</td>
      <td>
        <StatusMark
          delivery={{ status: change.status, substatus: change.substatus, placement: null, attempts: 0 }}
        />
      </td>
      <td>{change.provider ?? ''}</td>
      <td>{change.providerStatus ?? ''}</td>
      <td>
        <code>{code}</code>
        {change.permanent && <div className={classes.permanent}>permanent</div>}
      </td>
      <td>
        {change.reason ?? ''}
        {change.class !== null && <div className={classes.note}>{change.class.replaceAll('_', ' ')}</div>}
      </td>
      <td>
        {change.attempt !== null && (
          <Button variant="default" size="compact-xs" aria-expanded={opened} onClick={onToggle}>
            {opened ? 'Hide' : `Attempt ${change.attempt}`}
          </Button>
        )}
      </td>
    </tr>
  );
}

function Responses({ id, attempt }: { readonly id: string; readonly attempt: number }) {
  const { data, error } = useQuery(attemptResponseQuery(id, attempt));
  if (error !== null) return <p className={classes.note}>{error.message}</p>;
  if (data === undefined) return <LoadingState what="the answer" />;
  if (data.responses.length === 0)
    return <p className={classes.note}>Nobody answered. Made of it: {data.text}</p>;
  return data.responses.map((one, index) => (
    <Verbatim key={index} of={one} title={`${one.from} answered ${one.status} by ${one.protocol}`} />
  ));
}

type Said = Pick<ProviderResponse | ProviderReport, 'fields' | 'body' | 'encoding' | 'bytes' | 'truncated'>;

function Verbatim({ of, title }: { readonly of: Said; readonly title: string }) {
  const text = [...of.fields.map(([name, value]) => `${name}: ${value}`), '', of.body].join('\n').trim();
  return (
    <figure style={{ margin: 0 }} aria-label={title}>
      <figcaption className={classes.note}>
        {title} · {formatBytes(of.bytes)}
        {of.truncated && ', cut'}
        {of.encoding === 'base64' && ', no text: base64'}
      </figcaption>
      <div className={classes.verbatim}>
        <pre>{text === '' ? 'an empty answer' : text}</pre>
        <Copy value={text} label="Copy the answer" />
      </div>
    </figure>
  );
}
