import { useMantineColorScheme } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useCommands } from '../commands/commands-context.tsx';
import { KeyboardHelp } from '../commands/keyboard-help.tsx';
import type { Command } from '../commands/registry.ts';
import { bridge, can } from '../host/host.ts';
import type { Room } from './rooms.ts';

/** The commands that are there in every room. */
export function FrameCommands() {
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const [help, setHelp] = useState<'open' | 'closed'>('closed');

  const commands = useMemo<readonly Command[]>(() => {
    const go = (to: Room) => () => void navigate({ to, search: {} });
    const paint = (scheme: 'light' | 'dark' | 'auto') => () => {
      setColorScheme(scheme);
      if (bridge !== null && can('theme')) void bridge.setTheme(scheme === 'auto' ? 'system' : scheme);
    };
    return [
      { id: 'go-messages', title: 'Messages', group: 'Go to', keys: ['g m'], run: go('/messages') },
      {
        id: 'go-statistics',
        title: 'Statistics: counts by status and channel over time',
        group: 'Go to',
        run: () => void navigate({ to: '/messages', search: { view: 'statistics' } }),
      },
      { id: 'go-queue', title: 'Queue', group: 'Go to', keys: ['g q'], run: go('/queue') },
      { id: 'go-mailboxes', title: 'Mailboxes', group: 'Go to', keys: ['g b'], run: go('/mailboxes') },
      { id: 'go-phones', title: 'Phones', group: 'Go to', keys: ['g p'], run: go('/phones') },
      { id: 'go-inapp', title: 'In-app', group: 'Go to', keys: ['g i'], run: go('/inapp') },
      { id: 'go-users', title: 'Users', group: 'Go to', keys: ['g o'], run: go('/users') },
      { id: 'go-templates', title: 'Templates', group: 'Go to', keys: ['g t'], run: go('/templates') },
      { id: 'go-rules', title: 'Rules', group: 'Go to', keys: ['g r'], run: go('/rules') },
      { id: 'go-domains', title: 'Domains', group: 'Go to', keys: ['g d'], run: go('/domains') },
      { id: 'go-exchanges', title: 'Exchanges', group: 'Go to', keys: ['g e'], run: go('/exchanges') },
      {
        id: 'go-suppressions',
        title: 'Suppressions',
        group: 'Go to',
        keys: ['g u'],
        run: go('/suppressions'),
      },
      { id: 'go-live-relay', title: 'Live relay', group: 'Go to', keys: ['g l'], run: go('/live-relay') },
      { id: 'go-connect', title: 'Connect', group: 'Go to', keys: ['g c'], run: go('/connect') },
      { id: 'go-settings', title: 'Settings', group: 'Go to', keys: ['g s'], run: go('/settings') },
      { id: 'theme-light', title: 'Light theme', group: 'View', run: paint('light') },
      { id: 'theme-dark', title: 'Dark theme', group: 'View', run: paint('dark') },
      { id: 'theme-system', title: 'Theme of the system', group: 'View', run: paint('auto') },
      { id: 'keyboard-help', title: 'Keyboard', group: 'View', keys: ['?'], run: () => setHelp('open') },
    ];
  }, [navigate, setColorScheme]);
  useCommands(commands);

  return <KeyboardHelp opened={help === 'open'} onClose={() => setHelp('closed')} />;
}
