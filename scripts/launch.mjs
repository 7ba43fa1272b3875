// `npm start`: the desktop app in Electron; else the same screen as an app window of a browser; else its address.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import envPaths from 'env-paths';
import { appWindowArguments, findBrowser } from './launch/app-window.mjs';
import { addressOfHolder, serveCore } from './launch/core.mjs';
import { fetchElectron, findElectron } from './launch/electron-binary.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const asked = process.argv.slice(2);
const asRoot = process.getuid?.() === 0;
/** An Electron that fails this soon did not start at all: a missing library, a refused sandbox. */
const startMsMax = 10_000;
const endMsMax = 15_000;

process.exit(await launch());

async function launch() {
  const mode = modeOf(asked);
  const rest = asked.filter((argument) => !['--headless', '--browser'].includes(argument));
  if (mode === 'headless') return await showInBrowser(rest, null);
  if (mode === 'electron') {
    const electron = findElectron(root) ?? fetchElectron(root);
    if (electron !== null) {
      const code = await runElectron(electron, rest);
      if (code !== null) return code;
    }
    const why = electron === null ? 'No Electron can be fetched from here' : 'Electron does not run here';
    console.error(`sandpost: ${why}, so the same screen opens in a browser.`);
  }
  return await showInBrowser(rest, findBrowser());
}

/** Without a display nothing can be shown; the core is served all the same. */
function modeOf(flags) {
  if (flags.includes('--headless')) return 'headless';
  if (flags.includes('--browser')) return 'browser';
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    console.error('sandpost: there is no display here, so that the core runs without a window.');
    return 'headless';
  }
  return 'electron';
}

/** @returns {Promise<number | null>} the exit code of the app, or null when Electron does not run here */
async function runElectron(electron, rest) {
  if (asRoot)
    console.error("sandpost: as root Chromium's sandbox does not work, so that it is off (--no-sandbox).");
  const startedMs = performance.now();
  const environment = { ...process.env };
  delete environment.ELECTRON_RUN_AS_NODE;
  const code = await runToTheEnd(electron, [...(asRoot ? ['--no-sandbox'] : []), root, ...rest], environment);
  return code !== 0 && performance.now() - startedMs < startMsMax ? null : code;
}

async function showInBrowser(rest, browser) {
  const attachUrl = flagValue(rest, 'attach');
  const core = attachUrl === null ? await serveCore(root, rest) : null;
  const dataDir =
    flagValue(rest, 'data') ?? process.env.SANDPOST_DATA ?? envPaths('sandpost', { suffix: '' }).data;
  const held = core !== null && 'exitCode' in core ? addressOfHolder(core.exitCode, dataDir) : null;
  if (core !== null && 'exitCode' in core && held === null) return core.exitCode;
  const url = attachUrl ?? held ?? core.url;
  console.error(`sandpost: ${url}`);
  if (browser === null) {
    if (core === null || held !== null) return 0;
    return await untilAskedToEnd(core);
  }
  const profile = join(dataDir, 'app-window');
  mkdirSync(profile, { recursive: true });
  const more = (process.env.SANDPOST_BROWSER_FLAGS ?? '').split(' ').filter(Boolean);
  const code = await runToTheEnd(browser, appWindowArguments({ url, profile, asRoot, more }), process.env);
  if (core !== null && held === null) await core.stop();
  return code;
}

/** Runs a program with a window; what ends this script ends it, and is not allowed to take long. */
function runToTheEnd(program, programArguments, environment) {
  const child = spawn(program, programArguments, { cwd: root, stdio: 'inherit', env: environment });
  let ending = false;
  const end = (signal) => {
    if (ending) return;
    ending = true;
    child.kill(signal);
    setTimeout(() => child.kill('SIGKILL'), endMsMax).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`sandpost: ${program} could not be started: ${error.message}`);
      resolve(1);
    });
    child.on('exit', (code) => resolve(ending ? 0 : (code ?? 1)));
  });
}

async function untilAskedToEnd(core) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => void core.stop());
  return await core.exited;
}

function flagValue(flags, name) {
  const inline = flags.find((flag) => flag.startsWith(`--${name}=`));
  if (inline) return inline.slice(name.length + 3);
  const at = flags.indexOf(`--${name}`);
  return at === -1 ? null : (flags[at + 1] ?? null);
}
