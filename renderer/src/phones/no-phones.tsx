import { Text } from '@mantine/core';
import { IconDeviceMobile } from '@tabler/icons-react';
import { RoomState } from '../frame/room-states.tsx';

/** Nothing is simulated where nothing is delivered. */
export function NoPhones() {
  return (
    <RoomState
      icon={<IconDeviceMobile size={28} stroke={1.5} aria-hidden />}
      title="There are no phones in this sandbox"
    >
      <Text size="md" c="dimmed">
        It was started with --no-deliver: messages are captured, and there is no simulated world behind them.
        Start it without that flag to have phones.
      </Text>
    </RoomState>
  );
}
