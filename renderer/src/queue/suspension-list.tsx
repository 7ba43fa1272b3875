import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import type { Suspension } from '../../../core/api/schema.ts';
import { resume } from '../api/deliveries.ts';
import { formatDateTime } from '../format.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import classes from './suspension-list.module.css';

/** What stands still, or is turned back, on purpose. */
export function SuspensionList({ suspensions }: { readonly suspensions: readonly Suspension[] }) {
  const queries = useQueryClient();
  if (suspensions.length === 0) return null;
  const end = (suspension: Suspension) => {
    resume(suspension.id).then(
      () => {
        toast('The suspension ended');
        void queries.invalidateQueries({ queryKey: ['queues'] });
      },
      (error: unknown) => toastProblem(error, 'It could not be ended'),
    );
  };
  return (
    <ul className={classes.list} aria-label="Suspensions">
      {suspensions.map((suspension) => (
        <li key={suspension.id} className={classes.entry}>
          <div className={classes.text}>
            <b>{nameOf(suspension)}</b> {suspension.action === 'suspend' ? 'waits' : 'is turned back'}:{' '}
            {suspension.reason}
            <div className={classes.until}>
              {suspension.until === null ? 'until it is ended' : `until ${formatDateTime(suspension.until)}`}
            </div>
          </div>
          <Button
            variant="default"
            size="compact-xs"
            aria-label={`End the suspension of ${nameOf(suspension)}`}
            onClick={() => end(suspension)}
          >
            End
          </Button>
        </li>
      ))}
    </ul>
  );
}

const nameOf = ({ by, value }: Suspension): string => (by === 'all' ? 'Everything' : `${by} ${value}`);
