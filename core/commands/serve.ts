import { configHelp, loadConfig } from '../config.ts';
import { startServe } from '../serve.ts';
import { version } from '../version.ts';
import { exitCodes, type Output, painter } from './output.ts';

export const serveHelp = `sandpost serve: starts the doors, the screen and the API, and runs until it is stopped.

Every flag is also a setting of the file named by --config FILE (YAML or JSON, keys as in camelCase) and an
environment variable: --smtp-port is SANDPOST_SMTP_PORT. A port of 0 picks a free one, "off" closes the door;
--ports 0 picks a free one for every door.

  --config FILE  settings file
${configHelp()}
`;

export async function serve(args: readonly string[], output: Output): Promise<number> {
  const config = loadConfig(args, output.environment);
  const log = {
    info: (text: string) => {
      if (!config.quiet) output.stderr.write(`sandpost: ${text}\n`);
    },
    warn: (text: string) => output.stderr.write(`sandpost: ${text}\n`),
  };
  const stop = stopRequested(output, config.exitWithStdin);
  let failed: string | null = null;
  const fatal = Promise.withResolvers<void>();
  const onFatal = (text: string) => {
    failed = text;
    fatal.resolve();
  };
  const serving = await startServe(config, log, onFatal, output.openVault);
  if (config.json) output.stdout.write(`${JSON.stringify(serving.ready)}\n`);
  else output.stdout.write(banner(serving.ready, serving.app.token, output));
  await Promise.race([stop, fatal.promise]);
  log.info(failed ?? 'stopping');
  await serving.close();
  return failed === null ? exitCodes.ok : exitCodes.io;
}

function banner(
  ready: {
    readonly url: string;
    readonly dataDir: string;
    readonly caFile: string;
    readonly ports: Readonly<Record<string, number>>;
  },
  token: string | null,
  output: Output,
): string {
  const paint = painter(output);
  const rows = Object.entries(ready.ports).map(([door, port]) => `  ${door.padEnd(11)} ${port}`);
  const address = token === null ? ready.url : `${ready.url}/?token=${token}`;
  return [
    paint('bold', `Sandpost ${version}`),
    `  ${'screen'.padEnd(11)} ${paint('green', address)}`,
    ...rows,
    `  ${'data'.padEnd(11)} ${ready.dataDir}`,
    '',
  ].join('\n');
}

/** A signal, or with --exit-with-stdin the end of standard input: whoever started us is gone. */
function stopRequested(output: Output, exitWithStdin: boolean): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
    if (!exitWithStdin) return;
    output.stdin.on('end', () => resolve());
    output.stdin.on('close', () => resolve());
    output.stdin.on('error', () => resolve());
    output.stdin.resume();
  });
}
