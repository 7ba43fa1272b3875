import { IconMoon, IconPlaneTilt, IconWifi } from '@tabler/icons-react';
import { useState } from 'react';
import type { Platform } from '../../../core/model/phone.ts';
import { AppIcon } from './app-icon.tsx';
import { appName } from './app-names.ts';
import classes from './lock-screen.module.css';
import { type LockNote, type LockStack, noteTitle, stacksOf } from './lock-stacks.ts';
import { type NoteActs, NotificationCard } from './notification-card.tsx';

interface LockScreenProps {
  /** Names it for who does not see it. */
  readonly label: string;
  readonly platform: Platform;
  readonly online: boolean;
  /** Virtual. */
  readonly nowMs: number;
  readonly notes: readonly LockNote[];
  /** What is installed, with the number on each icon. */
  readonly icons: readonly { readonly app: string; readonly badge: number }[];
  readonly acts?: NoteActs;
  /** Said where nothing is shown. */
  readonly empty?: string;
  /** `short`: where several stand side by side. */
  readonly size?: 'whole' | 'short';
}

/** What a device's screen shows while it is locked; of a browser, the corner of the desktop. */
export function LockScreen(props: LockScreenProps) {
  const { label, platform, online, nowMs, notes, icons, acts = null, empty = '', size = 'whole' } = props;
  return (
    <section className={classes.device} data-platform={platform} data-size={size} aria-label={label}>
      <div className={classes.screen}>
        <StatusBar platform={platform} online={online} nowMs={nowMs} />
        {platform !== 'browser' && <BigClock nowMs={nowMs} />}
        {notes.length === 0 && <p className={classes.empty}>{empty}</p>}
        <ul className={classes.stacks} aria-label="Notifications">
          {stacksOf(notes, platform).map((stack) => (
            <Stack key={stack.key} stack={stack} platform={platform} nowMs={nowMs} acts={acts} />
          ))}
        </ul>
        <div className={classes.space} />
        {icons.length > 0 && (
          <ul className={classes.dock} aria-label={platform === 'browser' ? 'Pages' : 'Apps'}>
            {icons.slice(0, iconsShownMax).map(({ app, badge }) => (
              <li key={app} title={app}>
                <AppIcon app={app} size={40} shape={platform === 'ios' ? 'rounded' : 'round'} badge={badge} />
                <span className={classes.appName}>{appName(app)}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}

const iconsShownMax = 8;

interface StackProps {
  readonly stack: LockStack;
  readonly platform: Platform;
  readonly nowMs: number;
  readonly acts: NoteActs | null;
}

function Stack({ stack, platform, nowMs, acts }: StackProps) {
  const [state, setState] = useState<'stacked' | 'spread'>('stacked');
  const { newest, older } = stack;
  const count = older.length + 1;
  const card = (note: LockNote) => (
    <NotificationCard key={note.id} note={note} platform={platform} nowMs={nowMs} acts={acts} />
  );
  return (
    <li className={classes.stack} data-state={older.length === 0 ? 'single' : state}>
      {card(newest)}
      {state === 'spread' && older.map(card)}
      {older.length > 0 && (
        <button
          type="button"
          className={classes.more}
          aria-expanded={state === 'spread'}
          aria-label={
            state === 'spread'
              ? `Stack the ${count} of ${appName(newest.app)} again`
              : `Show all ${count} of ${appName(newest.app)}, under ${noteTitle(newest.content)}`
          }
          onClick={() => setState(state === 'spread' ? 'stacked' : 'spread')}
        >
          {state === 'spread' ? 'Show less' : `${older.length} more`}
        </button>
      )}
    </li>
  );
}

function StatusBar({
  platform,
  online,
  nowMs,
}: {
  readonly platform: Platform;
  readonly online: boolean;
  readonly nowMs: number;
}) {
  return (
    <div className={classes.status}>
      <span>{platform === 'browser' ? dayOf(nowMs) : platform === 'ios' ? 'Sandpost' : timeOf(nowMs)}</span>
      <span className={classes.space} />
      {online ? (
        <IconWifi size={14} role="img" aria-label="online" />
      ) : (
        <span className={classes.offline}>
          {platform === 'browser' ? (
            <IconMoon size={13} aria-hidden />
          ) : (
            <IconPlaneTilt size={13} aria-hidden />
          )}
          {platform === 'browser' ? 'closed' : 'offline'}
        </span>
      )}
      {platform === 'browser' && <span>{timeOf(nowMs)}</span>}
    </div>
  );
}

function BigClock({ nowMs }: { readonly nowMs: number }) {
  return (
    <time className={classes.clock} dateTime={new Date(nowMs).toISOString()}>
      <span className={classes.day}>{dayOf(nowMs)}</span>
      <span className={classes.time}>{timeOf(nowMs)}</span>
    </time>
  );
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

function timeOf(nowMs: number): string {
  const now = new Date(nowMs);
  return `${twoDigits(now.getHours())}:${twoDigits(now.getMinutes())}`;
}

const dayOf = (nowMs: number): string =>
  new Date(nowMs).toLocaleDateString(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
