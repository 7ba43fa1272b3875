/** Flags of commands, read strictly: an unknown one is an error that names it. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { AppError, messageOf } from '../model/app-error.ts';

export interface Flags {
  readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
  readonly rest: readonly string[];
}

type Options = NonNullable<ParseArgsConfig['options']>;

export const coreOptions = {
  url: { type: 'string' },
  data: { type: 'string' },
  json: { type: 'boolean' },
} as const satisfies Options;

export function readFlags(command: string, args: readonly string[], options: Options): Flags {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
      strict: true,
    });
    return { values, rest: positionals };
  } catch (error) {
    throw new AppError('usage', `${messageOf(error)} \`sandpost help ${command}\` tells more.`, {
      cause: error,
    });
  }
}

export function text(flags: Flags, name: string): string | undefined {
  const value = flags.values[name];
  return typeof value === 'string' ? value : undefined;
}

export function texts(flags: Flags, name: string): readonly string[] {
  const value = flags.values[name];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

export function on(flags: Flags, name: string): boolean {
  return flags.values[name] === true;
}

/** `500ms`, `30s`, `5m`, `4h`, `2d`; bare numbers are milliseconds. */
export function durationMs(value: string, flag: string): number {
  const match = /^(\d+)(ms|s|m|h|d)?$/.exec(value);
  if (match === null)
    throw new AppError('usage', `${flag} ${value} is no duration; write 500ms, 30s, 5m or 4h`);
  return (
    Number(match[1]) * ({ ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match[2] ?? 'ms'] ?? 1)
  );
}

export async function readAll(stream: NodeJS.ReadableStream, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    const piece = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    bytes += piece.length;
    if (bytes > bytesMax) throw new AppError('too_large', `standard input is larger than ${bytesMax} bytes`);
    chunks.push(piece);
  }
  return Buffer.concat(chunks, bytes);
}

/** `NAME=VALUE`, as `--var` and `--value` take it; of a value that is JSON with `json`, what it says. */
export function pairs(
  written: readonly string[],
  flag: string,
  values: 'text' | 'json' = 'text',
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    written.map((one) => {
      const equals = one.indexOf('=');
      if (equals < 1) throw new AppError('usage', `${flag} ${one}: write NAME=VALUE`);
      const value = one.slice(equals + 1);
      return [one.slice(0, equals), values === 'json' ? jsonOr(value) : value];
    }),
  );
}

/** Numbers, lists and the like are what they are; anything else is a text, so that nobody has to quote it twice. */
function jsonOr(value: string): unknown {
  try {
    const parsed: unknown = JSON.parse(value);
    return parsed;
  } catch (error) {
    if (error instanceof SyntaxError) return value;
    throw error;
  }
}
