import { Button, Group, Modal, SegmentedControl, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { rulesStateQuery } from '../api/rules.ts';
import type { StageKind } from '../journey/stage.ts';
import { ActionFields } from './action-fields.tsx';
import { draftFaults, type FieldFault, homelessFaults, whoseOf } from './draft.ts';
import { keepDraft, newRuleId } from './drafts.ts';
import classes from './make-it-fail.module.css';
import { faultsOf } from './rule-faults.ts';
import { nameOf } from './rule-name.ts';
import { ruleSentence } from './rule-sentence.ts';
import { isProviderKey } from './rule-words.ts';
import { Sentence } from './sentence.tsx';
import { useRuleActions } from './use-rule-actions.ts';
import { failingRule, failureAt, type HowOften, type Subject, scopesOf } from './what-if.ts';

interface MakeItFailProps {
  /** The stage it is asked at; null: nothing is asked. */
  readonly at: StageKind | null;
  readonly subject: Subject;
  readonly onClose: () => void;
}

/** Writes the rule that makes a stage of a journey fail the next time. */
export function MakeItFail({ at, subject, onClose }: MakeItFailProps) {
  return (
    <Modal opened={at !== null} onClose={onClose} title="Make this fail here next time" size={680}>
      {at !== null && <FailForm at={at} subject={subject} onClose={onClose} />}
    </Modal>
  );
}

function FailForm({ at, subject, onClose }: MakeItFailProps & { readonly at: StageKind }) {
  const scopes = scopesOf(subject);
  const begin = failureAt(at, subject.provider, subject.channel ?? null);
  const { provider } = subject;
  const whose =
    subject.channel === 'inapp'
      ? 'inapp'
      : provider !== null && isProviderKey(provider)
        ? whoseOf({ provider })
        : null;
  const [scopeKey, setScopeKey] = useState('recipient');
  const [often, setOften] = useState<HowOften>('once');
  const [then, setThen] = useState(begin.then);
  const [faults, setFaults] = useState<readonly FieldFault[]>([]);
  const [saving, setSaving] = useState<'idle' | 'saving'>('idle');
  const firstId = useQuery(rulesStateQuery).data?.entries[0]?.id ?? null;
  const actions = useRuleActions();
  const navigate = useNavigate();
  const scope = scopes.find(({ key }) => key === scopeKey) ?? scopes[0];
  if (scope === undefined) return null;
  const rule = failingRule({ ...begin, then }, scope, often);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const missing = draftFaults(rule);
    setFaults(missing);
    if (missing.length > 0) return;
    setSaving('saving');
    try {
      await actions.add(rule, firstId, `The rule ${nameOf({ ...rule, id: '' })} is in force`);
      onClose();
    } catch (error) {
      setFaults(faultsOf(error));
    } finally {
      setSaving('idle');
    }
  };
  const openWhole = () => {
    keepDraft(newRuleId, rule);
    onClose();
    void navigate({ to: '/rules', search: { rule: newRuleId } });
  };
  return (
    <form noValidate onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        <p className={classes.sentence} aria-live="polite">
          <Sentence pieces={ruleSentence(rule)} />
        </p>
        <div className={classes.row}>
          <span className={classes.label}>For</span>
          <SegmentedControl
            aria-label="For whom"
            value={scope.key}
            data={scopes.map(({ key, label }) => ({ value: key, label }))}
            onChange={setScopeKey}
          />
        </div>
        <div className={classes.row}>
          <span className={classes.label}>When</span>
          <SegmentedControl
            aria-label="How often"
            value={often}
            data={[
              { value: 'once', label: 'the next time only' },
              { value: 'always', label: 'every time' },
            ]}
            onChange={(next) => setOften(next === 'always' ? 'always' : 'once')}
          />
        </div>
        <div className={classes.row}>
          <span className={classes.label}>Then</span>
          <div className={classes.then}>
            <ActionFields
              action={then}
              stage={begin.stage}
              whose={whose}
              faults={faults}
              onChange={setThen}
            />
          </div>
        </div>
        {homelessFaults(faults, rule).map(({ field, detail }) => (
          <Text key={`${field} ${detail}`} c="var(--sp-bad)" size="sm" role="alert">
            {detail}
          </Text>
        ))}
        <Group gap={8}>
          <Button variant="subtle" color="gray" onClick={openWhole}>
            All settings…
          </Button>
          <div className={classes.grow} />
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={saving === 'saving'}>
            Make it fail
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
