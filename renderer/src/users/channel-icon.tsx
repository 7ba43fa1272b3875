import { IconAppWindow, IconBell, IconMail, IconMessage2, IconRoute2 } from '@tabler/icons-react';
import type { Message } from '../../../core/api/schema.ts';

const words: Readonly<Record<Message['channel'], string>> = {
  email: 'mail',
  push: 'push',
  sms: 'SMS',
  inapp: 'in-app',
  multi: 'several channels',
};

const icons = {
  email: IconMail,
  push: IconBell,
  sms: IconMessage2,
  inapp: IconAppWindow,
  multi: IconRoute2,
} as const;

interface ChannelIconProps {
  readonly channel: Message['channel'];
  /** Null where the word stands beside it. */
  readonly label?: string | null;
  readonly size?: number;
}

/** One icon for each channel, everywhere. */
export function ChannelIcon({ channel, label = words[channel], size = 14 }: ChannelIconProps) {
  const Icon = icons[channel];
  return label === null ? (
    <Icon size={size} stroke={1.5} aria-hidden />
  ) : (
    <Icon size={size} stroke={1.5} role="img" aria-label={label} />
  );
}
