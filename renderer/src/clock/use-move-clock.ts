import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { type ClockChange, clockQuery, moveClock } from '../api/clock.ts';
import { toastProblem } from '../frame/toast-problem.ts';

/** Moves the clock, one move at a time; what became due on the way has happened when it is over. */
export function useMoveClock(): readonly [move: (change: ClockChange) => void, state: 'still' | 'moving'] {
  const queries = useQueryClient();
  const [state, setState] = useState<'still' | 'moving'>('still');
  const move = useCallback(
    (change: ClockChange) => {
      setState('moving');
      moveClock(change)
        .then(
          (reading) => {
            queries.setQueryData(clockQuery.queryKey, reading);
            void queries.invalidateQueries({ queryKey: ['queues'] });
            void queries.invalidateQueries({ queryKey: ['delivery'] });
          },
          (error: unknown) => toastProblem(error, 'The clock could not be moved'),
        )
        .finally(() => setState('still'));
    },
    [queries],
  );
  return [move, state];
}
