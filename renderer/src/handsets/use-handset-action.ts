import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { toast, toastProblem } from '../frame/toast-problem.ts';

/** Does something to a handset, then shows everything as it is after it. @returns null when it could not be done */
export function useHandsetAction(): <T>(action: Promise<T>, done?: string) => Promise<T | null> {
  const queries = useQueryClient();
  return useCallback(
    async (action, done) => {
      try {
        const result = await action;
        if (done !== undefined) toast(done);
        void queries.invalidateQueries({ queryKey: ['handsets'] });
        return result;
      } catch (error) {
        toastProblem(error, 'It could not be done');
        return null;
      }
    },
    [queries],
  );
}
