/** The inputs that conditions and actions are made of. Each keeps what is typed until it can be read. */
import { NativeSelect, NumberInput, TagsInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { readDuration, writeDuration } from '../duration-text.ts';
import { readBytes, writeBytes } from './draft.ts';

interface FieldProps<T> {
  readonly label: string;
  readonly value: T;
  readonly onChange: (value: T) => void;
  readonly error?: string | null;
  readonly description?: string;
  readonly width?: number;
}

interface NumberFieldProps extends FieldProps<number | undefined> {
  readonly min: number;
  readonly max: number;
  /** Said in an empty field, where that means something; else an empty one is at fault. */
  readonly emptyMeans?: string;
  readonly suffix?: string;
  readonly decimals?: number;
}

export function NumberField(props: NumberFieldProps) {
  const { label, value, onChange, error, description, width = 130, min, max, emptyMeans } = props;
  return (
    <NumberInput
      size="xs"
      w={width}
      label={label}
      description={description}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      placeholder={emptyMeans ?? ''}
      value={value === undefined || Number.isNaN(value) ? '' : value}
      min={min}
      max={max}
      clampBehavior="blur"
      allowDecimal={props.decimals !== undefined}
      decimalScale={props.decimals ?? 0}
      suffix={props.suffix ?? ''}
      hideControls
      error={error}
      onChange={(next) => {
        if (typeof next === 'number') onChange(next);
        else if (next === '') onChange(emptyMeans === undefined ? Number.NaN : undefined);
      }}
    />
  );
}

interface ReadFieldProps extends FieldProps<number | undefined> {
  readonly emptyMeans?: string;
  readonly placeholder?: string;
}

/** A text that stands for a number: kept as it is typed, told as the number when it can be read. */
function ReadField({
  label,
  value,
  onChange,
  error,
  description,
  width = 130,
  emptyMeans,
  placeholder,
  read,
  write,
  unreadable,
}: ReadFieldProps & {
  readonly read: (text: string) => number | null;
  readonly write: (value: number) => string;
  readonly unreadable: string;
}) {
  const written = value === undefined || Number.isNaN(value) ? '' : write(value);
  const [text, setText] = useState(written);
  // What is typed stays as it is as long as it says the same.
  const shown = (read(text) ?? Number.NaN) === value || written === '' ? text : written;
  const wrong = shown.trim() !== '' && read(shown) === null;
  return (
    <TextInput
      w={width}
      label={label}
      description={description}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      placeholder={emptyMeans ?? placeholder ?? ''}
      value={shown}
      error={wrong ? unreadable : error}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setText(next);
        const number = read(next);
        onChange(number ?? (next.trim() === '' && emptyMeans !== undefined ? undefined : Number.NaN));
      }}
    />
  );
}

/** `90s`, `5m`, `4h`, `2d`. */
export const DurationField = (props: ReadFieldProps) => (
  <ReadField
    {...props}
    placeholder="5m"
    read={readDuration}
    write={writeDuration}
    unreadable="Write 30s, 5m, 4h or 2d"
  />
);

/** `500 kB`, `10 MB`. */
export const SizeField = (props: ReadFieldProps) => (
  <ReadField
    {...props}
    placeholder="10 MB"
    read={readBytes}
    write={writeBytes}
    unreadable="Write 500 kB or 10 MB"
  />
);

/** A moment of virtual time, as the person's own clock has it. */
export function InstantField({ label, value, onChange, error }: FieldProps<string | undefined>) {
  return (
    <TextInput
      w={210}
      type="datetime-local"
      step={1}
      label={label}
      value={value === undefined ? '' : localText(new Date(value))}
      error={error}
      onChange={(event) => {
        const at = new Date(event.currentTarget.value);
        onChange(Number.isNaN(at.getTime()) ? undefined : at.toISOString());
      }}
    />
  );
}

function localText(at: Date): string {
  const shifted = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return Number.isNaN(shifted.getTime()) ? '' : shifted.toISOString().slice(0, 19);
}

interface ListFieldProps extends FieldProps<readonly string[]> {
  readonly placeholder: string;
  readonly suggestions?: readonly string[];
}

/** Several, of which any one will do. */
export function ListField({ label, value, onChange, error, placeholder, suggestions = [] }: ListFieldProps) {
  return (
    <TagsInput
      size="xs"
      flex={1}
      miw={200}
      aria-label={label}
      placeholder={value.length === 0 ? placeholder : 'or …'}
      splitChars={[',', ';', ' ', '\n']}
      acceptValueOnBlur
      data={[...suggestions]}
      value={[...value]}
      error={error}
      onChange={onChange}
    />
  );
}

interface ChoiceFieldProps<T extends string> extends FieldProps<T> {
  readonly choices: readonly { readonly value: T; readonly label: string }[];
  readonly labelShown?: boolean;
}

export function ChoiceField<T extends string>({
  label,
  value,
  choices,
  onChange,
  error,
  description,
  width = 180,
  labelShown = true,
}: ChoiceFieldProps<T>) {
  return (
    <NativeSelect
      w={width}
      {...(labelShown ? { label } : { 'aria-label': label })}
      description={description}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      value={value}
      data={[...choices]}
      error={error}
      onChange={(event) => {
        const wanted = choices.find((choice) => choice.value === event.currentTarget.value);
        if (wanted !== undefined) onChange(wanted.value);
      }}
    />
  );
}
