import { useQueryClient } from '@tanstack/react-query';
import { changeSettings, type SettingsChange, settingsQuery } from '../api/core.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';

export function useChangeSettings(): (change: SettingsChange) => void {
  const queries = useQueryClient();
  return (change) => {
    changeSettings(change).then(
      (saved) => {
        queries.setQueryData(settingsQuery.queryKey, saved);
        toast('Saved');
      },
      (error: unknown) => toastProblem(error, 'The setting could not be saved'),
    );
  };
}
