/** `sandpost env`: the settings to copy. */

import type { Status } from '../api/schema.ts';
import { environmentOf, isWay, type Way, ways } from '../connect/environment.ts';
import { type Recipe, recipes } from '../connect/recipes.ts';
import { assignments, isShell, type Shell, shellOf, shells } from '../connect/shells.ts';
import { AppError } from '../model/app-error.ts';
import { coreOptions, on, readFlags, text, texts } from './arguments.ts';
import { findCore } from './core-client.ts';
import { exitCodes, type Output } from './output.ts';

export const envHelp = `sandpost env [--way WAY]… [--shell SHELL] [--json]: prints environment variables that lead an app to the running
sandbox, for \`eval "$(sandpost env)"\`, in the syntax of your shell or of --shell (bash, zsh, fish, powershell, cmd).
  --way address  where everything is (when no way is named)
  --way ca       whom to trust: for clients that take a host and a port with TLS
  --way node     NODE_OPTIONS with the preload that leads Node apps here, unchanged
  --way proxy    the CONNECT proxy, for apps of other languages, unchanged
sandpost env RECIPE, or --sdk RECIPE: prints the settings of one framework or SDK (nodemailer, rails, apns2, firebase-admin,
web-push, …); --json lists everything.
`;

const options = {
  ...coreOptions,
  shell: { type: 'string' },
  way: { type: 'string', multiple: true },
  sdk: { type: 'string' },
} as const;

export async function env(
  args: readonly string[],
  output: Output,
  platform: NodeJS.Platform = process.platform,
): Promise<number> {
  const flags = readFlags('env', args, options);
  const shell = shellNamed(text(flags, 'shell'), output, platform);
  const chosen = waysNamed(texts(flags, 'way'));
  const core = findCore({ url: text(flags, 'url'), data: text(flags, 'data') }, output);
  const status = (await core.json('GET', '/v1/status')) as Status;
  const { host, ports, caFile } = status;
  const facts = { host, ports, url: status.url, caFile, current: output.environment };
  const all = recipes(facts);
  if (on(flags, 'json')) {
    const byWay = Object.fromEntries(ways.map((way) => [way, environmentOf(facts, way)]));
    output.stdout.write(
      `${JSON.stringify({ environment: environmentOf(facts, 'address'), ways: byWay, recipes: all })}\n`,
    );
    return exitCodes.ok;
  }
  const name = text(flags, 'sdk') ?? flags.rest[0];
  output.stdout.write(
    name === undefined
      ? assignments(Object.assign({}, ...chosen.map((way) => environmentOf(facts, way))), shell)
      : recipeText(all, name),
  );
  return exitCodes.ok;
}

function shellNamed(name: string | undefined, output: Output, platform: NodeJS.Platform): Shell {
  if (name === undefined) return shellOf(output.environment, platform);
  const shell = name.toLowerCase();
  if (isShell(shell)) return shell;
  if (shell === 'pwsh') return 'powershell';
  if (shell === 'sh') return 'bash';
  throw new AppError('usage', `--shell ${name}: there are ${shells.join(', ')}`);
}

function waysNamed(names: readonly string[]): readonly Way[] {
  if (names.length === 0) return ['address'];
  return names.map((name) => {
    if (isWay(name)) return name;
    throw new AppError('usage', `--way ${name}: there are ${ways.join(', ')}`);
  });
}

function recipeText(all: readonly Recipe[], name: string): string {
  const found = all.find((one) => one.id === name.toLowerCase());
  if (found === undefined) {
    throw new AppError(
      'usage',
      `there is no recipe "${name}"; there are ${all.map((one) => one.id).join(', ')}`,
    );
  }
  return `${found.code.trimEnd()}\n`;
}
