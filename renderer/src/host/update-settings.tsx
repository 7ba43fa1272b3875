import { Button, Group } from '@mantine/core';
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import type { SandpostBridge, ShellPreferences, UpdateState } from '../../../electron/bridge.ts';
import { Section } from '../settings/section.tsx';
import { AddressField } from './address-field.tsx';
import { toastHostProblem } from './host-problem.ts';

const lookAgainMs = 1_000;

interface UpdateSettingsProps {
  readonly host: SandpostBridge;
  readonly preferences: ShellPreferences;
  readonly onChange: (wanted: Partial<ShellPreferences>) => void;
}

/** New versions of the app, from where the person says. */
export function UpdateSettings({ host, preferences, onChange }: UpdateSettingsProps) {
  const queries = useQueryClient();
  const query = queryOptions({
    queryKey: ['update', preferences.updateFeed],
    queryFn: () => host.updateState(),
    refetchInterval: ({ state: { data } }) =>
      data?.kind === 'checking' || data?.kind === 'downloading' ? lookAgainMs : false,
  });
  const { data: state = { kind: 'off' } satisfies UpdateState } = useQuery(query);
  const act = (task: Promise<UpdateState>) => {
    task.then(
      (next) => queries.setQueryData(query.queryKey, next),
      (error: unknown) => toastHostProblem(error, 'The update was not found or not fetched'),
    );
    void queries.invalidateQueries({ queryKey: query.queryKey });
  };
  return (
    <Section
      title="Updates"
      hint="From a folder on a server that holds what `npm run dist` made. Without an address nobody is ever asked."
    >
      <AddressField
        label="Feed"
        description="Empty: there are no updates."
        placeholder="https://updates.example/sandpost/"
        saved={preferences.updateFeed}
        onSave={(updateFeed) => onChange({ updateFeed })}
      />
      {state.kind !== 'off' && (
        <Group gap={8}>
          <span role="status">{wordsOf(state)}</span>
          {(state.kind === 'idle' || state.kind === 'current' || state.kind === 'failed') && (
            <Button variant="default" onClick={() => act(host.checkForUpdate())}>
              Check now
            </Button>
          )}
          {state.kind === 'available' && (
            <Button onClick={() => act(host.downloadUpdate())}>Download {state.version}</Button>
          )}
          {state.kind === 'ready' && (
            <Button
              onClick={() => {
                host
                  .restartToUpdate()
                  .catch((error: unknown) => toastHostProblem(error, 'The app was not restarted'));
              }}
            >
              Restart to update
            </Button>
          )}
        </Group>
      )}
    </Section>
  );
}

function wordsOf(state: UpdateState): string {
  switch (state.kind) {
    case 'off':
      return 'No feed is set.';
    case 'idle':
      return 'Not looked for yet.';
    case 'checking':
      return 'Looking …';
    case 'current':
      return 'This is the newest version.';
    case 'available':
      return `There is Sandpost ${state.version}.`;
    case 'downloading':
      return `Fetching ${state.version}: ${state.percent} %`;
    case 'ready':
      return `Sandpost ${state.version} is here.`;
    case 'failed':
      return `It could not be found out: ${state.detail}`;
  }
}
