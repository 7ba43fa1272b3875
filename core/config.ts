/** Every setting of `sandpost serve`, once: defaults < file < environment (SANDPOST_*) < flags. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import type * as Yaml from 'yaml';
import { z } from 'zod';
import { AppError, messageOf } from './model/app-error.ts';
import { atFirstUse } from './model/at-first-use.ts';
import { defaultDataFolder } from './store/data-folder.ts';

const require = createRequire(import.meta.url);
const yaml = atFirstUse((): typeof Yaml => require('yaml'));

const port = z.union([z.literal('off'), z.coerce.number().int().min(0).max(65_535)]);
const list = z.array(z.string());
const flag = z.union([z.boolean(), z.stringbool()]);
const bytes = z.union([z.number().int().min(0), z.string().transform(parseBytes)]);
const duration = z.union([z.number().int().min(0), z.string().transform(parseDuration)]);

export const configSchema = z.object({
  data: z
    .string()
    .default(() => defaultDataFolder())
    .describe('data folder'),
  host: list
    .default(['127.0.0.1', '::1'])
    .describe('address to listen on; off loopback a token guards the screen and the API'),
  smtpPort: port.default(1025).describe('SMTP submission, plain'),
  submissionPort: port.default(1587).describe('SMTP submission with STARTTLS'),
  smtpsPort: port.default(1465).describe('SMTP submission with implicit TLS'),
  mxPort: port.default(2525).describe('MX of the simulated mailbox providers'),
  httpPort: port.default(8025).describe('screen, HTTP API, WebSocket'),
  dnsPort: port.default(1053).describe('DNS of the sandbox, UDP and TCP'),
  providersPort: port.default(8026).describe('provider fakes, plain HTTP, by path or by Host'),
  tlsPort: port.default(8443).describe('TLS for every provider host, by name'),
  proxyPort: port.default(8027).describe('CONNECT proxy'),
  apnsPort: port.default(2197).describe('APNs, HTTP/2 over TLS'),
  apnsManagePort: port.default(2195).describe('APNs channel management'),
  metadataPort: port.default(8028).describe('Google metadata server'),
  smppPort: port.default(2775).describe('SMPP 3.4'),
  ports: z.coerce.number().int().min(0).max(0).optional().describe('0: every door on a free port'),
  smtpStarttls: z
    .enum(['off', 'optional', 'required'])
    .default('off')
    .describe('STARTTLS on the plain SMTP door'),
  smtpAuth: z
    .enum(['optional', 'required'])
    .default('optional')
    .describe('whether clients must authenticate'),
  smtpCredentials: list
    .default([])
    .describe('user:password that SMTP accepts; without any, every one is accepted'),
  deliver: flag
    .default(true)
    .describe('what the doors take goes on into the simulated internet; off: it is captured only'),
  hostname: z.string().default('sandpost.localhost').describe('what the SMTP doors call themselves'),
  messageBytesMax: bytes.default(50 * 1024 * 1024).describe('largest message, 0 for no limit'),
  recipientsMax: z.coerce.number().int().min(1).default(100).describe('recipients of one SMTP transaction'),
  connectionsMax: z.coerce
    .number()
    .int()
    .min(1)
    .default(500)
    .describe('SMTP connections at a time, each door'),
  idleMsMax: duration.default(300_000).describe('SMTP idle time'),
  callbackHost: list
    .default([])
    .describe('host besides this machine that webhooks and simulated recipients may call; *.domain, private'),
  proxyAllow: list
    .default([])
    .describe("host besides the providers' that the proxy leads to, host:port or *.domain; * for all"),
  allowHost: list.default([]).describe("name that the Host header may have, besides this machine's own"),
  allowOrigin: list.default([]).describe('web origin that may call the API from a page'),
  basePath: z
    .string()
    .regex(/^(?:\/[A-Za-z0-9._~-]+)*\/?$/, 'a path such as /mail is expected')
    .transform((path) => path.replace(/\/$/, ''))
    .default('')
    .describe('path in front of everything, behind a reverse proxy'),
  token: z
    .string()
    .min(8)
    .optional()
    .describe('guards the screen and the API; made and printed off loopback'),
  tlsName: list.default([]).describe('name or address that the certificate covers besides localhost'),
  keepCount: z.coerce.number().int().min(1).default(500_000).describe('messages kept at the most'),
  keepAge: duration.optional().describe('how long messages are kept'),
  keepBytes: bytes.default(20 * 1024 ** 3).describe('bytes kept at the most'),
  project: list.default([]).describe('project that is there from the start'),
  projectFromUser: flag.default(true).describe('the SMTP user name names the project'),
  projectHeader: z
    .string()
    .default('X-Sandpost-Project')
    .describe('header that names the project; empty for none'),
  projectRule: list.default([]).describe('by=pattern:project, by being user, recipient, door or header:Name'),
  projectOnTheFly: flag.default(true).describe('projects are made when a message names a new one'),
  domainOnTheFly: flag
    .default(true)
    .describe('sender domains are set up when a message comes from a new one; off: it is refused'),
  scenario: z
    .string()
    .optional()
    .describe('scenario file (YAML or JSON) that is on for this run: rules, clock speed, seed'),
  json: flag.default(false).describe('one line of JSON on stdout when ready'),
  exitWithStdin: flag.default(false).describe('stop when standard input ends'),
  quiet: flag.default(false).describe('log only warnings and errors'),
  unsafeNoSync: flag.default(false).describe('for benchmarks: answer before the disk has it'),
});
export type Config = z.infer<typeof configSchema> & {
  /** What this start was given, by file, environment or flag: it holds over what was kept. */
  readonly given: readonly string[];
};
type Key = keyof typeof configSchema.shape;
type PortKey = Extract<Key, `${string}Port`>;

