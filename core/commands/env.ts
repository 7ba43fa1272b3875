/** `sandpost env`: the settings to copy. */

import type { Status } from '../api/schema.ts';
import { type Recipe, recipes } from '../connect/recipes.ts';
import { AppError } from '../model/app-error.ts';
import { coreOptions, on, readFlags, text } from './arguments.ts';
import { findCore } from './core-client.ts';
import { exitCodes, type Output } from './output.ts';

export const envHelp = `sandpost env [RECIPE] [--json]: prints the settings of the running sandbox, for \`eval "$(sandpost env)"\`; with the
name of a recipe (nodemailer, rails, django, laravel, php, …) that one; --json lists them all.
`;

export async function env(args: readonly string[], output: Output): Promise<number> {
  const flags = readFlags('env', args, coreOptions);
  const core = findCore({ url: text(flags, 'url'), data: text(flags, 'data') }, output);
  const status = (await core.json('GET', '/v1/status')) as Status;
  const all = recipes({ host: status.host, ports: status.ports, url: status.url, caFile: status.caFile });
  if (on(flags, 'json')) {
    output.stdout.write(`${JSON.stringify({ environment: environmentOf(status), recipes: all })}\n`);
    return exitCodes.ok;
  }
  const [name] = flags.rest;
  output.stdout.write(name === undefined ? shell(environmentOf(status)) : recipeText(all, name));
  return exitCodes.ok;
}

function environmentOf(status: Status): Readonly<Record<string, string>> {
  const { host, ports } = status;
  const port = String(ports.smtp ?? 1025);
  return {
    SANDPOST_URL: status.url,
    SANDPOST_SMTP: `${host}:${port}`,
    SANDPOST_CA_FILE: status.caFile,
    SMTP_HOST: host,
    SMTP_PORT: port,
    SMTP_URL: `smtp://${host}:${port}`,
    MAIL_HOST: host,
    MAIL_PORT: port,
    MAILER_DSN: `smtp://${host}:${port}`,
    EMAIL_HOST: host,
    EMAIL_PORT: port,
  };
}

function shell(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`)
    .join('');
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
