// Where Electron's program is. It comes with no install script, so that the first start fetches it, once.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const installMsMax = 120_000;
/** A network that refused the download is not asked again at each start. */
const askAgainMs = 24 * 60 * 60 * 1000;

/**
 * @param {string} root folder of the project
 * @returns {string | null} the program, or null when it is not there (yet)
 */
export function findElectron(root, environment = process.env) {
  const override = environment.ELECTRON_OVERRIDE_DIST_PATH;
  const installed = join(root, 'node_modules', 'electron');
  const inFolder = join(override || join(installed, 'dist'), programName());
  if (!override && !existsSync(join(installed, 'path.txt'))) return null;
  return existsSync(inFolder) ? inFolder : null;
}

/** @returns {string | null} null when the download is not reachable from here */
export function fetchElectron(root) {
  const installed = join(root, 'node_modules', 'electron');
  const refused = join(installed, '.sandpost-download-refused');
  if (existsSync(refused) && Date.now() - statSync(refused).mtimeMs < askAgainMs) return null;
  const { version } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  console.error(`sandpost: fetching Electron ${version}, once …`);
  const { status } = spawnSync(process.execPath, [join(installed, 'install.js')], {
    stdio: 'ignore',
    timeout: installMsMax,
  });
  if (status === 0) {
    rmSync(refused, { force: true });
    return findElectron(root, {});
  }
  writeFileSync(refused, 'Delete this file to have the next start try again.\n');
  return null;
}

function programName() {
  if (process.platform === 'darwin') return join('Electron.app', 'Contents', 'MacOS', 'Electron');
  return process.platform === 'win32' ? 'electron.exe' : 'electron';
}
