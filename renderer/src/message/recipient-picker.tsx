import { useState } from 'react';
import type { Delivery } from '../../../core/api/schema.ts';
import { pushRecipient } from '../status/recipient-name.ts';
import { StatusMark } from '../status/status-mark.tsx';
import classes from './recipient-picker.module.css';

interface RecipientPickerProps {
  readonly deliveries: readonly Delivery[];
  /** Null: none is chosen. */
  readonly selectedId: string | null;
  readonly onSelect: (id: string) => void;
}

const shownMax = 12;

/** `[jane ● delivered · inbox] [bob ◔ deferred ×2]`: one chip for each recipient. */
export function RecipientPicker({ deliveries, selectedId, onSelect }: RecipientPickerProps) {
  const [all, setAll] = useState<'some' | 'all'>('some');
  const selected = deliveries.findIndex(({ id }) => id === selectedId);
  const few = all === 'some' && deliveries.length > shownMax;
  const shown = few ? deliveries.filter((_, index) => index < shownMax || index === selected) : deliveries;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; these are buttons that belong together
    <div className={classes.chips} role="group" aria-label="Recipients">
      {shown.map((delivery) => (
        <button
          key={delivery.id}
          type="button"
          className={classes.chip}
          aria-pressed={delivery.id === selectedId}
          title={delivery.reason ?? delivery.recipient}
          onClick={() => onSelect(delivery.id)}
        >
          <span className={classes.name}>{shortName(delivery, deliveries)}</span>
          <StatusMark delivery={delivery} />
        </button>
      ))}
      {few && (
        <button type="button" className={classes.more} onClick={() => setAll('all')}>
          and {deliveries.length - shown.length} more
        </button>
      )}
    </div>
  );
}

/** The local part, when no other recipient has it too. */
export function shortName(
  { carriage, recipient, provider }: Pick<Delivery, 'carriage' | 'recipient' | 'provider'>,
  deliveries: readonly Pick<Delivery, 'recipient'>[],
): string {
  if (carriage === 'push') return pushRecipient({ recipient, provider });
  const local = localPart(recipient);
  const same = deliveries.filter((one) => localPart(one.recipient) === local);
  return new Set(same.map((one) => one.recipient)).size > 1 ? recipient : local;
}

function localPart(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 1 ? address : address.slice(0, at);
}
