import { NativeSelect } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import {
  changesQuery,
  type Template,
  type TemplateDifference,
  type TemplateVersionEntry,
  type WhichVersion,
} from '../api/templates.ts';
import { type Compared, comparable } from './compared.ts';
import classes from './differences.module.css';
import { LineDiffTable } from './line-diff-table.tsx';
import roomClasses from './templates-room.module.css';

interface DifferencesProps {
  readonly template: Template;
  readonly revision: number;
  readonly versions: readonly TemplateVersionEntry[];
  readonly compared: Compared;
  readonly onCompare: (compared: Compared) => void;
}

/** What differs between any two of the draft and the versions, member by member. */
export function Differences({ template, revision, versions, compared, onCompare }: DifferencesProps) {
  const { data, error } = useQuery({
    ...changesQuery(template.id, revision, compared),
    placeholderData: keepPreviousData,
  });
  const choices = comparable(template, versions);
  const pick = (label: string, which: WhichVersion, onPick: (which: WhichVersion) => void) => (
    <NativeSelect
      label={label}
      value={String(which)}
      data={choices.map((one) => ({ value: String(one.which), label: one.label }))}
      onChange={({ currentTarget: { value } }) =>
        onPick(choices.find((one) => String(one.which) === value)?.which ?? which)
      }
    />
  );
  return (
    <>
      <div className={roomClasses.bar}>
        {pick('From', compared.from, (from) => onCompare({ ...compared, from }))}
        {pick('To', compared.to, (to) => onCompare({ ...compared, to }))}
      </div>
      {error !== null && (
        <p className={roomClasses.fault} role="alert">
          {error.message}
        </p>
      )}
      {error === null && data?.length === 0 && <p className={roomClasses.hint}>Nothing differs.</p>}
      <section aria-label="Differences">
        {error === null && (data ?? []).map((one) => <Difference key={one.field} difference={one} />)}
      </section>
    </>
  );
}

function Difference({ difference: { field, before, after } }: { readonly difference: TemplateDifference }) {
  return (
    <section className={classes.one} aria-label={field}>
      <h3 className={classes.field}>
        <code>{field}</code>
        {before === undefined ? ' is new' : after === undefined ? ' is gone' : ''}
      </h3>
      <LineDiffTable label={`Lines of ${field}`} before={textOf(before)} after={textOf(after)} />
    </section>
  );
}

const textOf = (value: unknown): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value, null, 2);
