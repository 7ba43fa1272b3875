/** `sandpost live`: what goes out for real, by which relay, to whom; and the way back. */
import { createInterface } from 'node:readline/promises';
import type {
  AuditEntryShape,
  LiveStatusShape,
  LiveSummaryShape,
  RelayCheckShape,
  RelayShape,
  ReleaseSummaryShape,
} from '../api/live-relay-schema.ts';
import type { List } from '../api/schema.ts';
import { AppError } from '../model/app-error.ts';
import { type LiveChannel, liveChannels, relayKinds } from '../model/live-relay.ts';
import { coreOptions, durationMs, type Flags, on, readFlags, text, texts } from './arguments.ts';
import { type CoreClient, findCore } from './core-client.ts';
import { allowEntry, credentialFrom, relaySettings } from './live-arguments.ts';
import { auditLine, lineOf, releasePage, statusPage, summaryPage } from './live-text.ts';
import { exitCodes, type Output, painter } from './output.ts';

export const liveHelp = `sandpost live [COMMAND] [--json]: what goes out for real. Off at every start; it needs a relay, a list of who may be
written to, and a confirmation of what would go.

  live                   how it stands
  live relays            the relays that were set up
  live add NAME --kind KIND [SETTING …] [--credential-file FILE | --credential FIELD=- …]
                         sets up a relay. KIND: ${relayKinds.join(' ')}
                         Settings: --host --port --tls --auth --helo --envelope-from --dkim --pin --dns-server (mail),
                         --key-id --team-id --environment --project-id --client-email --subject --public-key (push),
                         --account --sender --callback-url (SMS), --relay-url, --ca FILE
                         FILE is JSON, {"user": "…", "password": "…"}; FIELD=- reads one field from standard input
  live credential NAME --credential-file FILE | --credential FIELD=- | --forget
  live remove NAME       deletes a relay, with its credential
  live verify NAME       asks it whether it would take something, without sending to anyone
  live on --channel email=NAME … --allow VALUE … | --rewrite-to WHOM [--cap 50] [--for 15m] [--pass-through]
                         shows what would go; then type "live", or confirm it in a second call:
  live on --confirm TOKEN
                         VALUE: jane@example.com, @example.com (with its sub-domains), +441632960123, user:ID, token:TOKEN
  live off               back to the sandbox, at once
  live release ID … --relay NAME --to WHOM
                         releases messages by hand; the sandbox stays as it is. Then as above: --confirm TOKEN
  live audit [--limit 50]
                         the log, newest first

A secret is never an argument: every process of the machine can read those. The environment has them too:
SANDPOST_RELAY_<NAME>_<FIELD> where the core runs.
`;

const options = {
  ...coreOptions,
  kind: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  tls: { type: 'string' },
  auth: { type: 'string' },
  helo: { type: 'string' },
  'envelope-from': { type: 'string' },
  dkim: { type: 'string' },
  pin: { type: 'string', multiple: true },
  'dns-server': { type: 'string', multiple: true },
  'key-id': { type: 'string' },
  'team-id': { type: 'string' },
  environment: { type: 'string' },
  'project-id': { type: 'string' },
  'client-email': { type: 'string' },
  subject: { type: 'string' },
  'public-key': { type: 'string' },
  account: { type: 'string' },
  sender: { type: 'string' },
  'callback-url': { type: 'string' },
  'relay-url': { type: 'string' },
  ca: { type: 'string' },
  credential: { type: 'string', multiple: true },
  'credential-file': { type: 'string' },
  forget: { type: 'boolean' },
  channel: { type: 'string', multiple: true },
  allow: { type: 'string', multiple: true },
  'rewrite-to': { type: 'string' },
  cap: { type: 'string' },
  for: { type: 'string' },
  'pass-through': { type: 'boolean' },
  confirm: { type: 'string' },
  relay: { type: 'string' },
  to: { type: 'string' },
  limit: { type: 'string' },
} as const;

interface Call {
  readonly core: CoreClient;
  readonly flags: Flags;
  /** What stands behind the command. */
  readonly rest: readonly string[];
  readonly output: Output;
}

const commands: Readonly<Record<string, (call: Call) => Promise<number>>> = {
  status,
  relays,
  add,
  credential,
  remove,
  verify,
  on: turnOn,
  off: turnOff,
  release,
  audit,
};

const base = '/v1/live-relay';
const answerBytesMax = 1_000;
/** What has to be typed: no reflex types it. */
const word = 'live';

