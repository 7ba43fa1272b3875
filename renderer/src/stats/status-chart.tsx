import { formatCount, formatDateTime } from '../format.ts';
import classes from './statistics.module.css';

export interface Series {
  readonly name: string;
  readonly tone: 'good' | 'accent' | 'bad' | 'dim' | 'held' | 'warn';
}

export interface Point {
  readonly at: string;
  readonly values: Readonly<Record<string, number>>;
}

interface StatusChartProps {
  readonly label: string;
  readonly series: readonly Series[];
  readonly points: readonly Point[];
}

const width = 720;
const height = 120;

/** Stacked bars, one for each span of time; the numbers are in a table beside it. */
export function StatusChart({ label, series, points }: StatusChartProps) {
  const top = Math.max(1, ...points.map((point) => totalOf(point, series)));
  const step = width / Math.max(1, points.length);
  const [first, last] = [points[0], points.at(-1)];
  return (
    <figure className={classes.figure}>
      <svg
        className={classes.chart}
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${label}; at most ${formatCount(top)} at once`}
      >
        {points.map((point, index) => (
          <g key={point.at}>
            <title>{`${formatDateTime(point.at)}: ${wordsOf(point, series)}`}</title>
            {barsOf(point, series, top).map(({ name, tone, y, size }) => (
              <rect
                key={name}
                data-tone={tone}
                x={index * step + step * 0.1}
                width={step * 0.8}
                y={y}
                height={size}
              />
            ))}
          </g>
        ))}
      </svg>
      <figcaption className={classes.caption}>
        <span>{first === undefined ? '' : formatDateTime(first.at)}</span>
        <span className={classes.legend}>
          {series.map(({ name, tone }) => (
            <span key={name}>
              <i data-tone={tone} aria-hidden /> {name}
            </span>
          ))}
        </span>
        <span>{last === undefined ? '' : formatDateTime(last.at)}</span>
      </figcaption>
    </figure>
  );
}

function barsOf({ values }: Point, series: readonly Series[], top: number) {
  let below = 0;
  return series.flatMap(({ name, tone }) => {
    const size = ((values[name] ?? 0) / top) * height;
    below += size;
    return size === 0 ? [] : [{ name, tone, size, y: height - below }];
  });
}

const totalOf = ({ values }: Point, series: readonly Series[]): number =>
  series.reduce((sum, { name }) => sum + (values[name] ?? 0), 0);

const wordsOf = ({ values }: Point, series: readonly Series[]): string =>
  series
    .filter(({ name }) => (values[name] ?? 0) > 0)
    .map(({ name }) => `${formatCount(values[name] ?? 0)} ${name}`)
    .join(', ') || 'nothing';
