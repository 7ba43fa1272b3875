import { IconAlertTriangle } from '@tabler/icons-react';
import type { MessageProblem } from '../../../core/api/schema.ts';
import classes from './banner.module.css';

/** What is wrong with the message as it came, each thing by name. It is stored and shown all the same. */
export function ProblemBanner({ problems }: { readonly problems: readonly MessageProblem[] }) {
  if (problems.length === 0) return null;
  return (
    <section className={classes.banner} aria-label="Problems of this message">
      <IconAlertTriangle size={16} aria-hidden />
      <ul className={classes.list}>
        {problems.map((problem) => (
          <li key={`${problem.code} ${problem.detail}`}>
            <code className={classes.code}>{problem.code}</code> {problem.detail}
          </li>
        ))}
      </ul>
    </section>
  );
}
