/** Flags of `sandpost live` that say what a relay is, what opens it, and who may be written to. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { AppError, codeOf, messageOf } from '../model/app-error.ts';
import type { AllowEntry } from '../model/live-relay.ts';
import { type Flags, readAll, text, texts } from './arguments.ts';
import type { Output } from './output.ts';

const credentialBytesMax = 200_000;
const credentialSchema = z.record(z.string(), z.string());

/** Flag → field of the settings; what is left out is as the core has it. */
const fields = {
  kind: 'kind',
  host: 'host',
  tls: 'tls',
  auth: 'auth',
  helo: 'helo',
  'envelope-from': 'envelopeFrom',
  dkim: 'dkim',
  'key-id': 'keyId',
  'team-id': 'teamId',
  environment: 'environment',
  'project-id': 'projectId',
  'client-email': 'clientEmail',
  subject: 'subject',
  'public-key': 'publicKey',
  account: 'account',
  sender: 'sender',
  'callback-url': 'callbackUrl',
  'relay-url': 'url',
} as const;

export async function relaySettings(flags: Flags): Promise<Readonly<Record<string, unknown>>> {
  const settings: Record<string, unknown> = {};
  for (const [flag, field] of Object.entries(fields)) {
    const value = text(flags, flag);
    if (value !== undefined) settings[field] = value;
  }
  if (settings.kind === undefined) throw usage('what is it? Give --kind smtp, twilio …');
  const port = text(flags, 'port');
  if (port !== undefined) settings.port = Number(port);
  if (texts(flags, 'pin').length > 0) settings.pins = texts(flags, 'pin');
  if (texts(flags, 'dns-server').length > 0) settings.dnsServers = texts(flags, 'dns-server');
  const ca = text(flags, 'ca');
  if (ca !== undefined) settings.ca = (await fileBytes(ca, '--ca')).toString('utf8');
  return settings;
}

/** @returns null when none is given; @throws AppError `usage` for a secret that stands in the command line */
export async function credentialFrom(
  flags: Flags,
  { stdin }: Output,
): Promise<Readonly<Record<string, string>> | null> {
  const file = text(flags, 'credential-file');
  const asked = texts(flags, 'credential');
  const named = asked.map((one) => {
    // It is not repeated: what stands there may be a secret.
    const field = /^([A-Za-z]+)=-$/.exec(one)?.[1];
    if (field === undefined)
      throw usage(
        'a secret is no argument, for every process of the machine can read it. Write --credential password=- and give it on standard input, or --credential-file FILE',
      );
    return field;
  });
  if (file !== undefined && named.length > 0) throw usage('give --credential-file or --credential, not both');
  if (file !== undefined) return parse((await fileBytes(file, '--credential-file')).toString('utf8'), file);
  const [field, ...more] = named;
  if (field === undefined) return null;
  if (more.length > 0)
    throw usage('standard input has one field; put several into a file for --credential-file');
  const value = (await readAll(stdin, credentialBytesMax)).toString('utf8').replace(/\r?\n$/, '');
  if (value === '') throw usage(`nothing came on standard input for ${field}`);
  return { [field]: value };
}

/** `jane@example.com`, `@example.com`, `+44…`, and with what it is before it: `user:`, `token:`, `domain:` … */
export function allowEntry(value: string): AllowEntry {
  const [, kind, rest] = /^(address|domain|number|token|user):(.+)$/s.exec(value) ?? [];
  switch (kind) {
    case 'address':
    case 'domain':
    case 'number':
    case 'token':
    case 'user':
      return { kind, value: rest ?? '' };
    default:
  }
  if (value.startsWith('@')) return { kind: 'domain', value: value.slice(1) };
  if (value.includes('@')) return { kind: 'address', value };
  if (/^(?:\+|00)[\d\s().-]+$/.test(value)) return { kind: 'number', value };
  throw usage(
    `--allow ${value}: write jane@example.com, @example.com, +441632960123, user:ID or token:TOKEN`,
  );
}

function parse(text: string, file: string): Readonly<Record<string, string>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Without the error, which quotes what stands there.
    throw usage(`${file} is no JSON; write {"user": "…", "password": "…"}`);
  }
  const parsed = credentialSchema.safeParse(value);
  if (!parsed.success) throw usage(`${file} has something else than texts; write {"password": "…"}`);
  return parsed.data;
}

async function fileBytes(file: string, flag: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw usage(`${flag} ${file} cannot be read (${codeOf(error) ?? messageOf(error)})`);
  }
}

function usage(what: string): AppError {
  return new AppError('usage', `${what}. \`sandpost help live\` tells more.`);
}
