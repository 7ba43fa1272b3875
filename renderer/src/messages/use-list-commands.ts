import { modals } from '@mantine/modals';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import type { Message } from '../../../core/api/schema.ts';
import type { MessageScope } from '../api/message-list-path.ts';
import { setAllRead } from '../api/messages.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { plural } from '../format.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import { type Release, releaseOfMessages } from '../live-relay/release-channels.ts';
import { useDeletions } from './deletions-context.tsx';
import type { NewestMessage } from './pending-deletions.ts';

interface ListCommandsOptions {
  readonly entries: readonly Message[];
  readonly selectedId: string | null;
  readonly scope: MessageScope;
  readonly newest: NewestMessage | null;
  readonly select: (id: string | null, how?: 'push' | 'replace') => void;
  readonly focusMessage: () => void;
  /** Asks how to release what is listed. */
  readonly onRelease: (release: Release) => void;
}

export interface ListActions {
  readonly deleteOne: (id: string) => void;
  readonly deleteAll: () => void;
  readonly readAll: () => void;
  /** Through a relay, for real. */
  readonly releaseAll: () => void;
}

/**
 * What can be done to the list, and moving through it by keys.
 *
 * The actions look up the list when they run. They stay the same while mail streams in, and with them all that
 * depends on them: the open message, the palette.
 */
export function useListCommands(options: ListCommandsOptions): ListActions {
  const { add } = useDeletions();
  const queries = useQueryClient();
  const latest = useRef({ ...options, add });
  useEffect(() => {
    latest.current = { ...options, add };
  });

  const actions = useMemo<ListActions>(() => {
    const readAll = () => {
      setAllRead(latest.current.scope).then(
        ({ changed }) => {
          toast(
            changed === 0
              ? 'Everything was read already'
              : `${plural(changed, 'message', 'messages')} marked read`,
          );
          void queries.invalidateQueries({ queryKey: ['stats'] });
        },
        (error: unknown) => toastProblem(error, 'They could not be marked read'),
      );
    };
    const deleteOne = (id: string) => {
      const { entries, selectedId, select, add: hide } = latest.current;
      const index = entries.findIndex((entry) => entry.id === id);
      const next = entries[index + 1] ?? entries[index - 1];
      hide({ kind: 'messages', ids: new Set([id]) }, 'Message deleted');
      if (id === selectedId) select(next?.id ?? null, 'replace');
    };
    const deleteAll = () => {
      const { scope, newest, select, add: hide } = latest.current;
      if (newest === null) return;
      modals.openConfirmModal({
        title: 'Delete messages',
        children: scopeInWords(scope),
        labels: { confirm: 'Delete', cancel: 'Cancel' },
        confirmProps: { color: 'red' },
        onConfirm: () => {
          hide({ kind: 'scope', scope, newest }, 'Messages deleted');
          select(null, 'replace');
        },
      });
    };
    const releaseAll = () => {
      const { entries, onRelease } = latest.current;
      if (entries.length > 0) onRelease(releaseOfMessages(entries));
    };
    return { deleteOne, deleteAll, readAll, releaseAll };
  }, [queries]);

  const commands = useMemo<readonly Command[]>(() => {
    const move = (by: number) => () => {
      const { entries, selectedId, select } = latest.current;
      const index = entries.findIndex((entry) => entry.id === selectedId);
      const entry = entries[index === -1 ? 0 : Math.max(0, Math.min(entries.length - 1, index + by))];
      if (entry !== undefined) select(entry.id, 'replace');
    };
    const open = () => latest.current.focusMessage();
    const close = () => latest.current.select(null);
    return [
      { id: 'next', title: 'Next message', group: 'List', keys: ['j'], keyboardOnly: true, run: move(1) },
      {
        id: 'previous',
        title: 'Previous message',
        group: 'List',
        keys: ['k'],
        keyboardOnly: true,
        run: move(-1),
      },
      {
        id: 'open',
        title: 'Into the message',
        group: 'List',
        keys: ['Enter'],
        keyboardOnly: true,
        run: open,
      },
      {
        id: 'close',
        title: 'Close the message',
        group: 'List',
        keys: ['Escape'],
        keyboardOnly: true,
        run: close,
      },
      { id: 'read-all', title: 'Mark all as read', group: 'List', run: actions.readAll },
      {
        id: 'release-all',
        title: 'Release all that are listed through a relay…',
        group: 'List',
        keywords: 'live real send',
        run: actions.releaseAll,
      },
      {
        id: 'delete-all',
        title: 'Delete all that are listed…',
        group: 'List',
        keywords: 'clear',
        run: actions.deleteAll,
      },
    ];
  }, [actions]);
  useCommands(commands);
  return actions;
}

function scopeInWords(scope: MessageScope): string {
  const where = scope.project === null ? '' : ` of the project ${scope.project}`;
  return scope.q === ''
    ? `All messages${where} will be deleted.`
    : `All messages${where} that match “${scope.q}” will be deleted.`;
}