const keys = Object.keys(configSchema.shape) as Key[];

/** Settings that take no value on the command line, and those that may be given more than once. */
const switches: readonly Key[] = [
  'projectFromUser',
  'projectOnTheFly',
  'deliver',
  'domainOnTheFly',
  'json',
  'exitWithStdin',
  'quiet',
  'unsafeNoSync',
];
const lists: readonly Key[] = [
  'host',
  'smtpCredentials',
  'allowHost',
  'proxyAllow',
  'callbackHost',
  'allowOrigin',
  'tlsName',
  'project',
  'projectRule',
];

/**
 * @param args flags of `serve`
 * @param readFile reads a settings file; @throws when it is not there
 * @throws AppError `usage` or `bad_configuration`, naming the setting and where it came from
 */
export function loadConfig(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): Config {
  const flags = fromFlags(args);
  const file = flags.config ?? environment.SANDPOST_CONFIG;
  const layers = {
    ...(file === undefined ? {} : fromFile(file, readFile)),
    ...fromEnvironment(environment),
    ...flags.values,
  };
  const parsed = configSchema.safeParse(layers);
  if (!parsed.success) throw new AppError('bad_configuration', parsed.error.issues.map(issueText).join('; '));
  const config: Config = { ...parsed.data, given: Object.keys(layers) };
  if (config.ports !== 0) return config;
  const free = (key: PortKey) => (key in layers ? config[key] : 0);
  return {
    ...config,
    smtpPort: free('smtpPort'),
    submissionPort: free('submissionPort'),
    smtpsPort: free('smtpsPort'),
    httpPort: free('httpPort'),
    dnsPort: free('dnsPort'),
    mxPort: free('mxPort'),
    providersPort: free('providersPort'),
    tlsPort: free('tlsPort'),
    proxyPort: free('proxyPort'),
    apnsPort: free('apnsPort'),
    apnsManagePort: free('apnsManagePort'),
    metadataPort: free('metadataPort'),
    smppPort: free('smppPort'),
  };
}

function issueText(issue: z.core.$ZodIssue): string {
  const key = String(issue.path[0] ?? '');
  return `${flagOf(key)} (${environmentOf(key)}): ${issue.message}`;
}

export function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

export function environmentOf(key: string): string {
  return `SANDPOST_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

function fromFlags(args: readonly string[]): {
  readonly values: Record<string, unknown>;
  readonly config: string | undefined;
} {
  const options = Object.fromEntries(
    keys.map((key) => [
      flagOf(key).slice(2),
      {
        type: switches.includes(key) ? ('boolean' as const) : ('string' as const),
        multiple: lists.includes(key),
      },
    ]),
  );
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { ...options, config: { type: 'string' } },
      allowNegative: true,
      strict: true,
    });
    const given: Readonly<Record<string, unknown>> = values;
    const { config } = given;
    const byKey = Object.fromEntries(
      keys.flatMap((key) => {
        const value = given[flagOf(key).slice(2)];
        return value === undefined ? [] : [[key, value]];
      }),
    );
    return { values: byKey, config: typeof config === 'string' ? config : undefined };
  } catch (error) {
    throw new AppError('usage', `${messageOf(error)} \`sandpost serve --help\` lists the flags.`, {
      cause: error,
    });
  }
}

function fromEnvironment(environment: Readonly<Record<string, string | undefined>>): Record<string, unknown> {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = environment[environmentOf(key)];
      if (value === undefined || value === '') return [];
      return [[key, lists.includes(key) ? value.split(',').map((one) => one.trim()) : value]];
    }),
  );
}

function fromFile(path: string, readFile: (path: string) => string): Record<string, unknown> {
  let content: unknown;
  try {
    content = yaml().parse(readFile(path));
  } catch (error) {
    throw new AppError('bad_configuration', `the settings file ${path} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const settings = z.record(z.string(), z.unknown()).safeParse(content ?? {});
  if (!settings.success)
    throw new AppError('bad_configuration', `the settings file ${path} must be a map of settings`);
  const unknown = Object.keys(settings.data).filter((key) => !keys.some((known) => known === key));
  if (unknown.length > 0) {
    throw new AppError(
      'bad_configuration',
      `the settings file ${path} has ${unknown.join(', ')}, which is not known; keys are ${keys.join(', ')}`,
    );
  }
  return settings.data;
}

function parseBytes(text: string, context: z.RefinementCtx): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?$/i.exec(text.trim());
  if (match === null) {
    context.addIssue({ code: 'custom', message: 'a size is expected: 500000, 10k, 50M, 2G' });
    return z.NEVER;
  }
  const factor =
    { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 }[(match[2] ?? '').toLowerCase()] ?? 1;
  return Math.round(Number(match[1]) * factor);
}

function parseDuration(text: string, context: z.RefinementCtx): number {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)?$/i.exec(text.trim());
  if (match === null) {
    context.addIssue({ code: 'custom', message: 'a duration is expected: 500ms, 30s, 5m, 2h, 7d' });
    return z.NEVER;
  }
  const unit =
    { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }[
      (match[2] ?? 'ms').toLowerCase()
    ] ?? 1;
  return Math.round(Number(match[1]) * unit);
}

/** One line a setting, for `serve --help`. */
export function configHelp(): string {
  const rows = keys.map((key) => {
    const value = switches.includes(key) ? '' : lists.includes(key) ? ' VALUE …' : ' VALUE';
    return [`${flagOf(key)}${value}`, configSchema.shape[key].description ?? ''] as const;
  });
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`).join('\n');
}
