import { Button, Modal, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { DeliveryDetail, Webhook } from '../../../core/api/schema.ts';
import { callsQuery, replayEvent } from '../api/webhooks.ts';
import { Transcript } from '../exchanges/transcript.tsx';
import { formatDateTime } from '../format.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import { StatusMark } from '../status/status-mark.tsx';
import classes from './webhook-settings.module.css';

interface WebhookLogProps {
  /** Null: closed. */
  readonly webhook: Webhook | null;
  readonly onClose: () => void;
}

/** The calls of a webhook: what was said and answered, and a way to say it again. */
export function WebhookLog({ webhook, onClose }: WebhookLogProps) {
  return (
    <Modal opened={webhook !== null} onClose={onClose} title={`Calls to ${webhook?.url ?? ''}`} size="xl">
      {webhook !== null && <Calls id={webhook.id} />}
    </Modal>
  );
}

function Calls({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery(callsQuery(id));
  if (data === undefined) {
    return error === null ? (
      <LoadingState what="the calls" />
    ) : (
      <ProblemState error={error} onRetry={() => void refetch()} />
    );
  }
  if (data.entries.length === 0) {
    return (
      <Text size="md" c="dimmed">
        No call was made yet. Press Test, or send a message.
      </Text>
    );
  }
  return (
    <>
      {data.entries.map((call) => (
        <Call key={call.id} webhookId={id} call={call} />
      ))}
      {data.total > data.entries.length && (
        <Text size="sm" c="dimmed" mt="sm">
          The newest {data.entries.length} of {data.total}
        </Text>
      )}
    </>
  );
}

function Call({ webhookId, call }: { readonly webhookId: string; readonly call: DeliveryDetail }) {
  const queries = useQueryClient();
  const [state, setState] = useState<'closed' | 'open'>('closed');
  const last = call.attemptLog.at(-1);
  const event = call.parameters?.event;
  const eventSeq = typeof event === 'string' && call.parameters?.test !== true ? Number(event) : null;
  const replay = (seq: number) => {
    replayEvent(webhookId, seq).then(
      () => {
        toast('Told again');
        void queries.invalidateQueries({ queryKey: ['webhook-calls', webhookId] });
      },
      (error: unknown) => toastProblem(error, 'It could not be told again'),
    );
  };
  return (
    <div className={classes.call}>
      <div className={classes.head}>
        <button
          type="button"
          className={classes.open}
          aria-expanded={state === 'open'}
          onClick={() => setState(state === 'open' ? 'closed' : 'open')}
        >
          <StatusMark delivery={call} />
          <span>{eventSeq === null ? 'test' : `event ${eventSeq}`}</span>
          <span className={classes.answer}>{last?.text ?? call.reason ?? ''}</span>
          <time className={classes.when} dateTime={call.createdAt}>
            {formatDateTime(call.createdAt)}
          </time>
        </button>
        {eventSeq !== null && (
          <Button
            variant="default"
            size="compact-xs"
            aria-label={`Tell event ${eventSeq} again`}
            onClick={() => replay(eventSeq)}
          >
            Replay
          </Button>
        )}
      </div>
      {state === 'open' &&
        call.attemptLog.map((attempt) => (
          <div key={attempt.number}>
            <Text size="sm" c="dimmed">
              Attempt {attempt.number}, {formatDateTime(attempt.startedAt)}
            </Text>
            {attempt.evidence !== null && <Transcript lines={attempt.evidence.transcript} />}
          </div>
        ))}
      {state === 'open' && call.attemptLog.length === 0 && (
        <Text size="sm" c="dimmed" pb="sm">
          It was not tried yet.
        </Text>
      )}
    </div>
  );
}
