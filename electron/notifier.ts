/** Tells of messages as the preferences ask for: by rule, quiet in focus, and not more than a person can read. */
import type { ArrivedMessage, ShellPreferences } from './bridge.ts';
import { wantsNotification } from './notification-rules.ts';

const windowMs = 60_000;

export interface ShownNotification {
  readonly title: string;
  readonly body: string;
  readonly messageId: string | null;
}

export interface Notifier {
  /** @param more how many came besides, of which only the number is known */
  announce(messages: readonly ArrivedMessage[], more: number): void;
  /** Something of which no rule speaks. */
  tell(notification: ShownNotification): void;
}

export interface NotifierOptions {
  readonly preferences: () => ShellPreferences;
  readonly focused: () => boolean;
  readonly show: (notification: ShownNotification) => void;
  readonly after: (delayMs: number, run: () => void) => void;
}

export function createNotifier({ preferences, focused, show, after }: NotifierOptions): Notifier {
  let shownCount = 0;
  let held = { matching: 0, unseen: 0 };
  let counting = false;

  const quiet = () => {
    const { notifications, notificationsPaused, quietInFocus } = preferences();
    return notifications === 'none' || notificationsPaused || (quietInFocus && focused());
  };
  const count = () => {
    if (counting) return;
    counting = true;
    after(windowMs, endMinute);
  };
  const endMinute = () => {
    const { matching, unseen } = held;
    counting = false;
    shownCount = 0;
    held = { matching: 0, unseen: 0 };
    if (matching + unseen === 0 || quiet()) return;
    show({ title: moreWords(matching, unseen), body: '', messageId: null });
    shownCount = 1;
    count();
  };
  const showOrHold = (notification: ShownNotification) => {
    count();
    if (shownCount < preferences().notificationsPerMinuteMax) {
      shownCount += 1;
      show(notification);
    } else {
      held = { ...held, matching: held.matching + 1 };
    }
  };
  return {
    announce(messages, more) {
      if (quiet()) return;
      const choice = preferences();
      for (const message of messages) if (wantsNotification(choice, message)) showOrHold(wordsOf(message));
      if (more === 0) return;
      count();
      held =
        choice.notifications === 'all'
          ? { ...held, matching: held.matching + more }
          : { ...held, unseen: held.unseen + more };
    },
    tell(notification) {
      if (!quiet()) showOrHold(notification);
    },
  };
}

function wordsOf({ id, subject, from, recipients }: ArrivedMessage): ShownNotification {
  return {
    title: subject === '' ? '(no subject)' : subject,
    body: `${from === '' ? 'no sender' : from} → ${recipients.join(', ')}`,
    messageId: id,
  };
}

/** Messages that came too fast were never held against the rules. */
function moreWords(matching: number, unseen: number): string {
  const words = (count: number) => (count === 1 ? '1 more message' : `${count} more messages`);
  if (unseen === 0) return words(matching);
  const fast = `${unseen} came too fast to look at`;
  return matching === 0 ? `${words(unseen)}, too fast to look at` : `${words(matching)}; ${fast}`;
}
