/** `sandpost send --channel inapp`: hands an in-app message to the send API, as an app's backend would. */
import { AppError } from '../model/app-error.ts';
import { inAppFrequencies, inAppKinds } from '../model/inapp.ts';
import { coreOptions, durationMs, type Flags, on, pairs, readFlags, text, texts } from './arguments.ts';
import { handIn } from './hand-in.ts';
import type { Output } from './output.ts';

export const sendInAppHelp = `sandpost send --channel inapp --to USER … [--title T] [--body B] [--image URL] [--link URL] [--action LABEL=URL …]
              [--kind ${inAppKinds.join('|')}] [--slot S] [--frequency ${inAppFrequencies.join('|')}]
              [--trigger EVENT] [--page GLOB …] [--priority 0-1000] [--ttl 1h] [--tag T …] [--value NAME=VALUE …]
              [--save-to-inbox] [--json]
Leaves an in-app message for users; their app pulls it. --page shows it there alone (https://shop.example/cart/**).
`;

const many = { type: 'string', multiple: true } as const;
const one = { type: 'string' } as const;

export async function sendInApp(args: readonly string[], output: Output): Promise<number> {
  const flags = readFlags('send', args, {
    ...coreOptions,
    channel: one,
    to: many,
    title: one,
    body: one,
    image: one,
    link: one,
    action: many,
    kind: one,
    slot: one,
    frequency: one,
    trigger: one,
    page: many,
    priority: one,
    ttl: one,
    tag: many,
    value: many,
    'save-to-inbox': { type: 'boolean' },
  });
  const [stray] = flags.rest;
  if (stray !== undefined)
    throw new AppError('usage', `${stray} belongs to no flag; the text of an in-app message is --body`);
  return handIn(requestOf(flags), flags, output);
}

function requestOf(flags: Flags): Readonly<Record<string, unknown>> {
  const to = texts(flags, 'to');
  if (to.length === 0) throw new AppError('usage', 'which user is it for? Give --to USER');
  const ttl = text(flags, 'ttl');
  const priority = text(flags, 'priority');
  const display = said({
    kind: oneOf(text(flags, 'kind'), inAppKinds, '--kind'),
    slot: text(flags, 'slot'),
    frequency: oneOf(text(flags, 'frequency'), inAppFrequencies, '--frequency'),
    trigger: text(flags, 'trigger'),
    pageRules: unlessEmpty(
      texts(flags, 'page').map((argument) => ({ directive: 'show', operator: 'matches', argument })),
    ),
  });
  return {
    channel: 'inapp',
    to: to.map(userOf),
    ...said({
      title: text(flags, 'title'),
      body: text(flags, 'body'),
      image: text(flags, 'image'),
      link: text(flags, 'link'),
      actions: unlessEmpty(
        Object.entries(pairs(texts(flags, 'action'), '--action')).map(([label, url]) => ({ label, url })),
      ),
      data: texts(flags, 'value').length === 0 ? undefined : pairs(texts(flags, 'value'), '--value', 'json'),
      tags: unlessEmpty(texts(flags, 'tag')),
      priority: priority === undefined ? undefined : numberOf(priority),
      ttlSeconds: ttl === undefined ? undefined : Math.round(durationMs(ttl, '--ttl') / 1000),
      display: Object.keys(display).length === 0 ? undefined : display,
      saveToInbox: on(flags, 'save-to-inbox') ? true : undefined,
    }),
  };
}

/** As the other channels write it, or plain. */
export function userOf(written: string): string {
  return written.startsWith('user:') ? written.slice('user:'.length) : written;
}

/** Without what was not said. */
export function said(all: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function unlessEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

function oneOf(written: string | undefined, choices: readonly string[], flag: string): string | undefined {
  if (written === undefined || choices.includes(written)) return written;
  throw new AppError('usage', `${flag} ${written}: it is one of ${choices.join(', ')}`);
}

function numberOf(written: string): number {
  const priority = Number(written);
  if (Number.isInteger(priority) && priority >= 0 && priority <= 1_000) return priority;
  throw new AppError('usage', `--priority ${written}: it is a number from 0 to 1000`);
}