export async function live(args: readonly string[], output: Output): Promise<number> {
  const flags = readFlags('live', args, options);
  const [name = 'status', ...rest] = flags.rest;
  const command = commands[name];
  if (command === undefined) throw wrong(`live does not know "${name}"`);
  const core = findCore({ url: text(flags, 'url'), data: text(flags, 'data') }, output);
  return command({ core, flags, rest, output });
}

async function status({ core, flags, output }: Call): Promise<number> {
  const shown = (await core.json('GET', base)) as LiveStatusShape;
  return say(output, flags, shown, () => statusPage(shown, painter(output)));
}

async function relays({ core, flags, output }: Call): Promise<number> {
  const list = (await core.json('GET', `${base}/relays`)) as List<RelayShape>;
  return say(output, flags, list, () => list.entries.map((one) => lineOf(one, painter(output))).join(''));
}

async function add({ core, flags, rest, output }: Call): Promise<number> {
  const [name] = rest;
  if (name === undefined) throw wrong('what is it to be called? Write live add main --kind smtp --host …');
  const settings = await relaySettings(flags);
  const secrets = await credentialFrom(flags, output);
  const made = (await core.json('POST', `${base}/relays`, { name, settings })) as RelayShape;
  const shown = secrets === null ? made : await give(core, made, secrets);
  return say(output, flags, shown, () => lineOf(shown, painter(output)));
}

async function credential({ core, flags, rest, output }: Call): Promise<number> {
  const relay = await relayNamed(core, rest[0]);
  const secrets = await credentialFrom(flags, output);
  if (secrets === null && !on(flags, 'forget'))
    throw wrong('which one? Give --credential-file FILE, --credential password=-, or --forget');
  const shown =
    secrets === null
      ? ((await core.json('DELETE', `${base}/relays/${relay.id}/credential`)) as RelayShape)
      : await give(core, relay, secrets);
  return say(output, flags, shown, () => lineOf(shown, painter(output)));
}

async function give(
  core: CoreClient,
  { id }: RelayShape,
  secrets: Readonly<Record<string, string>>,
): Promise<RelayShape> {
  return (await core.json('PUT', `${base}/relays/${id}/credential`, secrets)) as RelayShape;
}

async function remove({ core, flags, rest, output }: Call): Promise<number> {
  const { id, name } = await relayNamed(core, rest[0]);
  await core.json('DELETE', `${base}/relays/${id}`);
  return say(output, flags, { deleted: id }, () => `${name} is deleted\n`);
}

async function verify({ core, flags, rest, output }: Call): Promise<number> {
  const { id } = await relayNamed(core, rest[0]);
  const check = (await core.json('POST', `${base}/relays/${id}/verify`)) as RelayCheckShape;
  const paint = painter(output);
  const mark = check.ok ? paint('green', '✓') : paint('red', '✕');
  say(output, flags, check, () =>
    [...check.steps.map((step) => `  ${step}\n`), `${mark} ${check.text}\n`].join(''),
  );
  return check.ok ? exitCodes.ok : exitCodes.failed;
}

async function turnOn(call: Call): Promise<number> {
  const { core, flags, output } = call;
  const token = text(flags, 'confirm');
  if (token !== undefined) return confirmOn(call, token);
  const summary = (await core.json(
    'POST',
    `${base}/summary`,
    await setupOf(flags, core),
  )) as LiveSummaryShape;
  return askAndConfirm(call, summary, () => summaryPage(summary, painter(output)), confirmOn);
}

async function confirmOn({ core, flags, output }: Call, confirmation: string): Promise<number> {
  const shown = (await core.json('POST', base, { confirmation })) as LiveStatusShape;
  return say(output, flags, shown, () => statusPage(shown, painter(output)));
}

async function turnOff({ core, flags, output }: Call): Promise<number> {
  const shown = (await core.json('DELETE', base)) as LiveStatusShape;
  return say(output, flags, shown, () => statusPage(shown, painter(output)));
}

async function release(call: Call): Promise<number> {
  const { core, flags, rest, output } = call;
  const token = text(flags, 'confirm');
  if (token !== undefined) return confirmRelease(call, token);
  const to = text(flags, 'to');
  if (rest.length === 0 || to === undefined)
    throw wrong('what, and to whom? Write live release ID --relay NAME --to you@example.com');
  const { id: relayId } = await relayNamed(core, text(flags, 'relay'));
  const body = { messageIds: rest, relayId, to };
  const summary = (await core.json('POST', `${base}/releases/summary`, body)) as ReleaseSummaryShape;
  return askAndConfirm(call, summary, () => releasePage(summary, painter(output)), confirmRelease);
}

