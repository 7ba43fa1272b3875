import { Button, Group, Modal, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconBroadcast, IconServerCog } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { liveLimits } from '../../../core/model/live-relay.ts';
import {
  liveQuery,
  type Relay,
  type ReleaseSummary,
  relaysQuery,
  releaseForReal,
  summarizeRelease,
} from '../api/live-relay.ts';
import { plural } from '../format.ts';
import { LoadingState, ProblemState, RoomState } from '../frame/room-states.tsx';
import { useStored } from '../use-stored.ts';
import { channelNames, recipientWords } from './live-words.ts';
import { ProblemHelp } from './problem-help.tsx';
import type { Release as ReleaseRequest } from './release-channels.ts';
import classes from './summary.module.css';

interface RealReleaseDialogProps {
  /** Null: closed. */
  readonly request: ReleaseRequest | null;
  readonly onClose: () => void;
}

/** Sends some messages for real to one chosen recipient; the sandbox stays as it is. */
export function RealReleaseDialog({ request, onClose }: RealReleaseDialogProps) {
  const count = request?.messageIds.length ?? 0;
  return (
    <Modal
      opened={request !== null}
      onClose={onClose}
      size={560}
      title={count === 1 ? 'Release through a relay' : `Release ${count} messages through a relay`}
    >
      {request !== null && <Release request={request} onClose={onClose} />}
    </Modal>
  );
}

interface ReleaseProps {
  readonly request: ReleaseRequest;
  readonly onClose: () => void;
}

function Release({ request, onClose }: ReleaseProps) {
  const { data: relays, error, refetch } = useQuery(relaysQuery);
  if (relays === undefined)
    return error === null ? (
      <LoadingState what="the relays" />
    ) : (
      <ProblemState error={error} onRetry={() => void refetch()} />
    );
  const { channels, messageIds } = request;
  if (channels.length === 0)
    return <Text size="md">These cannot go together: release messages of one channel at a time.</Text>;
  if (messageIds.length > liveLimits.releasedMax)
    return (
      <Text size="md">
        {plural(messageIds.length, 'message', 'messages')} are too many: at most {liveLimits.releasedMax} go
        at a time.
      </Text>
    );
  const fitting = relays.filter((relay) => channels.some((channel) => relay.channels.includes(channel)));
  return fitting.length === 0 ? (
    <NoRelay channels={channels} onClose={onClose} />
  ) : (
    <Choose request={request} relays={fitting} onClose={onClose} />
  );
}

function NoRelay({ channels, onClose }: Pick<ReleaseRequest, 'channels'> & Pick<ReleaseProps, 'onClose'>) {
  const names = channels.map((channel) => channelNames[channel]).join(' or ');
  return (
    <RoomState icon={<IconServerCog size={28} stroke={1.5} aria-hidden />} title={`No relay takes ${names}`}>
      <Text c="dimmed">A relay is a provider of yours that takes messages for real.</Text>
      <Button
        onClick={onClose}
        renderRoot={(props) => <Link {...props} to="/live-relay" search={{ view: 'relays' }} />}
      >
        Add a relay
      </Button>
    </RoomState>
  );
}

function Choose({ request, relays, onClose }: ReleaseProps & { readonly relays: readonly Relay[] }) {
  const { messageIds, channels } = request;
  const [usual, setUsual] = useStored(`release-by.${channels.join('-')}`, '');
  const relay = relays.find(({ id }) => id === usual) ?? relays[0];
  const channel = channels.find((one) => relay?.channels.includes(one)) ?? 'email';
  const [last, remember] = useStored(`release-to.${channel}`, '');
  const [to, setTo] = useState(last);
  const [summary, setSummary] = useState<ReleaseSummary | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [state, setState] = useState<'still' | 'asking'>('still');
  const complete = to.trim() !== '' && relay !== undefined;
  const ask = () => {
    if (relay === undefined) return;
    setState('asking');
    setProblem(null);
    summarizeRelease({ messageIds, relayId: relay.id, to: to.trim() })
      .then(
        (found) => {
          remember(to.trim());
          setSummary(found);
        },
        (error: unknown) => setProblem(error),
      )
      .finally(() => setState('still'));
  };
  if (summary !== null)
    return (
      <Confirm
        key={summary.confirmation}
        summary={summary}
        onAgain={ask}
        onBack={() => setSummary(null)}
        onDone={onClose}
      />
    );
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (complete) ask();
      }}
    >
      <Stack gap="sm">
        <NativeSelect
          label="Relay"
          value={relay?.id ?? ''}
          data={relays.map(({ id, name, address }) => ({ value: id, label: `${name} (${address})` }))}
          onChange={(event) => setUsual(event.currentTarget.value)}
        />
        <TextInput
          label={`To this ${recipientWords[channel].one}`}
          description="Whoever it was for, this is where it goes."
          placeholder={recipientWords[channel].example}
          data-autofocus
          value={to}
          onChange={(event) => {
            setTo(event.currentTarget.value);
            setProblem(null);
          }}
        />
        <ProblemHelp problem={problem} onMended={ask} />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!complete} loading={state === 'asking'}>
            Show what would be sent…
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface ConfirmProps {
  readonly summary: ReleaseSummary;
  readonly onAgain: () => void;
  readonly onBack: () => void;
  readonly onDone: () => void;
}

