import { Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { TemplateVariable } from '../../../core/model/template.ts';
import { readObject, readSample, sampleText } from './json-text.ts';

interface JsonText<T> {
  readonly value: T;
  readonly write: (value: T) => string;
  readonly read: (text: string) => { readonly value: T } | null;
  readonly onChange: (value: T) => void;
}

/** What is written stays as it is written, also while it is no JSON; it gives way to what was changed elsewhere. */
function useJsonText<T>({ value, write, read, onChange }: JsonText<T>) {
  const [written, setWritten] = useState(() => ({ text: write(value), meant: value }));
  const text = Object.is(written.meant, value) ? written.text : write(value);
  return {
    text,
    wrong: read(text) === null,
    change(next: string) {
      const parsed = read(next);
      setWritten({ text: next, meant: parsed === null ? value : parsed.value });
      if (parsed !== null) onChange(parsed.value);
    },
  };
}

type Members = Record<string, unknown>;

interface MembersFieldProps {
  readonly label: string;
  readonly members: Members | undefined;
  readonly fault: string | null;
  /** @param members undefined: nothing is written */
  readonly onChange: (members: Members | undefined) => void;
}

/** An object, as JSON. */
export function MembersField({ label, members, fault, onChange }: MembersFieldProps) {
  const { text, wrong, change } = useJsonText<Members | undefined>({
    value: members,
    write: (value) => (value === undefined ? '' : JSON.stringify(value, null, 2)),
    read: readObject,
    onChange,
  });
  return (
    <Textarea
      size="xs"
      label={label}
      placeholder='{ "screen": "orders" }'
      autosize
      minRows={2}
      maxRows={14}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      value={text}
      error={wrong ? 'This is no JSON object: what was one is kept' : fault}
      onChange={({ currentTarget: { value } }) => change(value)}
    />
  );
}

interface SampleFieldProps {
  readonly variable: TemplateVariable;
  readonly fault: string | null;
  readonly onChange: (sample: unknown) => void;
}

export function SampleField({ variable: { name, type, sample }, fault, onChange }: SampleFieldProps) {
  const { text, wrong, change } = useJsonText<unknown>({
    value: sample,
    write: (value) => sampleText(type, value),
    read: (written) => readSample(type, written),
    onChange,
  });
  return (
    <TextInput
      aria-label={`Sample of ${name}`}
      value={text}
      error={wrong ? 'This is no JSON' : fault}
      onChange={({ currentTarget: { value } }) => change(value)}
    />
  );
}
