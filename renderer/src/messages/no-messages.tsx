import { Button, Code, Text } from '@mantine/core';
import { IconChartBar, IconInbox, IconMailOpened, IconSearchOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { statusQuery } from '../api/core.ts';
import type { MessageScope } from '../api/message-list-path.ts';
import { Keys } from '../commands/palette.tsx';
import { RoomState } from '../frame/room-states.tsx';
import { type RoomSearch, withSearch } from '../room-search.ts';
import { statisticsView } from '../stats/statistics-view.ts';

/** An empty list, with the one thing to do next. */
export function NoMessages({ scope }: { readonly scope: MessageScope }) {
  const status = useQuery(statusQuery).data;
  if (scope.q !== '') {
    return (
      <RoomState
        icon={<IconSearchOff size={28} stroke={1.5} aria-hidden />}
        title="Nothing matches this search"
      >
        <Button
          variant="default"
          renderRoot={(props) => (
            <Link
              to="/messages"
              search={scope.project === null ? {} : { project: scope.project }}
              {...props}
            />
          )}
        >
          Clear the search
        </Button>
      </RoomState>
    );
  }
  return (
    <RoomState icon={<IconInbox size={28} stroke={1.5} aria-hidden />} title="No messages yet">
      <Text size="md" c="dimmed">
        Point your app at SMTP{' '}
        <Code>
          {status?.host ?? 'localhost'}:{status?.ports.smtp ?? 1025}
        </Code>
        {scope.project !== null && <> with the user name {scope.project}</>}. What it sends shows up here at
        once, and goes nowhere else.
      </Text>
      <Button component={Link} to="/connect" variant="light">
        Settings for your framework
      </Button>
    </RoomState>
  );
}

const statisticsSearch = (old: RoomSearch): RoomSearch => withSearch(old, { view: statisticsView });

export function NothingOpen() {
  return (
    <RoomState icon={<IconMailOpened size={28} stroke={1.3} aria-hidden />} title="No message open">
      <Text size="md" c="dimmed">
        <Keys keys="j" /> <Keys keys="k" /> move through the list, <Keys keys="?" /> shows every key.
      </Text>
      <Button
        variant="default"
        leftSection={<IconChartBar size={14} aria-hidden />}
        renderRoot={(props) => <Link to="/messages" search={statisticsSearch} {...props} />}
      >
        Statistics
      </Button>
    </RoomState>
  );
}
