import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { holdingQuery, setHolding } from '../api/deliveries.ts';
import { rulesStateQuery } from '../api/rules.ts';
import { scenariosQuery } from '../api/scenarios.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { useScenarioActions } from '../rules/use-scenario-actions.ts';
import { toast, toastProblem } from './toast-problem.ts';

/** Breaking things on purpose, from every room. Shows nothing itself. */
export function RuleCommands() {
  const navigate = useNavigate();
  const scenarios = useQuery(scenariosQuery).data;
  const running = useQuery(rulesStateQuery).data?.scenario?.name ?? null;
  const holding = useQuery(holdingQuery).data ?? null;
  const queries = useQueryClient();
  const actions = useScenarioActions();
  useCommands(
    useMemo<readonly Command[]>(() => {
      const hold = (everything: boolean, domains: readonly string[]) => {
        setHolding({ everything, domains: [...domains] }).then(
          (now) => {
            queries.setQueryData(holdingQuery.queryKey, now);
            void queries.invalidateQueries({
              predicate: ({ queryKey: [kind] }) => kind === 'rules' || kind === 'queues',
            });
            toast(now.everything ? 'Everything is held from now on' : 'New deliveries go on');
          },
          (error: unknown) => toastProblem(error, 'It could not be changed'),
        );
      };
      const go = (search: { readonly rule?: string; readonly view?: string }) => () =>
        void navigate({ to: '/rules', search });
      return [
        {
          id: 'rule-new',
          title: 'New rule',
          group: 'Sandbox',
          keywords: 'fail break',
          run: go({ rule: 'new' }),
        },
        {
          id: 'rule-presets',
          title: 'Presets: failures as providers word them',
          group: 'Sandbox',
          keywords: 'gmail outlook yahoo bounce defer',
          run: go({ view: 'presets' }),
        },
        { id: 'rules-magic', title: 'Magic addresses', group: 'Sandbox', run: go({ view: 'magic' }) },
        {
          id: 'rules-dry-run',
          title: 'Dry run: which rule would a message meet',
          group: 'Sandbox',
          keywords: 'test why',
          run: go({ view: 'dry-run' }),
        },
        {
          id: 'scenarios',
          title: 'Scenarios',
          group: 'Sandbox',
          keywords: 'import export save',
          run: go({ view: 'scenarios' }),
        },
        ...(holding === null
          ? []
          : ([
              {
                id: 'hold-everything',
                title: holding.everything ? 'Hold everything no longer' : 'Hold everything',
                group: 'Sandbox',
                keywords: 'stop pause queue',
                run: () => hold(!holding.everything, holding.domains),
              },
            ] satisfies Command[])),
        ...(running === null
          ? []
          : ([
              {
                id: 'scenario-stop',
                title: `Stop the scenario ${running}`,
                group: 'Sandbox',
                run: () => actions.stop(running),
              },
            ] satisfies Command[])),
        ...(scenarios ?? [])
          .filter((scenario) => !scenario.running)
          .map(
            (scenario): Command => ({
              id: `scenario-${scenario.id}`,
              title: `Start the scenario ${scenario.name}`,
              group: 'Sandbox',
              run: () => actions.start(scenario),
            }),
          ),
      ];
    }, [navigate, queries, scenarios, running, holding, actions]),
  );
  return null;
}
