import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FuseV1Options, FuseVersion, flipFuses, getCurrentFuseWire } from '@electron/fuses';
import { _electron } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { appEnvironment, makeFolders, root, sandboxArguments } from './launch-app.ts';
import { putStandIn } from './stand-in-core.ts';

const packMsMax = 180_000;
const output = mkdtempSync(join(tmpdir(), 'sandpost-packed-'));
const folder = join(output, 'linux-unpacked');
const program = join(folder, 'sandpost');
const unpacked = join(folder, 'resources', 'app.asar.unpacked');

/** How the wire says it: the digits 0 and 1. */
const fuse = { off: 0x30, on: 0x31 } as const;

/** Packing for the other systems is the same list of files; their programs are tested unpacked. */
const here = process.platform === 'linux';

beforeAll(async () => {
  if (!here) return;
  const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(root, 'node_modules', 'electron', 'dist');
  const version = readFileSync(join(dist, 'version'), 'utf8').trim().replace(/^v/, '');
  await promisify(execFile)(
    process.execPath,
    [
      join(root, 'node_modules', 'electron-builder', 'cli.js'),
      '--dir',
      `-c.electronDist=${dist}`,
      `-c.electronVersion=${version}`,
      `-c.directories.output=${output}`,
    ],
    { cwd: root, timeout: packMsMax },
  );
  // An Electron that is run from source may carry an app to show when it is given none.
  rmSync(join(folder, 'resources', 'app'), { recursive: true, force: true });
}, packMsMax);

afterAll(() => {
  rmSync(output, { recursive: true, force: true });
});

it.skipIf(!here)('packs what runs, and not what only the source needs', () => {
  expect(existsSync(join(unpacked, 'out', 'core', 'host.cjs'))).toBe(true);
  expect(existsSync(join(unpacked, 'bin', 'sandpost.js'))).toBe(true);
  const sqlite = join(unpacked, 'node_modules', 'better-sqlite3');
  expect(existsSync(join(sqlite, 'prebuilds', `linux-${process.arch}.node`))).toBe(true);
  expect(existsSync(join(sqlite, 'prebuilds', 'win32-x64.node'))).toBe(false);
  expect(existsSync(join(sqlite, 'deps'))).toBe(false);
  expect(existsSync(join(unpacked, 'node_modules', `node-linux-${process.arch}`))).toBe(false);
});

it.skipIf(!here)('is packed with the fuses of a release', async () => {
  const wire = await getCurrentFuseWire(program);
  expect(wire[FuseV1Options.RunAsNode]).toBe(fuse.off);
  expect(wire[FuseV1Options.EnableCookieEncryption]).toBe(fuse.on);
  expect(wire[FuseV1Options.EnableNodeOptionsEnvironmentVariable]).toBe(fuse.off);
  expect(wire[FuseV1Options.EnableNodeCliInspectArguments]).toBe(fuse.off);
  expect(wire[FuseV1Options.OnlyLoadAppFromAsar]).toBe(fuse.on);
});

it.skipIf(!here)('starts packed, on a core in its own process, and ends', async () => {
  // The test itself comes in through the inspector, which a release keeps shut.
  await flipFuses(program, { version: FuseVersion.V1, [FuseV1Options.EnableNodeCliInspectArguments]: true });
  putStandIn(join(unpacked, 'out', 'core'));
  const folders = makeFolders();
  const app = await _electron.launch({
    executablePath: program,
    args: [
      ...sandboxArguments(),
      '--core=own',
      `--user-data-dir=${folders.profile}`,
      `--data=${folders.data}`,
    ],
    env: appEnvironment(),
  });
  const ended = new Promise((resolve) => app.process().on('exit', resolve));
  const page = await app.firstWindow();
  await page.getByRole('heading', { name: 'Stand-in core' }).waitFor();
  expect(await app.evaluate(({ app: electronApp }) => electronApp.isPackaged)).toBe(true);
  expect(await page.evaluate(() => typeof window.sandpost)).toBe('object');
  await app.close();
  expect(await ended).toBe(0);
  folders.remove();
});
