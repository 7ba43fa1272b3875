import { Button } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { statsQuery } from '../api/core.ts';
import { deleteMessages } from '../api/messages.ts';
import { plural } from '../format.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import { Section } from './section.tsx';

export function DeleteSettings() {
  const messages = useQuery(statsQuery(null)).data?.messages ?? 0;
  const queries = useQueryClient();
  const ask = () =>
    modals.openConfirmModal({
      title: 'Delete every message',
      children: `${plural(messages, 'message', 'messages')} of all projects will be deleted. This cannot be undone.`,
      labels: { confirm: 'Delete everything', cancel: 'Cancel' },
      confirmProps: { color: 'red' },
      onConfirm: () => {
        deleteMessages({ q: '', project: null }).then(
          ({ deleted }) => {
            toast(`${plural(deleted, 'message', 'messages')} deleted`);
            void queries.invalidateQueries();
          },
          (error: unknown) => toastProblem(error, 'They could not be deleted'),
        );
      },
    });
  return (
    <Section title="Delete everything" hint="Messages of all projects. Settings and projects stay.">
      <Button color="red" variant="light" disabled={messages === 0} onClick={ask}>
        Delete {plural(messages, 'message', 'messages')}…
      </Button>
    </Section>
  );
}
