import { Button, Center, Loader, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconMoodConfuzed } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ApiProblem } from '../api/request.ts';

interface RoomStateProps {
  readonly icon: ReactNode;
  readonly title: string;
  readonly children?: ReactNode;
  readonly role?: 'alert' | 'status';
}

/** The face of a state that has no rows: an icon, a sentence and the one thing to do next. */
export function RoomState({ icon, title, children, role = 'status' }: RoomStateProps) {
  return (
    <Center h="100%" p="xl" role={role}>
      <Stack align="center" gap="sm" maw={440} ta="center">
        <Text c="dimmed" component="div" lh={1}>
          {icon}
        </Text>
        <Title order={2}>{title}</Title>
        {children}
      </Stack>
    </Center>
  );
}

export function ProblemState({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const title = error instanceof ApiProblem ? error.title : 'Something went wrong';
  return (
    <RoomState icon={<IconAlertTriangle size={28} stroke={1.5} aria-hidden />} title={title} role="alert">
      <Text c="dimmed" size="md">
        {error instanceof Error ? error.message : String(error)}
      </Text>
      {onRetry && (
        <Button variant="default" onClick={onRetry}>
          Try again
        </Button>
      )}
    </RoomState>
  );
}

export function LoadingState({ what }: { readonly what: string }) {
  return (
    <Center h="100%" role="status" aria-label={`Loading ${what}`}>
      <Loader size="sm" color="gray" />
    </Center>
  );
}

export function NotFound() {
  return (
    <RoomState icon={<IconMoodConfuzed size={28} stroke={1.5} aria-hidden />} title="There is no such room">
      <Button component={Link} to="/messages" variant="default">
        To the messages
      </Button>
    </RoomState>
  );
}

export function RoomError({ error, reset }: { readonly error: unknown; readonly reset: () => void }) {
  return <ProblemState error={error} onRetry={reset} />;
}
