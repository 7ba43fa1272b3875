import { Button, NativeSelect, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { type UserChannel, userChannels } from '../../../core/model/user.ts';
import type { TemplateCheck, TemplateDraft } from '../api/templates.ts';
import { channelWords, isUserChannel } from '../users/channel-words.ts';
import { CodeEditor } from './code-editor.tsx';
import {
  type DraftField,
  draftFields,
  fieldOf,
  withChannel,
  withField,
  withoutChannel,
  withoutLocale,
} from './draft-fields.ts';
import classes from './templates-room.module.css';

interface DraftEditorProps {
  readonly draft: TemplateDraft;
  readonly channel: UserChannel | null;
  /** Null: the texts that stand where a locale says nothing. */
  readonly locale: string | null;
  readonly problems: TemplateCheck['errors'];
  readonly onChannel: (channel: UserChannel | null) => void;
  readonly onLocale: (locale: string | null) => void;
  readonly onChange: (next: (draft: TemplateDraft) => TemplateDraft) => void;
}

/** What is said on one channel in one language. */
export function DraftEditor(props: DraftEditorProps) {
  const { draft, channel, locale, problems, onChannel, onLocale, onChange } = props;
  const spoken = userChannels.filter((one) => draft.content[one] !== undefined);
  const missing = userChannels.filter((one) => draft.content[one] === undefined);
  const shown = channel !== null && spoken.includes(channel) ? channel : (spoken[0] ?? null);
  return (
    <>
      <div className={classes.bar}>
        {shown !== null && (
          <SegmentedControl
            aria-label="Channel"
            value={shown}
            data={spoken.map((one) => ({ value: one, label: channelWords[one] }))}
            onChange={(next) => {
              if (isUserChannel(next)) onChannel(next);
            }}
          />
        )}
        {missing.length > 0 && (
          <NativeSelect
            aria-label="Add a channel"
            value=""
            data={[
              { value: '', label: 'Add a channel' },
              ...missing.map((one) => ({ value: one, label: channelWords[one] })),
            ]}
            onChange={(event) => {
              const next = event.currentTarget.value;
              if (!isUserChannel(next)) return;
              onChange((old) => withChannel(old, next));
              onChannel(next);
            }}
          />
        )}
      </div>
      <Locales draft={draft} locale={locale} onLocale={onLocale} onChange={onChange} />
      {shown === null ? (
        <p className={classes.hint}>It speaks on no channel yet: add one.</p>
      ) : (
        <div className={classes.fields} key={`${shown} ${locale}`}>
          {shown === 'email' && locale === null && (
            <NativeSelect
              label="Written in"
              value={draft.content.email?.format ?? 'mjml'}
              data={[
                { value: 'mjml', label: 'MJML' },
                { value: 'html', label: 'HTML' },
              ]}
              onChange={(event) => {
                const { value } = event.currentTarget;
                onChange((old) => withField(old, null, 'email', { name: 'format', required: true }, value));
              }}
            />
          )}
          {draftFields[shown].map((field) => (
            <Field
              key={field.name}
              field={field}
              value={fieldOf(draft, locale, shown, field.name)}
              usual={locale === null ? '' : fieldOf(draft, null, shown, field.name)}
              fault={faultOf(problems, locale, shown, field.name)}
              onChange={(value) => onChange((old) => withField(old, locale, shown, field, value))}
            />
          ))}
          {locale === null && (
            <div>
              <Button
                variant="subtle"
                color="gray"
                onClick={() => {
                  onChange((old) => withoutChannel(old, shown));
                  onChannel(null);
                }}
              >
                Say nothing by {channelWords[shown]}
              </Button>
            </div>
          )}
        </div>
      )}
    </>
  );
}

function faultOf(
  problems: TemplateCheck['errors'],
  locale: string | null,
  channel: UserChannel,
  name: string,
): string | null {
  const path = locale === null ? `content.${channel}.${name}` : `locales.${locale}.${channel}.${name}`;
  const found = problems.filter(({ field }) => field === path);
  return found.length === 0
    ? null
    : found.map(({ line, detail }) => (line === null ? detail : `Line ${line}: ${detail}`)).join(' ');
}

interface FieldProps {
  readonly field: DraftField;
  readonly value: string;
  /** What stands there where this locale says nothing. */
  readonly usual: string;
  readonly fault: string | null;
  readonly onChange: (value: string) => void;
}

function Field({ field: { label, kind }, value, usual, fault, onChange }: FieldProps) {
  switch (kind) {
    case 'line':
      return (
        <TextInput
          label={label}
          value={value}
          placeholder={usual}
          error={fault}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case 'text':
      return (
        <Textarea
          size="xs"
          label={label}
          value={value}
          placeholder={usual}
          error={fault}
          autosize
          minRows={2}
          maxRows={14}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case 'code':
      return (
        <div>
          <div className={classes.label}>{label}</div>
          <CodeEditor label={label} value={value} onChange={onChange} />
          {value === '' && usual !== '' && <p className={classes.hint}>Empty: as in the other languages.</p>}
          {fault !== null && <p className={classes.fault}>{fault}</p>}
        </div>
      );
  }
}

type LocalesProps = Pick<DraftEditorProps, 'draft' | 'locale' | 'onLocale' | 'onChange'>;

function Locales({ draft, locale, onLocale, onChange }: LocalesProps) {
  const [wanted, setWanted] = useState('');
  const add = () => {
    const name = wanted.trim();
    if (name === '') return;
    onChange((old) => ({ ...old, locales: { ...old.locales, [name]: old.locales[name] ?? {} } }));
    onLocale(name);
    setWanted('');
  };
  return (
    <form
      className={classes.bar}
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <NativeSelect
        label="Language"
        value={locale ?? ''}
        data={[
          { value: '', label: 'All others' },
          ...Object.keys(draft.locales).map((one) => ({ value: one, label: one })),
        ]}
        onChange={(event) => onLocale(event.currentTarget.value || null)}
      />
      <TextInput
        label="Another language"
        placeholder="de-AT"
        w={110}
        value={wanted}
        onChange={(event) => setWanted(event.currentTarget.value)}
      />
      <Button
        type="submit"
        variant="default"
        leftSection={<IconPlus size={14} aria-hidden />}
        disabled={wanted.trim() === ''}
      >
        Add
      </Button>
      {locale !== null && (
        <Button
          variant="subtle"
          color="gray"
          onClick={() => {
            onChange((old) => withoutLocale(old, locale));
            onLocale(null);
          }}
        >
          Remove {locale}
        </Button>
      )}
    </form>
  );
}
