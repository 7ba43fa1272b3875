import { Button, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { HandsetView } from '../../../core/api/sms-schema.ts';
import { createHandset } from '../api/handsets.ts';
import { ApiProblem } from '../api/request.ts';
import { lineWords } from './handset-words.ts';
import { useHandsetAction } from './use-handset-action.ts';

interface NewHandsetDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onMade: (number: string) => void;
}

const lines = ['mobile', 'landline', 'unknown'] as const;

export function NewHandsetDialog({ opened, onClose, onMade }: NewHandsetDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Add a handset">
      {opened && <NewHandsetForm onClose={onClose} onMade={onMade} />}
    </Modal>
  );
}

function NewHandsetForm({ onClose, onMade }: Omit<NewHandsetDialogProps, 'opened'>) {
  const [number, setNumber] = useState('');
  const [name, setName] = useState('');
  const [user, setUser] = useState('');
  const [line, setLine] = useState<HandsetView['line']>('mobile');
  const [fault, setFault] = useState<string | null>(null);
  const act = useHandsetAction();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const made = await act(
      createHandset({
        number: number.trim(),
        line,
        ...(name.trim() === '' ? {} : { name: name.trim() }),
        ...(user.trim() === '' ? {} : { user: user.trim() }),
      }).catch((error: unknown) => {
        // What is wrong with the number stands at its field.
        if (!(error instanceof ApiProblem) || error.status >= 500 || error.status === 0) throw error;
        setFault(error.message);
        return null;
      }),
    );
    if (made === null) return;
    onClose();
    onMade(made.number);
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        <TextInput
          data-autofocus
          label="Number"
          description="With its country: E.164."
          placeholder="+14155552671"
          required
          error={fault}
          value={number}
          onChange={(event) => {
            setNumber(event.currentTarget.value);
            setFault(null);
          }}
        />
        <TextInput
          label="Whose"
          description="The user’s id as your app knows it. Empty: nobody’s."
          placeholder="jane"
          value={user}
          onChange={(event) => setUser(event.currentTarget.value)}
        />
        <TextInput
          label="Name"
          placeholder={number.trim() === '' ? 'Jane’s phone' : number.trim()}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NativeSelect
          label="Line"
          value={line}
          data={lines.map((value) => ({ value, label: lineWords[value] }))}
          onChange={({ currentTarget: { value } }) => setLine(lines.find((one) => one === value) ?? 'mobile')}
        />
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit">Add it</Button>
        </Group>
      </Stack>
    </form>
  );
}
