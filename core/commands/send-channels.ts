/** `sandpost send --channels push,sms,email,inapp`: one send over several channels, by the send API. */
import { AppError } from '../model/app-error.ts';
import { userChannels } from '../model/user.ts';
import { coreOptions, durationMs, type Flags, on, pairs, readFlags, text, texts } from './arguments.ts';
import { handIn } from './hand-in.ts';
import type { Output } from './output.ts';
import { said, userOf } from './send-inapp.ts';

export const sendChannelsHelp = `sandpost send --channels push,sms,email,inapp --to USER | segment:NAME … [--template ID[@VERSION|@draft]] [--var NAME=VALUE …]
              [--title T] [--body B] [--from A] [--topic T] [--all] [--give-up 10m] [--unread 1h] [--tag T …] [--json]
Sends to users by the first channel that works, in the order named; --all: by each of them at once. What is said comes from
a template, or from --title and --body. --give-up: the next channel when it was not delivered for so long; --unread: the
next one too when it was delivered, and not read for so long. --var order.id=A-1042 is a member of order; numbers, lists and
objects are what they are, and --var 'order.id="1042"' is a text.
`;

const many = { type: 'string', multiple: true } as const;
const one = { type: 'string' } as const;

export async function sendChannels(args: readonly string[], output: Output): Promise<number> {
  const flags = readFlags('send', args, {
    ...coreOptions,
    channels: many,
    to: many,
    template: one,
    var: many,
    title: one,
    body: one,
    from: one,
    topic: one,
    all: { type: 'boolean' },
    'give-up': one,
    unread: one,
    tag: many,
  });
  const [stray] = flags.rest;
  if (stray !== undefined)
    throw new AppError(
      'usage',
      `${stray} belongs to no flag; what is said is --template, or --title and --body`,
    );
  return handIn(requestOf(flags), flags, output);
}

function requestOf(flags: Flags): Readonly<Record<string, unknown>> {
  const to = texts(flags, 'to');
  if (to.length === 0) throw new AppError('usage', 'who is it to? Give --to USER, or segment:NAME');
  const channels = texts(flags, 'channels').flatMap((written) => written.split(','));
  for (const channel of channels)
    if (!userChannels.some((known) => known === channel))
      throw new AppError('usage', `--channels ${channel}: it is one of ${userChannels.join(', ')}`);
  const template = text(flags, 'template');
  const content = contentOf(text(flags, 'title'), text(flags, 'body'), channels);
  if (template === undefined && content === undefined)
    throw new AppError('usage', 'what does it say? Give --template ID, or --body');
  const fallback = said({
    giveUpAfterSeconds: secondsOf(flags, 'give-up'),
    unreadAfterSeconds: secondsOf(flags, 'unread'),
  });
  const tags = texts(flags, 'tag');
  const variables = texts(flags, 'var');
  return {
    channels,
    to: to.map(recipientOf),
    ...said({
      routing: on(flags, 'all') ? 'all' : undefined,
      template: template === undefined ? undefined : templateOf(template),
      content,
      variables: variables.length === 0 ? undefined : nested(pairs(variables, '--var', 'json')),
      // As plain `send` has it; where a template names another, that one counts.
      from: text(flags, 'from') ?? (channels.includes('email') ? 'sender@example.com' : undefined),
      topic: text(flags, 'topic'),
      fallback: Object.keys(fallback).length === 0 ? undefined : fallback,
      tags: tags.length === 0 ? undefined : tags,
    }),
  };
}

/** `order.id` is a member of `order`, as templates name their variables. */
function nested(variables: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.entries(variables).reduce<Readonly<Record<string, unknown>>>(
    (all, [name, value]) => withMember(all, name, name.split('.'), value),
    {},
  );
}

function withMember(
  object: Readonly<Record<string, unknown>>,
  name: string,
  [first = '', ...rest]: readonly string[],
  value: unknown,
): Readonly<Record<string, unknown>> {
  const below = Object.hasOwn(object, first) ? object[first] : undefined;
  if (rest.length === 0) {
    if (below !== undefined) throw new AppError('usage', `--var ${name}: it is given twice`);
    return { ...object, [first]: value };
  }
  if (below !== undefined && (typeof below !== 'object' || below === null || Array.isArray(below)))
    throw new AppError('usage', `--var ${name}: ${first} is given as a value of its own, and has no members`);
  return { ...object, [first]: withMember({ ...below }, name, rest, value) };
}

function recipientOf(written: string): Readonly<Record<string, string>> {
  return written.startsWith('segment:')
    ? { segment: written.slice('segment:'.length) }
    : { user: userOf(written) };
}

/** `welcome`, `welcome@3`, `welcome@draft`. */
function templateOf(written: string): unknown {
  const at = written.lastIndexOf('@');
  if (at < 1) return written;
  const version = written.slice(at + 1);
  if (version === 'draft') return { id: written.slice(0, at), version };
  const number = Number(version);
  if (!Number.isInteger(number) || number < 1)
    throw new AppError('usage', `--template ${written}: behind the @ stands a version, or draft`);
  return { id: written.slice(0, at), version: number };
}

/** The same words by every channel, as each has room for them. */
function contentOf(
  title: string | undefined,
  body: string | undefined,
  channels: readonly string[],
): Readonly<Record<string, unknown>> | undefined {
  if (body === undefined) {
    if (title === undefined) return undefined;
    throw new AppError('usage', 'a title alone says too little: give --body');
  }
  const titled = said({ title });
  const all: Readonly<Record<string, unknown>> = {
    email: { subject: title ?? firstLine(body), format: 'html', body: `<p>${escaped(body)}</p>`, text: body },
    push: { ...titled, body },
    sms: { body: title === undefined ? body : `${title}: ${body}` },
    inapp: { ...titled, body },
  };
  return Object.fromEntries(channels.map((channel) => [channel, all[channel]]));
}

const subjectCharsMax = 78;

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, subjectCharsMax);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('\n', '<br>\n');
}

function secondsOf(flags: Flags, name: string): number | undefined {
  const written = text(flags, name);
  return written === undefined ? undefined : Math.round(durationMs(written, `--${name}`) / 1000);
}
