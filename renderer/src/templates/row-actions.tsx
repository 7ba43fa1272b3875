import { ActionIcon } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconTrash } from '@tabler/icons-react';
import { moved, without } from './lists.ts';
import classes from './written-lists.module.css';

interface RowActionsProps<T> {
  readonly list: readonly T[];
  readonly at: number;
  /** What stands there, for who does not see where. */
  readonly name: string;
  /** False: their order says nothing. */
  readonly ordered?: boolean;
  readonly onChange: (list: T[]) => void;
}

/** Up, down, away. */
export function RowActions<T>({ list, at, name, ordered = true, onChange }: RowActionsProps<T>) {
  return (
    <span className={classes.rowActions}>
      {ordered && list.length > 1 && (
        <>
          <ActionIcon
            aria-label={`Move ${name} up`}
            disabled={at === 0}
            onClick={() => onChange(moved(list, at, -1))}
          >
            <IconArrowUp size={14} aria-hidden />
          </ActionIcon>
          <ActionIcon
            aria-label={`Move ${name} down`}
            disabled={at === list.length - 1}
            onClick={() => onChange(moved(list, at, 1))}
          >
            <IconArrowDown size={14} aria-hidden />
          </ActionIcon>
        </>
      )}
      <ActionIcon aria-label={`Remove ${name}`} onClick={() => onChange(without(list, at))}>
        <IconTrash size={14} aria-hidden />
      </ActionIcon>
    </span>
  );
}
