/**
 * Magic users: an in-app message to `anna+offline` or `anna+offline@shop.example` needs no set-up, and neither does the app
 * that pulls as that user. What stands behind a `+` and is no word of this card belongs to the id like the rest of it. Pure.
 */
import type { MagicTag } from './magic.ts';
import type { Action, ActionKind, InAppMoment } from './schema.ts';

/** One line of the card: what can be written behind the plus, and what becomes of it. */
export interface MagicUserWord {
  readonly form: string;
  readonly example: string;
  readonly does: string;
  readonly kind: ActionKind;
}

export const magicUserWords: readonly MagicUserWord[] = [
  {
    form: 'empty',
    example: 'anna+empty',
    kind: 'empty',
    does: 'pulls an empty page though messages wait, and has nothing to display',
  },
  {
    form: 'stale',
    example: 'anna+stale',
    kind: 'stale',
    does: 'gets the queue as it was at the first pull: 304 though something is new, as from a cache',
  },
  {
    form: 'slow',
    example: 'anna+slow',
    kind: 'delay',
    does: 'waits 3 seconds for each answer, in real time',
  },
  {
    form: 'drop[-xN]',
    example: 'anna+drop-x2',
    kind: 'disconnect',
    does: 'finds each page cut in its middle, before anything is shown (N times when it is said)',
  },
  {
    form: 'offline[-N(s|m|h)]',
    example: 'anna+offline-10m',
    kind: 'offline',
    does: 'loses the net at the first pull, for 1 minute of virtual time when nothing is said, and comes back',
  },
  {
    form: 'duplicate[-xN]',
    example: 'anna+duplicate-x3',
    kind: 'duplicate',
    does: 'gets each entry and each realtime event N times (twice when nothing is said)',
  },
  {
    form: 'shuffle',
    example: 'anna+shuffle',
    kind: 'shuffle',
    does: 'gets pages out of order, and the second best to display',
  },
  {
    form: 'answer-STATUS[-xN]',
    example: 'anna+answer-503-x2',
    kind: 'answer',
    does: 'is answered with that status whenever its client asks (N times when it is said): 401, 403, 429, 500, 503 …',
  },
  {
    form: 'lost',
    example: 'anna+lost',
    kind: 'blackHole',
    does: 'is thanked for impressions and clicks, and none of them is kept',
  },
  {
    form: 'polling',
    example: 'anna+polling',
    kind: 'refuseConnection',
    does: 'gets no realtime connection, and has to poll',
  },
  {
    form: 'reconnect',
    example: 'anna+reconnect',
    kind: 'goAway',
    does: 'has its realtime connection ended at once, and is told to come back in 2 seconds',
  },
  {
    form: 'hold',
    example: 'anna+hold',
    kind: 'hold',
    does: 'has its messages held until somebody releases them',
  },
  {
    form: 'delay-N(s|m|h|d)',
    example: 'anna+delay-10m',
    kind: 'delay',
    does: 'can pull its messages only so much later, in virtual time',
  },
  {
    form: 'expire[-N(s|m|h|d)]',
    example: 'anna+expire',
    kind: 'expire',
    does: 'has its messages expire after 1 minute of virtual time when nothing is said',
  },
  {
    form: 'blackhole',
    example: 'anna+blackhole',
    kind: 'blackHole',
    does: 'never gets what was accepted for it',
  },
];

const tagsMax = 16;
const timesMax = 100;
const copiesMax = 10;
const slowMs = 3_000;
const minuteMs = 60_000;
const comeBackMs = 2_000;
const spanMsMax = 30 * 86_400_000;
const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Told by one look: every pull comes by here. */
export function isMagicUser(user: string): boolean {
  return user.indexOf('+') > 0 && magicUserOf(user).length > 0;
}

/** @returns what the id asks for, in the order written; empty for all but magic ones */
export function magicUserOf(user: string): readonly MagicTag[] {
  const plus = user.indexOf('+');
  if (plus < 1) return nothing;
  const at = user.indexOf('@', plus);
  return user
    .slice(plus + 1, at < 0 ? user.length : at)
    .split('+', tagsMax)
    .flatMap((word) => tagOf(word) ?? []);
}

function tagOf(word: string): MagicTag | null {
  const lower = word.toLowerCase();
  const tag = (
    action: Action,
    moments: readonly InAppMoment[] | null = null,
    times: number | null = null,
  ): MagicTag => ({
    // Apart from a mail address with the same word: what it is called by is what it is remembered by.
    label: `…+${lower}`,
    stage: 'farSide',
    action,
    times,
    ...(moments === null ? {} : { moments }),
  });
  switch (lower) {
    case 'empty':
      return tag({ do: 'empty' });
    case 'stale':
      return tag({ do: 'stale' });
    case 'slow':
      return tag({ do: 'delay', ms: slowMs }, ['pull', 'display', 'track']);
    case 'shuffle':
      return tag({ do: 'shuffle' });
    case 'lost':
      return tag({ do: 'blackHole' }, ['track']);
    case 'polling':
      return tag({ do: 'refuseConnection', how: 'reset', code: 554, text: 'No realtime here' }, ['realtime']);
    case 'reconnect':
      return tag({ do: 'goAway', reason: 'reconnect', answered: false, retryAfterMs: comeBackMs });
    case 'hold':
      return tag({ do: 'hold' });
    case 'blackhole':
      return tag({ do: 'blackHole' });
    default:
      break;
  }
  const [, name = '', rest = ''] =
    /^(drop|offline|duplicate|answer|delay|expire)((?:-[a-z0-9]+)*)$/.exec(lower) ?? [];
  const parts = rest === '' ? [] : rest.slice(1).split('-');
  const [first, second, third] = parts;
  switch (name) {
    case 'drop': {
      const times = first === undefined ? null : timesOf(first);
      return (first !== undefined && times === null) || second !== undefined
        ? null
        : tag({ do: 'disconnect', at: 'midData' }, ['pull'], times);
    }
    case 'duplicate': {
      const copies = first === undefined ? 2 : (timesOf(first) ?? 0);
      return copies < 2 || copies > copiesMax || second !== undefined
        ? null
        : tag({ do: 'duplicate', copies });
    }
    case 'answer': {
      const status = /^[45]\d\d$/.test(first ?? '') ? Number(first) : null;
      const times = second === undefined ? null : timesOf(second);
      return status === null || (second !== undefined && times === null) || third !== undefined
        ? null
        : tag(
            { do: 'answer', reason: 'magic', status, ...(status === 429 ? { retryAfterS: 2 } : {}) },
            ['pull', 'display', 'track', 'realtime'],
            times,
          );
    }
    case 'offline':
    case 'expire':
    case 'delay': {
      if (second !== undefined || (first === undefined && name === 'delay')) return null;
      const ms = first === undefined ? minuteMs : spanOf(first);
      if (ms === null) return null;
      if (name === 'offline') return tag({ do: 'offline', forMs: ms }, null, 1);
      return name === 'delay' ? tag({ do: 'delay', ms }) : tag({ do: 'expire', afterMs: ms });
    }
    default:
      return null;
  }
}

function timesOf(part: string): number | null {
  const times = Number(/^x(\d{1,3})$/.exec(part)?.[1] ?? Number.NaN);
  return times >= 1 && times <= timesMax ? times : null;
}

function spanOf(part: string): number | null {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(part) ?? [];
  const ms = Number(amount) * (unitMs[unit ?? ''] ?? Number.NaN);
  return ms >= 1 && ms <= spanMsMax ? ms : null;
}

const nothing: readonly MagicTag[] = [];
