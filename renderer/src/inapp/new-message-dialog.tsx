import {
  Button,
  Group,
  Modal,
  NumberInput,
  Stack,
  Switch,
  Textarea,
  TextInput,
  useComputedColorScheme,
} from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { type Fault, faultAt, faultWithin } from '../api/faults.ts';
import type { InAppMessage } from '../api/inapp.ts';
import { sendInApp } from '../api/inapp.ts';
import { ApiProblem } from '../api/request.ts';
import { withKind } from './display-draft.ts';
import fieldClasses from './display-fields.module.css';
import { DisplayFields, KindSelect } from './display-fields.tsx';
import { InAppPreview } from './in-app-preview.tsx';
import classes from './new-message-dialog.module.css';
import { type MessageForm, newForm, readForm } from './new-message-form.ts';
import { useInAppAction } from './use-in-app-action.ts';

interface NewMessageDialogProps {
  readonly opened: boolean;
  /** Whom it is for to begin with; empty: nobody yet. */
  readonly user: string;
  readonly onClose: () => void;
  readonly onSent: (user: string) => void;
}

/** Writes an in-app message and sends it by the send API, as the app’s backend would. */
export function NewMessageDialog({ opened, user, onClose, onSent }: NewMessageDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="New in-app message" size={900}>
      {opened && <Form user={user} onClose={onClose} onSent={onSent} />}
    </Modal>
  );
}

function Form({ user: first, onClose, onSent }: Omit<NewMessageDialogProps, 'opened'>) {
  const [form, setForm] = useState<MessageForm>(() => newForm(first));
  const [faults, setFaults] = useState<readonly Fault[]>([]);
  const [state, setState] = useState<'ready' | 'sending'>('ready');
  const scheme = useComputedColorScheme('light');
  const act = useInAppAction();
  const change = (next: Partial<MessageForm>) => {
    setForm({ ...form, ...next });
    setFaults([]);
  };
  const text = (name: 'user' | 'title' | 'link' | 'action', label: string, more = {}) => (
    <TextInput
      label={label}
      value={form[name]}
      onChange={({ currentTarget: { value } }) => change({ [name]: value })}
      {...more}
    />
  );
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setState('sending');
    const sent = await act(
      sendInApp(form.user.trim(), readForm(form)).catch((error: unknown) => {
        // What is wrong with a field stands at the field.
        if (!(error instanceof ApiProblem) || error.fields.length === 0) throw error;
        setFaults(error.fields);
        return null;
      }),
    );
    setState('ready');
    if (sent === null) return;
    onClose();
    onSent(form.user.trim());
  };
  const { kind } = form.display;
  const homeless = faults.filter(
    ({ field }) => !known.some((name) => faultWithin([{ field, detail: '' }], name) !== null),
  );
  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)}>
      <Stack gap="sm" className={classes.fields ?? ''}>
        <div className={fieldClasses.row}>
          {text('user', 'For the user', {
            required: true,
            placeholder: 'anna',
            error: faultWithin(faults, 'to'),
            'data-autofocus': first === '' || undefined,
          })}
          <KindSelect
            kind={kind}
            fault={faultAt(faults, 'display.kind')}
            onChange={(next) => change({ display: { ...withKind(form.display, next), kind: next } })}
          />
          <NumberInput
            label="Priority"
            size="xs"
            w={90}
            min={0}
            max={1_000}
            value={form.priority}
            onChange={(value) => change({ priority: Number(value) })}
          />
        </div>
        {text('title', 'Title', {
          error: faultWithin(faults, 'title'),
          'data-autofocus': first !== '' || undefined,
        })}
        <Textarea
          label="Body"
          size="xs"
          autosize
          minRows={2}
          maxRows={6}
          error={faultWithin(faults, 'body')}
          value={form.body}
          onChange={({ currentTarget: { value } }) => change({ body: value })}
        />
        <div className={fieldClasses.row}>
          {text('action', 'Button', { placeholder: 'none', error: faultWithin(faults, 'actions') })}
          {text('link', 'A click opens', {
            placeholder: '/cart or https://…',
            error: faultWithin(faults, 'link'),
          })}
        </div>
        <DisplayFields
          display={form.display}
          faultAt={(field) => faultAt(faults, `display.${field}`)}
          onChange={(display) => change({ display: { ...display, kind } })}
        />
        <Switch
          label="Keep it in the inbox after it was shown"
          checked={form.saveToInbox || kind === 'inbox'}
          disabled={kind === 'inbox'}
          onChange={({ currentTarget: { checked } }) => change({ saveToInbox: checked })}
        />
        {homeless.map(({ field, detail }) => (
          <p key={`${field} ${detail}`} role="alert" className={classes.fault}>
            {field}: {detail}
          </p>
        ))}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={state === 'sending'}>
            Send it
          </Button>
        </Group>
      </Stack>
      <div className={classes.preview}>
        <InAppPreview content={previewOf(form)} kind={kind} width="phone" scheme={scheme} />
      </div>
    </form>
  );
}

function previewOf(form: MessageForm): InAppMessage['content'] {
  const { title, body, link, actions = [], slides = [] } = readForm(form);
  const shown = actions.map(({ label }) => ({
    id: 'action',
    label,
    url: null,
    style: 'primary' as const,
    dismisses: true,
  }));
  return {
    title: title ?? null,
    body: body ?? null,
    image: null,
    link: link ?? null,
    actions: shown,
    slides: slides.map((slide) => ({
      title: slide.title ?? null,
      body: slide.body ?? null,
      image: null,
      actions: [],
    })),
    data: {},
  };
}

const known = [
  ...['to', 'title', 'body', 'link', 'actions', 'display.kind', 'display.pageRules', 'display.frequency'],
  ...['display.trigger', 'display.slot', 'display.maxPerWeek', 'display.minIntervalS'],
];
