import { ActionIcon, Button, Menu, Tabs } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconDots, IconSend, IconUpload } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { UserChannel } from '../../../core/model/user.ts';
import { ApiProblem } from '../api/request.ts';
import {
  checkQuery,
  deleteTemplate,
  duplicateTemplate,
  publishTemplate,
  type Template,
  templateQuery,
  unpublishTemplate,
} from '../api/templates.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import { DraftEditor } from './draft-editor.tsx';
import { SendTest } from './send-test.tsx';
import { TemplatePreviews } from './template-previews.tsx';
import classes from './templates-room.module.css';
import { type DraftState, useDraft } from './use-draft.ts';
import { VariablesEditor } from './variables-editor.tsx';
import { Versions } from './versions.tsx';

interface TemplateViewProps {
  readonly id: string;
  readonly onOpen: (id: string | null) => void;
}

/** One template: its draft beside what each channel would show of it. */
export function TemplateView({ id, onOpen }: TemplateViewProps) {
  const { data, error, refetch } = useQuery(templateQuery(id));
  if (data !== undefined) return <OpenTemplate template={data} onOpen={onOpen} />;
  return error === null ? (
    <LoadingState what="the template" />
  ) : (
    <ProblemState error={error} onRetry={() => void refetch()} />
  );
}

const stateWords: Readonly<Record<DraftState['kind'], string>> = {
  saved: 'Saved',
  changed: 'Not saved yet',
  saving: 'Saving…',
  conflict: 'Not saved',
  refused: 'Not saved',
};

function OpenTemplate({
  template,
  onOpen,
}: { readonly template: Template } & Pick<TemplateViewProps, 'onOpen'>) {
  const open = useDraft(template);
  const { draft, revision, state, change, take } = open;
  const [channel, setChannel] = useState<UserChannel | null>(template.channels[0] ?? null);
  const [locale, setLocale] = useState<string | null>(null);
  const [refused, setRefused] = useState<ApiProblem | null>(null);
  const [testing, setTesting] = useState(false);
  const queries = useQueryClient();
  const check = useQuery(checkQuery(template.id, revision)).data ?? null;
  const again = () => void queries.invalidateQueries({ queryKey: ['templates'] });
  const publish = () => {
    setRefused(null);
    publishTemplate(template.id, revision).then(
      (next) => {
        take(next);
        again();
        toast(`Version ${next.published} is what sends go by now`);
      },
      (error: unknown) => {
        if (error instanceof ApiProblem) setRefused(error);
        else throw error;
      },
    );
  };
  const problems = check?.errors ?? [];
  return (
    <article className={classes.pane} aria-label={template.name}>
      <header className={classes.head}>
        <div className={classes.about}>
          <h1 className={classes.title}>{template.name}</h1>
          <p className={classes.dim}>
            <code>{template.id}</code> ·{' '}
            {template.published === null ? 'not published' : `version ${template.published} is published`}
            {template.hasDraft && <span className={classes.draft}> · the draft differs</span>}
            {' · '}
            <span role="status">{stateWords[state.kind]}</span>
          </p>
        </div>
        <div className={classes.actions}>
          <Button
            variant="default"
            leftSection={<IconSend size={14} aria-hidden />}
            onClick={() => setTesting(true)}
          >
            Send a test
          </Button>
          <Button
            leftSection={<IconUpload size={14} aria-hidden />}
            disabled={state.kind !== 'saved' || !template.hasDraft}
            onClick={publish}
          >
            Publish
          </Button>
          <More template={template} onOpen={onOpen} onChanged={again} />
        </div>
      </header>
      {state.kind === 'conflict' && (
        <div className={classes.conflict} role="alert">
          <span>It was changed elsewhere meanwhile.</span>
          <Button variant="default" onClick={open.takeTheirs}>
            Take theirs
          </Button>
          <Button variant="default" onClick={open.keepMine}>
            Keep mine
          </Button>
        </div>
      )}
      {state.kind === 'refused' && <Refused problem={state.problem} title="It is not saved" />}
      {refused !== null && <Refused problem={refused} title="It is not published" />}
      <Tabs defaultValue="write" className={classes.pane ?? ''} keepMounted={false}>
        <Tabs.List aria-label="Views of the template" px="md">
          <Tabs.Tab value="write">Texts</Tabs.Tab>
          <Tabs.Tab value="variables">Variables</Tabs.Tab>
          <Tabs.Tab value="versions">Versions</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="write" className={classes.columns ?? ''}>
          <div className={classes.write}>
            <DraftEditor
              draft={draft}
              channel={channel}
              locale={locale}
              problems={problems}
              onChannel={setChannel}
              onLocale={setLocale}
              onChange={change}
            />
          </div>
          <TemplatePreviews
            template={template}
            revision={revision}
            channel={channel}
            locale={locale}
            warnings={check?.warnings ?? []}
          />
        </Tabs.Panel>
        <Tabs.Panel value="variables" className={classes.write ?? ''}>
          <VariablesEditor draft={draft} onChange={change} />
        </Tabs.Panel>
        <Tabs.Panel value="versions" className={classes.write ?? ''}>
          <Versions template={template} onRestored={take} />
        </Tabs.Panel>
      </Tabs>
      <SendTest
        opened={testing}
        onClose={() => setTesting(false)}
        id={template.id}
        channels={template.channels}
      />
    </article>
  );
}

function Refused({ problem, title }: { readonly problem: ApiProblem; readonly title: string }) {
  return (
    <div className={classes.problems} data-tone="bad" role="alert">
      {title}: {problem.message}
      {problem.fields.length > 0 && (
        <ul>
          {problem.fields.map(({ field, detail }) => (
            <li key={`${field} ${detail}`}>
              <code>{field}</code>: {detail}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface MoreProps extends Pick<TemplateViewProps, 'onOpen'> {
  readonly template: Template;
  readonly onChanged: () => void;
}

function More({ template, onOpen, onChanged }: MoreProps) {
  const order = (what: Promise<Template>, title: string, then: (next: Template) => void) => {
    what.then(
      (next) => {
        onChanged();
        then(next);
      },
      (error: unknown) => toastProblem(error, title),
    );
  };
  const remove = () =>
    modals.openConfirmModal({
      title: `Delete ${template.name}?`,
      children: 'All its versions go with it. A send that names it is refused from then on.',
      labels: { confirm: 'Delete', cancel: 'Cancel' },
      confirmProps: { color: 'red' },
      onConfirm: () => {
        deleteTemplate(template.id).then(
          () => {
            onOpen(null);
            onChanged();
          },
          (error: unknown) => toastProblem(error, 'The template could not be deleted'),
        );
      },
    });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={`More for ${template.name}`}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          onClick={() =>
            order(duplicateTemplate(template.id), 'It could not be duplicated', ({ id }) => onOpen(id))
          }
        >
          Duplicate
        </Menu.Item>
        <Menu.Item
          disabled={template.published === null}
          onClick={() =>
            order(unpublishTemplate(template.id), 'It could not be unpublished', () =>
              toast('Nothing is sent by it until it is published again'),
            )
          }
        >
          Unpublish
        </Menu.Item>
        <Menu.Item color="red" onClick={remove}>
          Delete…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
