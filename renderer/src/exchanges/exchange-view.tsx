import type { ReactNode } from 'react';
import type { ExchangeDetail } from '../../../core/api/schema.ts';
import { formatBytes, formatDateTime, formatDuration } from '../format.ts';
import classes from './exchange-view.module.css';
import { outcomes } from './outcomes.ts';
import { Transcript } from './transcript.tsx';

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
      <Transcript lines={exchange.transcript} />
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
