import { ActionIcon, Badge, Button, Code, Group, TextInput } from '@mantine/core';
import { IconPencil, IconX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { SandpostBridge, Workspace, WorkspaceList } from '../../../electron/bridge.ts';
import { Section } from '../settings/section.tsx';
import { toastHostProblem } from './host-problem.ts';
import { workspacesQuery } from './workspaces-query.ts';

const usualName = 'Default';

/** Data folders by name: another project, another customer, a clean start. */
export function WorkspaceSettings({ host }: { readonly host: SandpostBridge }) {
  const queries = useQueryClient();
  const { data: list } = useQuery(workspacesQuery);
  const act = (task: Promise<WorkspaceList>, title: string) => {
    task.then(
      (next) => queries.setQueryData(workspacesQuery.queryKey, next),
      (error: unknown) => toastHostProblem(error, title),
    );
  };
  const switchTo = (name: string) => {
    host
      .switchWorkspace(name)
      .catch((error: unknown) => toastHostProblem(error, 'The workspace was not changed'));
  };
  if (list === undefined) return null;
  return (
    <Section
      title="Workspaces"
      hint="Each has a data folder with messages, users and rules of its own. Forgetting one takes it off the list and leaves its folder alone."
    >
      <ul aria-label="Workspaces" style={{ listStyle: 'none', margin: 0, padding: 0, width: '100%' }}>
        {list.workspaces.map((workspace) => (
          <li key={workspace.name}>
            <Row
              workspace={workspace}
              current={workspace.name === list.current}
              onSwitch={() => switchTo(workspace.name)}
              onRename={(next) =>
                act(host.renameWorkspace(workspace.name, next), 'The workspace keeps its name')
              }
              onForget={() => act(host.forgetWorkspace(workspace.name), 'The workspace stays on the list')}
            />
          </li>
        ))}
      </ul>
      <NewWorkspace
        onAdd={(name, place) => act(host.addWorkspace(name, place), 'There is no new workspace')}
      />
    </Section>
  );
}

interface RowProps {
  readonly workspace: Workspace;
  readonly current: boolean;
  readonly onSwitch: () => void;
  readonly onRename: (next: string) => void;
  readonly onForget: () => void;
}

function Row({ workspace: { name, folder }, current, onSwitch, onRename, onForget }: RowProps) {
  const [draft, setDraft] = useState<string | null>(null);
  if (draft !== null) {
    return (
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setDraft(null);
          if (draft.trim() !== '' && draft.trim() !== name) onRename(draft.trim());
        }}
      >
        <Group gap={8} mb={4}>
          <TextInput
            aria-label={`New name of ${name}`}
            maxLength={60}
            value={draft}
            onChange={(event) => setDraft(event.currentTarget.value)}
            data-autofocus
          />
          <Button type="submit" variant="default">
            Rename
          </Button>
          <Button variant="subtle" onClick={() => setDraft(null)}>
            Cancel
          </Button>
        </Group>
      </form>
    );
  }
  return (
    <Group gap={8} mb={4}>
      <strong>{name}</strong>
      <Code>{folder}</Code>
      {current ? (
        <Badge variant="light" size="sm">
          open
        </Badge>
      ) : (
        <Button variant="default" size="compact-xs" onClick={onSwitch} aria-label={`Switch to ${name}`}>
          Switch to it
        </Button>
      )}
      {name !== usualName && (
        <ActionIcon aria-label={`Rename ${name}`} onClick={() => setDraft(name)}>
          <IconPencil size={15} aria-hidden />
        </ActionIcon>
      )}
      {name !== usualName && !current && (
        <ActionIcon aria-label={`Forget ${name}`} onClick={onForget}>
          <IconX size={15} aria-hidden />
        </ActionIcon>
      )}
    </Group>
  );
}

function NewWorkspace({ onAdd }: { readonly onAdd: (name: string, place: 'usual' | 'chosen') => void }) {
  const [name, setName] = useState('');
  const add = (place: 'usual' | 'chosen') => {
    onAdd(name.trim(), place);
    setName('');
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== '') add('usual');
      }}
    >
      <Group gap={8} align="flex-end">
        <TextInput
          label="New workspace"
          placeholder="Name"
          maxLength={60}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" disabled={name.trim() === ''}>
          Add
        </Button>
        <Button variant="subtle" disabled={name.trim() === ''} onClick={() => add('chosen')}>
          Add with a folder of your choice…
        </Button>
      </Group>
    </form>
  );
}
