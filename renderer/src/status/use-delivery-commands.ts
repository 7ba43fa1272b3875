import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Delivery } from '../../../core/api/schema.ts';
import { type DeliveryAction, deliveryQuery } from '../api/deliveries.ts';
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
  const queries = useQueryClient();
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
              void ableNow(queries, deliveries, action).then((ids) => {
                if (ids.length === 0) toast(nothing[action]);
                else void order(ids, action);
              });
            },
          })),
    [deliveries, order, queries],
  );
  useCommands(commands);
}

const askedMax = 50;

/**
 * Those that the action fits. Where the page knows of none, the core is asked before that is said: a key can be
 * quicker than the news that it answers.
 */
async function ableNow(
  queries: QueryClient,
  deliveries: readonly Delivery[],
  action: DeliveryAction,
): Promise<readonly string[]> {
  const able = deliveries.filter((delivery) => actionsFor(delivery).includes(action));
  if (able.length > 0) return able.map(({ id }) => id);
  const fresh = await Promise.allSettled(
    deliveries.slice(0, askedMax).map(({ id }) => queries.fetchQuery({ ...deliveryQuery(id), staleTime: 0 })),
  );
  return fresh.flatMap((one) =>
    one.status === 'fulfilled' && actionsFor(one.value).includes(action) ? [one.value.id] : [],
  );
}

const nothing: Readonly<Record<DeliveryAction, string>> = {
  hold: 'Nothing here waits that could be held',
  release: 'Nothing here is held',
  retry: 'Nothing here can be tried now',
  cancel: 'Nothing here can be taken back any more',
  bounce: 'Everything here has ended already',
};
