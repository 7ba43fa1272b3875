import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { listPackage } from '@electron/asar';
import { FuseV1Options, FuseVersion, flipFuses, getCurrentFuseWire } from '@electron/fuses';
import { _electron } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { appEnvironment, makeFolders, root, sandboxArguments } from './launch-app.ts';
import { freePorts, statusOf } from './real-core.ts';
import { receiveMail, walkThroughTabs } from './screen.ts';
import { putStandIn, startInTerminal } from './stand-in-core.ts';

const packMsMax = 300_000;
const startMsMax = 120_000;
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

/** Every file of the package, with whether it lies beside the asar. */
function packedFiles(): readonly { readonly path: string; readonly beside: boolean }[] {
  return listPackage(join(folder, 'resources', 'app.asar'), { isPack: true }).map((line) => {
    const [, state = '', path = ''] = /^(unpack|pack)\s*: [\\/](.*)$/.exec(line) ?? [];
    return { path: path.replaceAll('\\', '/'), beside: state === 'unpack' };
  });
}

it.skipIf(!here)('packs what runs, and not what only the source needs', () => {
  const files = packedFiles();
  const paths = new Set(files.map(({ path }) => path));
  for (const needed of [
    'package.json',
    'bin/sandpost.js',
    'out/core/host.cjs',
    'out/core/electron-host.js',
    'out/client/client.js',
    'out/renderer/index.html',
    'out/electron/main.cjs',
    'out/electron/preload.cjs',
    'out/electron/feed-updater.cjs',
    'electron/assets/icon-live.png',
    `node_modules/better-sqlite3/prebuilds/linux-${process.arch}.node`,
  ]) {
    expect(paths, needed).toContain(needed);
  }
  const unwanted = [...paths].filter((path) =>
    [
      /^(core|renderer|client|test|scripts|docs)\//,
      /^electron\/(?!assets)/,
      /\.(map|d\.ts|d\.cts|d\.mts|tsx)$/,
      /^node_modules\/.*\/(test|tests|__tests__)\//,
      /^node_modules\/node-(bin-)?(linux|win|darwin)-/,
      /^node_modules\/better-sqlite3\/(deps|src)\//,
      /^node_modules\/\.(bin|cache)\//,
    ].some((pattern) => pattern.test(path)),
  );
  expect(unwanted).toEqual([]);
  expect([...paths].filter((path) => path.endsWith('.node'))).toEqual([
    `node_modules/better-sqlite3/prebuilds/linux-${process.arch}.node`,
  ]);
  const { devDependencies } = z
    .object({ devDependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const dev = Object.keys(devDependencies).filter((name) => paths.has(`node_modules/${name}/package.json`));
  expect(dev).toEqual([]);
});

it.skipIf(!here)('leaves beside the asar what is started or served from the disk', () => {
  const files = packedFiles();
  const folders = new Set(files.map(({ path }) => dirname(path)));
  const inside = files.filter(
    ({ path, beside }) =>
      !beside && !folders.has(path) && /^(out\/(core|client|renderer)|bin|node_modules)\/.*\.\w+$/.test(path),
  );
  expect(inside.map(({ path }) => path)).toEqual([]);
  expect(existsSync(join(unpacked, 'out', 'core', 'host.cjs'))).toBe(true);
  expect(existsSync(join(unpacked, 'out', 'electron', 'main.cjs'))).toBe(false);
});

it.skipIf(!here)('is packed with the fuses of a release', async () => {
  const wire = await getCurrentFuseWire(program);
  expect(wire[FuseV1Options.RunAsNode]).toBe(fuse.off);
  expect(wire[FuseV1Options.EnableCookieEncryption]).toBe(fuse.on);
  expect(wire[FuseV1Options.EnableNodeOptionsEnvironmentVariable]).toBe(fuse.off);
  expect(wire[FuseV1Options.EnableNodeCliInspectArguments]).toBe(fuse.off);
  expect(wire[FuseV1Options.EnableEmbeddedAsarIntegrityValidation]).toBe(fuse.on);
  expect(wire[FuseV1Options.OnlyLoadAppFromAsar]).toBe(fuse.on);
});

/** What every start of the packed app has here; the test itself comes in through the inspector. */
async function startPacked(more: readonly string[]) {
  await flipFuses(program, { version: FuseVersion.V1, [FuseV1Options.EnableNodeCliInspectArguments]: true });
  const wire = await getCurrentFuseWire(program);
  expect(wire[FuseV1Options.EnableNodeCliInspectArguments]).toBe(fuse.on);
  const folders = makeFolders();
  const app = await _electron.launch({
    executablePath: program,
    args: [...sandboxArguments(), `--user-data-dir=${folders.profile}`, `--data=${folders.data}`, ...more],
    env: appEnvironment(),
  });
  const ended = new Promise((resolve) => app.process().on('exit', resolve));
  const page = await app.firstWindow();
  return { app, page, ended, folders };
}

it.skipIf(!here)(
  'starts packed, attached to the packed core that runs in a terminal',
  async () => {
    const elsewhere = makeFolders();
    const core = await startInTerminal(join(unpacked, 'bin', 'sandpost.js'), [
      '--data',
      elsewhere.data,
      ...freePorts,
    ]);
    const { app, page, ended, folders } = await startPacked([`--attach=${core.url}`]);
    await page.locator('#room').waitFor();
    const screen = { page, url: core.url, smtpPort: (await statusOf(core.url)).ports.smtp };
    await receiveMail(screen, 'To the packed app');
    await walkThroughTabs(screen, 'To the packed app');
    expect(await page.evaluate(() => window.sandpost?.about())).toMatchObject({ credentialsIn: null });
    await app.close();
    expect(await ended).toBe(0);
    await core.end();
    folders.remove();
    elsewhere.remove();
  },
  startMsMax,
);

it.skipIf(!here)(
  'starts packed, on a core in its own process, and ends',
  async () => {
    putStandIn(join(unpacked, 'out', 'core'));
    const { app, page, ended, folders } = await startPacked(['--core=own']);
    await page.getByRole('heading', { name: 'Stand-in core' }).waitFor();
    expect(await app.evaluate(({ app: electronApp }) => electronApp.isPackaged)).toBe(true);
    expect(await page.evaluate(() => typeof window.sandpost)).toBe('object');
    expect(await page.evaluate(() => window.sandpost?.capabilities)).toContain('startAtLogin');
    await app.close();
    expect(await ended).toBe(0);
    folders.remove();
  },
  startMsMax,
);
