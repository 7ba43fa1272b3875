import { Button } from '@mantine/core';
import { IconPlayerStop, IconTheater } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { rulesStateQuery } from '../api/rules.ts';
import { formatWhenExactly } from '../format.ts';
import { useScenarioActions } from '../rules/use-scenario-actions.ts';
import classes from './scenario-line.module.css';

/** In every room, while a scenario is on: what fails, fails on purpose. */
export function ScenarioLine() {
  const scenario = useQuery(rulesStateQuery).data?.scenario ?? null;
  const { stop } = useScenarioActions();
  return (
    <div role="status">
      {scenario !== null && (
        <div className={classes.line}>
          <IconTheater size={15} aria-hidden />
          <span className={classes.words}>
            The scenario{' '}
            <Link to="/rules" search={{ view: 'scenarios' }} className={classes.name}>
              {scenario.name}
            </Link>{' '}
            is on since{' '}
            <time dateTime={scenario.startedAt} title="virtual time">
              {formatWhenExactly(scenario.startedAt, new Date())}
            </time>
            {scenario.changed && ', changed since: changes go when it is stopped'}
          </span>
          <Button
            variant="default"
            size="compact-xs"
            leftSection={<IconPlayerStop size={13} aria-hidden />}
            aria-label={`Stop the scenario ${scenario.name}`}
            onClick={() => stop(scenario.name)}
          >
            Stop
          </Button>
        </div>
      )}
    </div>
  );
}
