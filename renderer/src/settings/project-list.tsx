import { ActionIcon, Modal, Table, Tooltip } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconClockPause, IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Project } from '../../../core/api/schema.ts';
import { deleteProject, projectsQuery, setProjectRetention } from '../api/projects.ts';
import { formatBytes, formatCount } from '../format.ts';
import { toastProblem } from '../frame/toast-problem.ts';
import { RetentionFields } from './retention-fields.tsx';

/** The projects there are, each with its own limits if it has any. */
export function ProjectList() {
  const { data: projects = [] } = useQuery(projectsQuery);
  const queries = useQueryClient();
  const [limited, setLimited] = useState<Project | null>(null);
  const refresh = () => void queries.invalidateQueries({ queryKey: projectsQuery.queryKey });

  const remove = (project: Project) =>
    modals.openConfirmModal({
      title: `Delete the project ${project.name}`,
      children: `Its ${formatCount(project.messages)} messages will be deleted with it.`,
      labels: { confirm: 'Delete', cancel: 'Cancel' },
      confirmProps: { color: 'red' },
      onConfirm: () =>
        void deleteProject(project.name, 'delete').then(refresh, (error: unknown) =>
          toastProblem(error, 'The project could not be deleted'),
        ),
    });

  return (
    <>
      <Table withRowBorders verticalSpacing={4} fz={13}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Project</Table.Th>
            <Table.Th ta="right">Messages</Table.Th>
            <Table.Th ta="right">Size</Table.Th>
            <Table.Th>Limits</Table.Th>
            <Table.Th aria-label="Actions" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {projects.map((project) => (
            <Table.Tr key={project.name}>
              <Table.Td>{project.name}</Table.Td>
              <Table.Td ta="right">{formatCount(project.messages)}</Table.Td>
              <Table.Td ta="right">{formatBytes(project.bytes)}</Table.Td>
              <Table.Td c="dimmed">
                {Object.values(project.retention).some((limit) => limit !== null) ? 'own' : 'general'}
              </Table.Td>
              <Table.Td ta="right">
                <Tooltip label="Limits of its own">
                  <ActionIcon
                    size={22}
                    aria-label={`Limits of ${project.name}`}
                    onClick={() => setLimited(project)}
                  >
                    <IconClockPause size={14} aria-hidden />
                  </ActionIcon>
                </Tooltip>
                <Tooltip label="Delete">
                  <ActionIcon
                    size={22}
                    aria-label={`Delete ${project.name}`}
                    disabled={project.name === 'main'}
                    onClick={() => remove(project)}
                  >
                    <IconTrash size={14} aria-hidden />
                  </ActionIcon>
                </Tooltip>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Modal
        opened={limited !== null}
        onClose={() => setLimited(null)}
        title={`Limits of ${limited?.name ?? ''}`}
        size={540}
      >
        {limited !== null && (
          <RetentionFields
            saved={limited.retention}
            onSave={(retention) => {
              setLimited(null);
              setProjectRetention(limited.name, retention).then(refresh, (error: unknown) =>
                toastProblem(error, 'The limits could not be saved'),
              );
            }}
          />
        )}
      </Modal>
    </>
  );
}
