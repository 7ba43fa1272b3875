/** `sandpost send --channel push`: hands a push to the send API, as an app's backend would. */
import { AppError } from '../model/app-error.ts';
import { type PushProvider, pushProviders } from '../model/push.ts';
import { coreOptions, durationMs, type Flags, on, readFlags, text, texts } from './arguments.ts';
import { handIn } from './hand-in.ts';
import type { Output } from './output.ts';

export const sendPushHelp = `sandpost send --channel push --to user:NAME | phone:ID | topic:NAME | PROVIDER:TOKEN … [--title T] [--body B] [--subtitle S]
              [--app ID] [--image URL] [--link URL] [--badge N] [--sound S] [--value NAME=VALUE …] [--ttl 1h]
              [--collapse-key K] [--priority high|normal] [--group G] [--category C] [--silent] [--json]
Sends a push by the API; PROVIDER is apns, fcm or webpush, and a token of apns wants --app.
`;

const many = { type: 'string', multiple: true } as const;
const one = { type: 'string' } as const;

export async function sendPush(args: readonly string[], output: Output): Promise<number> {
  const flags = readFlags('send', args, {
    ...coreOptions,
    channel: one,
    to: many,
    app: one,
    title: one,
    subtitle: one,
    body: one,
    image: one,
    link: one,
    badge: one,
    sound: one,
    value: many,
    ttl: one,
    'collapse-key': one,
    priority: one,
    group: one,
    category: one,
    silent: { type: 'boolean' },
  });
  const [stray] = flags.rest;
  if (stray !== undefined)
    throw new AppError('usage', `${stray} belongs to no flag; the text of a push is --body`);
  return handIn(requestOf(flags), flags, output);
}

function requestOf(flags: Flags): Readonly<Record<string, unknown>> {
  const to = texts(flags, 'to');
  if (to.length === 0) throw new AppError('usage', 'who is it to? Give --to user:NAME, or phone:ID');
  const app = text(flags, 'app');
  const badge = text(flags, 'badge');
  const ttl = text(flags, 'ttl');
  const data = Object.fromEntries(texts(flags, 'value').map(pairOf));
  const said = {
    title: text(flags, 'title'),
    subtitle: text(flags, 'subtitle'),
    body: text(flags, 'body'),
    image: text(flags, 'image'),
    link: text(flags, 'link'),
    sound: text(flags, 'sound'),
    badge: badge === undefined ? undefined : numberOf(badge),
    ttlSeconds: ttl === undefined ? undefined : Math.round(durationMs(ttl, '--ttl') / 1000),
    collapseKey: text(flags, 'collapse-key'),
    priority: text(flags, 'priority'),
    group: text(flags, 'group'),
    category: text(flags, 'category'),
    data: Object.keys(data).length === 0 ? undefined : data,
    silent: on(flags, 'silent') ? true : undefined,
  };
  const given = Object.entries(said).filter(([, value]) => value !== undefined);
  return { channel: 'push', to: to.map((one) => recipientOf(one, app)), ...Object.fromEntries(given) };
}

function recipientOf(written: string, app: string | undefined): Readonly<Record<string, string>> {
  const colon = written.indexOf(':');
  const kind = written.slice(0, Math.max(0, colon));
  const value = written.slice(colon + 1);
  const about = app === undefined ? {} : { app };
  if (kind === 'user' || kind === 'phone') return { [kind]: value, ...about };
  if (kind === 'topic') return { topic: value };
  if (isProvider(kind)) return { token: value, provider: kind, ...about };
  throw new AppError(
    'usage',
    `--to ${written}: write user:NAME, phone:ID, topic:NAME, or a token as ${pushProviders.map((provider) => `${provider}:TOKEN`).join(', ')}`,
  );
}

function isProvider(kind: string): kind is PushProvider {
  return pushProviders.some((provider) => provider === kind);
}

function pairOf(written: string): readonly [string, string] {
  const equals = written.indexOf('=');
  if (equals < 1) throw new AppError('usage', `--value ${written} is no NAME=VALUE`);
  return [written.slice(0, equals), written.slice(equals + 1)];
}

function numberOf(written: string): number {
  if (!/^\d+$/.test(written)) throw new AppError('usage', `--badge ${written} is no number`);
  return Number(written);
}
