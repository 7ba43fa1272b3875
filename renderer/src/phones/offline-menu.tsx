import { Button, Menu, Switch } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import type { Phone } from '../../../core/api/phones-schema.ts';
import classes from './phone-view.module.css';
import { onlineWords } from './phone-words.ts';

const hourMs = 3_600_000;
const spans: readonly { readonly label: string; readonly ms: number | null }[] = [
  { label: '10 minutes', ms: hourMs / 6 },
  { label: '2 hours', ms: 2 * hourMs },
  { label: '1 day', ms: 24 * hourMs },
  { label: '7 days', ms: 7 * 24 * hourMs },
  { label: '31 days', ms: 31 * 24 * hourMs },
  { label: 'Until it is switched on', ms: null },
];

interface OfflineMenuProps {
  readonly phone: Pick<Phone, 'online' | 'offlineUntil'>;
  readonly nowMs: number;
  readonly onOnline: () => void;
  /** Null: until somebody switches it on. */
  readonly onOffline: (forMs: number | null) => void;
}

/** On the net or off it, and for how long. */
export function OfflineMenu({ phone, nowMs, onOnline, onOffline }: OfflineMenuProps) {
  return (
    <div className={classes.online}>
      <Switch
        label="Online"
        checked={phone.online}
        onChange={(event) => (event.currentTarget.checked ? onOnline() : onOffline(null))}
      />
      <Menu position="bottom-start">
        <Menu.Target>
          <Button
            variant="default"
            size="compact-sm"
            rightSection={<IconChevronDown size={12} aria-hidden />}
          >
            Off for …
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Of virtual time</Menu.Label>
          {spans.map(({ label, ms }) => (
            <Menu.Item key={label} onClick={() => onOffline(ms)}>
              {label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {!phone.online && <span className={classes.warn}>{onlineWords(phone, nowMs)}</span>}
    </div>
  );
}
