import { ActionIcon, Button, NativeSelect, Switch, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ProjectRule, Settings } from '../../../core/api/schema.ts';
import { settingsQuery } from '../api/core.ts';
import { ProjectList } from './project-list.tsx';
import { Section } from './section.tsx';
import classes from './settings-room.module.css';
import { useChangeSettings } from './use-change-settings.ts';

/** How messages are sorted into projects when they arrive. */
export function ProjectSettings() {
  const { data } = useQuery(settingsQuery);
  return (
    <Section
      title="Projects"
      hint="Rules are tried in order; the first that matches names the project. What no rule names lands in main."
    >
      {data !== undefined && <ProjectFields key={JSON.stringify(data.projects)} saved={data.projects} />}
      <ProjectList />
    </Section>
  );
}

function ProjectFields({ saved }: { readonly saved: Settings['projects'] }) {
  const change = useChangeSettings();
  const [header, setHeader] = useState(saved.header ?? '');
  return (
    <>
      <Switch
        label="The SMTP user name names the project"
        checked={saved.fromUserName}
        onChange={(event) => change({ projects: { fromUserName: event.currentTarget.checked } })}
      />
      <Switch
        label="Make projects on the fly"
        description="Off: a name that is not known lands in main."
        checked={saved.onTheFly}
        onChange={(event) => change({ projects: { onTheFly: event.currentTarget.checked } })}
      />
      <div className={classes.rule}>
        <TextInput
          w={240}
          label="Header that names the project"
          placeholder="none"
          value={header}
          onChange={(event) => setHeader(event.currentTarget.value)}
        />
        <Button
          variant="default"
          disabled={header.trim() === (saved.header ?? '')}
          onClick={() => change({ projects: { header: header.trim() === '' ? null : header.trim() } })}
        >
          Save
        </Button>
      </div>
      <RuleList saved={saved.rules} onSave={(rules) => change({ projects: { rules: [...rules] } })} />
    </>
  );
}

interface RuleListProps {
  readonly saved: readonly ProjectRule[];
  readonly onSave: (rules: readonly ProjectRule[]) => void;
}

const ruleKinds: readonly { readonly value: ProjectRule['by']; readonly label: string }[] = [
  { value: 'user', label: 'user name' },
  { value: 'recipient', label: 'recipient' },
  { value: 'door', label: 'door' },
  { value: 'header', label: 'header' },
];

function RuleList({ saved, onSave }: RuleListProps) {
  const [rules, setRules] = useState(saved);
  const set = (index: number, rule: ProjectRule) =>
    setRules(rules.map((old, at) => (at === index ? rule : old)));
  const complete = rules.every(
    (rule) => rule.match.trim() !== '' && rule.project.trim() !== '' && (rule.by !== 'header' || rule.header),
  );
  return (
    <>
      {rules.map((rule, index) => (
        <div key={index} className={classes.rule}>
          <NativeSelect
            w={120}
            label="When the"
            value={rule.by}
            data={[...ruleKinds]}
            onChange={(event) => {
              const by =
                ruleKinds.find((kind) => kind.value === event.currentTarget.value)?.value ?? 'recipient';
              set(index, { ...rule, by });
            }}
          />
          {rule.by === 'header' && (
            <TextInput
              w={120}
              label="named"
              placeholder="X-App"
              value={rule.header ?? ''}
              onChange={(event) => set(index, { ...rule, header: event.currentTarget.value })}
            />
          )}
          <TextInput
            w={160}
            label="matches"
            placeholder="*@shop.example"
            value={rule.match}
            onChange={(event) => set(index, { ...rule, match: event.currentTarget.value })}
          />
          <TextInput
            w={120}
            label="put it in"
            placeholder="project"
            value={rule.project}
            onChange={(event) => set(index, { ...rule, project: event.currentTarget.value })}
          />
          <ActionIcon
            aria-label={`Remove rule ${index + 1}`}
            onClick={() => setRules(rules.filter((_, at) => at !== index))}
          >
            <IconTrash size={15} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      <div className={classes.rule}>
        <Button
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => setRules([...rules, { by: 'recipient', match: '', project: '' }])}
        >
          Add a rule
        </Button>
        <Button
          variant="default"
          disabled={!complete || JSON.stringify(rules) === JSON.stringify(saved)}
          onClick={() => onSave(rules)}
        >
          Save the rules
        </Button>
      </div>
    </>
  );
}
