import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ApiProblem } from '../api/request.ts';
import { addUser } from '../api/users.ts';

interface AddUserProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onAdded: (id: string) => void;
}

export function AddUser({ opened, onClose, onAdded }: AddUserProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Add a user">
      {opened && <AddForm onClose={onClose} onAdded={onAdded} />}
    </Modal>
  );
}

const fields = [
  { name: 'id', label: 'Id', placeholder: 'jane', description: 'As your app names them' },
  { name: 'name', label: 'Name', placeholder: 'Jane Doe', description: null },
  { name: 'email', label: 'Mail address', placeholder: 'jane@example.com', description: null },
  { name: 'phone', label: 'Number', placeholder: '+14155550123', description: 'With its country' },
] as const;

function AddForm({ onClose, onAdded }: Omit<AddUserProps, 'opened'>) {
  const [said, setSaid] = useState<Readonly<Record<string, string>>>({});
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const id = (said.id ?? '').trim();
  const submit = () => {
    const profile = Object.fromEntries(
      ['name', 'email', 'phone'].flatMap((name) => {
        const value = (said[name] ?? '').trim();
        return value === '' ? [] : [[name, value] as const];
      }),
    );
    addUser(id, profile).then(
      (added) => {
        onAdded(added.id);
        onClose();
      },
      (error: unknown) => {
        if (error instanceof ApiProblem) setProblem(error);
        else throw error;
      },
    );
  };
  const known = problem?.fields.some(({ field }) => fields.some(({ name }) => name === field)) ?? false;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (id !== '') submit();
      }}
    >
      <Stack gap="sm">
        {fields.map(({ name, label, placeholder, description }) => (
          <TextInput
            key={name}
            label={label}
            placeholder={placeholder}
            description={description}
            data-autofocus={name === 'id' || undefined}
            value={said[name] ?? ''}
            error={
              problem?.fields.find(({ field }) => field === name)?.detail ??
              (name === 'id' && problem !== null && !known ? problem.message : null)
            }
            onChange={(event) => {
              const { value } = event.currentTarget;
              setSaid((old) => ({ ...old, [name]: value }));
              setProblem(null);
            }}
          />
        ))}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={id === ''}>
            Add
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
