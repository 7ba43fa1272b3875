import { Button, FileButton, Group, Modal, NativeSelect, Stack, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { PushSettings } from '../../../core/api/push-schema.ts';
import { toastProblem } from '../frame/toast-problem.ts';
import { readWords } from '../word-list.ts';
import { keyIdOf } from './push-form.ts';
import classes from './push-settings.module.css';
import { useChangePush } from './use-change-push.ts';

interface AddApnsKeyProps {
  readonly opened: boolean;
  readonly known: PushSettings['apns']['keys'];
  readonly onClose: () => void;
}

/** A key that an app signs with already: from then on its signatures are checked. */
export function AddApnsKey({ opened, known, onClose }: AddApnsKeyProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Add a signing key of your app" size={520}>
      {opened && <KeyForm known={known} onClose={onClose} />}
    </Modal>
  );
}

function KeyForm({ known, onClose }: Omit<AddApnsKeyProps, 'opened'>) {
  const change = useChangePush();
  const [kid, setKid] = useState('');
  const [teamId, setTeamId] = useState('');
  const [environment, setEnvironment] = useState<'' | 'development' | 'production'>('');
  const [topics, setTopics] = useState('');
  const [pem, setPem] = useState('');
  const complete = [kid, teamId, pem].every((text) => text.trim() !== '');
  const take = (file: File | null) => {
    file?.text().then(
      (text) => {
        setPem(text);
        setKid((before) => (before === '' ? keyIdOf(file.name) : before));
      },
      (error: unknown) => toastProblem(error, 'The file could not be read'),
    );
  };
  const submit = async () => {
    const only = readWords(topics);
    const key = {
      kid: kid.trim(),
      teamId: teamId.trim(),
      publicKey: pem,
      ...(environment === '' ? {} : { environment }),
      ...(only.length === 0 ? {} : { topics: only }),
    };
    // One of the same id takes the place of the one before.
    const others = known.filter((one) => one.kid !== key.kid);
    if (await change({ apns: { keys: [...others, key] } }, `The key ${key.kid} is known now`)) onClose();
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (complete) void submit();
      }}
    >
      <Stack gap="sm">
        <p className={classes.say}>
          The .p8 file of your app, or its public half. Only the public half is kept: it checks signatures,
          and can make none.
        </p>
        <FileButton onChange={take} accept=".p8,.pem">
          {(props) => (
            <Button {...props} variant="default" data-autofocus style={{ alignSelf: 'flex-start' }}>
              Pick the file…
            </Button>
          )}
        </FileButton>
        <Textarea
          size="xs"
          label="Key (PEM)"
          autosize
          minRows={3}
          maxRows={6}
          placeholder="-----BEGIN PRIVATE KEY-----"
          value={pem}
          onChange={(event) => setPem(event.currentTarget.value)}
        />
        <Group grow gap="sm" align="flex-start">
          <TextInput
            label="Key id"
            placeholder="ABC123DEFG"
            value={kid}
            onChange={(event) => setKid(event.currentTarget.value)}
          />
          <TextInput
            label="Team id"
            placeholder="DEF123GHIJ"
            value={teamId}
            onChange={(event) => setTeamId(event.currentTarget.value)}
          />
          <NativeSelect
            label="Environment"
            value={environment}
            data={[
              { value: '', label: 'both' },
              { value: 'development', label: 'development' },
              { value: 'production', label: 'production' },
            ]}
            onChange={(event) => {
              const { value } = event.currentTarget;
              setEnvironment(value === 'development' || value === 'production' ? value : '');
            }}
          />
        </Group>
        <TextInput
          label="Only for the bundle ids"
          placeholder="all of the team"
          value={topics}
          onChange={(event) => setTopics(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!complete}>
            Add
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
