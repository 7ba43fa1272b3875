import type { Part } from '../../../core/api/multi-view-schema.ts';
import { formatGap } from '../format.ts';
import { channelWords } from '../users/channel-words.ts';

interface Fallback {
  readonly unreadAfterSeconds: number | null;
  readonly giveUpAfterSeconds: number | null;
}

/** Why a way was tried, told from the one before it. */
export function whyWords(
  { why, step }: Pick<Part, 'why' | 'step'>,
  before: Pick<Part, 'channel'> | null,
  fallback: Fallback | null,
): string {
  const earlier = before === null ? 'the one before' : channelWords[before.channel];
  switch (why) {
    case 'first':
      return 'It is the first choice.';
    case 'all':
      return 'All channels go at once.';
    case 'undeliverable':
      return `Next, for ${earlier} could not deliver it.`;
    case 'unread':
      return `Next, for nobody read it by ${earlier}${within(fallback?.unreadAfterSeconds ?? null)}.`;
    case 'given_up':
      return `Next, for ${earlier} had not delivered it${within(fallback?.giveUpAfterSeconds ?? null)}.`;
    default:
      return `Way ${step satisfies number}.`;
  }
}

const within = (seconds: number | null): string =>
  seconds === null ? ' in time' : ` within ${formatGap(seconds * 1_000)}`;

/** `push, then SMS, then mail`; `push and SMS at once`. */
export function routeWords(channels: readonly Part['channel'][], routing: 'first' | 'all'): string {
  const words = channels.map((channel) => channelWords[channel]);
  return routing === 'first' ? words.join(', then ') : `${words.join(' and ')} at once`;
}