const listedMax = 8;

function Confirm({ summary, onAgain, onBack, onDone }: ConfirmProps) {
  const queries = useQueryClient();
  const showReleased = useShowReleased();
  const [problem, setProblem] = useState<unknown>(null);
  const [state, setState] = useState<'still' | 'sending'>('still');
  const { messages, relay, to } = summary;
  const send = () => {
    setState('sending');
    setProblem(null);
    releaseForReal(summary.confirmation)
      .then(
        (made) => {
          for (const { messageId } of made)
            void queries.invalidateQueries({ queryKey: ['message', messageId], exact: true });
          void queries.invalidateQueries({ queryKey: ['queues'] });
          void queries.invalidateQueries({ queryKey: liveQuery.queryKey });
          showReleased(made, to);
          onDone();
        },
        (error: unknown) => setProblem(error),
      )
      .finally(() => setState('still'));
  };
  return (
    <Stack gap="md">
      <section className={classes.channel} aria-label="What would be sent">
        <dl className={classes.facts}>
          <dt>Goes to</dt>
          <dd>
            <strong>{to}</strong>
          </dd>
          <dt>By</dt>
          <dd>
            {relay.name}, <code>{relay.address}</code>
          </dd>
        </dl>
        <div className={classes.listed}>
          <table className={classes.table}>
            <caption>{plural(messages.length, 'message', 'messages')}, for real</caption>
            <thead>
              <tr>
                <th scope="col">Subject</th>
                <th scope="col">From</th>
              </tr>
            </thead>
            <tbody>
              {messages.slice(0, listedMax).map(({ id, subject, from }) => (
                <tr key={id}>
                  <td>{subject === '' ? 'No subject' : subject}</td>
                  <td>{from}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {messages.length > listedMax && (
            <p className={classes.more}>and {messages.length - listedMax} more</p>
          )}
        </div>
      </section>
      <Text size="xs" c="dimmed">
        Everything else stays in the sandbox. It may be tried for an hour; “Back to sandbox” on top stops it.
      </Text>
      <ProblemHelp problem={problem} onMended={onAgain} />
      <Group justify="space-between" gap="sm">
        <Button variant="subtle" color="gray" onClick={onBack}>
          Back
        </Button>
        <Group gap="sm">
          <Button variant="default" autoFocus onClick={onDone}>
            Cancel
          </Button>
          <Button
            color="red"
            className={classes.real ?? ''}
            leftSection={<IconBroadcast size={14} aria-hidden />}
            loading={state === 'sending'}
            onClick={send}
          >
            Send for real
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}

const toastMs = 12_000;

/** Leads to the delivery that was made: its journey says what became of it. */
function useShowReleased() {
  const navigate = useNavigate();
  return (made: readonly { readonly id: string; readonly messageId: string }[], to: string) => {
    const [first] = made;
    if (first === undefined) return;
    const id = `released-${first.id}`;
    notifications.show({
      id,
      autoClose: toastMs,
      message: (
        <Group justify="space-between" wrap="nowrap">
          <Text size="md">
            {plural(made.length, 'message goes', 'messages go')} to {to} for real
          </Text>
          <Button
            variant="subtle"
            size="compact-xs"
            style={{ flex: 'none' }}
            onClick={() => {
              notifications.hide(id);
              void navigate({
                to: '/messages/$id',
                params: { id: first.messageId },
                search: { tab: 'journey', delivery: first.id },
              });
            }}
          >
            Show its journey
          </Button>
        </Group>
      ),
    });
  };
}
