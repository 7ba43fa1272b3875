/** `sandpost list`, `show`, `wait` and `clear`: a client of the API, for people and scripts. */
import type { List, Message, MessageDetail } from '../api/schema.ts';
import { AppError } from '../model/app-error.ts';
import { coreOptions, durationMs, type Flags, on, readFlags, text } from './arguments.ts';
import { type CoreClient, findCore } from './core-client.ts';
import { exitCodes, type Output, type Paint, painter } from './output.ts';

export const listHelp = `sandpost list [QUERY …] [--user USER] [--project NAME] [--limit 20] [--json]: the newest messages that match.
--user: those to that user, by whichever channel.
`;
export const showHelp = `sandpost show ID [--raw | --text | --html | --headers] [--json]: one message; ID may be "latest".
`;
export const waitHelp = `sandpost wait [QUERY …] [--timeout 10s] [--since TIME|SEQ] [--project NAME] [--json]: waits for a message that
matches, stored ones included, and prints it; exit code 2 when none comes in time.
`;
export const clearHelp = `sandpost clear QUERY … | --project NAME | --all [--exchanges] [--json]: deletes the messages that match.
`;

const selectionOptions = { ...coreOptions, project: { type: 'string' } } as const;

export async function list(args: readonly string[], output: Output): Promise<number> {
  const flags = readFlags('list', args, {
    ...selectionOptions,
    limit: { type: 'string' },
    user: { type: 'string' },
  });
  const core = coreOf(flags, output);
  const query = selection(flags);
  const user = text(flags, 'user');
  if (user !== undefined) query.set('user', user);
  query.set('limit', text(flags, 'limit') ?? '20');
  const page = (await core.json('GET', `/v1/messages?${query}`)) as List<Message>;
  if (on(flags, 'json')) return print(output, page);
  const paint = painter(output);
  for (const message of page.entries) output.stdout.write(`${line(message, paint)}\n`);
  if (page.entries.length === 0) output.stderr.write('no message matches\n');
  return exitCodes.ok;
}

export async function wait(args: readonly string[], output: Output): Promise<number> {
  const flags = readFlags('wait', args, {
    ...selectionOptions,
    timeout: { type: 'string' },
    since: { type: 'string' },
  });
  const core = coreOf(flags, output);
  const query = selection(flags);
  query.set('timeoutMs', String(durationMs(text(flags, 'timeout') ?? '10s', '--timeout')));
  const since = text(flags, 'since');
  if (since !== undefined) query.set('since', since);
  const message = (await core.json('GET', `/v1/messages/wait?${query}`)) as Message;
  if (on(flags, 'json')) return print(output, message);
  output.stdout.write(`${line(message, painter(output))}\n`);
  return exitCodes.ok;
}

export async function show(args: readonly string[], output: Output): Promise<number> {
  const flags = readFlags('show', args, {
    ...coreOptions,
    raw: { type: 'boolean' },
    text: { type: 'boolean' },
    html: { type: 'boolean' },
    headers: { type: 'boolean' },
  });
  const [id] = flags.rest;
  if (id === undefined) throw new AppError('usage', 'which message? Give its id, or "latest"');
  const core = coreOf(flags, output);
  const found = id === 'latest' ? await latest(core) : id;
  const path = `/v1/messages/${encodeURIComponent(found)}`;
  if (on(flags, 'raw')) {
    output.stdout.write(await core.bytes(`${path}/raw`));
    return exitCodes.ok;
  }
  if (on(flags, 'html')) {
    output.stdout.write(shown(await core.text(`${path}/html`), output));
    return exitCodes.ok;
  }
  if (on(flags, 'headers')) {
    output.stdout.write(shown(await core.text(`${path}/source-headers`), output));
    return exitCodes.ok;
  }
  const message = (await core.json('GET', path)) as MessageDetail;
  if (on(flags, 'json')) return print(output, message);
  output.stdout.write(
    on(flags, 'text') ? `${shown(message.text ?? '', output)}\n` : page(message, painter(output)),
  );
  return exitCodes.ok;
}

export async function clear(args: readonly string[], output: Output): Promise<number> {
  const flags = readFlags('clear', args, {
    ...selectionOptions,
    all: { type: 'boolean' },
    exchanges: { type: 'boolean' },
  });
  const core = coreOf(flags, output);
  const query = selection(flags);
  if (on(flags, 'all')) query.set('all', 'true');
  if (query.size === 0) throw new AppError('usage', 'what is to go? Give a search, --project NAME, or --all');
  const result = (await core.json('DELETE', `/v1/messages?${query}`)) as { deleted: number };
  if (on(flags, 'exchanges')) await core.json('DELETE', '/v1/exchanges?all=true');
  if (on(flags, 'json')) return print(output, result);
  output.stdout.write(`${result.deleted} deleted\n`);
  return exitCodes.ok;
}

