import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ExchangeDetail, TranscriptLine } from '../../../core/api/schema.ts';
import { formatBytes, formatDateTime, formatDuration } from '../format.ts';
import classes from './exchange-view.module.css';
import { outcomes } from './outcomes.ts';

/** One session or request, whole, each line with its time. */
export function ExchangeView({ exchange }: { readonly exchange: ExchangeDetail }) {
  const outcome = outcomes[exchange.outcome];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label="Exchange">
      <dl className={classes.facts}>
        <Fact name="Outcome">
          <span className={classes.outcome} data-tone={outcome.tone}>
            {outcome.shape} {outcome.title}
          </span>
        </Fact>
        <Fact name="Door">{exchange.door}</Fact>
        <Fact name="Began">{formatDateTime(exchange.startedAt)}</Fact>
        <Fact name="Took">
          {exchange.endedAt === null
            ? 'still open'
            : formatDuration(Date.parse(exchange.endedAt) - Date.parse(exchange.startedAt))}
        </Fact>
        <Fact name="From">
          {exchange.remoteAddress}:{exchange.remotePort}
        </Fact>
        {exchange.clientName !== null && <Fact name="Called itself">{exchange.clientName}</Fact>}
        {exchange.user !== null && <Fact name="User">{exchange.user}</Fact>}
        <Fact name="TLS">
          {exchange.tls === null ? 'none' : `${exchange.tls.protocol}, ${exchange.tls.cipher}`}
        </Fact>
        <Fact name="In, out">
          {formatBytes(exchange.bytesIn)}, {formatBytes(exchange.bytesOut)}
        </Fact>
      </dl>
      {exchange.reason !== null && (
        <p className={classes.reason} data-tone={outcome.tone}>
          {exchange.reason}
        </p>
      )}
      <ol className={classes.transcript} aria-label="Transcript">
        {exchange.transcript.map((line, index) => (
          <Line key={index} line={line} before={exchange.transcript[index - 1]} />
        ))}
      </ol>
      {exchange.transcriptTruncated && (
        <p className={classes.end}>The transcript was cut here: it got too long.</p>
      )}
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const slowMs = 1_000;
const speakers = { client: 'Client', server: 'Server', note: 'Note' } as const;
const arrows = { client: '→', server: '←', note: '·' } as const;

function Line({
  line,
  before,
}: {
  readonly line: TranscriptLine;
  readonly before: TranscriptLine | undefined;
}) {
  const gap = line.atMs - (before?.atMs ?? 0);
  return (
    <li
      className={classes.line}
      data-by={line.by}
      data-refusal={line.by === 'server' && /^[45]\d\d/.test(line.text)}
    >
      <span
        className={classes.time}
        data-slow={gap >= slowMs}
        title={`${formatDuration(gap)} after the line before`}
      >
        {(line.atMs / 1_000).toFixed(3)}
      </span>
      <span className={classes.by} role="img" aria-label={speakers[line.by]}>
        {arrows[line.by]}
      </span>
      <span className={classes.text}>
        {line.text}
        {line.messageId !== null && (
          <>
            {' '}
            <Link to="/messages/$id" params={{ id: line.messageId }}>
              Show the message
            </Link>
          </>
        )}
      </span>
    </li>
  );
}
