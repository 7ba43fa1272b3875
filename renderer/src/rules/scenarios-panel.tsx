import {
  ActionIcon,
  Button,
  FileButton,
  Group,
  Menu,
  Modal,
  Stack,
  Textarea,
  TextInput,
} from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconDeviceFloppy, IconDots, IconPlayerPlay, IconPlayerStop, IconUpload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type DragEvent, type FormEvent, useState } from 'react';
import type { ScenarioEntry } from '../../../core/api/rules-schema.ts';
import { scenarioFileUrl, scenariosQuery } from '../api/scenarios.ts';
import { plural } from '../format.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { toastProblem } from '../frame/toast-problem.ts';
import { saveFile } from '../host/save-file.ts';
import paneClasses from './rules-pane.module.css';
import classes from './scenarios-panel.module.css';
import { type ScenarioActions, useScenarioActions } from './use-scenario-actions.ts';

/** Rules, speed and seed as one file: switched on and off, taken in and handed on. */
export function ScenariosPanel() {
  const { data, error, refetch } = useQuery(scenariosQuery);
  const actions = useScenarioActions();
  const [saving, setSaving] = useState<'open' | 'closed'>('closed');
  const [over, setOver] = useState<'files' | 'nothing'>('nothing');
  if (data === undefined)
    return error === null ? (
      <LoadingState what="scenarios" />
    ) : (
      <ProblemState error={error} onRetry={() => void refetch()} />
    );
  const own = data.filter(({ example }) => !example);
  const examples = data.filter(({ example }) => example);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver('nothing');
    void actions.take([...event.dataTransfer.files]);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: files can be dropped here; the button Import takes them by keyboard
    <div
      className={classes.panel}
      data-takes-files
      data-over={over === 'files'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver('files');
      }}
      onDragLeave={() => setOver('nothing')}
      onDrop={drop}
    >
      <p className={paneClasses.hint}>
        Rules, the clock’s speed and the seed as one file: the same scenario and input have the same outcome
        for everyone. While one is on, its rules take the place of yours, which come back when it is stopped.
      </p>
      <div className={paneClasses.bar}>
        <FileButton multiple onChange={(files) => void actions.take(files)} accept=".yaml,.yml,.json">
          {(props) => (
            <Button {...props} variant="default" leftSection={<IconUpload size={14} aria-hidden />}>
              Import…
            </Button>
          )}
        </FileButton>
        <Button
          variant="default"
          leftSection={<IconDeviceFloppy size={14} aria-hidden />}
          onClick={() => setSaving('open')}
        >
          Save what is in force…
        </Button>
      </div>
      <ScenarioList title="Saved" entries={own} actions={actions}>
        None yet. Save the rules that are in force, or drop a scenario file here.
      </ScenarioList>
      <ScenarioList title="Examples" entries={examples} actions={actions}>
        None in this version.
      </ScenarioList>
      <Modal
        opened={saving === 'open'}
        onClose={() => setSaving('closed')}
        title="Save what is in force as a scenario"
      >
        <SaveForm actions={actions} onClose={() => setSaving('closed')} />
      </Modal>
    </div>
  );
}

function ScenarioList({
  title,
  entries,
  actions,
  children,
}: {
  readonly title: string;
  readonly entries: readonly ScenarioEntry[];
  readonly actions: ScenarioActions;
  /** Said when there is none. */
  readonly children: string;
}) {
  return (
    <section className={classes.group} aria-label={title}>
      <h3 className={classes.title}>{title}</h3>
      {entries.length === 0 ? (
        <p className={paneClasses.dim}>{children}</p>
      ) : (
        <ul className={classes.list}>
          {entries.map((scenario) => (
            <ScenarioRow key={scenario.id} scenario={scenario} actions={actions} />
          ))}
        </ul>
      )}
    </section>
  );
}

function ScenarioRow({
  scenario,
  actions,
}: {
  readonly scenario: ScenarioEntry;
  readonly actions: ScenarioActions;
}) {
  const { id, name, description, running, example } = scenario;
  const save = () => {
    saveFile(scenarioFileUrl(id), `${id}.yaml`).catch((error: unknown) =>
      toastProblem(error, 'The scenario could not be saved'),
    );
  };
  const remove = () =>
    modals.openConfirmModal({
      title: 'Remove the scenario',
      children: `“${name}” is removed for good; export it first if you may want it back.`,
      labels: { confirm: 'Remove', cancel: 'Keep it' },
      confirmProps: { color: 'red' },
      onConfirm: () => actions.remove(scenario),
    });
  return (
    <li className={classes.row} data-running={running}>
      <div className={classes.about}>
        <span className={classes.name}>{name}</span>
        <Description text={description} />
        <span className={paneClasses.dim}>{scenarioFacts(scenario)}</span>
      </div>
      {running ? (
        <Button
          variant="light"
          color="red"
          leftSection={<IconPlayerStop size={14} aria-hidden />}
          aria-label={`Stop ${name}`}
          onClick={() => actions.stop(name)}
        >
          Stop
        </Button>
      ) : (
        <Button
          variant="light"
          leftSection={<IconPlayerPlay size={14} aria-hidden />}
          aria-label={`Start ${name}`}
          onClick={() => actions.start(scenario)}
        >
          Start
        </Button>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={`More of ${name}`}>
            <IconDots size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={save}>Export…</Menu.Item>
          <Menu.Item color="red" disabled={example || running} onClick={remove}>
            Remove…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </li>
  );
}

/** Its first paragraph; the others on asking. */
function Description({ text }: { readonly text: string }) {
  const [first = '', ...others] = text.split(/\n\s*\n/);
  if (first === '') return null;
  return (
    <>
      <span className={classes.description}>{first}</span>
      {others.length > 0 && (
        <details className={classes.description}>
          <summary>What to look at</summary>
          {others.map((one) => (
            <p key={one}>{one}</p>
          ))}
        </details>
      )}
    </>
  );
}

function scenarioFacts({ rules, speed, seed, magicAddresses }: ScenarioEntry): string {
  return [
    plural(rules, 'rule', 'rules'),
    speed === 0 ? 'clock frozen' : `clock ×${speed}`,
    `seed ${seed}`,
    ...(magicAddresses ? [] : ['magic addresses off']),
  ].join(' · ');
}

function SaveForm({ actions, onClose }: { readonly actions: ScenarioActions; readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [state, setState] = useState<'idle' | 'saving'>('idle');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setState('saving');
    const saved = await actions.saveCurrent(name.trim(), description.trim());
    setState('idle');
    if (saved) onClose();
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="sm">
        <TextInput
          data-autofocus
          label="Name"
          description="One of the same name is replaced."
          placeholder="Bad Monday at Gmail"
          maxLength={80}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Textarea
          size="xs"
          autosize
          minRows={2}
          maxRows={8}
          label="Description"
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={name.trim() === ''} loading={state === 'saving'}>
            Save the scenario
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
