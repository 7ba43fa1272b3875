import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconCopy, IconFlask, IconTrash, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { RuleEntry } from '../../../core/api/rules-schema.ts';
import type { RuleBody } from '../api/rules.ts';
import { formatDateTime, plural } from '../format.ts';
import { RoomState } from '../frame/room-states.tsx';
import { bodyOf, emptyDraft, sameRule } from './draft.ts';
import { keepDraft, newRuleId } from './drafts.ts';
import { DryRunForm } from './dry-run-form.tsx';
import { RuleEditor } from './rule-editor.tsx';
import { RuleHits } from './rule-hits.tsx';
import { pointWords } from './rule-words.ts';
import classes from './rules-pane.module.css';
import type { RuleActions } from './use-rule-actions.ts';

interface RulePaneProps {
  /** Null: a new one. */
  readonly rule: RuleEntry | null;
  readonly draft: RuleBody | null;
  readonly actions: RuleActions;
  /** Where a new one is put. */
  readonly firstId: string | null;
  readonly onClose: () => void;
  readonly onOpen: (id: string) => void;
}

/** One rule: the sentence that it is, a trial of it, and what it did. */
export function RulePane({ rule, draft, actions, firstId, onClose, onOpen }: RulePaneProps) {
  const shown = draft ?? (rule === null ? emptyDraft : bodyOf(rule));
  const id = rule?.id ?? newRuleId;
  const state = rule === null ? 'new' : draft === null ? 'saved' : 'changed';
  const save = async (body: RuleBody) => {
    if (rule === null) {
      const added = await actions.add(body, firstId);
      keepDraft(id, null);
      onOpen(added.id);
      return;
    }
    await actions.change(rule.id, body);
    keepDraft(id, null);
  };
  return (
    <article className={classes.pane} aria-label={rule === null ? 'New rule' : 'Rule'}>
      <header className={classes.head}>
        <h1 className={classes.title}>
          {rule === null ? 'New rule' : rule.name === '' ? rule.id : rule.name}
        </h1>
        {rule !== null && (
          <>
            <Tooltip label="Duplicate">
              <ActionIcon
                aria-label="Duplicate the rule"
                onClick={() => void actions.duplicate(rule).then((copy) => copy && onOpen(copy.id))}
              >
                <IconCopy size={15} aria-hidden />
              </ActionIcon>
            </Tooltip>
            <Tooltip label="Remove">
              <ActionIcon
                aria-label="Remove the rule"
                onClick={() => {
                  actions.remove(rule);
                  onClose();
                }}
              >
                <IconTrash size={15} aria-hidden />
              </ActionIcon>
            </Tooltip>
          </>
        )}
        <Tooltip label="Close (Esc)">
          <ActionIcon aria-label="Close the rule" onClick={onClose}>
            <IconX size={15} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </header>
      {rule !== null && <Facts rule={rule} />}
      <RuleEditor
        key={id}
        draft={shown}
        state={state}
        onChange={(next) => keepDraft(id, rule !== null && sameRule(next, bodyOf(rule)) ? null : next)}
        onSave={save}
        onCancel={() => {
          keepDraft(id, null);
          if (rule === null) onClose();
        }}
      />
      <Trial rule={shown} />
      {rule !== null && <RuleHits id={rule.id} total={rule.hits} />}
    </article>
  );
}

function Facts({ rule }: { readonly rule: RuleEntry }) {
  const { hits, matches, since, decidedAt, position } = rule;
  return (
    <p className={classes.facts}>
      <span>
        <b>{plural(hits, 'hit', 'hits')}</b>
        {matches > hits && `, of ${plural(matches, 'that met the rest', 'that met the rest')}`}
      </span>
      <span>
        asked <b>{pointWords[decidedAt]}</b>
      </span>
      <span>
        place <b>{position + 1}</b>
      </span>
      <span>in force since {formatDateTime(since)}</span>
    </p>
  );
}

function Trial({ rule }: { readonly rule: RuleBody }) {
  const [state, setState] = useState<'closed' | 'open'>('closed');
  return (
    <section className={classes.part} aria-label="Test">
      <h2 className={classes.heading}>Test</h2>
      {state === 'closed' ? (
        <Button
          variant="default"
          leftSection={<IconFlask size={14} aria-hidden />}
          onClick={() => setState('open')}
        >
          Try it on a message, saved or not
        </Button>
      ) : (
        <>
          <p className={classes.hint}>
            This rule alone, as it stands above. Nothing is sent, and nothing counts.
          </p>
          <DryRunForm rule={{ ...rule, enabled: true }} />
        </>
      )}
    </section>
  );
}

export function NoSuchRule({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  return (
    <RoomState icon={null} title={`There is no rule ${id}`}>
      <p className={classes.dim}>It may have been removed, or belong to a scenario that is off.</p>
      <Button variant="default" onClick={onClose}>
        Close
      </Button>
    </RoomState>
  );
}
