import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { toast, toastProblem } from '../frame/toast-problem.ts';

/** Changes a setting of the simulated world, then shows everything as it is after it. */
export function useSettingAction(): (action: Promise<unknown>, done?: string) => void {
  const queries = useQueryClient();
  return useCallback(
    (action, done) => {
      action.then(
        () => {
          if (done !== undefined) toast(done);
          void queries.invalidateQueries({ queryKey: ['mailboxes'] });
        },
        (error: unknown) => toastProblem(error, 'The setting could not be changed'),
      );
    },
    [queries],
  );
}
