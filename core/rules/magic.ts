/**
 * Magic addresses: `jane+defer-421-x2+spam@…` needs no set-up. Whatever stands behind a `+` and is no word of this card is
 * a sub-address like any other (RFC 5233), and is left alone. Pure.
 */
import type { Action, ActionKind, InAppMoment, Stage } from './schema.ts';

export interface MagicTag {
  /** As it was written, of an address with its plus. */
  readonly label: string;
  readonly stage: Stage;
  readonly action: Action;
  /** So many tries of each message, then it goes on; null: every time. */
  readonly times: number | null;
  /** Of a user: at which moments of the in-app door; left out: those that are usual for the action. */
  readonly moments?: readonly InAppMoment[];
}

/** One line of the card: what can be written, and what becomes of it. */
export interface MagicWord {
  readonly form: string;
  readonly example: string;
  readonly stage: Stage;
  readonly does: string;
  readonly kind: ActionKind;
}

export const magicWords: readonly MagicWord[] = [
  {
    form: 'bounce[-CODE][-ENHANCED]',
    example: 'jane+bounce-550-5.1.1@gmail.com',
    stage: 'farSide',
    kind: 'reject',
    does: 'is refused for good at RCPT; 550 5.1.1 when nothing is said',
  },
  {
    form: 'defer[-CODE][-ENHANCED][-xN]',
    example: 'jane+defer-421-x3@gmail.com',
    stage: 'farSide',
    kind: 'defer',
    does: 'is put off N times (451 4.2.0 and every time when nothing is said), then it goes on',
  },
  {
    form: 'hold',
    example: 'jane+hold@gmail.com',
    stage: 'farSide',
    kind: 'hold',
    does: 'is held in the queue until somebody releases it',
  },
  {
    form: 'inbox | promotions | updates | spam',
    example: 'jane+spam@gmail.com',
    stage: 'farSide',
    kind: 'place',
    does: 'gets there, whatever the filter says',
  },
  {
    form: 'oob[-CODE][-ENHANCED]',
    example: 'jane+oob-550-5.1.1@gmail.com',
    stage: 'farSide',
    kind: 'bounceLater',
    does: 'is accepted and bounces two minutes later (out of band)',
  },
  {
    form: 'complain',
    example: 'jane+complain@yahoo.com',
    stage: 'farSide',
    kind: 'complain',
    does: 'is reported as spam ten minutes later',
  },
  {
    form: 'autoreply',
    example: 'jane+autoreply@gmail.com',
    stage: 'farSide',
    kind: 'autoReply',
    does: 'is answered by an absent owner',
  },
  {
    form: 'blackhole',
    example: 'jane+blackhole@gmail.com',
    stage: 'farSide',
    kind: 'blackHole',
    does: 'is accepted and lost, without a word',
  },
  {
    form: 'duplicate[-xN]',
    example: 'jane+duplicate-x3@gmail.com',
    stage: 'farSide',
    kind: 'duplicate',
    does: 'gets into the mailbox N times (twice when nothing is said)',
  },
  {
    form: 'corrupt',
    example: 'jane+corrupt@gmail.com',
    stage: 'farSide',
    kind: 'corrupt',
    does: 'has a byte of its body flipped on the way, so that DKIM breaks',
  },
  {
    form: 'delay-N(s|m|h|d)',
    example: 'jane+delay-10m@gmail.com',
    stage: 'farSide',
    kind: 'delay',
    does: 'gets into the mailbox so much later, in virtual time',
  },
  {
    form: 'disconnect-(connect|ehlo|mail|rcpt|data|middata|dot)',
    example: 'jane+disconnect-data@gmail.com',
    stage: 'farSide',
    kind: 'disconnect',
    does: 'finds the connection cut there, every time',
  },
  {
    form: 'reject[-CODE][-ENHANCED]',
    example: 'jane+reject-550-5.1.1@example.com',
    stage: 'door',
    kind: 'reject',
    does: 'is refused at our own door, at RCPT; 550 5.1.1 when nothing is said',
  },
  {
    form: 'tempfail[-CODE][-ENHANCED][-xN]',
    example: 'jane+tempfail-451-x2@example.com',
    stage: 'door',
    kind: 'defer',
    does: 'is put off N times at our own door (451 4.3.0 and every time when nothing is said); 421 closes the connection',
  },
];

const tagsMax = 16;
const timesMax = 100;
const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const delayMsMax = 30 * 86_400_000;

/** @returns what its sub-address asks for, in the order written; empty for most addresses */
export function magicOf(address: string): readonly MagicTag[] {
  const plus = address.indexOf('+');
  if (plus < 1 || address.startsWith('"')) return nothing;
  const at = address.lastIndexOf('@');
  if (at < plus) return nothing;
  return address
    .slice(plus + 1, at)
    .split('+', tagsMax)
    .flatMap((tag) => tagOf(tag) ?? []);
}

