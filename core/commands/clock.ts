/** `sandpost clock`: shows and moves the virtual clock, which retries, holds and expiry run on. */
import type { Clock } from '../api/schema.ts';
import { AppError } from '../model/app-error.ts';
import { coreOptions, durationMs, on, readFlags, text } from './arguments.ts';
import { findCore } from './core-client.ts';
import { exitCodes, type Output, painter } from './output.ts';

export const clockHelp = `sandpost clock [show | advance DURATION | next | speed N | freeze | unfreeze] [--json]: the virtual clock, which
retries, holds and expiry run on.

  show              what it shows, and when the next thing is due
  advance 4h        goes on by so much (500ms, 30s, 5m, 4h, 2d); all that becomes due on the way happens
  next              goes to the next thing that is due
  speed 60          goes so many times as fast as the wall clock from now on
  freeze, unfreeze  stands still; goes on as fast as the wall clock
`;

export async function clock(args: readonly string[], output: Output): Promise<number> {
  const flags = readFlags('clock', args, coreOptions);
  const change = changeOf(flags.rest);
  const core = findCore({ url: text(flags, 'url'), data: text(flags, 'data') }, output);
  const shown = (await (change === null
    ? core.json('GET', '/v1/clock')
    : core.json('POST', '/v1/clock', change))) as Clock;
  if (on(flags, 'json')) {
    output.stdout.write(`${JSON.stringify(shown)}\n`);
    return exitCodes.ok;
  }
  const paint = painter(output);
  const rows = [
    ['Virtual', shown.real ? shown.virtualAt : paint('yellow', shown.virtualAt)],
    ['Wall', shown.wallAt],
    ['Speed', shown.frozen ? paint('yellow', 'frozen') : `×${shown.speed}`],
    ['Next', shown.nextDueAt ?? 'nothing is due'],
  ] as const;
  for (const [name, value] of rows) output.stdout.write(`${paint('dim', name.padEnd(8))} ${value}\n`);
  return exitCodes.ok;
}

/** @returns what to ask for, or null when it is only to be shown */
function changeOf([word = 'show', value, ...more]: readonly string[]): Readonly<
  Record<string, unknown>
> | null {
  const takesValue = word === 'advance' || word === 'speed';
  const extra = takesValue ? more[0] : value;
  if (extra !== undefined) throw wrong(`clock ${word} takes nothing like "${extra}"`);
  switch (word) {
    case 'show':
      return null;
    case 'advance':
      if (value === undefined) throw wrong('by how much? Write clock advance 4h');
      return { advanceMs: durationMs(value, 'clock advance') };
    case 'next':
      return { toNext: true };
    case 'speed':
      if (value === undefined || !/^\d+(\.\d+)?$/.test(value))
        throw wrong('how fast? Write clock speed 60; 1 is as fast as the wall clock');
      return { speed: Number(value) };
    case 'freeze':
      return { freeze: true };
    case 'unfreeze':
      return { freeze: false };
    default:
      throw wrong(`clock does not know "${word}"`);
  }
}

const wrong = (what: string): AppError =>
  new AppError('usage', `${what}. \`sandpost help clock\` tells more.`);
