import { Link } from '@tanstack/react-router';
import type { Delivery } from '../../../core/api/schema.ts';

interface HeldByProps {
  readonly heldBy: NonNullable<Delivery['heldBy']>;
  readonly className?: string | undefined;
}

/** What did it: the rule, where it can be changed; a magic address stands for itself. */
export function HeldBy({ heldBy, className }: HeldByProps) {
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