async function latest(core: CoreClient): Promise<string> {
  const { entries } = (await core.json('GET', '/v1/messages?limit=1')) as List<Message>;
  const [newest] = entries;
  if (newest === undefined) throw new AppError('not_found', 'there is no message yet');
  return newest.id;
}

function coreOf(flags: Flags, output: Output): CoreClient {
  return findCore({ url: text(flags, 'url'), data: text(flags, 'data') }, output);
}

function selection(flags: Flags): URLSearchParams {
  const query = new URLSearchParams();
  if (flags.rest.length > 0) query.set('q', flags.rest.map(quoted).join(' '));
  const project = text(flags, 'project');
  if (project !== undefined) query.set('project', project);
  return query;
}

/** The shell took the quotes off: `'subject:Your code'` is one term still. */
function quoted(word: string): string {
  if (!/\s/.test(word) || word.includes('"')) return word;
  const field = /^(-?[A-Za-z-]+:)(.*)$/s.exec(word);
  return field === null ? word : `${field[1]}"${field[2]}"`;
}

function print(output: Output, value: unknown): number {
  output.stdout.write(`${JSON.stringify(value)}\n`);
  return exitCodes.ok;
}

/** Where a message names no sender. */
const senders: Readonly<Partial<Record<Message['channel'], string>>> = {
  push: 'push',
  inapp: 'in-app',
  multi: 'several channels',
};

function line(message: Message, paint: Paint): string {
  const from = message.from?.address ?? (message.envelope.from || (senders[message.channel] ?? '<>'));
  const time = message.receivedAt.slice(0, 19).replace('T', ' ');
  const nothing = message.channel === 'email' ? '(no subject)' : message.snippet || '(nothing to show)';
  const subject = printable(message.subject === '' ? nothing : message.subject);
  return `${paint('dim', message.id)}  ${time}  ${printable(from)} → ${printable(message.envelope.to.join(', '))}  ${paint('bold', subject)}`;
}

function page(message: MessageDetail, paint: Paint): string {
  const rows: [string, string][] =
    message.push === null ? mailRows(message) : pushRows(message, message.push);
  const head = rows.map(([name, value]) => `${paint('dim', name.padEnd(9))} ${printable(value)}`).join('\n');
  return `${head}\n\n${printable(message.text ?? '', true)}\n`;
}

function pushRows(
  message: MessageDetail,
  { details, content, problems }: NonNullable<MessageDetail['push']>,
): [string, string][] {
  const known = (name: string, value: string | number | null | undefined): [string, string][] =>
    value == null || value === '' ? [] : [[name, String(value)]];
  return [
    ['Id', message.id],
    ...known('Title', content.title),
    ...known('App', message.envelope.from),
    ['To', message.envelope.to.join(', ')],
    ['Received', `${message.receivedAt} through ${message.door}`],
    ['Size', `${message.bytes} bytes`],
    ...known('Link', content.link),
    ...known('Image', content.image),
    ...known('Badge', content.badge),
    ...known('Collapse', details?.collapseKey ?? content.replaces),
    ...known('Priority', details?.priority),
    ...known('Expires', details?.expiresAt),
    ...message.deliveries.map((one): [string, string] => [
      'Delivery',
      `${one.provider ?? ''} ${one.recipient}: ${one.substatus ?? one.status}${one.reason === null ? '' : ` (${one.reason})`}`.trim(),
    ]),
    ...problems.map((one): [string, string] => [
      'Problem',
      one.field === '' ? one.detail : `${one.field}: ${one.detail}`,
    ]),
  ];
}

function mailRows(message: MessageDetail): [string, string][] {
  return [
    ['Id', message.id],
    ['Subject', message.subject],
    ['From', message.from === null ? '' : `${message.from.name} <${message.from.address}>`.trim()],
    ['To', message.to.map((one) => one.address).join(', ')],
    ['Envelope', `${message.envelope.from || '<>'} → ${message.envelope.to.join(', ')}`],
    [
      'Received',
      `${message.receivedAt} through ${message.door}${message.user === null ? '' : ` as ${message.user}`}`,
    ],
    ['Size', `${message.bytes} bytes`],
    ...message.attachments.map((one): [string, string] => [
      'Attached',
      `${one.filename ?? one.contentType} (${one.bytes} bytes)`,
    ]),
    ...message.problems.map((one): [string, string] => ['Problem', one.detail]),
  ];
}

/** A program that reads our output gets the text as it is. */
function shown(value: string, output: Output): string {
  return output.stdout.isTTY === true ? printable(value, true) : value;
}

/** What a message says must not steer the terminal. */
function printable(value: string, lines = false): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out.
  return value.replace(lines ? /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g : /[\x00-\x1f\x7f-\x9f]/g, '');
}
