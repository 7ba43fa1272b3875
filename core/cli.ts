/** The `sandpost` command: picks the sub-command, turns errors into a sentence and an exit code. */
import { exitCodes, type Output } from './commands/output.ts';
import { AppError, messageOf } from './model/app-error.ts';

type Command = (args: readonly string[], output: Output) => Promise<number>;

const commands: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./commands/serve.ts')).serve,
};

export async function main(argv: readonly string[], output: Output = systemOutput()): Promise<number> {
  const [name = 'help', ...args] = argv;
  const load = commands[name];
  if (load === undefined) {
    output.stderr.write(`sandpost: there is no command "${name}"; \`sandpost help\` lists them\n`);
    return exitCodes.usage;
  }
  try {
    const command = await load();
    return await command(args, output);
  } catch (error) {
    output.stderr.write(`sandpost: ${messageOf(error)}\n`);
    return exitCodeOf(error);
  }
}

function systemOutput(): Output {
  return { stdout: process.stdout, stderr: process.stderr, stdin: process.stdin, environment: process.env };
}

function exitCodeOf(error: unknown): number {
  if (!(error instanceof AppError)) return exitCodes.failed;
  switch (error.code) {
    case 'usage':
    case 'bad_configuration':
      return exitCodes.usage;
    case 'data_folder_held':
      return exitCodes.dataFolderHeld;
    case 'data_folder_unusable':
    case 'disk_full':
      return exitCodes.io;
    case 'port_taken':
      return exitCodes.portTaken;
    case 'wait_timed_out':
      return exitCodes.timedOut;
    default:
      return exitCodes.failed;
  }
}
