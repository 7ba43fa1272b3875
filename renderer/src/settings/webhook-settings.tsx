import { ActionIcon, Button, Menu, Switch } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconDots, IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Webhook } from '../../../core/api/schema.ts';
import { changeWebhook, removeWebhook, testWebhook, webhooksQuery } from '../api/webhooks.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import { Section } from './section.tsx';
import { WebhookDialog } from './webhook-dialog.tsx';
import { WebhookLog } from './webhook-log.tsx';
import { WebhookSecret } from './webhook-secret.tsx';
import classes from './webhook-settings.module.css';

type Open =
  | { readonly kind: 'add' }
  | { readonly kind: 'edit' | 'log' | 'secret'; readonly webhook: Webhook }
  | null;

/** Who is told of events, with the log of what was told. */
export function WebhookSettings() {
  const webhooks = useQuery(webhooksQuery).data ?? [];
  const queries = useQueryClient();
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const reload = () => void queries.invalidateQueries({ queryKey: webhooksQuery.queryKey });
  const test = (webhook: Webhook) => {
    testWebhook(webhook.id).then(
      () => {
        toast('The test call is queued');
        void queries.invalidateQueries({ queryKey: ['webhook-calls', webhook.id] });
        setOpen({ kind: 'log', webhook });
      },
      (error: unknown) => toastProblem(error, 'It could not be tested'),
    );
  };
  const remove = (webhook: Webhook) =>
    modals.openConfirmModal({
      title: 'Remove the webhook',
      children: `${webhook.url} will not be told of anything any more.`,
      labels: { confirm: 'Remove', cancel: 'Cancel' },
      confirmProps: { color: 'red' },
      onConfirm: () => {
        removeWebhook(webhook.id).then(reload, (error: unknown) =>
          toastProblem(error, 'It could not be removed'),
        );
      },
    });
  const activate = (webhook: Webhook, active: boolean) => {
    changeWebhook(webhook.id, { active }).then(reload, (error: unknown) =>
      toastProblem(error, 'It could not be changed'),
    );
  };
  return (
    <Section
      title="Webhooks"
      hint="Your app is told of events by signed calls (HMAC-SHA256), tried again until they are answered with 2xx."
    >
      {webhooks.map((webhook) => (
        <div key={webhook.id} className={classes.entry}>
          <Switch
            aria-label={`Call ${webhook.url}`}
            checked={webhook.active}
            onChange={(event) => activate(webhook, event.currentTarget.checked)}
          />
          <div className={classes.text}>
            <div className={classes.url}>{webhook.url}</div>
            <div className={classes.about}>{aboutOf(webhook)}</div>
          </div>
          <Button variant="default" size="compact-xs" onClick={() => setOpen({ kind: 'log', webhook })}>
            Log
          </Button>
          <Button variant="default" size="compact-xs" onClick={() => test(webhook)}>
            Test
          </Button>
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon size={22} aria-label={`More about ${webhook.url}`}>
                <IconDots size={15} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => setOpen({ kind: 'edit', webhook })}>Change…</Menu.Item>
              <Menu.Item onClick={() => setOpen({ kind: 'secret', webhook })}>Secret…</Menu.Item>
              <Menu.Item color="red" onClick={() => remove(webhook)}>
                Remove…
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </div>
      ))}
      <Button
        variant="default"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => setOpen({ kind: 'add' })}
      >
        Add a webhook
      </Button>
      <WebhookDialog
        opened={open?.kind === 'add' || open?.kind === 'edit'}
        webhook={open?.kind === 'edit' ? open.webhook : null}
        onClose={close}
        onSaved={reload}
      />
      <WebhookLog webhook={open?.kind === 'log' ? open.webhook : null} onClose={close} />
      <WebhookSecret webhook={open?.kind === 'secret' ? open.webhook : null} onClose={close} />
    </Section>
  );
}

function aboutOf({ description, events, project }: Webhook): string {
  const parts = [
    ...(description === '' ? [] : [description]),
    events.length === 0 ? 'every event' : events.join(', '),
    ...(project === null ? [] : [`project ${project}`]),
  ];
  return parts.join(' · ');
}
