import { TextInput } from '@mantine/core';
import { IconFilter } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './filter-bar.module.css';

interface FilterBarProps {
  /** What it filters: “Filter domains”. */
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  /** What else narrows the list, or adds to it. */
  readonly children?: ReactNode;
}

/** The line above a list: its filter, and what belongs beside it. */
export function FilterBar({ label, value, onChange, children }: FilterBarProps) {
  return (
    <div className={classes.bar}>
      <TextInput
        className={classes.filter ?? ''}
        placeholder={label}
        aria-label={label}
        leftSection={<IconFilter size={14} aria-hidden />}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {children}
    </div>
  );
}