function tagOf(tag: string): MagicTag | null {
  const lower = tag.toLowerCase();
  const label = `+${tag}`;
  const far = (action: Action): MagicTag => ({ label, stage: 'farSide', action, times: timesIn(action) });
  const door = (action: Action): MagicTag => ({ label, stage: 'door', action, times: timesIn(action) });
  switch (lower) {
    case 'hold':
      return far({ do: 'hold' });
    case 'inbox':
    case 'promotions':
    case 'updates':
    case 'spam':
      return far({ do: 'place', in: lower });
    case 'complain':
      return far({ do: 'complain', afterMs: 600_000 });
    case 'autoreply':
      return far({
        do: 'autoReply',
        text: 'I am out of the office and will read your message when I am back.',
        afterMs: 30_000,
      });
    case 'blackhole':
      return far({ do: 'blackHole' });
    case 'corrupt':
      return far({ do: 'corrupt' });
    default:
      break;
  }
  const [, word = '', rest = ''] =
    /^(bounce|oob|reject|defer|tempfail|duplicate|delay|disconnect)((?:-[a-z0-9.]+)*)$/.exec(lower) ?? [];
  const parts = rest === '' ? [] : rest.slice(1).split('-');
  switch (word) {
    case 'bounce':
    case 'reject': {
      const said = wordsOf(parts, '5');
      if (said === null || said.times !== null) return null;
      const action: Action = {
        do: 'reject',
        ...codesOr(said, 550, '5.1.1'),
        text: refusalText(word, lower),
        at: 'rcpt',
      };
      return word === 'bounce' ? far(action) : door(action);
    }
    case 'oob': {
      const said = wordsOf(parts, '5');
      if (said === null || said.times !== null) return null;
      return far({
        do: 'bounceLater',
        afterMs: 120_000,
        ...codesOr(said, 550, '5.1.1'),
        text: refusalText('bounce', lower),
      });
    }
    case 'defer':
    case 'tempfail': {
      const said = wordsOf(parts, '4');
      if (said === null) return null;
      const action: Action = {
        do: 'defer',
        ...codesOr(said, 451, word === 'defer' ? '4.2.0' : '4.3.0'),
        text: `Try again later, as the address +${lower} asks`,
        ...(said.times === null ? {} : { times: said.times }),
        at: 'rcpt',
      };
      return word === 'defer' ? far(action) : door(action);
    }
    case 'duplicate': {
      const [first, second] = parts;
      const copies = first === undefined ? 2 : timesOf(first);
      return copies === null || copies < 2 || copies > 10 || second !== undefined
        ? null
        : far({ do: 'duplicate', copies });
    }
    case 'delay': {
      const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(parts.join('-')) ?? [];
      const ms = Number(amount) * (unitMs[unit ?? ''] ?? Number.NaN);
      return ms >= 1 && ms <= delayMsMax ? far({ do: 'delay', ms }) : null;
    }
    case 'disconnect': {
      const [stage, more] = parts;
      const point = stage === undefined || more !== undefined ? undefined : disconnects.get(stage);
      return point === undefined ? null : far({ do: 'disconnect', at: point });
    }
    default:
      return null;
  }
}

function timesIn(action: Action): number | null {
  return action.do === 'defer' ? (action.times ?? null) : null;
}

const disconnects: ReadonlyMap<string, Extract<Action, { do: 'disconnect' }>['at']> = new Map([
  ['connect', 'connect'],
  ['ehlo', 'ehlo'],
  ['mail', 'mail'],
  ['rcpt', 'rcpt'],
  ['data', 'data'],
  ['middata', 'midData'],
  ['dot', 'endOfData'],
]);

interface Said {
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly times: number | null;
}

/** `-550`, `-5.1.1`, `-x3`, each once and in this order; null for anything else. */
function wordsOf(parts: readonly string[], first: '4' | '5'): Said | null {
  const left = [...parts];
  const code = new RegExp(`^${first}\\d\\d$`).test(left[0] ?? '') ? Number(left.shift()) : null;
  const enhanced = new RegExp(`^${first}\\.\\d{1,3}\\.\\d{1,3}$`).test(left[0] ?? '')
    ? (left.shift() ?? null)
    : null;
  const times = left[0] === undefined ? null : timesOf(left[0]);
  if (times !== null) left.shift();
  return left.length > 0 ? null : { code, enhanced, times };
}

function timesOf(part: string): number | null {
  const times = Number(/^x(\d{1,3})$/.exec(part)?.[1] ?? Number.NaN);
  return times >= 1 && times <= timesMax ? times : null;
}

/** A code without an enhanced one gets the one that says the same in general (RFC 3463 §2: class.0.0 is "other"). */
function codesOr(
  { code, enhanced }: Said,
  usual: number,
  usualEnhanced: string,
): { code: number; enhanced: string } {
  if (code === null) return { code: usual, enhanced: enhanced ?? usualEnhanced };
  return { code, enhanced: enhanced ?? enhancedFor[code] ?? `${Math.floor(code / 100)}.0.0` };
}

/** What servers commonly say with these codes (RFC 5321 §4.2.3, RFC 3463 §3). */
const enhancedFor: Readonly<Record<number, string>> = {
  421: '4.3.2',
  450: '4.2.0',
  451: '4.3.0',
  452: '4.2.2',
  550: '5.1.1',
  551: '5.1.6',
  552: '5.2.2',
  553: '5.1.3',
  554: '5.7.1',
};

function refusalText(word: string, tag: string): string {
  return `${word === 'reject' ? 'Refused' : 'Bounced'}, as the address +${tag} asks`;
}

const nothing: readonly MagicTag[] = [];
