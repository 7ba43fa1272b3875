import { Button, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Suppression } from '../../../core/api/schema.ts';
import { clockQuery } from '../api/clock.ts';
import { ApiProblem } from '../api/request.ts';
import { suppress } from '../api/suppressions.ts';
import { virtualNowMs } from '../clock/virtual-now.ts';
import { readDuration } from '../duration-text.ts';
import { toast } from '../frame/toast-problem.ts';
import { reasonWords, scopeWords } from './suppression-words.ts';

interface AddSuppressionProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onAdded: () => void;
}

export function AddSuppression({ opened, onClose, onAdded }: AddSuppressionProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Suppress an address">
      {opened && <AddForm onClose={onClose} onAdded={onAdded} />}
    </Modal>
  );
}

const scopes = Object.entries(scopeWords).map(([value, label]) => ({ value, label }));
const reasons = Object.entries(reasonWords).map(([value, label]) => ({ value, label }));
const isScope = (value: string): value is Suppression['scope'] => value in scopeWords;
const isReason = (value: string): value is Suppression['reason'] => value in reasonWords;

function AddForm({ onClose, onAdded }: Omit<AddSuppressionProps, 'opened'>) {
  const clock = useQuery(clockQuery).data ?? null;
  const [address, setAddress] = useState('');
  const [scope, setScope] = useState<Suppression['scope']>('all');
  const [reason, setReason] = useState<Suppression['reason']>('manual');
  const [detail, setDetail] = useState('');
  const [duration, setDuration] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const durationMs = duration.trim() === '' ? null : readDuration(duration);
  const unreadable = duration.trim() !== '' && durationMs === null;
  const complete = address.trim() !== '' && !unreadable;
  const submit = () => {
    const endMs =
      durationMs === null ? null : virtualNowMs(clock, performance.now(), Date.now()) + durationMs;
    suppress({
      address: address.trim(),
      scope,
      reason,
      detail: detail.trim() === '' ? null : detail.trim(),
      expiresAt: endMs === null ? null : new Date(endMs).toISOString(),
    }).then(
      (added) => {
        toast(`${added.address} is not sent to any more`);
        onAdded();
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
        if (complete) submit();
      }}
    >
      <Stack gap="sm">
        <TextInput
          label="Address"
          type="email"
          data-autofocus
          placeholder="jane@example.com"
          value={address}
          error={problem}
          onChange={(event) => {
            setAddress(event.currentTarget.value);
            setProblem(null);
          }}
        />
        <Group gap="sm" grow>
          <NativeSelect
            label="For"
            value={scope}
            data={scopes}
            onChange={(event) => {
              if (isScope(event.currentTarget.value)) setScope(event.currentTarget.value);
            }}
          />
          <NativeSelect
            label="Because"
            value={reason}
            data={reasons}
            onChange={(event) => {
              if (isReason(event.currentTarget.value)) setReason(event.currentTarget.value);
            }}
          />
        </Group>
        <TextInput label="Detail" value={detail} onChange={(event) => setDetail(event.currentTarget.value)} />
        <TextInput
          label="For how long"
          description="Of virtual time: 4h, 7d. Empty: until it is taken off the list."
          value={duration}
          error={unreadable ? 'Write 4h or 7d' : null}
          onChange={(event) => setDuration(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!complete}>
            Suppress
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
