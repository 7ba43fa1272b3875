/** What the command line of the app asks for; parsed once, for the first start and for each later one. */
import { isAbsolute, resolve } from 'node:path';
import { parseDeepLink } from './deep-link.ts';
import { inTrayFlag } from './login-start.ts';

/** A thing to show: a place in the window, or a file to import. */
export type Opening =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'file'; readonly file: string };

export interface StartArguments {
  readonly attachUrl: string | null;
  readonly dataDir: string | null;
  /** The name of a workspace; with a folder, that folder gets this name. */
  readonly workspace: string | null;
  /** No window until somebody asks for it. */
  readonly inTray: boolean;
  /** Forces one of the two ways to start a core; null picks by the age of Electron's Node. */
  readonly coreWay: 'own' | 'beside' | null;
  /** Another program in place of the core, for tests; refused in a packaged app. */
  readonly coreEntry: string | null;
  /** Handed to `serve` as they are: the ports of the doors. */
  readonly portArguments: readonly string[];
  readonly openings: readonly Opening[];
}

/**
 * @param argv without the program itself; what it does not know is left to Chromium
 * @param folder what relative paths are relative to: a second start has a working folder of its own
 */
export function parseStartArguments(argv: readonly string[], folder: string): StartArguments {
  const way = flagValue(argv, 'core');
  const dataDir = flagValue(argv, 'data');
  const ports = flagValue(argv, 'ports');
  return {
    attachUrl: parseCoreAddress(flagValue(argv, 'attach')),
    dataDir: dataDir === null ? null : absolute(folder, dataDir),
    workspace: nonEmpty(flagValue(argv, 'workspace')),
    inTray: argv.includes(inTrayFlag),
    coreWay: way === 'own' || way === 'beside' ? way : null,
    coreEntry: flagValue(argv, 'core-entry'),
    portArguments: ports === null ? [] : ['--ports', ports],
    openings: argv.flatMap((argument) => parseOpening(argument, folder)),
  };
}

/** @returns the address as the core is asked under it, or null when it is not one of http or https */
export function parseCoreAddress(text: string | null): string | null {
  if (text === null) return null;
  const withScheme = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  const url = parseUrl(withScheme);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return null;
  return url.href;
}

function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** Both `--name=value` and `--name value`; Chromium reorders the second form when it passes a start on. */
function flagValue(argv: readonly string[], name: string): string | null {
  const inline = argv.find((argument) => argument.startsWith(`--${name}=`));
  if (inline !== undefined) return inline.slice(name.length + 3);
  const next = argv[argv.indexOf(`--${name}`) + 1];
  return argv.includes(`--${name}`) && next !== undefined && !next.startsWith('--') ? next : null;
}

function parseOpening(argument: string, folder: string): readonly Opening[] {
  if (argument.startsWith('-')) return [];
  const path = parseDeepLink(argument);
  if (path !== null) return [{ kind: 'path', path }];
  return /\.(eml|mbox)$/i.test(argument) ? [{ kind: 'file', file: absolute(folder, argument) }] : [];
}

function nonEmpty(text: string | null): string | null {
  return text === null || text.trim() === '' ? null : text.trim();
}

function absolute(folder: string, path: string): string {
  return isAbsolute(path) ? path : resolve(folder, path);
}
