import { ActionIcon, Button, Menu, TextInput, Tooltip } from '@mantine/core';
import { IconArrowBackUp, IconDots, IconFilter, IconPlus } from '@tabler/icons-react';
import type { Ref } from 'react';
import classes from './rules-bar.module.css';

interface RulesBarProps {
  readonly field: Ref<HTMLInputElement>;
  readonly q: string;
  readonly onSearch: (q: string) => void;
  /** What an undo would take back. */
  readonly undo: string | null;
  readonly onUndo: () => void;
  readonly onNew: () => void;
  readonly onStartOver: () => void;
}

const undoKeys = navigator.userAgent.includes('Mac') ? '⌘ Z' : 'Ctrl Z';

/** The line above the rules: find one, write one, take the last change back. */
export function RulesBar({ field, q, onSearch, undo, onUndo, onNew, onStartOver }: RulesBarProps) {
  return (
    <div className={classes.bar}>
      <TextInput
        ref={field}
        className={classes.filter ?? ''}
        placeholder="Filter rules"
        aria-label="Filter rules"
        leftSection={<IconFilter size={14} aria-hidden />}
        value={q}
        onChange={(event) => onSearch(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      <Tooltip label={undo === null ? 'There is nothing to undo' : `Take back ${undo} (${undoKeys})`}>
        <ActionIcon
          variant="default"
          aria-label={undo === null ? 'Undo' : `Undo ${undo}`}
          disabled={undo === null}
          onClick={onUndo}
        >
          <IconArrowBackUp size={15} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={onNew}>
        New rule
      </Button>
      <Menu position="bottom-end" width={290}>
        <Menu.Target>
          <ActionIcon aria-label="More of the rules">
            <IconDots size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={onStartOver}>
            Start over
            <span className={classes.about}>
              All counts begin anew: n-th, at most, rates, deferrals, chance.
            </span>
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
