import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { bridge, can } from './host.ts';
import { toastHostProblem } from './host-problem.ts';
import { usePreferences } from './use-preferences.ts';
import { workspacesQuery } from './workspaces-query.ts';

/** What the desktop app adds to the palette; everywhere Ctrl/⌘ and the comma lead to the settings. */
export function HostCommands() {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { preferences, change } = usePreferences();
  const { data: list } = useQuery({ ...workspacesQuery, enabled: can('workspaces') });

  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key !== ',' || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      event.preventDefault();
      void navigate({ to: '/settings', search: {} });
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [navigate]);

  const commands = useMemo<readonly Command[]>(() => {
    const others = (list?.workspaces ?? []).filter(({ name }) => name !== list?.current);
    const switches = others.map(
      ({ name }): Command => ({
        id: `workspace-${name}`,
        title: `Switch to the workspace “${name}”`,
        group: 'Sandbox',
        keywords: 'data folder',
        run: () => {
          bridge
            ?.switchWorkspace(name)
            .then(() => queries.invalidateQueries({ queryKey: workspacesQuery.queryKey }))
            .catch((error: unknown) => toastHostProblem(error, 'The workspace was not changed'));
        },
      }),
    );
    if (preferences === null) return switches;
    const paused = preferences.notificationsPaused;
    return [
      ...switches,
      {
        id: 'pause-notifications',
        title: paused ? 'Resume notifications' : 'Pause notifications',
        group: 'View',
        run: () => change({ notificationsPaused: !paused }),
      },
    ];
  }, [list, preferences, change, queries]);
  useCommands(commands);
  return null;
}
