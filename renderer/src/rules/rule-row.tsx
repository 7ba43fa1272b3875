import { ActionIcon, Menu, Switch } from '@mantine/core';
import { IconDots, IconGripVertical } from '@tabler/icons-react';
import { type ComponentProps, memo, type PointerEvent } from 'react';
import type { RuleEntry } from '../../../core/api/rules-schema.ts';
import { formatWhenExactly, plural } from '../format.ts';
import classes from './rule-list.module.css';
import { nameOf } from './rule-name.ts';
import { plainSentence, ruleSentence } from './rule-sentence.ts';
import { Sentence } from './sentence.tsx';

export const ruleRowHeight = 76;

export interface RowActions {
  readonly setEnabled: (rule: RuleEntry, enabled: boolean) => void;
  readonly edit: (rule: RuleEntry) => void;
  readonly duplicate: (rule: RuleEntry) => void;
  readonly remove: (rule: RuleEntry) => void;
  readonly moveBy: (rule: RuleEntry, by: 'up' | 'down' | 'first' | 'last') => void;
  readonly grip: (rule: RuleEntry, event: PointerEvent<HTMLElement>) => void;
}

interface RuleRowProps {
  readonly rule: RuleEntry;
  readonly changed: boolean;
  /** Its place can be changed: not while the list is narrowed. */
  readonly movable: boolean;
  readonly actions: RowActions;
}

/** A rule in the list. What can be pressed in it can be done by keys, too: see the list. */
export const RuleRow = memo(function RuleRow({ rule, changed, movable, actions }: RuleRowProps) {
  const sentence = ruleSentence(rule);
  return (
    <>
      <Cell
        className={classes.grip}
        data-movable={movable}
        title={movable ? 'Drag to another place' : 'Clear the filter to change the order'}
        onPointerDown={(event) => {
          if (movable) actions.grip(rule, event);
        }}
      >
        <IconGripVertical size={14} aria-hidden />
        <span className={classes.position}>{rule.position + 1}</span>
      </Cell>
      <Cell className={classes.on}>
        <Switch
          tabIndex={-1}
          size="xs"
          aria-label={`${nameOf(rule)} is on`}
          checked={rule.enabled}
          onClick={(event) => event.stopPropagation()}
          onChange={(event) => actions.setEnabled(rule, event.currentTarget.checked)}
        />
      </Cell>
      <Cell className={classes.body} data-off={!rule.enabled}>
        <span className={classes.head}>
          <span className={classes.name}>
            {rule.name === '' ? <span className={classes.id}>{rule.id}</span> : rule.name}
          </span>
          {changed && <span className={classes.changed}>not saved</span>}
          <span className={classes.hits} data-some={rule.hits > 0}>
            {rule.lastHitAt !== null && (
              <time className={classes.last} dateTime={rule.lastHitAt}>
                {formatWhenExactly(rule.lastHitAt, new Date())}
              </time>
            )}
            {plural(rule.hits, 'hit', 'hits')}
          </span>
        </span>
        <span className={classes.sentence} title={plainSentence(sentence)}>
          <Sentence pieces={sentence} />
        </span>
      </Cell>
      <Cell className={classes.more}>
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <ActionIcon
              tabIndex={-1}
              size={24}
              aria-label={`What to do with ${nameOf(rule)}`}
              onClick={(event) => event.stopPropagation()}
            >
              <IconDots size={15} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown onClick={(event) => event.stopPropagation()}>
            <Menu.Item onClick={() => actions.edit(rule)}>Edit</Menu.Item>
            <Menu.Item onClick={() => actions.duplicate(rule)}>Duplicate</Menu.Item>
            <Menu.Item onClick={() => actions.setEnabled(rule, !rule.enabled)}>
              {rule.enabled ? 'Switch off' : 'Switch on'}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item disabled={!movable} onClick={() => actions.moveBy(rule, 'first')}>
              To the top
            </Menu.Item>
            <Menu.Item disabled={!movable} onClick={() => actions.moveBy(rule, 'up')}>
              Up
            </Menu.Item>
            <Menu.Item disabled={!movable} onClick={() => actions.moveBy(rule, 'down')}>
              Down
            </Menu.Item>
            <Menu.Item disabled={!movable} onClick={() => actions.moveBy(rule, 'last')}>
              To the end
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item color="red" onClick={() => actions.remove(rule)}>
              Remove
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Cell>
    </>
  );
});

/** A cell of the grid: the grid takes the keys, so none of them has to be reached by itself. */
function Cell(props: ComponentProps<'span'>) {
  // biome-ignore lint/a11y/useSemanticElements: rows of a virtual list cannot be those of a table
  return <span role="gridcell" tabIndex={-1} {...props} />;
}
