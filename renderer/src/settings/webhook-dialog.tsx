import { Button, Group, Modal, MultiSelect, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Webhook } from '../../../core/api/schema.ts';
import { ApiProblem } from '../api/request.ts';
import { changeWebhook, createWebhook } from '../api/webhooks.ts';
import { toast } from '../frame/toast-problem.ts';
import { isWebhookEvent, webhookEvents } from './webhook-events.ts';

interface WebhookDialogProps {
  readonly opened: boolean;
  /** Null: a new one. */
  readonly webhook: Webhook | null;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

export function WebhookDialog({ opened, webhook, onClose, onSaved }: WebhookDialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={webhook === null ? 'Add a webhook' : 'Change the webhook'}
    >
      {opened && <WebhookForm webhook={webhook} onClose={onClose} onSaved={onSaved} />}
    </Modal>
  );
}

function WebhookForm({ webhook, onClose, onSaved }: Omit<WebhookDialogProps, 'opened'>) {
  const [url, setUrl] = useState(webhook?.url ?? '');
  const [description, setDescription] = useState(webhook?.description ?? '');
  const [events, setEvents] = useState<readonly string[]>(webhook?.events ?? []);
  const [project, setProject] = useState(webhook?.project ?? '');
  const [problem, setProblem] = useState<string | null>(null);
  const submit = () => {
    const about = {
      url: url.trim(),
      description: description.trim(),
      events: events.filter(isWebhookEvent),
      project: project.trim() === '' ? null : project.trim(),
    };
    (webhook === null ? createWebhook(about) : changeWebhook(webhook.id, about)).then(
      () => {
        toast('Saved');
        onSaved();
        onClose();
      },
      (error: unknown) => setProblem(error instanceof ApiProblem ? error.message : String(error)),
    );
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (url.trim() !== '') submit();
      }}
    >
      <Stack gap="sm">
        <TextInput
          label="Address"
          data-autofocus
          placeholder="http://localhost:3000/hooks"
          value={url}
          error={problem}
          onChange={(event) => {
            setUrl(event.currentTarget.value);
            setProblem(null);
          }}
        />
        <MultiSelect
          size="xs"
          label="Events"
          placeholder={events.length === 0 ? 'all of them' : ''}
          data={[...webhookEvents]}
          value={[...events]}
          onChange={setEvents}
          clearable
          clearButtonProps={{ 'aria-label': 'All events' }}
        />
        <TextInput
          label="Only of the project"
          placeholder="every project"
          value={project}
          onChange={(event) => setProject(event.currentTarget.value)}
        />
        <TextInput
          label="Description"
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={url.trim() === ''}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
