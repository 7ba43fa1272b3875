import type { ReactNode } from 'react';
import classes from './push-settings.module.css';

/** One provider's part of the section. */
export function PushPart({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={classes.part} aria-label={title}>
      <h3 className={classes.heading}>{title}</h3>
      {children}
    </section>
  );
}
