import { useQueryClient } from '@tanstack/react-query';
import { changePushSettings, type PushSettingsEdit, pushSettingsQuery } from '../api/push.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';

/** In force at once. @returns whether it was taken */
export function useChangePush(): (edit: PushSettingsEdit, said?: string) => Promise<boolean> {
  const queries = useQueryClient();
  return async (edit, said = 'Saved') => {
    try {
      queries.setQueryData(pushSettingsQuery.queryKey, await changePushSettings(edit));
      toast(said);
      return true;
    } catch (error) {
      toastProblem(error, 'The setting could not be saved');
      return false;
    }
  };
}
