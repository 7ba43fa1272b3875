import type { Delivery } from '../../../core/api/schema.ts';
import { liveHoldWords } from './live-words.ts';
import classes from './real-mark.module.css';

/** Red where a delivery went out for real, or waits because of live relay. */
export function RealMark({ delivery }: { readonly delivery: Pick<Delivery, 'live' | 'heldBy'> }) {
  const { live, heldBy } = delivery;
  const held = heldBy !== null && heldBy.rule === null ? liveHoldWords(heldBy.label) : null;
  if (held !== null)
    return (
      <span className={classes.held} title={`held by ${held}`}>
        held by live relay
      </span>
    );
  return live === null ? null : (
    <span className={classes.real} title="It goes, or went, out through a relay">
      for real
    </span>
  );
}
