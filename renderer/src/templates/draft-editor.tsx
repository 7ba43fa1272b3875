import { Button, NativeSelect, SegmentedControl } from '@mantine/core';
import { type UserChannel, userChannels } from '../../../core/model/user.ts';
import { type Fault, faultAt } from '../api/faults.ts';
import type { TemplateDraft } from '../api/templates.ts';
import { channelWords, isUserChannel } from '../users/channel-words.ts';
import {
  draftFields,
  fieldOf,
  pathOf,
  pushDataOf,
  withChannel,
  withField,
  withoutChannel,
  withPushData,
} from './draft-fields.ts';
import { DraftPart } from './draft-part.tsx';
import { InAppFields } from './in-app-fields.tsx';
import { LocalePicker } from './locale-picker.tsx';
import { PairFields } from './pair-fields.tsx';
import classes from './templates-room.module.css';
import { TextField } from './text-field.tsx';

interface DraftEditorProps {
  readonly draft: TemplateDraft;
  readonly channel: UserChannel | null;
  /** Null: the texts that stand where a locale says nothing. */
  readonly locale: string | null;
  readonly faults: readonly Fault[];
  readonly onChannel: (channel: UserChannel | null) => void;
  readonly onLocale: (locale: string | null) => void;
  readonly onChange: (next: (draft: TemplateDraft) => TemplateDraft) => void;
}

/** What is said on one channel in one language. */
export function DraftEditor(props: DraftEditorProps) {
  const { draft, channel, locale, faults, onChannel, onLocale, onChange } = props;
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
      <LocalePicker draft={draft} locale={locale} faults={faults} onLocale={onLocale} onChange={onChange} />
      {shown === null ? (
        <p className={classes.hint}>It speaks on no channel yet: add one.</p>
      ) : (
        <div className={classes.fields} key={`${shown} ${locale}`}>
          {shown === 'email' && (
            <NativeSelect
              label="Written in"
              value={fieldOf(draft, locale, 'email', 'format')}
              error={faultAt(faults, pathOf(locale, 'email', 'format'))}
              data={[
                ...(locale === null ? [] : [{ value: '', label: 'As in the other languages' }]),
                { value: 'mjml', label: 'MJML' },
                { value: 'html', label: 'HTML' },
              ]}
              onChange={(event) => {
                const { value } = event.currentTarget;
                onChange((old) => withField(old, locale, 'email', { name: 'format', required: true }, value));
              }}
            />
          )}
          {draftFields[shown].map((field) => (
            <TextField
              key={field.name}
              field={field}
              value={fieldOf(draft, locale, shown, field.name)}
              usual={locale === null ? '' : fieldOf(draft, null, shown, field.name)}
              fault={faultAt(faults, pathOf(locale, shown, field.name))}
              onChange={(value) => onChange((old) => withField(old, locale, shown, field, value))}
            />
          ))}
          {shown === 'push' && (
            <PushDataPart draft={draft} locale={locale} faults={faults} onChange={onChange} />
          )}
          {shown === 'inapp' && (
            <InAppFields draft={draft} locale={locale} faults={faults} onChange={onChange} />
          )}
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

type PartProps = Pick<DraftEditorProps, 'draft' | 'locale' | 'faults' | 'onChange'>;

function PushDataPart({ draft, locale, faults, onChange }: PartProps) {
  const own = pushDataOf(draft, locale);
  const usual = pushDataOf(draft, null) ?? {};
  const put = (data: typeof own) => onChange((old) => withPushData(old, locale, data));
  const path = pathOf(locale, 'push', 'data');
  return (
    <DraftPart
      title="Data"
      locale={locale}
      own={own !== undefined}
      usual={Object.keys(usual).join(', ') || 'none'}
      fault={faultAt(faults, path)}
      onOwn={() => put(usual)}
      onUsual={() => put(undefined)}
    >
      <PairFields
        members={own ?? {}}
        faults={faults}
        path={path}
        onChange={(data) => put(Object.keys(data).length === 0 && locale === null ? undefined : data)}
      />
    </DraftPart>
  );
}
