import { Button, Checkbox, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { OrderHow } from '../api/deliveries.ts';
import { type BounceForm, bounceHow, emptyBounce, faultsOfBounce, ownReply, picked } from './bounce-form.ts';
import { commonReplies } from './common-replies.ts';

interface BounceDialogProps {
  readonly opened: boolean;
  /** “jane@example.com”, “12 deliveries”. */
  readonly what: string;
  readonly onBounce: (how: OrderHow) => void;
  readonly onClose: () => void;
}

/** Ends deliveries for good, with the reply that a far side might have given. */
export function BounceDialog({ opened, what, onBounce, onClose }: BounceDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={`Bounce ${what}`}>
      {opened && (
        <BounceFields
          onBounce={(how) => {
            onBounce(how);
            onClose();
          }}
          onClose={onClose}
        />
      )}
    </Modal>
  );
}

function BounceFields({ onBounce, onClose }: Pick<BounceDialogProps, 'onBounce' | 'onClose'>) {
  const [form, setForm] = useState<BounceForm>(emptyBounce);
  const faults = faultsOfBounce(form);
  const complete = Object.keys(faults).length === 0;
  const typed = (change: Partial<BounceForm>) => setForm({ ...form, ...change, pick: ownReply });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (complete) onBounce(bounceHow(form));
      }}
    >
      <Stack gap="sm">
        <NativeSelect
          label="Reply"
          description="What the sender is told, as if a far side had said it."
          data-autofocus
          value={form.pick}
          data={[
            { value: '', label: 'None: it is turned back by hand' },
            ...commonReplies.map(({ label, code, enhanced }) => ({
              value: label,
              label: `${label} (${code} ${enhanced})`,
            })),
            { value: ownReply, label: 'Another one' },
          ]}
          onChange={(event) => setForm(picked(form, event.currentTarget.value))}
        />
        {form.pick !== '' && (
          <>
            <Group gap="sm" grow align="flex-start">
              <TextInput
                label="Code"
                inputMode="numeric"
                value={form.code}
                error={form.code === '' ? null : (faults.code ?? null)}
                onChange={(event) => typed({ code: event.currentTarget.value })}
              />
              <TextInput
                label="Enhanced code"
                value={form.enhanced}
                error={faults.enhanced ?? null}
                onChange={(event) => typed({ enhanced: event.currentTarget.value })}
              />
            </Group>
            <TextInput
              label="Text"
              value={form.text}
              error={form.text === '' ? null : (faults.text ?? null)}
              onChange={(event) => typed({ text: event.currentTarget.value })}
            />
            <Checkbox
              label="Suppress the address, if this reply says that it is dead"
              checked={form.suppress}
              onChange={(event) => setForm({ ...form, suppress: event.currentTarget.checked })}
            />
          </>
        )}
        <TextInput
          label="Reason"
          description="For yourself; it stands in the journey."
          value={form.reason}
          onChange={(event) => setForm({ ...form, reason: event.currentTarget.value })}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Keep
          </Button>
          <Button type="submit" color="red" disabled={!complete}>
            Bounce
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
