import { Button, NativeSelect, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { type Fault, faultAt } from '../api/faults.ts';
import type { TemplateDraft } from '../api/templates.ts';
import { localeNamed, withoutLocale } from './draft-fields.ts';
import classes from './templates-room.module.css';

interface LocalePickerProps {
  readonly draft: TemplateDraft;
  /** Null: the texts that stand where a locale says nothing. */
  readonly locale: string | null;
  readonly faults: readonly Fault[];
  readonly onLocale: (locale: string | null) => void;
  readonly onChange: (next: (draft: TemplateDraft) => TemplateDraft) => void;
}

/** Which language is written, and which there are. */
export function LocalePicker({ draft, locale, faults, onLocale, onChange }: LocalePickerProps) {
  const [wanted, setWanted] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const add = () => {
    const name = localeNamed(wanted);
    if (name === null) {
      setProblem('As in de, de-AT, zh-Hant');
      return;
    }
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
          { value: '', label: draft.locale === null ? 'All others' : `All others (${draft.locale})` },
          ...Object.keys(draft.locales).map((one) => ({ value: one, label: one })),
        ]}
        error={faultAt(faults, locale === null ? 'locales' : `locales.${locale}`)}
        onChange={(event) => onLocale(event.currentTarget.value || null)}
      />
      <TextInput
        label="Another language"
        placeholder="de-AT"
        w={110}
        value={wanted}
        error={problem}
        onChange={(event) => {
          setWanted(event.currentTarget.value);
          setProblem(null);
        }}
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
