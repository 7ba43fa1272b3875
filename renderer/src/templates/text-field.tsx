import { Textarea, TextInput } from '@mantine/core';
import { CodeEditor } from './code-editor.tsx';
import type { DraftField } from './draft-fields.ts';
import classes from './templates-room.module.css';

interface TextFieldProps {
  readonly field: DraftField;
  readonly value: string;
  /** What stands there where this locale says nothing. */
  readonly usual: string;
  readonly fault: string | null;
  readonly onChange: (value: string) => void;
}

export function TextField({ field: { label, kind }, value, usual, fault, onChange }: TextFieldProps) {
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
