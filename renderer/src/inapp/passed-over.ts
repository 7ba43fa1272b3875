/** Which messages a device does not show, and why: the door's last answer to it, and what became of its choice since. Pure. */
import type { DemoState } from '../../../client/inapp/demo/demo.ts';
import type { InAppMessage } from '../api/inapp.ts';
import { titleOf } from './in-app-words.ts';

export type PassedOver = DemoState['passedOver'][number];

/** The app asks again at the next page, event or message; until then what it was given is told by the queue. */
export function passedOverNow(
  { passedOver, shown }: Pick<DemoState, 'passedOver' | 'shown'>,
  messages: readonly InAppMessage[],
): readonly PassedOver[] {
  const displayed = new Set(shown);
  const answered = passedOver.filter(({ id }) => !displayed.has(id));
  const known = new Set([...shown, ...answered.map(({ id }) => id)]);
  const since = messages.flatMap((message): readonly PassedOver[] => {
    if (known.has(message.id) || message.state === 'canceled') return [];
    const why = overSince(message);
    return why === null ? [] : [{ id: message.id, title: titleOf(message), ...why }];
  });
  return [...answered, ...since];
}

/** Of one that was handed out: what keeps it from being handed out once more. */
function overSince(message: InAppMessage): Pick<PassedOver, 'reason' | 'detail'> | null {
  const { display, dismissedAt, archivedAt, impressions, impressionsAt, seenAt, state } = message;
  if (state === 'expired') return { reason: 'expired', detail: 'It is over.' };
  if (archivedAt !== null) return { reason: 'archived', detail: `The user archived it at ${archivedAt}.` };
  if (dismissedAt !== null && display.frequency !== 'always')
    return { reason: 'dismissed', detail: `The user dismissed it at ${dismissedAt}.` };
  const last = impressionsAt.at(-1) ?? seenAt;
  if (display.frequency === 'once' && impressions > 0 && last !== null)
    return { reason: 'already_shown', detail: `It is shown once, and was at ${last}.` };
  return null;
}
