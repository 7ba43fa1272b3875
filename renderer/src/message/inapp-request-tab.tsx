import { useQuery } from '@tanstack/react-query';
import type { MessageDetail } from '../../../core/api/schema.ts';
import { rawQuery } from '../api/messages.ts';
import { displayRules, kindWords, lifeWords } from '../inapp/in-app-words.ts';
import { HeadersTab } from './headers-tab.tsx';
import classes from './inapp-request-tab.module.css';
import { bodyFields } from './request-fields.ts';

/** What the request asked for: when it is shown in words, then each field of it. */
export function InAppRequestTab({ message }: { readonly message: MessageDetail }) {
  const { inapp } = message;
  const bytes = useQuery(rawQuery(message.id)).data;
  const fields =
    bytes === undefined ? [] : (bodyFields(new TextDecoder().decode(bytes), 'application/json') ?? []);
  const life = inapp === null ? null : (lifeWords(inapp.ttlSeconds, inapp.expiresAt) ?? 'for good');
  return (
    <div className={classes.tab}>
      {inapp !== null && (
        <p className={classes.words}>
          Shown as <b>{kindWords[inapp.display.kind]}</b>: {displayRules(inapp.display).join('; ')}. Priority{' '}
          {inapp.priority}; to be had {life}
          {inapp.saveToInbox ? '; stays in the inbox.' : '; not in the inbox.'}
        </p>
      )}
      <HeadersTab headers={fields} meaningOf={meaningOf} />
    </div>
  );
}

const meanings: Readonly<Record<string, string>> = {
  priority: '0 to 1000: of those that may be shown the highest is, and of equal ones the oldest.',
  saveToInbox: 'Whether it stays in the feed after it was shown.',
  'display.kind': 'How it is shown: a pop-up, a banner, a part of the page, or in the feed alone.',
  'display.frequency': 'How often: always, until it is dismissed, or once ever.',
  'display.trigger': 'The event that it answers to; without one it answers to a visit.',
  'display.maxPerWeek': 'Impressions in any seven days, at the most.',
  'display.minIntervalS': 'Seconds since the user was last shown any message, at the least.',
  'display.oncePerSession': 'Not a second time in one session of the client.',
  'display.slot': 'Where on the page it stands.',
};

const meaningOf = (name: string): string | null => meanings[name] ?? null;
