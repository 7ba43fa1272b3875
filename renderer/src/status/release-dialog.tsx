import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Delivery } from '../../../core/api/schema.ts';
import { orderDelivery } from '../api/deliveries.ts';
import { messageQuery } from '../api/messages.ts';
import { ApiProblem } from '../api/request.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import { editedOnly } from './edited-envelope.ts';

interface ReleaseDialogProps {
  readonly opened: boolean;
  readonly delivery: Delivery;
  readonly onClose: () => void;
}

/** Lets one delivery go on with another MAIL FROM or recipient. The message itself stays as it is. */
export function ReleaseDialog({ opened, delivery, onClose }: ReleaseDialogProps) {
  const { messageId } = delivery;
  const message = useQuery({ ...messageQuery(messageId ?? ''), enabled: opened && messageId !== null }).data;
  const from = delivery.mailFrom ?? message?.envelope.from;
  return (
    <Modal opened={opened} onClose={onClose} title="Release with another envelope">
      {opened && from !== undefined && <ReleaseFields delivery={delivery} from={from} onClose={onClose} />}
    </Modal>
  );
}

function ReleaseFields({
  delivery,
  from,
  onClose,
}: {
  readonly delivery: Delivery;
  readonly from: string;
  readonly onClose: () => void;
}) {
  const queries = useQueryClient();
  const [nextFrom, setFrom] = useState(from);
  const [to, setTo] = useState(delivery.recipient);
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const faultOf = (field: string): string | null =>
    problem?.fields.find((one) => one.field === field)?.detail ?? null;
  const submit = () => {
    orderDelivery(delivery.id, 'release', {
      ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
      ...editedOnly({ from, to: delivery.recipient }, { from: nextFrom.trim(), to: to.trim() }),
    }).then(
      () => {
        toast('Delivery released');
        void queries.invalidateQueries({ queryKey: ['delivery', delivery.id] });
        void queries.invalidateQueries({ queryKey: ['queues'] });
        if (delivery.messageId !== null)
          void queries.invalidateQueries({ queryKey: ['message', delivery.messageId], exact: true });
        onClose();
      },
      (error: unknown) => {
        if (error instanceof ApiProblem && error.fields.length > 0) setProblem(error);
        else toastProblem(error, 'It could not be released');
      },
    );
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="sm">
        <TextInput
          label="From"
          description="MAIL FROM of this delivery; empty is the null sender. What comes back goes there."
          value={nextFrom}
          error={faultOf('envelope.from')}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        <TextInput
          label="To"
          description="RCPT TO of this delivery."
          data-autofocus
          value={to}
          error={faultOf('envelope.to')}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
        <TextInput label="Reason" value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
        <Text size="xs" c="dimmed">
          The header of the message stays as it is.
        </Text>
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Keep it held
          </Button>
          <Button type="submit">Release</Button>
        </Group>
      </Stack>
    </form>
  );
}
