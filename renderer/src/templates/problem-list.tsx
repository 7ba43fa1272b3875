import { UnstyledButton } from '@mantine/core';
import type { Fault } from '../api/faults.ts';
import { type Place, placeOf } from './problem-places.ts';
import classes from './templates-room.module.css';

interface ProblemListProps {
  readonly label: string;
  readonly tone: 'bad' | 'warn';
  readonly all: readonly Fault[];
  readonly onGo: (place: Place) => void;
}

/** What is wrong or odd, each with the way to where it is mended. */
export function ProblemList({ label, tone, all, onGo }: ProblemListProps) {
  if (all.length === 0) return null;
  return (
    <section className={classes.problems} data-tone={tone} aria-label={label}>
      <strong>{label}</strong>
      <ul>
        {all.map(({ field, detail }) => (
          <li key={`${field} ${detail}`}>
            <UnstyledButton className={classes.place ?? ''} onClick={() => onGo(placeOf(field))}>
              <code>{field}</code>
            </UnstyledButton>
            : {detail}
          </li>
        ))}
      </ul>
    </section>
  );
}
