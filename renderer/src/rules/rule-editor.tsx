import { ActionIcon, Button, Menu, SegmentedControl, Switch, TextInput, Tooltip } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import type { RuleBody } from '../api/rules.ts';
import { ActionFields } from './action-fields.tsx';
import { ConditionFields } from './condition-fields.tsx';
import {
  draftFaults,
  type FieldFault,
  faultAt,
  homelessFaults,
  newAction,
  newCondition,
  whoseOf,
} from './draft.ts';
import classes from './rule-editor.module.css';
import { faultsOf } from './rule-faults.ts';
import { ruleSentence } from './rule-sentence.ts';
import {
  type ConditionKey,
  conditionGroups,
  conditionWords,
  farSideKinds,
  type Stage,
  stageWords,
} from './rule-words.ts';
import { Sentence } from './sentence.tsx';

interface RuleEditorProps {
  readonly draft: RuleBody;
  readonly onChange: (draft: RuleBody) => void;
  /** Rejects with what the core has against it. */
  readonly onSave: (draft: RuleBody) => Promise<unknown>;
  readonly onCancel: () => void;
  readonly state: 'new' | 'changed' | 'saved';
  /** What belongs beside the buttons. */
  readonly actions?: ReactNode;
}

/** A rule as a sentence with pickers: when …, then …. */
export function RuleEditor({ draft, onChange, onSave, onCancel, state, actions }: RuleEditorProps) {
  const [faults, setFaults] = useState<readonly FieldFault[]>([]);
  const [saving, setSaving] = useState<'idle' | 'saving'>('idle');
  const change = (next: RuleBody) => {
    onChange(next);
    if (faults.length > 0) setFaults([]);
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const missing = draftFaults(draft);
    setFaults(missing);
    if (missing.length > 0) return;
    setSaving('saving');
    try {
      await onSave(draft);
    } catch (error) {
      setFaults(faultsOf(error));
    } finally {
      setSaving('idle');
    }
  };
  const homeless = homelessFaults(faults, draft);
  return (
    <form noValidate className={classes.editor} onSubmit={(event) => void save(event)}>
      <p className={classes.sentence} aria-live="polite">
        <Sentence pieces={ruleSentence(draft)} />
      </p>
      <Switch
        className={classes.switch ?? ''}
        label="On"
        checked={draft.enabled}
        onChange={(event) => change({ ...draft, enabled: event.currentTarget.checked })}
      />
      <TextInput
        className={classes.name ?? ''}
        aria-label="Name"
        placeholder="Name (may be left empty)"
        data-autofocus
        value={draft.name}
        error={faultAt(faults, 'name')}
        onChange={(event) => change({ ...draft, name: event.currentTarget.value })}
      />
      <When draft={draft} faults={faults} onChange={change} />
      <section className={classes.part} aria-label="Then">
        <h3 className={classes.word}>then</h3>
        <div className={classes.fields}>
          <ActionFields
            action={draft.then}
            stage={draft.stage}
            whose={whoseOf(draft.when)}
            faults={faults}
            onChange={(then) => change({ ...draft, then })}
          />
        </div>
      </section>
      {homeless.length > 0 && (
        <ul className={classes.faults} role="alert">
          {homeless.map(({ field, detail }) => (
            <li key={`${field} ${detail}`}>
              {field === '' ? '' : `${field}: `}
              {detail}
            </li>
          ))}
        </ul>
      )}
      <div className={classes.foot}>
        <Button type="submit" disabled={state === 'saved'} loading={saving === 'saving'}>
          {state === 'new' ? 'Add the rule' : 'Save'}
        </Button>
        <Button variant="default" disabled={state === 'saved'} onClick={onCancel}>
          {state === 'new' ? 'Cancel' : 'Discard changes'}
        </Button>
        <span className={classes.grow} role="status">
          {faults.length > 0 ? 'Not saved: see what is marked.' : state === 'changed' ? 'Not saved yet.' : ''}
        </span>
        {actions}
      </div>
    </form>
  );
}

