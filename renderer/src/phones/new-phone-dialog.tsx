import { Button, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { Phone } from '../../../core/api/phones-schema.ts';
import { createPhone } from '../api/phones.ts';
import { platformWords } from './phone-words.ts';
import { usePhoneAction } from './use-phone-action.ts';

interface NewPhoneDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onMade: (id: string) => void;
}

const platforms: readonly Phone['platform'][] = ['ios', 'android', 'browser'];

export function NewPhoneDialog({ opened, onClose, onMade }: NewPhoneDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Add a phone or browser">
      {opened && <NewPhoneForm onClose={onClose} onMade={onMade} />}
    </Modal>
  );
}

function NewPhoneForm({ onClose, onMade }: Omit<NewPhoneDialogProps, 'opened'>) {
  const [platform, setPlatform] = useState<Phone['platform']>('ios');
  const [name, setName] = useState('');
  const [user, setUser] = useState('');
  const act = usePhoneAction();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const owner = user.trim();
    const made = await act(
      createPhone({
        platform,
        name: name.trim() === '' ? usualName(platform, owner) : name.trim(),
        ...(owner === '' ? {} : { user: owner }),
      }),
    );
    if (made === null) return;
    onClose();
    onMade(made.id);
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        <NativeSelect
          data-autofocus
          label="Kind"
          value={platform}
          data={platforms.map((value) => ({ value, label: platformWords[value] }))}
          onChange={(event) => {
            const wanted = platforms.find((one) => one === event.currentTarget.value);
            if (wanted !== undefined) setPlatform(wanted);
          }}
        />
        <TextInput
          label="Whose"
          description="The user’s id as your app knows it. A push to the user reaches all of their devices. Empty: nobody’s."
          placeholder="jane"
          value={user}
          onChange={(event) => setUser(event.currentTarget.value)}
        />
        <TextInput
          label="Name"
          placeholder={usualName(platform, user.trim())}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
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

const usualName = (platform: Phone['platform'], user: string): string =>
  user === '' ? `A new ${platformWords[platform]}` : `${user}’s ${platformWords[platform]}`;
