import type { Delivery } from '../../../core/api/schema.ts';
import { countFaces, currentDeliveries } from './status-faces.ts';
import { StatusShape } from './status-mark.tsx';
import classes from './status-summary.module.css';

interface StatusSummaryProps {
  readonly deliveries: readonly Delivery[];
  /** How many recipients there are: a list knows the first few deliveries only. */
  readonly recipients: number;
}

/** All deliveries of a message in a few characters: `● delivered`, or `✕ 1 ◔ 2 ● 3`. */
export function StatusSummary({ deliveries, recipients }: StatusSummaryProps) {
  const current = currentDeliveries(deliveries);
  const counts = countFaces(current);
  const [first] = counts;
  if (first === undefined) return null;
  const more = Math.max(0, recipients - current.length);
  if (counts.length === 1 && more === 0) {
    return (
      <span className={classes.summary}>
        <StatusShape face={first.face} />
        <span className={classes.word} data-face={first.face}>
          {first.face}
        </span>
      </span>
    );
  }
  return (
    <span className={classes.summary}>
      {counts.map(({ face, count }) => (
        <span key={face} className={classes.count}>
          <StatusShape face={face} label={face} />
          {count}
        </span>
      ))}
      {more > 0 && <span>+{more}</span>}
    </span>
  );
}