/** What only a provider does is not done at our door. */
function atStage(draft: RuleBody, stage: Stage): RuleBody {
  const then =
    stage === 'door' && farSideKinds.has(draft.then.do) ? newAction('reject', stage, draft.then) : draft.then;
  return { ...draft, stage, then };
}

function When({
  draft,
  faults,
  onChange,
}: {
  readonly draft: RuleBody;
  readonly faults: readonly FieldFault[];
  readonly onChange: (draft: RuleBody) => void;
}) {
  const { when, stage } = draft;
  const asked = conditionKeys.filter((key) => when[key] !== undefined);
  const hint = useId();
  return (
    <section className={classes.part} aria-label="When">
      <h3 className={classes.word}>When</h3>
      <div className={classes.fields}>
        <div className={classes.line}>
          <span>a message</span>
          <SegmentedControl
            size="xs"
            aria-label="Where the rule is asked"
            aria-describedby={hint}
            value={stage}
            data={[
              { value: 'door', label: `comes to ${stageWords.door.place}` },
              { value: 'farSide', label: `reaches ${stageWords.farSide.place}` },
            ]}
            onChange={(next) => onChange(atStage(draft, next === 'door' ? 'door' : 'farSide'))}
          />
          <span id={hint} className={classes.about}>
            {stageWords[stage].about}
          </span>
        </div>
        {asked.map((key) => {
          const fault = faultAt(faults, `when.${key}`);
          return (
            <section
              key={key}
              className={classes.condition}
              aria-label={conditionWords[key].label}
              data-fault={fault !== null}
            >
              <Tooltip label={conditionWords[key].about} position="top-start">
                <span className={classes.label}>{conditionWords[key].label}</span>
              </Tooltip>
              <div className={classes.asked}>
                <ConditionFields
                  of={key}
                  when={when}
                  onChange={(next) => onChange({ ...draft, when: { ...when, ...next } })}
                />
                {fault !== null && (
                  <p className={classes.fault} role="alert">
                    {fault}
                  </p>
                )}
              </div>
              <ActionIcon
                size={24}
                aria-label={`Take out: ${conditionWords[key].label}`}
                onClick={() => onChange({ ...draft, when: { ...when, [key]: undefined } })}
              >
                <IconX size={14} aria-hidden />
              </ActionIcon>
            </section>
          );
        })}
        <AddCondition
          asked={asked}
          onAdd={(key) => onChange({ ...draft, when: { ...when, ...newCondition(key) } })}
        />
      </div>
    </section>
  );
}

const conditionKeys = Object.keys(conditionWords).filter(isConditionKey);

function isConditionKey(text: string): text is ConditionKey {
  return text in conditionWords;
}

function AddCondition({
  asked,
  onAdd,
}: {
  readonly asked: readonly ConditionKey[];
  readonly onAdd: (key: ConditionKey) => void;
}) {
  return (
    <Menu position="bottom-start" width={330}>
      <Menu.Target>
        <Button
          variant="subtle"
          size="compact-xs"
          className={classes.add ?? ''}
          leftSection={<IconPlus size={13} aria-hidden />}
        >
          {asked.length === 0 ? 'Add a condition: now every message is meant' : 'and …'}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflowY: 'auto' }}>
        {conditionGroups.map((group) => {
          const keys = conditionKeys.filter(
            (key) => conditionWords[key].group === group && !asked.includes(key),
          );
          return keys.length === 0 ? null : (
            <div key={group}>
              <Menu.Label>{group}</Menu.Label>
              {keys.map((key) => (
                <Menu.Item key={key} onClick={() => onAdd(key)}>
                  {conditionWords[key].label}
                  <span className={classes.about}> {conditionWords[key].about}</span>
                </Menu.Item>
              ))}
            </div>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
