/** `sandpost doctor`: what could stand in the way, each with what to do about it. */
import { accessSync, constants, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import type { LiveStatusShape } from '../api/live-relay-schema.ts';
import { loadConfig } from '../config.ts';
import { portFlag } from '../doors/listen.ts';
import { portHolder } from '../doors/port-holder.ts';
import { codeOf, messageOf } from '../model/app-error.ts';
import { readCoreFile } from '../store/data-folder.ts';
import { version } from '../version.ts';
import { coreOptions, on, readFlags, text } from './arguments.ts';
import { findCore } from './core-client.ts';
import { exitCodes, type Output, painter } from './output.ts';

export const doctorHelp = `sandpost doctor [--json]: checks ports (and who holds them), the data folder, the browser, Electron and Node; and
tells when live relay is on.
Exit code 1 when something stands in the way of \`sandpost serve\`.
`;

interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'note' | 'bad';
  readonly detail: string;
}

export async function doctor(args: readonly string[], output: Output): Promise<number> {
  const flags = readFlags('doctor', args, coreOptions);
  const data = text(flags, 'data');
  const config = loadConfig(data === undefined ? [] : ['--data', data], output.environment);
  const core = readCoreFile(config.data);
  const running = core !== null && alive(core.pid);
  const ports = [
    ['smtp', config.smtpPort],
    ['submission', config.submissionPort],
    ['smtps', config.smtpsPort],
    ['http', config.httpPort],
    ['mx', config.mxPort],
    ['dns', config.dnsPort],
    ['providers', config.providersPort],
    ['tls', config.tlsPort],
    ['proxy', config.proxyPort],
    ['apns', config.apnsPort],
    ['apnsManage', config.apnsManagePort],
    ['metadata', config.metadataPort],
    ['smpp', config.smppPort],
  ] as const;
  const findings: Finding[] = [
    { what: 'Sandpost', state: 'ok', detail: version },
    { what: 'Node', state: 'ok', detail: `${process.versions.node} (${process.execPath})` },
    folderFinding(config.data),
    running
      ? { what: 'core', state: 'note', detail: `runs as process ${core.pid} at ${core.url}` }
      : { what: 'core', state: 'ok', detail: 'none runs on this data folder' },
    ...(await Promise.all(
      ports.map(([door, port]) => portFinding(door, port, running ? core.ports[door] : undefined)),
    )),
    ...(running ? [await liveFinding(data, output)] : []),
    browserFinding(output.environment),
    electronFinding(output.environment),
  ];
  if (on(flags, 'json')) {
    output.stdout.write(`${JSON.stringify({ findings })}\n`);
  } else {
    const paint = painter(output);
    const marks = { ok: paint('green', '✓'), note: paint('yellow', '·'), bad: paint('red', '✕') };
    for (const { what, state, detail } of findings)
      output.stdout.write(`${marks[state]} ${what.padEnd(12)} ${detail}\n`);
  }
  return findings.some((one) => one.state === 'bad') ? exitCodes.failed : exitCodes.ok;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function folderFinding(path: string): Finding {
  const what = 'data folder';
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.W_OK);
    return { what, state: 'ok', detail: path };
  } catch (error) {
    return {
      what,
      state: 'bad',
      detail: `${path} cannot be written: ${messageOf(error)}; choose another with --data`,
    };
  }
}

async function portFinding(door: string, port: number | 'off', ours: number | undefined): Promise<Finding> {
  const what = `port ${port}`;
  if (port === 'off') return { what, state: 'note', detail: `the door ${door} is closed` };
  if (port === ours) return { what, state: 'ok', detail: `${door}, held by the Sandpost that runs` };
  const failure = await tryToListen(port);
  if (failure === null) return { what, state: 'ok', detail: `free for the door ${door}` };
  const holder = failure === 'EADDRINUSE' ? await portHolder(port) : null;
  const why =
    failure === 'EADDRINUSE' ? `taken by ${holder ?? 'another program'}` : `not to be had (${failure})`;
  return { what, state: 'bad', detail: `${why}; free it, or choose another with ${portFlag(door)}` };
}

/** What goes out for real is nothing that stands in the way, and something to know. */
async function liveFinding(data: string | undefined, output: Output): Promise<Finding> {
  const what = 'live relay';
  try {
    const { live, until, channels } = (await findCore({ data }, output).json(
      'GET',
      '/v1/live-relay',
    )) as LiveStatusShape;
    if (!live) return { what, state: 'ok', detail: 'off: nothing goes out for real' };
    const which = Object.keys(channels).join(', ');
    return {
      what,
      state: 'note',
      detail: `ON until ${until}: ${which} go out for real; \`sandpost live off\` ends it`,
    };
  } catch (error) {
    return { what, state: 'note', detail: `the core could not be asked: ${messageOf(error)}` };
  }
}

function tryToListen(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(codeOf(error) ?? error.message));
    server.listen({ host: '127.0.0.1', port }, () => server.close(() => resolve(null)));
  });
}

const browsers = [
  'google-chrome',
  'google-chrome-stable',
  'chromium',
  'chromium-browser',
  'microsoft-edge',
  'msedge',
];
const browserPaths = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

function browserFinding(environment: Readonly<Record<string, string | undefined>>): Finding {
  const folders = (environment.PATH ?? '').split(delimiter);
  const found = [
    ...folders.flatMap((folder) => browsers.map((name) => join(folder, name))),
    ...browserPaths,
  ].find((path) => existsSync(path));
  return found === undefined
    ? {
        what: 'browser',
        state: 'note',
        detail: 'no Chrome, Chromium or Edge found; without Electron the screen opens in your own browser',
      }
    : { what: 'browser', state: 'ok', detail: found };
}

function electronFinding(environment: Readonly<Record<string, string | undefined>>): Finding {
  const what = 'Electron';
  const override = environment.ELECTRON_OVERRIDE_DIST_PATH;
  if (override !== undefined) return { what, state: existsSync(override) ? 'ok' : 'note', detail: override };
  try {
    const folder = join(createRequire(import.meta.url).resolve('electron/package.json'), '..');
    const binary = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8').trim());
    return existsSync(binary)
      ? { what, state: 'ok', detail: binary }
      : { what, state: 'note', detail: 'installed without its binary; `npm start` fetches it' };
  } catch {
    // Not installed, or its binary was never fetched.
    return {
      what,
      state: 'note',
      detail: 'no binary; `npm start` fetches it, or opens the screen in a browser window',
    };
  }
}
