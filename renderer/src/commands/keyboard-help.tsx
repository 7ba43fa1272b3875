import { Group, Modal, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useAllCommands } from './commands-context.tsx';
import { Keys } from './palette.tsx';
import { commandGroups } from './registry.ts';

interface KeyboardHelpProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** `?`: what every key does on this screen. */
export function KeyboardHelp({ opened, onClose }: KeyboardHelpProps) {
  const commands = useAllCommands().filter((command) => command.keys !== undefined);
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard" size="lg">
      <SimpleGrid cols={2} spacing="xl">
        {commandGroups.map((group) => {
          const own = commands.filter((command) => command.group === group);
          return own.length === 0 ? null : (
            <Stack key={group} gap={4}>
              <Title order={3}>{group}</Title>
              {own.map((command) => (
                <Group key={command.id} justify="space-between" wrap="nowrap">
                  <Text size="md">{command.title}</Text>
                  <Group gap={8} wrap="nowrap">
                    {command.keys?.map((keys) => (
                      <Keys key={keys} keys={keys} />
                    ))}
                  </Group>
                </Group>
              ))}
            </Stack>
          );
        })}
        <Stack gap={4}>
          <Title order={3}>Anywhere</Title>
          <Group justify="space-between">
            <Text size="md">Every action by name</Text>
            <Keys keys="Ctrl/⌘ K" />
          </Group>
        </Stack>
      </SimpleGrid>
    </Modal>
  );
}
