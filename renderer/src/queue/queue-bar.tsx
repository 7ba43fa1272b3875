import { ActionIcon, Menu, NativeSelect, TextInput } from '@mantine/core';
import { IconDots, IconFilter, IconX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { DeliveryAction } from '../api/deliveries.ts';
import type { DeliveryScope } from '../api/delivery-scope.ts';
import { plural } from '../format.ts';
import classes from './queue-bar.module.css';

interface QueueBarProps {
  readonly scope: DeliveryScope;
  readonly total: number;
  readonly onChange: (change: Partial<DeliveryScope>) => void;
  readonly onOrder: (action: DeliveryAction) => void;
}

const typingPauseMs = 200;

const statuses = [
  { value: 'queued', label: 'Waiting' },
  { value: 'deferred', label: 'Deferred' },
  { value: 'held', label: 'Held' },
  { value: 'device', label: 'For a phone that is off' },
  { value: 'sent', label: 'Sent' },
  { value: 'delivered', label: 'Delivered' },
  { value: 'undeliverable', label: 'Undeliverable' },
  { value: 'canceled', label: 'Canceled' },
  { value: '', label: 'Any status' },
];

/** What the list is narrowed to, and what can be done to all of it. */
export function QueueBar({ scope, total, onChange, onOrder }: QueueBarProps) {
  const [text, setText] = useState(scope.recipient);
  useEffect(() => {
    if (text.trim() === scope.recipient) return;
    const timer = setTimeout(() => onChange({ recipient: text.trim() }), typingPauseMs);
    return () => clearTimeout(timer);
  }, [text, scope.recipient, onChange]);
  const waits = scope.status === 'queued' || scope.status === 'deferred' || scope.status === 'held';
  const narrowed = [
    ['domain', scope.domain],
    ['provider', scope.provider],
    ['tag', scope.tag],
  ] as const;
  return (
    <div className={classes.bar}>
      <div className={classes.fields}>
        <TextInput
          className={classes.filter ?? ''}
          placeholder="Recipient"
          aria-label="Filter by recipient"
          leftSection={<IconFilter size={14} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <NativeSelect
          w={118}
          aria-label="Status"
          value={scope.status}
          data={statuses}
          onChange={(event) => onChange({ status: event.currentTarget.value })}
        />
        <NativeSelect
          w={108}
          aria-label="Stream"
          value={scope.stream}
          data={[{ value: '', label: 'Any stream' }, 'transactional', 'marketing']}
          onChange={(event) => onChange({ stream: event.currentTarget.value })}
        />
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon aria-label="All listed deliveries" disabled={!waits || total === 0}>
              <IconDots size={16} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>{plural(total, 'delivery', 'deliveries')}, as listed</Menu.Label>
            <Menu.Item onClick={() => onOrder('retry')}>Try all now</Menu.Item>
            <Menu.Item onClick={() => onOrder('hold')}>Hold all</Menu.Item>
            {scope.status !== 'deferred' && (
              <Menu.Item onClick={() => onOrder('release')}>Release all that are held</Menu.Item>
            )}
            <Menu.Item onClick={() => onOrder('cancel')}>Cancel all…</Menu.Item>
            <Menu.Item color="red" onClick={() => onOrder('bounce')}>
              Bounce all…
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      {narrowed.map(([name, value]) =>
        value === '' ? null : (
          <button
            key={name}
            type="button"
            className={classes.narrowed}
            aria-label={`Any ${name} again`}
            onClick={() => onChange({ [name]: '' })}
          >
            {name} {value} <IconX size={12} aria-hidden />
          </button>
        ),
      )}
    </div>
  );
}
