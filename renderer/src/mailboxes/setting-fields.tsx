import { NativeSelect, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';

interface ChoiceFieldProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly choices: readonly { readonly value: T; readonly label: string; readonly consequence: string }[];
  readonly onChange: (value: T) => void;
}

/** One of several, with what the chosen one leads to. */
export function ChoiceField<T extends string>({ label, value, choices, onChange }: ChoiceFieldProps<T>) {
  return (
    <NativeSelect
      label={label}
      description={choices.find((choice) => choice.value === value)?.consequence}
      inputWrapperOrder={['label', 'input', 'description']}
      value={value}
      data={choices.map((choice) => ({ value: choice.value, label: choice.label }))}
      onChange={(event) => {
        const wanted = choices.find((choice) => choice.value === event.currentTarget.value);
        if (wanted !== undefined) onChange(wanted.value);
      }}
    />
  );
}

interface NumberFieldProps {
  readonly label: string;
  readonly consequence: string;
  /** Null: empty, where that means something. */
  readonly value: number | null;
  readonly min: number;
  readonly max: number;
  readonly emptyMeans?: string;
  readonly disabled?: boolean;
  readonly onSave: (value: number | null) => void;
}

/** A number that is kept when the field is left, or with Enter. */
export function NumberField(props: NumberFieldProps) {
  const { label, consequence, value, min, max, emptyMeans, disabled = false, onSave } = props;
  const kept = value === null ? '' : String(value);
  const [text, setText] = useState(kept);
  useEffect(() => setText(kept), [kept]);
  const wanted = numberOf(text, min, max, emptyMeans !== undefined);
  const save = () => {
    if (wanted !== 'wrong' && wanted !== value) onSave(wanted);
  };
  return (
    <TextInput
      label={label}
      description={consequence}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      inputMode="numeric"
      placeholder={emptyMeans ?? ''}
      disabled={disabled}
      value={text}
      error={wanted === 'wrong' ? `A whole number from ${min} to ${max}` : null}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.key === 'Enter') save();
        if (event.key === 'Escape') setText(kept);
      }}
    />
  );
}

/** @returns null for an empty text where that is allowed */
export function numberOf(
  text: string,
  min: number,
  max: number,
  mayBeEmpty: boolean,
): number | null | 'wrong' {
  if (text.trim() === '') return mayBeEmpty ? null : 'wrong';
  const number = Number(text);
  return Number.isInteger(number) && number >= min && number <= max ? number : 'wrong';
}
