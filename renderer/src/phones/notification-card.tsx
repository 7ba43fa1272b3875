import { IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Platform } from '../../../core/model/phone.ts';
import type { PushContent } from '../../../core/model/push.ts';
import { AppIcon } from './app-icon.tsx';
import { appName } from './app-names.ts';
import { agoWords, type LockNote, noteTitle } from './lock-stacks.ts';
import classes from './notification-card.module.css';
import { Picture } from './picture.tsx';

/** What the device's user can do with it. */
export interface NoteActs {
  readonly onTap: (note: LockNote, action: string | null) => void;
  readonly onDismiss: (note: LockNote) => void;
}

interface NotificationCardProps {
  readonly note: LockNote;
  readonly platform: Platform;
  readonly nowMs: number;
  /** Null: it is looked at only. */
  readonly acts: NoteActs | null;
}

/** One notification, as its platform lays it out. */
export function NotificationCard({ note, platform, nowMs, acts }: NotificationCardProps) {
  const { content, app, messageId } = note;
  const { image, actions } = content;
  return (
    <div className={classes.card} data-platform={platform}>
      <Main label={`Tap ${noteTitle(content)}`} onTap={acts === null ? null : () => acts.onTap(note, null)}>
        {platform === 'ios' ? (
          <IosWords app={app} content={content} when={agoWords(note.at, nowMs)} />
        ) : (
          <OtherWords app={app} content={content} when={agoWords(note.at, nowMs)} platform={platform} />
        )}
      </Main>
      {acts !== null && (
        <button
          type="button"
          className={classes.dismiss}
          aria-label={`Dismiss ${noteTitle(content)}`}
          title="Dismiss"
          onClick={() => acts.onDismiss(note)}
        >
          <IconX size={12} aria-hidden />
        </button>
      )}
      {image !== null && (
        <div className={classes.picture}>
          <Picture messageId={messageId} url={image} />
        </div>
      )}
      {actions.length > 0 && (
        <div className={classes.actions}>
          {actions.map(({ id, title }) =>
            acts === null ? (
              <span key={id} className={classes.action}>
                {title}
              </span>
            ) : (
              <button key={id} type="button" className={classes.action} onClick={() => acts.onTap(note, id)}>
                {title}
              </button>
            ),
          )}
        </div>
      )}
    </div>
  );
}

function Main({
  label,
  onTap,
  children,
}: {
  readonly label: string;
  readonly onTap: (() => void) | null;
  readonly children: ReactNode;
}) {
  if (onTap === null) return <div className={classes.main}>{children}</div>;
  return (
    <button type="button" className={classes.main} aria-label={label} onClick={onTap}>
      {children}
    </button>
  );
}

interface WordsProps {
  readonly app: string;
  readonly content: PushContent;
  readonly when: string;
}

const levels: Readonly<Record<PushContent['interruption'], string | null>> = {
  passive: null,
  active: null,
  'time-sensitive': 'Time Sensitive',
  critical: 'Critical Alert',
};

function IosWords({ app, content, when }: WordsProps) {
  const { title, subtitle, body, interruption } = content;
  const level = levels[interruption];
  return (
    <>
      <AppIcon app={app} size={36} shape="rounded" />
      <span className={classes.words}>
        {level !== null && <span className={classes.level}>{level}</span>}
        <span className={classes.top}>
          <span className={classes.title}>{title ?? appName(app)}</span>
          <span className={classes.when}>{when}</span>
        </span>
        {subtitle !== null && <span className={classes.subtitle}>{subtitle}</span>}
        {body !== null && <span className={classes.body}>{body}</span>}
      </span>
    </>
  );
}

function OtherWords({ app, content, when, platform }: WordsProps & { readonly platform: Platform }) {
  const { title, body } = content;
  return (
    <>
      <AppIcon app={app} size={platform === 'android' ? 24 : 32} shape="round" />
      <span className={classes.words}>
        <span className={classes.source}>
          <span className={classes.app}>{appName(app)}</span>
          <span aria-hidden> · </span>
          <span className={classes.when}>{when}</span>
        </span>
        {title !== null && <span className={classes.title}>{title}</span>}
        {body !== null && <span className={classes.body}>{body}</span>}
      </span>
    </>
  );
}
