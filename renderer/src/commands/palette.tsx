import { Kbd } from '@mantine/core';
import { Spotlight } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import { useAllCommands } from './commands-context.tsx';
import { commandGroups } from './registry.ts';

/** Ctrl/⌘ K: every action of the screen by name. */
export function Palette() {
  const commands = useAllCommands();
  const actions = commandGroups
    .map((group) => ({
      group,
      actions: commands
        .filter((command) => command.group === group && command.keyboardOnly !== true)
        .map((command) => ({
          id: command.id,
          label: command.title,
          keywords: command.keywords ?? '',
          onClick: command.run,
          rightSection: command.keys?.[0] === undefined ? null : <Keys keys={command.keys[0]} />,
        })),
    }))
    .filter((group) => group.actions.length > 0);

  return (
    <Spotlight
      actions={actions}
      nothingFound="No action has this name"
      scrollable
      maxHeight={420}
      size={560}
      overlayProps={{ backgroundOpacity: 0.25, blur: 0 }}
      searchProps={{
        placeholder: 'What to do?',
        leftSection: <IconSearch size={16} aria-hidden />,
        'aria-label': 'Search actions',
      }}
    />
  );
}

export function Keys({ keys }: { readonly keys: string }) {
  return (
    <span>
      {keys.split(' ').map((key, index) => (
        <Kbd key={index} size="xs" ml={2}>
          {key.replace('ArrowUp', '↑').replace('ArrowDown', '↓').replace('Escape', 'Esc')}
        </Kbd>
      ))}
    </span>
  );
}
