import { Alert, Button, Group, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { clockQuery, moveClock } from '../api/clock.ts';
import { ApiProblem } from '../api/request.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import { useStopLive } from './use-live-relay.ts';

interface ProblemHelpProps {
  readonly problem: unknown;
  /** The way out was gone: what was refused may be asked again. */
  readonly onMended: () => void;
}

/** What the core refused, in words, with the way out beside it. */
export function ProblemHelp({ problem, onMended }: ProblemHelpProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (problem !== null) box.current?.scrollIntoView({ block: 'nearest' });
  }, [problem]);
  if (problem === null) return null;
  const known = problem instanceof ApiProblem ? problem : null;
  return (
    <Alert
      ref={box}
      color="red"
      role="alert"
      icon={<IconAlertTriangle size={16} aria-hidden />}
      title={titleOf(known)}
      styles={{ root: { background: 'var(--sp-bad-surface)' }, title: { color: 'var(--sp-bad)' } }}
    >
      <Text size="md">{wordsOf(problem)}</Text>
      {known !== null && <WayOut code={known.code} onMended={onMended} />}
    </Alert>
  );
}

const titles: Readonly<Record<string, string>> = {
  clock_not_real: 'The clock is not at wall time',
  live_relay_on: 'It is in use',
  confirmation_unknown: 'That summary is too old',
  changed_meanwhile: 'Something changed meanwhile',
};

const titleOf = (problem: ApiProblem | null): string =>
  problem === null ? 'Something went wrong' : (titles[problem.code] ?? problem.title);

/** Where the core names its own API, the screen names its buttons. */
const words: Readonly<Record<string, string>> = {
  clock_not_real:
    'What goes out for real goes by wall time. The virtual clock was moved, frozen or sped up; put it back first. What waits keeps the time that it has still to wait.',
  confirmation_unknown: 'A summary is good once, for two minutes. Look at what would go now.',
  changed_meanwhile:
    'More would go out than the summary showed, or a relay was changed since. Nothing was turned on: look at what would go now.',
  live_relay_on: 'What is under way for real uses it. Go back to the sandbox first.',
};

function wordsOf(problem: unknown): string {
  if (!(problem instanceof ApiProblem)) return String(problem);
  const own = words[problem.code];
  if (own !== undefined) return own;
  return problem.fields.length === 0
    ? problem.message
    : problem.fields.map(({ field, detail }) => `${field}: ${detail}`).join('; ');
}

function WayOut({ code, onMended }: { readonly code: string; readonly onMended: () => void }) {
  const queries = useQueryClient();
  const stop = useStopLive();
  const [state, setState] = useState<'still' | 'moving'>('still');
  const resetClock = () => {
    setState('moving');
    moveClock({ reset: true })
      .then(
        (reading) => {
          queries.setQueryData(clockQuery.queryKey, reading);
          void queries.invalidateQueries({ queryKey: ['queues'] });
          toast('The clock is at wall time');
          onMended();
        },
        (error: unknown) => toastProblem(error, 'The clock could not be put back'),
      )
      .finally(() => setState('still'));
  };
  switch (code) {
    case 'clock_not_real':
      return (
        <Group mt="sm">
          <Button variant="default" loading={state === 'moving'} onClick={resetClock}>
            Put the clock back to wall time
          </Button>
        </Group>
      );
    case 'live_relay_on':
      return (
        <Group mt="sm">
          <Button
            variant="default"
            onClick={() => {
              stop();
              onMended();
            }}
          >
            Back to sandbox
          </Button>
        </Group>
      );
    case 'confirmation_unknown':
    case 'changed_meanwhile':
      return (
        <Group mt="sm">
          <Button variant="default" onClick={onMended}>
            Look again
          </Button>
        </Group>
      );
    default:
      return null;
  }
}
