import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { Webhook } from '../../../core/api/schema.ts';
import { rotateSecret, webhookSecretQuery } from '../api/webhooks.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import { Copy } from '../message/found-panel.tsx';
import classes from './webhook-settings.module.css';

interface WebhookSecretProps {
  /** Null: closed. */
  readonly webhook: Webhook | null;
  readonly onClose: () => void;
}

/** The key that calls are signed with: shown when asked for, copied, changed. */
export function WebhookSecret({ webhook, onClose }: WebhookSecretProps) {
  return (
    <Modal opened={webhook !== null} onClose={onClose} title="Secret of the webhook">
      {webhook !== null && <Secret id={webhook.id} />}
    </Modal>
  );
}

function Secret({ id }: { readonly id: string }) {
  const { data: secret } = useQuery(webhookSecretQuery(id));
  const queries = useQueryClient();
  const rotate = () => {
    rotateSecret(id).then(
      (next) => {
        queries.setQueryData(webhookSecretQuery(id).queryKey, next.secret);
        toast('The old secret signs nothing any more');
      },
      (error: unknown) => toastProblem(error, 'It could not be changed'),
    );
  };
  return (
    <Stack gap="sm">
      <Text size="md">
        Calls carry a signature of their body, made with this key (HMAC-SHA256), and a timestamp.
      </Text>
      <div className={classes.secret}>
        <code>{secret ?? '…'}</code>
        {secret !== undefined && <Copy value={secret} label="Copy the secret" />}
      </div>
      <Group justify="flex-end">
        <Button variant="default" onClick={rotate}>
          Give it a new one
        </Button>
      </Group>
    </Stack>
  );
}
