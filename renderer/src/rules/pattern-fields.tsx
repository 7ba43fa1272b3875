import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { ChoiceField } from './fields.tsx';
import classes from './rule-editor.module.css';
import type { Conditions } from './rule-words.ts';

export type TextPattern = Exclude<Conditions['body'], undefined | readonly unknown[]>;

const ways = [
  { value: 'contains', label: 'contains' },
  { value: 'equals', label: 'is' },
  { value: 'startsWith', label: 'begins with' },
  { value: 'endsWith', label: 'ends with' },
  { value: 'like', label: 'is like (* and ?)' },
  { value: 'matches', label: 'matches (RE2)' },
] as const;
type Way = (typeof ways)[number]['value'];

/** One way to look at a text, and what for. */
export function PatternField({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: TextPattern;
  readonly onChange: (value: TextPattern) => void;
}) {
  const { way, text } = taken(value);
  return (
    <>
      <ChoiceField
        label={`${label}: how`}
        labelShown={false}
        width={140}
        value={way}
        choices={ways}
        onChange={(next) => onChange(made(next, text))}
      />
      <TextInput
        flex={1}
        miw={140}
        aria-label={label}
        placeholder={way === 'matches' ? '^Re: \\d+' : way === 'like' ? 'Invoice *' : 'invoice'}
        {...(way === 'matches' ? { ff: 'monospace' } : {})}
        value={text}
        onChange={(event) => onChange(made(way, event.currentTarget.value))}
      />
    </>
  );
}

/** Several patterns, of which any one will do. */
export function PatternList({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: readonly TextPattern[];
  readonly onChange: (value: readonly TextPattern[]) => void;
}) {
  return (
    <div className={classes.stack}>
      {value.map((pattern, index) => (
        <div key={index} className={classes.line}>
          {index > 0 && <span className={classes.or}>or</span>}
          <PatternField
            label={label}
            value={pattern}
            onChange={(next) => onChange(value.with(index, next))}
          />
          {value.length > 1 && (
            <ActionIcon
              size={24}
              aria-label={`Take out ${label} ${index + 1}`}
              onClick={() => onChange(value.toSpliced(index, 1))}
            >
              <IconX size={13} aria-hidden />
            </ActionIcon>
          )}
        </div>
      ))}
      <Another label={`Another ${label.toLowerCase()}`} onClick={() => onChange([...value, ''])} />
    </div>
  );
}

export function Another({ label, onClick }: { readonly label: string; readonly onClick: () => void }) {
  return (
    <Button
      variant="subtle"
      color="gray"
      size="compact-xs"
      className={classes.another ?? ''}
      leftSection={<IconPlus size={12} aria-hidden />}
      aria-label={label}
      onClick={onClick}
    >
      or
    </Button>
  );
}

function taken(pattern: TextPattern): { readonly way: Way; readonly text: string } {
  if (typeof pattern === 'string') return { way: 'contains', text: pattern };
  if ('equals' in pattern) return { way: 'equals', text: pattern.equals };
  if ('startsWith' in pattern) return { way: 'startsWith', text: pattern.startsWith };
  if ('endsWith' in pattern) return { way: 'endsWith', text: pattern.endsWith };
  if ('like' in pattern) return { way: 'like', text: pattern.like };
  return { way: 'matches', text: pattern.matches };
}

function made(way: Way, text: string): TextPattern {
  switch (way) {
    case 'contains':
      return text;
    case 'equals':
      return { equals: text };
    case 'startsWith':
      return { startsWith: text };
    case 'endsWith':
      return { endsWith: text };
    case 'like':
      return { like: text };
    case 'matches':
      return { matches: text };
  }
}
