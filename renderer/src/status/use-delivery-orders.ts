import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { DeliveryDetail } from '../../../core/api/schema.ts';
import { type DeliveryAction, type OrderHow, orderDelivery } from '../api/deliveries.ts';
import { plural } from '../format.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';

const done: Readonly<Record<DeliveryAction, string>> = {
  hold: 'held',
  release: 'released',
  retry: 'tried now',
  cancel: 'canceled',
  bounce: 'bounced',
};

/** Does something to deliveries and says what became of it. @returns those concerned, as they are now */
export function useDeliveryOrders(): (
  ids: readonly string[],
  action: DeliveryAction,
  how?: OrderHow,
) => Promise<readonly DeliveryDetail[]> {
  const queries = useQueryClient();
  return useCallback(
    async (ids, action, how = {}) => {
      const outcomes = await Promise.allSettled(ids.map((id) => orderDelivery(id, action, how)));
      const changed = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      const failed = outcomes.find((one) => one.status === 'rejected');
      for (const id of ids) void queries.invalidateQueries({ queryKey: ['delivery', id] });
      for (const { messageId } of changed)
        if (messageId !== null)
          void queries.invalidateQueries({ queryKey: ['message', messageId], exact: true });
      void queries.invalidateQueries({ queryKey: ['queues'] });
      if (failed !== undefined) toastProblem(failed.reason, `It could not be ${done[action]}`);
      else if (changed.length > 0)
        toast(
          changed.length === 1
            ? `Delivery ${done[action]}`
            : `${plural(changed.length, 'delivery', 'deliveries')} ${done[action]}`,
        );
      return changed;
    },
    [queries],
  );
}
