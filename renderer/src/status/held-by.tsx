import { useRouter } from '@tanstack/react-router';
import type { MouseEvent } from 'react';
import type { Delivery } from '../../../core/api/schema.ts';
import { basePath } from '../base-path.ts';

interface HeldByProps {
  readonly heldBy: NonNullable<Delivery['heldBy']>;
  readonly className?: string | undefined;
}

/** What holds it: the rule, where it can be changed; a magic address stands for itself. */
export function HeldBy({ heldBy, className }: HeldByProps) {
  const { history } = useRouter();
  if (heldBy.rule === null) return <>the magic address {heldBy.label}</>;
  const address = `/rules?${new URLSearchParams({ rule: heldBy.rule })}`;
  const open = (event: MouseEvent) => {
    // A new tab or window is the browser's to open.
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    history.push(`${basePath}${address}`);
  };
  return (
    <>
      the rule{' '}
      <a href={`${basePath}${address}`} className={className} onClick={open}>
        {heldBy.label}
      </a>
    </>
  );
}
