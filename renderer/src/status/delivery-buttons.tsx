import { Button, Tooltip } from '@mantine/core';
import { IconArrowBackUp, IconHandStop, IconPlayerPlay, IconRefresh, IconX } from '@tabler/icons-react';
import type { Delivery } from '../../../core/api/schema.ts';
import type { DeliveryAction } from '../api/deliveries.ts';
import { actionLabel, actionMeanings, actionsFor } from './delivery-actions.ts';
import classes from './delivery-buttons.module.css';
import { useDeliveryOrders } from './use-delivery-orders.ts';

interface DeliveryButtonsProps {
  readonly delivery: Delivery;
  /** A retry after an end made a new delivery. */
  readonly onNew: (id: string) => void;
}

const icons = {
  hold: IconHandStop,
  release: IconPlayerPlay,
  retry: IconRefresh,
  cancel: IconArrowBackUp,
  bounce: IconX,
} as const;

const keys: Readonly<Partial<Record<DeliveryAction, string>>> = { hold: ' (h)', release: ' (r)' };

/** What can be done to this delivery now. */
export function DeliveryButtons({ delivery, onNew }: DeliveryButtonsProps) {
  const order = useDeliveryOrders();
  const run = (action: DeliveryAction) => {
    void order([delivery.id], action).then(([changed]) => {
      if (changed !== undefined && changed.id !== delivery.id) onNew(changed.id);
    });
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; these are buttons that belong together
    <div className={classes.buttons} role="group" aria-label="Actions at this delivery">
      {actionsFor(delivery).map((action) => {
        const Icon = icons[action];
        return (
          <Tooltip key={action} label={`${actionMeanings[action]}${keys[action] ?? ''}`}>
            <Button
              variant="default"
              size="compact-xs"
              leftSection={<Icon size={13} aria-hidden />}
              onClick={() => run(action)}
            >
              {actionLabel(action, delivery)}
            </Button>
          </Tooltip>
        );
      })}
    </div>
  );
}
