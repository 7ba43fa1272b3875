import { Button, Checkbox, Group, NativeSelect, Switch, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { DeliverySettings as Kept } from '../../../core/api/schema.ts';
import { deliverySettingsQuery, saveDeliverySettings } from '../api/deliveries.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import { type DeliveryForm, deliveryForm, readDeliveryForm } from './delivery-form.ts';
import { Section } from './section.tsx';
import classes from './settings-room.module.css';

/** How deliveries are tried, given up and suppressed. */
export function DeliverySettings() {
  const { data } = useQuery(deliverySettingsQuery);
  return (
    <Section
      title="Delivery"
      hint="What the doors take goes on to simulated mailboxes. Durations are virtual time: 90s, 5m, 4h, 2d."
    >
      {data !== undefined && <Fields key={JSON.stringify(data)} saved={data} />}
    </Section>
  );
}

const doors = ['smtp', 'submission', 'smtps'] as const;

function Fields({ saved }: { readonly saved: Kept }) {
  const queries = useQueryClient();
  const [form, setForm] = useState(() => deliveryForm(saved));
  const read = readDeliveryForm(form);
  const wrong = 'wrong' in read ? read.wrong : [];
  const save = (next: Kept) => {
    saveDeliverySettings(next).then(
      (kept) => {
        queries.setQueryData(deliverySettingsQuery.queryKey, kept);
        toast('Saved');
      },
      (error: unknown) => toastProblem(error, 'The setting could not be saved'),
    );
  };
  const field = (name: keyof DeliveryForm, label: string, width: number, placeholder = '') => (
    <TextInput
      w={width}
      label={label}
      placeholder={placeholder}
      value={form[name]}
      error={wrong.includes(name) ? 'cannot be read' : null}
      onChange={(event) => setForm({ ...form, [name]: event.currentTarget.value })}
    />
  );
  const toggle = (
    name: 'deliver' | 'suppressHardBounces' | 'suppressComplaints' | 'strictDomains',
    label: string,
    description: string,
  ) => (
    <Switch
      label={label}
      description={description}
      checked={saved[name]}
      onChange={(event) => save({ ...saved, [name]: event.currentTarget.checked })}
    />
  );
  return (
    <>
      {toggle('deliver', 'Deliver what comes in', 'Off: messages are captured only.')}
      {toggle(
        'strictDomains',
        'Refuse sender domains that are not set up',
        'Off: they are set up when the first message comes.',
      )}
      {toggle(
        'suppressHardBounces',
        'Suppress dead addresses at once',
        'After a reply that says the address or its domain is surely dead.',
      )}
      {toggle('suppressComplaints', 'Suppress who reports spam', 'In the stream that was complained about.')}
      <NativeSelect
        w={240}
        label="TLS to the next hop"
        value={saved.tls}
        data={[
          { value: 'opportunistic', label: 'when it is offered' },
          { value: 'required', label: 'required' },
          { value: 'off', label: 'never' },
        ]}
        onChange={(event) => {
          const { value } = event.currentTarget;
          if (value === 'opportunistic' || value === 'required' || value === 'off')
            save({ ...saved, tls: value });
        }}
      />
      <Checkbox.Group
        label="Send unsigned, as it came"
        description="For an app that signs by itself, to see its own signature checked."
        value={saved.unsignedDoors}
        onChange={(unsignedDoors) => save({ ...saved, unsignedDoors })}
      >
        <Group gap="md" mt={4}>
          {doors.map((door) => (
            <Checkbox key={door} size="xs" value={door} label={`door ${door}`} />
          ))}
        </Group>
      </Checkbox.Group>
      <div className={classes.row}>
        {field('retryDelays', 'Try mail again after', 240)}
        {field('pushRetryDelays', 'Try a push again after', 240)}
        {field('smsRetryDelays', 'Try an SMS again after', 240)}
      </div>
      <div className={classes.row}>
        {field('lifetime', 'Give up after', 120)}
        {field('jitterPercent', 'Scatter, %', 100)}
      </div>
      <div className={classes.row}>
        {field('softBounceRun', 'Soft bounces that suppress', 176)}
        {field('softSuppression', '… for', 100)}
        {field('delayWarning', 'Tell of a delay after', 148, 'never')}
      </div>
      <div className={classes.row}>
        {field('connectionsPerHost', 'Connections a host', 124)}
        {field('transactionalPerHour', 'Transactional an hour', 142, 'no limit')}
        {field('marketingPerHour', 'Marketing an hour', 128, 'no limit')}
        {field('seed', 'Seed of chance', 100)}
      </div>
      <Button
        variant="default"
        disabled={'wrong' in read || JSON.stringify(form) === JSON.stringify(deliveryForm(saved))}
        onClick={() => 'fields' in read && save({ ...saved, ...read.fields })}
      >
        Save
      </Button>
    </>
  );
}
