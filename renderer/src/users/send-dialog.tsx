import { Button, Checkbox, Group, Modal, NativeSelect, Stack, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { type UserChannel, userChannels } from '../../../core/model/user.ts';
import { ApiProblem } from '../api/request.ts';
import { templatesQuery } from '../api/templates.ts';
import { type NewSend, sendMessage } from '../api/users.ts';
import { toast } from '../frame/toast-problem.ts';
import { useStored } from '../use-stored.ts';
import { channelWords, isUserChannel } from './channel-words.ts';
import classes from './users-room.module.css';
import { writtenContent } from './written-content.ts';

interface SendDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly to: NewSend['to'][number];
  /** As the person knows them. */
  readonly who: string;
}

/** One send over several channels, of a template or of a few words. */
export function SendDialog({ opened, onClose, to, who }: SendDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={`Send a message to ${who}`} size="lg">
      {opened && <SendForm onClose={onClose} to={to} />}
    </Modal>
  );
}

function SendForm({ onClose, to }: Pick<SendDialogProps, 'onClose' | 'to'>) {
  const [stored, setStored] = useStored('send.channels', 'push,sms,email');
  const [from, setFrom] = useStored('send.from', 'shop@example.com');
  const [routing, setRouting] = useState<'first' | 'all'>('first');
  const [template, setTemplate] = useState('');
  const [title, setTitle] = useState('');
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const templates = (useQuery(templatesQuery('')).data ?? []).filter(({ published }) => published !== null);
  const navigate = useNavigate();
  // In the order in which they were ticked, which is that of preference.
  const channels = stored.split(',').filter(isUserChannel);
  const toggle = (channel: UserChannel, on: boolean) =>
    setStored([...channels.filter((one) => one !== channel), ...(on ? [channel] : [])].join(','));
  const complete = channels.length > 0 && (template !== '' || text.trim() !== '');
  const submit = () => {
    sendMessage({
      to: [to],
      channels,
      routing,
      ...(template === ''
        ? { content: writtenContent(channels, { title: title.trim(), text: text.trim() }) }
        : { template: { id: template } }),
      ...(from.trim() === '' ? {} : { from: from.trim() }),
    }).then(
      ({ id }) => {
        toast('It is on its way');
        onClose();
        void navigate({ to: '/messages/$id', params: { id }, search: { tab: 'journey' } });
      },
      (error: unknown) => {
        if (error instanceof ApiProblem) setProblem(error);
        else throw error;
      },
    );
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (complete) submit();
      }}
    >
      <Stack gap="sm">
        <Group gap="md" role="group" aria-label="Channels">
          {userChannels.map((channel) => {
            const place = channels.indexOf(channel);
            return (
              <Checkbox
                key={channel}
                size="xs"
                label={
                  place === -1 || routing === 'all'
                    ? channelWords[channel]
                    : `${channelWords[channel]} (${place + 1}.)`
                }
                checked={place !== -1}
                onChange={(event) => toggle(channel, event.currentTarget.checked)}
              />
            );
          })}
        </Group>
        <NativeSelect
          label="How"
          value={routing}
          data={[
            { value: 'first', label: 'One after the other, until one is delivered' },
            { value: 'all', label: 'All of them at once' },
          ]}
          onChange={(event) => setRouting(event.currentTarget.value === 'all' ? 'all' : 'first')}
        />
        <NativeSelect
          label="Template"
          value={template}
          data={[
            { value: '', label: 'None: the text below' },
            ...templates.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={(event) => {
            setTemplate(event.currentTarget.value);
            setProblem(null);
          }}
        />
        {template === '' && (
          <>
            <TextInput
              label="Title"
              description="Subject of the mail, title of the push"
              value={title}
              data-autofocus
              onChange={(event) => setTitle(event.currentTarget.value)}
            />
            <Textarea
              size="xs"
              label="Text"
              description="The same on every channel. Liquid: {{ user.name }}"
              autosize
              minRows={3}
              maxRows={10}
              value={text}
              onChange={(event) => {
                setText(event.currentTarget.value);
                setProblem(null);
              }}
            />
          </>
        )}
        {channels.includes('email') && (
          <TextInput
            label="Mail comes from"
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
        )}
        {problem !== null && (
          <div className={classes.problem} role="alert">
            {problem.message}
            {problem.fields.length > 0 && (
              <ul>
                {problem.fields.map(({ field, detail }) => (
                  <li key={`${field} ${detail}`}>
                    {field}: {detail}
                  </li>
                ))}
              </ul>
            )}
          </div>
        )}
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
