import { Button, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type NewSuspension, suspend } from '../api/deliveries.ts';
import { readDuration } from '../duration-text.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';

interface SuspendDialogProps {
  readonly opened: boolean;
  /** What it begins with: a domain from the list, say. */
  readonly initial: Pick<NewSuspension, 'by' | 'value'>;
  readonly onClose: () => void;
}

const kinds: readonly { readonly value: NewSuspension['by']; readonly label: string }[] = [
  { value: 'domain', label: 'a domain' },
  { value: 'provider', label: 'a provider' },
  { value: 'stream', label: 'a stream' },
  { value: 'tag', label: 'a tag' },
  { value: 'all', label: 'everything' },
];

/** Lets a part of the queue wait, or turns it back, with a reason and for a while. */
export function SuspendDialog({ opened, initial, onClose }: SuspendDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Suspend a part of the queue">
      {opened && <SuspendForm initial={initial} onClose={onClose} />}
    </Modal>
  );
}

function SuspendForm({ initial, onClose }: Pick<SuspendDialogProps, 'initial' | 'onClose'>) {
  const queries = useQueryClient();
  const [by, setBy] = useState(initial.by);
  const [value, setValue] = useState(initial.value);
  const [action, setAction] = useState<NewSuspension['action']>('suspend');
  const [reason, setReason] = useState('');
  const [duration, setDuration] = useState('1h');
  const durationMs = duration.trim() === '' ? null : readDuration(duration);
  const unreadable = duration.trim() !== '' && durationMs === null;
  const complete = reason.trim() !== '' && !unreadable && (by === 'all' || value.trim() !== '');
  const submit = () => {
    suspend({ by, value: value.trim(), action, reason: reason.trim(), durationMs }).then(
      () => {
        toast('Suspended');
        void queries.invalidateQueries({ queryKey: ['queues'] });
        onClose();
      },
      (error: unknown) => toastProblem(error, 'It could not be suspended'),
    );
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (complete) submit();
      }}
    >
      <Stack gap="sm">
        <Group gap="sm" grow align="flex-end">
          <NativeSelect
            label="What"
            value={by}
            data={[...kinds]}
            onChange={(event) =>
              setBy(kinds.find((kind) => kind.value === event.currentTarget.value)?.value ?? 'domain')
            }
          />
          {by === 'stream' && (
            <NativeSelect
              label="Which"
              value={value}
              data={['', 'transactional', 'marketing']}
              onChange={(event) => setValue(event.currentTarget.value)}
            />
          )}
          {by !== 'stream' && by !== 'all' && (
            <TextInput
              label="Which"
              data-autofocus
              value={value}
              placeholder={by === 'domain' ? 'example.com' : ''}
              onChange={(event) => setValue(event.currentTarget.value)}
            />
          )}
        </Group>
        <NativeSelect
          label="How"
          value={action}
          data={[
            { value: 'suspend', label: 'Let it wait' },
            { value: 'bounce', label: 'Turn it back for good' },
          ]}
          onChange={(event) => setAction(event.currentTarget.value === 'bounce' ? 'bounce' : 'suspend')}
        />
        <TextInput
          label="Reason"
          placeholder="Their servers are down"
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <TextInput
          label="For how long"
          description="Of virtual time: 30m, 4h, 2d. Empty: until it is ended by hand."
          value={duration}
          error={unreadable ? 'Write 30m, 4h or 2d' : null}
          onChange={(event) => setDuration(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!complete}>
            Suspend
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
