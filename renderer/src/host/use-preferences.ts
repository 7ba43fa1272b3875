import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { ShellPreferences } from '../../../electron/bridge.ts';
import { bridge, can } from './host.ts';
import { toastHostProblem } from './host-problem.ts';

const preferencesQuery = queryOptions({
  queryKey: ['preferences'],
  queryFn: () => (bridge === null ? Promise.reject(new Error('no desktop app')) : bridge.preferences()),
  // The tray changes some of them too.
  refetchOnWindowFocus: true,
  enabled: can('attach'),
});

export interface HostPreferences {
  /** Null in a browser, and while they are asked for. */
  readonly preferences: ShellPreferences | null;
  readonly change: (wanted: Partial<ShellPreferences>) => void;
}

/** What the person chose for the desktop app. */
export function usePreferences(): HostPreferences {
  const queries = useQueryClient();
  const { data } = useQuery(preferencesQuery);
  const change = useCallback(
    (wanted: Partial<ShellPreferences>) => {
      bridge?.setPreferences(wanted).then(
        (saved) => queries.setQueryData(preferencesQuery.queryKey, saved),
        (error: unknown) => toastHostProblem(error, 'The setting could not be saved'),
      );
    },
    [queries],
  );
  return { preferences: data ?? null, change };
}
