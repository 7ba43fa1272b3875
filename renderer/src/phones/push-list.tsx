import { IconMailShare } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useId, useState } from 'react';
import type { PhonePush } from '../../../core/api/phones-schema.ts';
import { formatWhenExactly } from '../format.ts';
import { appName } from './app-names.ts';
import { noteTitle } from './lock-stacks.ts';
import { providerNames, pushLine } from './phone-words.ts';
import classes from './push-list.module.css';

interface PushListProps {
  readonly title: string;
  /** What it means that they are in this list. */
  readonly meaning: string;
  readonly pushes: readonly PhonePush[];
  readonly nowMs: number;
}

const shownMax = 8;

/** Pushes that are not on the lock screen, and why. */
export function PushList({ title, meaning, pushes, nowMs }: PushListProps) {
  const id = useId();
  const [amount, setAmount] = useState<'few' | 'all'>('few');
  if (pushes.length === 0) return null;
  const shown = amount === 'all' ? pushes : pushes.slice(0, shownMax);
  return (
    <section className={classes.section} aria-labelledby={id}>
      <h2 className={classes.heading} id={id}>
        {title} <span className={classes.count}>{pushes.length}</span>
      </h2>
      <p className={classes.meaning}>{meaning}</p>
      <ul className={classes.list}>
        {shown.map((push) => (
          <li key={push.id} className={classes.push}>
            <div className={classes.top}>
              <span className={classes.title}>{noteTitle(push.content)}</span>
              <span className={classes.app}>
                {appName(push.app)} · {providerNames[push.provider]}
              </span>
              <time className={classes.when} dateTime={push.receivedAt}>
                {formatWhenExactly(push.receivedAt, new Date(nowMs))}
              </time>
              <Link
                to="/messages/$id"
                params={{ id: push.messageId }}
                search={{
                  tab: 'journey',
                  ...(push.deliveryId === null ? {} : { delivery: push.deliveryId }),
                }}
                className={classes.link}
                title="Show the message"
                aria-label={`Show the message of “${noteTitle(push.content)}”`}
              >
                <IconMailShare size={14} aria-hidden />
              </Link>
            </div>
            <p className={classes.why}>{pushLine(push, nowMs)}</p>
          </li>
        ))}
      </ul>
      {pushes.length > shown.length && (
        <button type="button" className={classes.more} onClick={() => setAmount('all')}>
          and {pushes.length - shown.length} more
        </button>
      )}
    </section>
  );
}
