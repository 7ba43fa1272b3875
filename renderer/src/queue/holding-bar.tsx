import { Switch } from '@mantine/core';
import { IconHandStop } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { holdingQuery, setHolding } from '../api/deliveries.ts';
import { formatWhenExactly } from '../format.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import classes from './holding-bar.module.css';

/** Holds everything before it is tried; a banner as long as that is so, or some domains are held. */
export function HoldingBar() {
  const queries = useQueryClient();
  const { data: holding } = useQuery(holdingQuery);
  const [state, setState] = useState<'still' | 'changing'>('still');
  // A core that holds nothing beforehand has no such switch.
  if (holding === undefined) return null;
  const { everything, domains, since } = holding;
  const change = (next: { everything: boolean; domains: string[] }) => {
    setState('changing');
    setHolding(next)
      .then(
        (now) => {
          queries.setQueryData(holdingQuery.queryKey, now);
          void queries.invalidateQueries({ queryKey: ['queues'] });
          toast(
            now.everything
              ? 'Everything is held from now on'
              : 'New deliveries go on. What is held stays so until it is released.',
          );
        },
        (error: unknown) => toastProblem(error, 'It could not be changed'),
      )
      .finally(() => setState('still'));
  };
  return (
    <section className={classes.bar} data-on={everything || domains.length > 0} aria-label="Holding">
      <Switch
        size="xs"
        label="Hold everything"
        checked={everything}
        disabled={state === 'changing'}
        onChange={(event) => change({ everything: event.currentTarget.checked, domains })}
      />
      {(everything || domains.length > 0) && (
        <p className={classes.words} role="status">
          <IconHandStop size={14} aria-hidden />
          <span>
            {everything ? 'Nothing is tried until it is released' : `Held: ${domains.join(', ')}`}
            {since === null ? '' : `, since ${formatWhenExactly(since, new Date())}`}
          </span>
        </p>
      )}
    </section>
  );
}
