import { Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { UserChannel } from '../../../core/model/user.ts';
import { sendTest } from '../api/templates.ts';
import { usersFoundQuery } from '../api/users.ts';
import { channelWords } from '../users/channel-words.ts';

interface SendTestProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly id: string;
  readonly channels: readonly UserChannel[];
}

export function SendTest({ opened, onClose, id, channels }: SendTestProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Send a test">
      {opened && <TestForm onClose={onClose} id={id} channels={channels} />}
    </Modal>
  );
}

function TestForm({ onClose, id, channels }: Omit<SendTestProps, 'opened'>) {
  const [user, setUser] = useState('');
  const [chosen, setChosen] = useState<readonly UserChannel[]>(channels);
  const [problem, setProblem] = useState<string | null>(null);
  const users = useQuery(usersFoundQuery(user.trim())).data ?? [];
  const navigate = useNavigate();
  const complete = user.trim() !== '' && chosen.length > 0;
  const submit = () => {
    sendTest(id, { user: user.trim(), channels: chosen }).then(
      (sent) => {
        onClose();
        void navigate({ to: '/messages/$id', params: { id: sent.id }, search: { tab: 'journey' } });
      },
      (error: unknown) => setProblem(error instanceof Error ? error.message : String(error)),
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
        <TextInput
          label="To the user"
          description="The draft is sent, with the samples for its variables"
          placeholder="jane"
          list="template-test-users"
          data-autofocus
          value={user}
          error={problem}
          onChange={(event) => {
            setUser(event.currentTarget.value);
            setProblem(null);
          }}
        />
        <datalist id="template-test-users">
          {users.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </datalist>
        <Group gap="md" role="group" aria-label="Channels">
          {channels.map((channel) => (
            <Checkbox
              key={channel}
              size="xs"
              label={channelWords[channel]}
              checked={chosen.includes(channel)}
              onChange={(event) =>
                setChosen(
                  event.currentTarget.checked
                    ? [...chosen, channel]
                    : chosen.filter((one) => one !== channel),
                )
              }
            />
          ))}
        </Group>
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!complete}>
            Send
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
