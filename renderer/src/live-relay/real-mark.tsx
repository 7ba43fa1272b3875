import type { Delivery } from '../../../core/api/schema.ts';
import { isHeldByLive } from './live-words.ts';
import classes from './real-mark.module.css';

/** Red where a delivery went out for real, or waits because of live relay. */
export function RealMark({ delivery }: { readonly delivery: Pick<Delivery, 'live' | 'heldBy'> }) {
  const { live, heldBy } = delivery;
  if (isHeldByLive(heldBy))
    return (
      <span className={classes.held} title="Live relay would not send it, or ended while it was on its way">
        held by live relay
      </span>
    );
  return live === null ? null : (
    <span className={classes.real} title="It goes, or went, out through a relay">
      for real
    </span>
  );
}
