import type { Queues } from '../../../core/api/schema.ts';
import { formatDateTime, plural } from '../format.ts';
import { type Bar, barsOf, chartHeight, chartWidth } from './due-bars.ts';
import classes from './due-chart.module.css';

/** When what waits is due: one bar for each span that has something. */
export function DueChart({ due }: { readonly due: Queues['due'] }) {
  const bars = barsOf(due);
  const [first, last] = [bars[0], bars.at(-1)];
  if (first === undefined || last === undefined) return null;
  const total = due.reduce((sum, { count }) => sum + count, 0);
  return (
    <figure className={classes.figure}>
      <svg
        className={classes.chart}
        viewBox={`0 0 ${chartWidth} ${chartHeight}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Due times of ${plural(total, 'delivery', 'deliveries')}, from ${formatDateTime(first.at)} to ${formatDateTime(last.at)}`}
      >
        {bars.map((bar) => (
          <DueBar key={bar.at} bar={bar} />
        ))}
      </svg>
      <figcaption className={classes.ends}>
        <span>{formatDateTime(first.at)}</span>
        {bars.length > 1 && <span>{formatDateTime(last.at)}</span>}
      </figcaption>
    </figure>
  );
}

function DueBar({ bar }: { readonly bar: Bar }) {
  return (
    <rect
      className={classes.bar}
      x={bar.x}
      y={chartHeight - bar.height}
      width={bar.width}
      height={bar.height}
      rx={1}
    >
      <title>{`${formatDateTime(bar.at)}: ${bar.count}`}</title>
    </rect>
  );
}
