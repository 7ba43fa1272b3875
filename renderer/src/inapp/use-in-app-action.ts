import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { toast, toastProblem } from '../frame/toast-problem.ts';

/** Does something to in-app messages, then shows everything as it is after it. @returns null when it could not be done */
export function useInAppAction(): <T>(action: Promise<T>, done?: string) => Promise<T | null> {
  const queries = useQueryClient();
  return useCallback(
    async (action, done) => {
      try {
        const result = await action;
        if (done !== undefined) toast(done);
        void queries.invalidateQueries({ queryKey: ['inapp'] });
        return result;
      } catch (error) {
        toastProblem(error, 'It could not be done');
        return null;
      }
    },
    [queries],
  );
}
