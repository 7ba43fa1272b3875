import { Link } from '@tanstack/react-router';
import type { Delivery } from '../../../core/api/schema.ts';
import { isHeldByLive } from '../live-relay/live-words.ts';

interface HeldByProps {
  readonly heldBy: NonNullable<Delivery['heldBy']>;
  readonly className?: string | undefined;
}

/** What did it: the rule, where it can be changed, or live relay; a magic address stands for itself. */
export function HeldBy({ heldBy, className }: HeldByProps) {
  if (isHeldByLive(heldBy))
    return (
      <Link to="/live-relay" search={{}} className={className}>
        live relay
      </Link>
    );
  if (heldBy.rule === null) return <>the magic address {heldBy.label}</>;
  return (
    <>
      the rule{' '}
      <Link
        to="/rules"
        search={({ project }) => ({
          rule: heldBy.rule ?? '',
          ...(project === undefined ? {} : { project }),
        })}
        className={className}
      >
        {heldBy.label}
      </Link>
    </>
  );
}
