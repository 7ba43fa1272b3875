import { ActionIcon, Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { DeliveryAction } from '../api/deliveries.ts';
import { plural } from '../format.ts';
import classes from './marked-bar.module.css';

interface MarkedBarProps {
  /** How many are marked, or match. */
  readonly count: number;
  readonly of: 'marked' | 'matching';
  /** How many match, where that is more and all of them can be meant. */
  readonly matching: number | null;
  readonly actions: readonly DeliveryAction[];
  readonly onOrder: (action: DeliveryAction) => void;
  /** Null: they cannot be released through a relay. */
  readonly onReal: (() => void) | null;
  readonly onAll: () => void;
  readonly onClear: () => void;
}

const labels: readonly (readonly [DeliveryAction, string])[] = [
  ['hold', 'Hold'],
  ['release', 'Release'],
  ['retry', 'Try now'],
  ['cancel', 'Cancel…'],
  ['bounce', 'Bounce…'],
];

/** What can be done to all that are marked. */
export function MarkedBar({ count, of, matching, actions, onOrder, onReal, onAll, onClear }: MarkedBarProps) {
  return (
    <section className={classes.bar} aria-label="Marked deliveries">
      <span className={classes.count} role="status">
        {of === 'marked' ? `${count} marked` : `All ${plural(count, 'delivery', 'deliveries')} that match`}
      </span>
      {matching !== null && (
        <button type="button" className={classes.all} onClick={onAll}>
          all {matching} that match
        </button>
      )}
      <ActionIcon className={classes.clear ?? ''} size={22} aria-label="Mark none" onClick={onClear}>
        <IconX size={14} aria-hidden />
      </ActionIcon>
      <div className={classes.actions}>
        {labels.map(([action, label]) => (
          <Button
            key={action}
            variant="default"
            size="compact-xs"
            disabled={!actions.includes(action)}
            onClick={() => onOrder(action)}
          >
            {label}
          </Button>
        ))}
        <Button variant="default" size="compact-xs" disabled={onReal === null} onClick={() => onReal?.()}>
          Send for real…
        </Button>
      </div>
    </section>
  );
}
