import { Button, Tabs } from '@mantine/core';
import { IconSend, IconUpload } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import type { UserChannel } from '../../../core/model/user.ts';
import { ApiProblem } from '../api/request.ts';
import { checkQuery, publishTemplate, type Template, templateQuery } from '../api/templates.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { toast } from '../frame/toast-problem.ts';
import { AboutEditor } from './about-editor.tsx';
import { DraftEditor } from './draft-editor.tsx';
import { faultsOf, type Place, placeOf, type View, views } from './problem-places.ts';
import { SendTest } from './send-test.tsx';
import { TemplateMore } from './template-more.tsx';
import { TemplatePreviews } from './template-previews.tsx';
import classes from './templates-room.module.css';
import { type DraftState, useDraft } from './use-draft.ts';
import { VariablesEditor } from './variables-editor.tsx';

// Comparing texts takes a library that nobody needs to write them.
const Versions = lazy(async () => ({ default: (await import('./versions.tsx')).Versions }));

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
  const { draft, revision, state, take } = open;
  const [channel, setChannel] = useState<UserChannel | null>(template.channels[0] ?? null);
  const [locale, setLocale] = useState<string | null>(null);
  const [refused, setRefused] = useState<ApiProblem | null>(null);
  const [testing, setTesting] = useState(false);
  const [view, setView] = useState<View>('write');
  const queries = useQueryClient();
  const check = useQuery(checkQuery(template.id, revision)).data ?? null;
  const again = () => void queries.invalidateQueries({ queryKey: ['templates'] });
  const change: typeof open.change = (next) => {
    setRefused(null);
    open.change(next);
  };
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
  const faults = faultsOf(check?.errors ?? [], state.kind === 'refused' ? state.problem : null);
  const go = (place: Place) => {
    setView(place.view);
    if (place.view !== 'write') return;
    if (place.locale !== undefined) setLocale(place.locale);
    if (place.channel !== null) setChannel(place.channel);
  };
  const wrongIn = (one: View) => faults.filter(({ field }) => placeOf(field).view === one).length;
  return (
    <article className={classes.pane} aria-label={template.name}>
      <header className={classes.head}>
        <div className={classes.about}>
          <h1 className={classes.title}>{template.name}</h1>
          <p className={classes.dim}>
            <code>{template.id}</code> ·{' '}
            {template.published === null ? 'not published' : `version ${template.published} is published`}
            {template.hasDraft && template.newest !== null && (
              <span className={classes.draft}> · the draft differs</span>
            )}
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
          <TemplateMore template={template} onOpen={onOpen} onChanged={again} />
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
      <Tabs
        value={view}
        onChange={(next) => setView(views.find((one) => one === next) ?? 'write')}
        className={classes.pane ?? ''}
        keepMounted={false}
      >
        <Tabs.List aria-label="Views of the template" px="md" flex="none">
          {views.map((one) => (
            <Tabs.Tab key={one} value={one} rightSection={<Wrong count={wrongIn(one)} />}>
              {viewWords[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="write" className={classes.columns ?? ''}>
          <div className={classes.write}>
            <DraftEditor
              draft={draft}
              channel={channel}
              locale={locale}
              faults={faults}
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
            faults={faults}
            warnings={check?.warnings ?? []}
            onGo={go}
          />
        </Tabs.Panel>
        <Tabs.Panel value="variables" className={classes.write ?? ''}>
          <VariablesEditor draft={draft} faults={faults} onChange={change} />
        </Tabs.Panel>
        <Tabs.Panel value="versions" className={classes.write ?? ''}>
          <Suspense fallback={<LoadingState what="the versions" />}>
            <Versions template={template} revision={revision} onRestored={take} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="about" className={classes.write ?? ''}>
          <AboutEditor id={template.id} draft={draft} faults={faults} onChange={change} />
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

const viewWords: Readonly<Record<View, string>> = {
  write: 'Texts',
  variables: 'Variables',
  versions: 'Versions',
  about: 'About',
};

const Wrong = ({ count }: { readonly count: number }) =>
  count === 0 ? null : <span className={classes.count}>{count} to mend</span>;

function Refused({ problem, title }: { readonly problem: ApiProblem; readonly title: string }) {
  return (
    <div className={`${classes.problems} ${classes.refused}`} data-tone="bad" role="alert">
      {title}
      {problem.fields.length === 0 && `: ${problem.message}`}
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
