import { Button, CopyButton, Stack, Textarea, TextInput } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { type Fault, faultAt } from '../api/faults.ts';
import type { TemplateDraft } from '../api/templates.ts';
import { topicsQuery } from '../api/users.ts';
import { apiUrl } from '../base-path.ts';
import { sendCommand } from './send-request.ts';
import classes from './templates-room.module.css';

interface AboutEditorProps {
  readonly id: string;
  readonly draft: TemplateDraft;
  readonly faults: readonly Fault[];
  readonly onChange: (next: (draft: TemplateDraft) => TemplateDraft) => void;
}

/** What a template is called, and what it is for: not a part of its versions, and so for all of them at once. */
export function AboutEditor({ id, draft, faults, onChange }: AboutEditorProps) {
  const topics = useQuery(topicsQuery).data ?? [];
  const topicList = useId();
  const put = (part: Partial<Pick<TemplateDraft, 'name' | 'description' | 'topic' | 'locale'>>) =>
    onChange((old) => ({ ...old, ...part }));
  return (
    <Stack gap="sm" maw={640}>
      <p className={classes.hint}>
        This holds for all versions at once, and is not published. A send names the template by its id,{' '}
        <code>{id}</code>, which stays.
      </p>
      <TextInput
        label="Name"
        value={draft.name}
        error={faultAt(faults, 'name')}
        onChange={({ currentTarget: { value } }) => put({ name: value })}
      />
      <Textarea
        size="xs"
        label="Description"
        autosize
        minRows={2}
        maxRows={8}
        value={draft.description ?? ''}
        error={faultAt(faults, 'description')}
        onChange={({ currentTarget: { value } }) => put({ description: value === '' ? null : value })}
      />
      <TextInput
        label="Topic"
        description="What its sends are about where they do not say: who took themselves off it gets none."
        placeholder="none"
        list={topicList}
        value={draft.topic ?? ''}
        error={faultAt(faults, 'topic')}
        onChange={({ currentTarget: { value } }) => put({ topic: value === '' ? null : value })}
      />
      <datalist id={topicList}>
        {topics.map((topic) => (
          <option key={topic.id} value={topic.id}>
            {topic.name}
          </option>
        ))}
      </datalist>
      <TextInput
        label="Language of the texts for all others"
        description="As en or de-AT: amounts and dates are written as there"
        placeholder="nobody said"
        value={draft.locale ?? ''}
        error={faultAt(faults, 'locale')}
        onChange={({ currentTarget: { value } }) => put({ locale: value === '' ? null : value })}
      />
      <SendCommand id={id} draft={draft} />
    </Stack>
  );
}

function SendCommand({ id, draft }: Pick<AboutEditorProps, 'id' | 'draft'>) {
  const command = sendCommand(id, draft, new URL(apiUrl('/messages'), window.location.href).href);
  return (
    <section aria-label="A send by it">
      <div className={classes.bar} style={{ marginTop: 12, marginBottom: 6 }}>
        <h2 className={classes.about} style={{ margin: 0, fontSize: 14 }}>
          A send by it
        </h2>
        <CopyButton value={command}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              size="compact-xs"
              leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
              onClick={copy}
            >
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </div>
      <p className={classes.hint}>
        Goes by the version that is published, to a user of the Users room, by the first channel that
        delivers.
      </p>
      <pre className={classes.command}>{command}</pre>
    </section>
  );
}
