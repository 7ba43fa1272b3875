import { useMemo } from 'react';
import type { Delivery } from '../../../core/api/schema.ts';
import type { DeliveryAction } from '../api/deliveries.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { toast } from '../frame/toast-problem.ts';
import { actionsFor } from './delivery-actions.ts';
import { useDeliveryOrders } from './use-delivery-orders.ts';

const offered: readonly {
  readonly action: DeliveryAction;
  readonly title: string;
  readonly keys?: readonly string[];
}[] = [
  { action: 'hold', title: 'Hold', keys: ['h'] },
  { action: 'release', title: 'Release', keys: ['r'] },
  { action: 'retry', title: 'Try now, or send again' },
  { action: 'cancel', title: 'Cancel' },
  { action: 'bounce', title: 'Bounce' },
];

/** Offers, by key and palette, what can be done to these deliveries. */
export function useDeliveryCommands(deliveries: readonly Delivery[]): void {
  const order = useDeliveryOrders();
  const commands = useMemo<readonly Command[]>(
    () =>
      deliveries.length === 0
        ? []
        : offered.map(({ action, title, keys }) => ({
            id: `delivery-${action}`,
            title: deliveries.length === 1 ? `${title}: the delivery` : `${title}: the deliveries`,
            group: 'Message',
            ...(keys === undefined ? {} : { keys }),
            keywords: 'queue',
            run: () => {
              const able = deliveries.filter((delivery) => actionsFor(delivery).includes(action));
              if (able.length === 0) toast(nothing[action]);
              else
                void order(
                  able.map(({ id }) => id),
                  action,
                );
            },
          })),
    [deliveries, order],
  );
  useCommands(commands);
}

const nothing: Readonly<Record<DeliveryAction, string>> = {
  hold: 'Nothing here waits that could be held',
  release: 'Nothing here is held',
  retry: 'Nothing here can be tried now',
  cancel: 'Nothing here can be taken back any more',
  bounce: 'Everything here has ended already',
};
