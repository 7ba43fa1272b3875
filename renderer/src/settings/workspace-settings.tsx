import { Alert, Button, Group, Select, Switch } from '@mantine/core';
import { useState } from 'react';
import { type MessageForm, workspaceFileUrl } from '../api/workspace.ts';
import { toastProblem } from '../frame/toast-problem.ts';
import { saveFile } from '../host/save-file.ts';
import { ImportWorkspace } from './import-workspace.tsx';
import { Section } from './section.tsx';

const forms: readonly { readonly value: MessageForm; readonly label: string }[] = [
  { value: 'mbox', label: 'Messages in one mbox file' },
  { value: 'eml', label: 'Each message in a file of its own (.eml)' },
  { value: 'none', label: 'No messages' },
];

/** The whole workspace as a file, and a file into the workspace. */
export function WorkspaceSettings() {
  const [messages, setMessages] = useState<MessageForm>('mbox');
  const [privateKeys, setPrivateKeys] = useState(false);
  const [saving, setSaving] = useState(false);
  const [importing, setImporting] = useState(false);
  const save = () => {
    setSaving(true);
    saveFile(workspaceFileUrl({ messages, privateKeys }), 'sandpost.zip')
      .catch((error: unknown) => toastProblem(error, 'The workspace could not be exported'))
      .finally(() => setSaving(false));
  };
  return (
    <Section
      title="Workspace"
      hint="Messages, rules, scenarios, domains, templates, users, phones and settings, as one file. Credentials, secrets and tokens are never in it."
    >
      <Select
        aria-label="Messages in the export"
        data={[...forms]}
        value={messages}
        allowDeselect={false}
        w={320}
        onChange={(value) => setMessages(forms.find((form) => form.value === value)?.value ?? 'mbox')}
      />
      <Switch
        label="With the private DKIM keys of the sending domains"
        checked={privateKeys}
        onChange={(event) => setPrivateKeys(event.currentTarget.checked)}
      />
      {privateKeys && (
        <Alert color="yellow" variant="light" role="status">
          Whoever has the file can sign mail as these domains. Keep it as you would keep a password.
        </Alert>
      )}
      <Group gap="sm">
        <Button variant="default" loading={saving} onClick={save}>
          Export
        </Button>
        <Button variant="default" onClick={() => setImporting(true)}>
          Import…
        </Button>
      </Group>
      <ImportWorkspace opened={importing} onClose={() => setImporting(false)} />
    </Section>
  );
}
