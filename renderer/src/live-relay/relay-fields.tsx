import { NativeSelect, Stack, Textarea, TextInput } from '@mantine/core';
import { type Fault, faultWithin } from '../api/faults.ts';
import { More } from './more.tsx';
import classes from './relay-dialog.module.css';
import type { FieldRow, Values } from './relay-form.ts';

interface RelayFieldsProps {
  readonly rows: readonly FieldRow[];
  readonly values: Values;
  readonly faults: readonly Fault[];
  readonly onChange: (values: Values) => void;
}

/** The settings of a relay, those of its kind. */
export function RelayFields({ rows, values, faults, onChange }: RelayFieldsProps) {
  const shown = rows.filter(({ when }) => when === undefined || when(values));
  const field = (row: FieldRow) => (
    <RelayField
      key={row.name}
      row={row}
      value={values[row.name] ?? ''}
      fault={faultWithin(faults, `settings.${row.name}`)}
      onChange={(value) => onChange({ ...values, [row.name]: value })}
    />
  );
  const more = shown.filter((row) => row.more);
  return (
    <>
      <div className={classes.fields}>{shown.filter((row) => !row.more).map(field)}</div>
      {more.length > 0 && (
        <More opened={more.some(({ name }) => faultWithin(faults, `settings.${name}`) !== null)}>
          <Stack gap="sm" pt="xs">
            {more.map(field)}
          </Stack>
        </More>
      )}
    </>
  );
}

interface RelayFieldProps {
  readonly row: FieldRow;
  readonly value: string;
  readonly fault: string | null;
  readonly onChange: (value: string) => void;
}

function RelayField({ row, value, fault, onChange }: RelayFieldProps) {
  const about = {
    label: row.label,
    description: row.description ?? null,
    error: fault,
  };
  if (row.kind === 'choice')
    return (
      <NativeSelect
        {...about}
        data={[...(row.choices ?? [])]}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  if (row.kind === 'pem')
    return (
      <Textarea
        {...about}
        size="xs"
        autosize
        minRows={2}
        maxRows={4}
        spellCheck={false}
        placeholder="-----BEGIN CERTIFICATE-----"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  return (
    <TextInput
      {...about}
      withAsterisk={row.required === true}
      aria-required={row.required === true}
      placeholder={row.placeholder ?? ''}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
