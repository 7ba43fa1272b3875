import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './written-lists.module.css';

interface DraftPartProps {
  readonly title: string;
  readonly locale: string | null;
  /** Whether this language says it itself. */
  readonly own: boolean;
  /** In a word or two, what is said in the other languages. */
  readonly usual: string;
  readonly fault: string | null;
  /** Begins with what the other languages say. */
  readonly onOwn: () => void;
  readonly onUsual: () => void;
  readonly children: ReactNode;
}

/** What belongs together in a channel. A language has it whole or not at all. */
export function DraftPart(props: DraftPartProps) {
  const { title, locale, own, usual, fault, onOwn, onUsual, children } = props;
  const elsewhere = locale !== null && !own;
  return (
    <section className={classes.part} aria-label={title}>
      <div className={classes.partHead}>
        <h2 className={classes.partTitle}>{title}</h2>
        {locale !== null && (
          <Button
            variant="default"
            size="compact-xs"
            aria-label={own ? `${title} as in the other languages` : `${title} of its own for ${locale}`}
            onClick={own ? onUsual : onOwn}
          >
            {own ? 'As in the other languages' : `Of its own for ${locale}`}
          </Button>
        )}
      </div>
      {elsewhere ? <p className={classes.hint}>As in the other languages: {usual}</p> : children}
      {fault !== null && <p className={classes.fault}>{fault}</p>}
    </section>
  );
}
