/** The `sandpost` command: picks the sub-command, turns errors into a sentence and an exit code. */

import { systemClock } from './clock.ts';
import { exitCodes, type Output } from './commands/output.ts';
import { keepHeapSmall } from './heap.ts';
import { AppError, messageOf } from './model/app-error.ts';
import { openShellVault } from './store/shell-vault.ts';
import { version } from './version.ts';

type Command = (args: readonly string[], output: Output) => Promise<number>;

interface Entry {
  readonly summary: string;
  readonly load: () => Promise<{ readonly run: Command; readonly help: string }>;
}

const commands: Readonly<Record<string, Entry>> = {
  serve: {
    summary: 'start the doors, the screen and the API',
    load: async () => {
      keepHeapSmall();
      const { serve, serveHelp } = await import('./commands/serve.ts');
      return { run: serve, help: serveHelp };
    },
  },
  send: {
    summary: 'send a message to the sandbox',
    load: async () => {
      const { send, sendHelp } = await import('./commands/send.ts');
      return { run: send, help: sendHelp };
    },
  },
  sendmail: {
    summary: 'stand in for sendmail: read a message from standard input',
    load: async () => {
      const { sendmail, sendmailHelp } = await import('./commands/send.ts');
      return { run: sendmail, help: sendmailHelp };
    },
  },
  wait: {
    summary: 'wait for a message that matches',
    load: async () => {
      const { wait, waitHelp } = await import('./commands/read.ts');
      return { run: wait, help: waitHelp };
    },
  },
  list: {
    summary: 'list messages',
    load: async () => {
      const { list, listHelp } = await import('./commands/read.ts');
      return { run: list, help: listHelp };
    },
  },
  show: {
    summary: 'show one message',
    load: async () => {
      const { show, showHelp } = await import('./commands/read.ts');
      return { run: show, help: showHelp };
    },
  },
  clear: {
    summary: 'delete messages',
    load: async () => {
      const { clear, clearHelp } = await import('./commands/read.ts');
      return { run: clear, help: clearHelp };
    },
  },
  export: {
    summary: 'write the whole workspace to a file',
    load: async () => {
      const { exportCommand, exportHelp } = await import('./commands/workspace.ts');
      return { run: exportCommand, help: exportHelp };
    },
  },
  import: {
    summary: 'take in an exported workspace, an mbox or an .eml',
    load: async () => {
      const { importCommand, importHelp } = await import('./commands/workspace.ts');
      return { run: importCommand, help: importHelp };
    },
  },
  clock: {
    summary: 'show or move the virtual clock',
    load: async () => {
      const { clock, clockHelp } = await import('./commands/clock.ts');
      return { run: clock, help: clockHelp };
    },
  },
  live: {
    summary: 'show what goes out for real, turn it on or off, relays, releases by hand',
    load: async () => {
      const { live, liveHelp } = await import('./commands/live.ts');
      return { run: live, help: liveHelp };
    },
  },
  env: {
    summary: 'print the settings to copy into an app',
    load: async () => {
      const { env, envHelp } = await import('./commands/env.ts');
      return { run: env, help: envHelp };
    },
  },
  doctor: {
    summary: 'check ports, data folder, browser, Electron and Node',
    load: async () => {
      const { doctor, doctorHelp } = await import('./commands/doctor.ts');
      return { run: doctor, help: doctorHelp };
    },
  },
};

export async function main(argv: readonly string[], output: Output = systemOutput()): Promise<number> {
  const [name = 'help', ...args] = argv;
  if (name === 'help' || name === '--help' || name === '-h') return help(args[0], output);
  if (name === 'version' || name === '--version' || name === '-v') {
    output.stdout.write(`${version}\n`);
    return exitCodes.ok;
  }
  const entry = commands[name];
  if (entry === undefined) {
    output.stderr.write(`sandpost: there is no command "${name}"; \`sandpost help\` lists them\n`);
    return exitCodes.usage;
  }
  try {
    const { run } = await entry.load();
    // sendmail has its own -h, and no word of its own to say.
    if (args.includes('--help')) return await help(name, output);
    return await run(args, output);
  } catch (error) {
    output.stderr.write(`sandpost: ${messageOf(error)}\n`);
    return exitCodeOf(error);
  }
}

async function help(name: string | undefined, output: Output): Promise<number> {
  const entry = name === undefined ? undefined : commands[name];
  if (entry !== undefined) {
    output.stdout.write((await entry.load()).help);
    return exitCodes.ok;
  }
  const rows = Object.entries(commands).map(([command, { summary }]) => `  ${command.padEnd(10)} ${summary}`);
  output.stdout.write(`Sandpost ${version}: the local sandbox for everything an app sends.

Usage: sandpost COMMAND [flags]

${rows.join('\n')}
  help       this, or more on one command: sandpost help serve
  version    the version

Commands that talk to a running sandbox find it by --url, SANDPOST_URL, the data folder, or at port 8025.

Exit codes: 0 done · 1 failed · 2 nothing came in time (wait) · 64 wrong usage or setting · 69 refused, or Node too
old · 73 another Sandpost holds the data folder · 74 the disk or the data folder fails · 75 a port is taken
(sendmail: failed for now)
`);
  return exitCodes.ok;
}

function systemOutput(): Output {
  const { stdout, stderr, stdin, env: environment } = process;
  const send = process.send?.bind(process);
  // The desktop app started this core beside itself, and keeps its credentials.
  if (environment.SANDPOST_VAULT !== 'shell' || send === undefined) {
    return { stdout, stderr, stdin, environment };
  }
  const openVault = () =>
    openShellVault(
      {
        send: (message) => void send(message),
        onMessage(listener) {
          process.on('message', listener);
          // The line alone is no reason to go on.
          process.channel?.unref();
        },
      },
      systemClock,
    );
  return { stdout, stderr, stdin, environment, openVault };
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
