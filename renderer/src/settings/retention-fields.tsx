import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { type RetentionLimits, retentionForm, retentionLimits } from './retention-units.ts';
import classes from './settings-room.module.css';

interface RetentionFieldsProps {
  readonly saved: RetentionLimits;
  readonly onSave: (limits: RetentionLimits) => void;
}

/** Three limits; what is over one of them is deleted, oldest first. */
export function RetentionFields({ saved, onSave }: RetentionFieldsProps) {
  const [form, setForm] = useState(() => retentionForm(saved));
  const limits = retentionLimits(form);
  const field = (name: keyof typeof form, label: string, unit: string) => (
    <TextInput
      w={148}
      label={label}
      placeholder="no limit"
      inputMode="decimal"
      value={form[name]}
      rightSection={unit}
      rightSectionWidth={52}
      onChange={(event) => setForm({ ...form, [name]: event.currentTarget.value })}
    />
  );
  return (
    <>
      <div className={classes.row}>
        {field('count', 'Messages', '')}
        {field('days', 'Age', 'days')}
        {field('megabytes', 'Size', 'MB')}
      </div>
      <Button
        variant="default"
        disabled={limits === null || JSON.stringify(form) === JSON.stringify(retentionForm(saved))}
        onClick={() => limits !== null && onSave(limits)}
      >
        Save
      </Button>
    </>
  );
}
