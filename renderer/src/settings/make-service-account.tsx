import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ServiceAccountFile } from '../../../core/api/push-schema.ts';
import { makeServiceAccount, pushSettingsQuery } from '../api/push.ts';
import { ApiProblem } from '../api/request.ts';
import { MadeCredential } from './made-credential.tsx';
import classes from './push-settings.module.css';

interface MakeServiceAccountProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Asks for the project, and shows the file that was made. */
export function MakeServiceAccount({ opened, onClose }: MakeServiceAccountProps) {
  const [file, setFile] = useState<ServiceAccountFile | null>(null);
  return (
    <>
      <Modal opened={opened} onClose={onClose} title="Make a service account">
        {opened && (
          <AccountForm
            onClose={onClose}
            onMade={(made) => {
              onClose();
              setFile(made);
            }}
          />
        )}
      </Modal>
      <MadeCredential
        title="A service account for FCM"
        made={
          file === null
            ? null
            : {
                facts: [
                  ['Account', file.client_email],
                  ['Project', file.project_id],
                ],
                fileName: 'service-account.json',
                text: `${JSON.stringify(file, null, 2)}\n`,
              }
        }
        onClose={() => setFile(null)}
      />
    </>
  );
}

function AccountForm({
  onClose,
  onMade,
}: {
  readonly onClose: () => void;
  readonly onMade: (file: ServiceAccountFile) => void;
}) {
  const queries = useQueryClient();
  const [project, setProject] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const submit = () => {
    const projectId = project.trim();
    makeServiceAccount(projectId === '' ? {} : { projectId }).then(
      (file) => {
        void queries.invalidateQueries({ queryKey: pushSettingsQuery.queryKey });
        onMade(file);
      },
      (error: unknown) => setProblem(error instanceof ApiProblem ? error.message : String(error)),
    );
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="sm">
        <p className={classes.say}>
          A JSON file that firebase-admin and Google’s other libraries take as it is. Its tokens come from the
          sandbox.
        </p>
        <TextInput
          label="Project"
          description="The Firebase project id that your app sends for."
          placeholder="sandpost"
          data-autofocus
          value={project}
          error={problem}
          onChange={(event) => {
            setProject(event.currentTarget.value);
            setProblem(null);
          }}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit">Make it</Button>
        </Group>
      </Stack>
    </form>
  );
}