async function confirmRelease({ core, flags, output }: Call, confirmation: string): Promise<number> {
  const made = (await core.json('POST', `${base}/releases`, { confirmation })) as {
    readonly deliveries: readonly { readonly id: string; readonly messageId: string }[];
  };
  return say(output, flags, made, () =>
    made.deliveries.map(({ id, messageId }) => `${messageId} goes as delivery ${id}\n`).join(''),
  );
}

async function audit({ core, flags, output }: Call): Promise<number> {
  const limit = text(flags, 'limit') ?? '50';
  const page = (await core.json(
    'GET',
    `${base}/audit?limit=${encodeURIComponent(limit)}`,
  )) as List<AuditEntryShape>;
  return say(output, flags, page, () => page.entries.map((one) => auditLine(one, painter(output))).join(''));
}

/** On a terminal whoever sees it says so there; else it takes a second call, which a stray one is not. */
async function askAndConfirm(
  call: Call,
  summary: { readonly confirmation: string; readonly expiresAt: string },
  page: () => string,
  confirm: (call: Call, confirmation: string) => Promise<number>,
): Promise<number> {
  const { flags, output } = call;
  const { confirmation, expiresAt } = summary;
  if (on(flags, 'json')) return say(output, flags, summary, page);
  output.stdout.write(page());
  if (output.stdin.isTTY !== true || output.stdout.isTTY !== true) {
    output.stdout.write(
      `\nNothing goes yet. Until ${expiresAt}, in a second call: --confirm ${confirmation}\n`,
    );
    return exitCodes.ok;
  }
  if ((await answerTo(`\nType "${word}" to go on: `, output)) === word) return confirm(call, confirmation);
  output.stdout.write('Nothing goes.\n');
  return exitCodes.failed;
}

async function answerTo(question: string, { stdin, stdout }: Output): Promise<string> {
  const lines = createInterface({ input: stdin, output: stdout });
  try {
    return (await lines.question(question)).slice(0, answerBytesMax).trim();
  } finally {
    lines.close();
  }
}

async function setupOf(flags: Flags, core: CoreClient): Promise<Readonly<Record<string, unknown>>> {
  const named = texts(flags, 'channel');
  if (named.length === 0) throw wrong('by which relay? Write live on --channel email=main --allow …');
  const rewriteTo = text(flags, 'rewrite-to');
  const entries = texts(flags, 'allow').map(allowEntry);
  if ((rewriteTo === undefined) === (entries.length === 0))
    throw wrong('to whom? Give --allow VALUE, as often as need be, or --rewrite-to WHOM');
  const cap = text(flags, 'cap');
  if (cap !== undefined && !/^\d+$/.test(cap)) throw wrong(`--cap ${cap} is no number`);
  const channels: Partial<Record<LiveChannel, unknown>> = {};
  for (const one of named) {
    const [name = '', relay] = one.split('=');
    const channel = liveChannels.find((known) => known === name);
    if (channel === undefined) throw wrong(`--channel ${one}: the channels are ${liveChannels.join(', ')}`);
    channels[channel] = {
      relayId: (await relayNamed(core, relay)).id,
      recipients: rewriteTo === undefined ? { kind: 'allow', entries } : { kind: 'rewrite', to: rewriteTo },
      ...(cap === undefined ? {} : { perHourMax: Number(cap) }),
      passThrough: on(flags, 'pass-through'),
    };
  }
  const duration = text(flags, 'for');
  return { channels, ...(duration === undefined ? {} : { durationMs: durationMs(duration, '--for') }) };
}

async function relayNamed(core: CoreClient, name: string | undefined): Promise<RelayShape> {
  const { entries } = (await core.json('GET', `${base}/relays`)) as List<RelayShape>;
  const found = entries.find((one) => one.name === name || one.id === name);
  if (found !== undefined) return found;
  const known = entries.map((one) => one.name).join(', ');
  throw wrong(
    `${name === undefined || name === '' ? 'which relay?' : `there is no relay ${name};`} ${known === '' ? 'set one up with live add' : `there are ${known}`}`,
  );
}

function say(output: Output, flags: Flags, value: unknown, page: () => string): number {
  output.stdout.write(on(flags, 'json') ? `${JSON.stringify(value)}\n` : page());
  return exitCodes.ok;
}

const wrong = (what: string): AppError =>
  new AppError('usage', `${what}. \`sandpost help live\` tells more.`);
