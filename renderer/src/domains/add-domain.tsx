import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { createDomain } from '../api/domains.ts';
import { useDomainAction } from './use-domain-action.ts';

interface AddDomainProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onAdded: (name: string) => void;
}

export function AddDomain({ opened, onClose, onAdded }: AddDomainProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Add a sending domain">
      <AddForm onClose={onClose} onAdded={onAdded} />
    </Modal>
  );
}

function AddForm({ onClose, onAdded }: Omit<AddDomainProps, 'opened'>) {
  const [name, setName] = useState('');
  const [making, setMaking] = useState(false);
  const act = useDomainAction();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setMaking(true);
    const made = await act(createDomain(name), { failed: 'The domain could not be added' });
    setMaking(false);
    if (made === null) return;
    onClose();
    onAdded(made.name);
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        <TextInput
          data-autofocus
          label="Domain"
          description="What stands behind the @ in From. Keys and records are made for it; nothing leaves this machine."
          placeholder="shop.example"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={name.trim() === ''} loading={making}>
            Add the domain
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
