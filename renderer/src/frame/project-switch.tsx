import { Button, Menu, ScrollArea, Text, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconChevronDown, IconFolder, IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { createProject, projectsQuery } from '../api/projects.ts';
import { formatCount } from '../format.ts';
import { toastProblem } from './toast-problem.ts';

/** Which app's messages are on the screen. */
export function ProjectSwitch() {
  const project = useSearch({ strict: false, select: (search) => search.project ?? null });
  const projects = useQuery(projectsQuery).data ?? [];
  const navigate = useNavigate();
  const queries = useQueryClient();
  const go = (name: string | null) =>
    void navigate({ to: '/messages', search: name === null ? {} : { project: name } });

  const askForName = () => {
    let name = '';
    modals.openConfirmModal({
      title: 'New project',
      children: (
        <TextInput
          data-autofocus
          label="Name"
          description="Mail whose SMTP user name is this name lands in it."
          onChange={(event) => {
            name = event.currentTarget.value;
          }}
        />
      ),
      labels: { confirm: 'Create', cancel: 'Cancel' },
      onConfirm: () => {
        createProject(name.trim()).then(
          async (created) => {
            await queries.invalidateQueries({ queryKey: projectsQuery.queryKey });
            go(created.name);
          },
          (error: unknown) => toastProblem(error, 'The project could not be made'),
        );
      },
    });
  };

  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <Button
          variant="default"
          h={28}
          leftSection={<IconFolder size={14} aria-hidden />}
          rightSection={<IconChevronDown size={14} aria-hidden />}
          aria-label={`Project: ${project ?? 'all projects'}`}
        >
          {project ?? 'All projects'}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => go(null)} fw={project === null ? 600 : 400}>
          All projects
        </Menu.Item>
        <Menu.Divider />
        <ScrollArea.Autosize mah={320}>
          {projects.map((entry) => (
            <Menu.Item
              key={entry.name}
              onClick={() => go(entry.name)}
              fw={project === entry.name ? 600 : 400}
              rightSection={
                <Text size="sm" c="dimmed">
                  {entry.unread > 0 ? `${formatCount(entry.unread)} unread · ` : ''}
                  {formatCount(entry.messages)}
                </Text>
              }
            >
              {entry.name}
            </Menu.Item>
          ))}
        </ScrollArea.Autosize>
        <Menu.Divider />
        <Menu.Item leftSection={<IconPlus size={14} aria-hidden />} onClick={askForName}>
          New project…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
