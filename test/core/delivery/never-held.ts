import type { DeliveryRow } from '../../../core/model/delivery.ts';

/** The part of a delivery that speaks of waits and edits, where there were none. */
export const neverHeld: Pick<
  DeliveryRow,
  'waitsFor' | 'heldSinceMs' | 'heldBy' | 'releasedAtMs' | 'releasedFrom' | 'mailFrom' | 'editedFrom'
> = {
  waitsFor: null,
  heldSinceMs: null,
  heldBy: null,
  releasedAtMs: null,
  releasedFrom: [],
  mailFrom: null,
  editedFrom: null,
};
