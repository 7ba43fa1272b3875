import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { createContext, type ReactNode, use, useEffect, useMemo, useSyncExternalStore } from 'react';
import { deleteMessage, deleteMessages } from '../api/messages.ts';
import { toastProblem } from '../frame/toast-problem.ts';
import { type Deletion, PendingDeletions, undoMs, upTo } from './pending-deletions.ts';

interface Deletions {
  readonly pending: readonly Deletion[];
  readonly add: (deletion: Deletion, label: string) => void;
}

const DeletionsContext = createContext<Deletions | null>(null);

export function DeletionsProvider({ children }: { readonly children: ReactNode }) {
  const store = useMemo(() => new PendingDeletions(send), []);
  const pending = useSyncExternalStore(store.subscribe, store.all);

  useEffect(() => {
    const flush = () => store.flush();
    window.addEventListener('pagehide', flush);
    return () => window.removeEventListener('pagehide', flush);
  }, [store]);

  const deletions = useMemo<Deletions>(
    () => ({
      pending,
      add: (deletion, label) => {
        const token = store.add(deletion);
        const id = `deletion-${token}`;
        notifications.show({
          id,
          autoClose: undoMs - 200,
          message: (
            <Group justify="space-between" wrap="nowrap">
              <Text size="md">{label}</Text>
              <Button
                variant="subtle"
                size="compact-xs"
                onClick={() => {
                  store.undo(token);
                  notifications.hide(id);
                }}
              >
                Undo
              </Button>
            </Group>
          ),
        });
      },
    }),
    [store, pending],
  );
  return <DeletionsContext value={deletions}>{children}</DeletionsContext>;
}

export function useDeletions(): Deletions {
  const deletions = use(DeletionsContext);
  if (deletions === null) throw new Error('useDeletions needs a DeletionsProvider above it');
  return deletions;
}

async function send(deletion: Deletion, moment: 'later' | 'leaving'): Promise<void> {
  const keepalive = moment === 'leaving';
  try {
    if (deletion.kind === 'scope') await deleteMessages(upTo(deletion.scope, deletion.newest), keepalive);
    else for (const id of deletion.ids) await deleteMessage(id, keepalive);
  } catch (error) {
    toastProblem(error, 'It could not be deleted');
  }
}
