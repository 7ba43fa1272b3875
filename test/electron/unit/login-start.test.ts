import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { applyLoginStart, autostartEntry } from '../../../electron/login-start.ts';

let configDir: string;

beforeEach(() => {
  configDir = mkdtempSync(join(tmpdir(), 'sandpost-login-'));
});

afterEach(() => rmSync(configDir, { recursive: true, force: true }));

const inTray = { startAtLogin: true, startInTray: true };
const off = { startAtLogin: false, startInTray: true };

it('is asked of the system on macOS and Windows, with the word to stay in the tray', () => {
  for (const platform of ['darwin', 'win32']) {
    const items: unknown[] = [];
    const options = { platform, configDir, program: 'x', setLoginItem: (item: unknown) => items.push(item) };
    applyLoginStart(inTray, options);
    applyLoginStart(off, options);
    expect(items).toEqual([
      { openAtLogin: true, args: ['--in-tray'] },
      { openAtLogin: false, args: ['--in-tray'] },
    ]);
  }
  expect(existsSync(join(configDir, 'autostart'))).toBe(false);
});

it('is an autostart file on Linux, which goes when it is not wanted any more', () => {
  const options = {
    platform: 'linux',
    configDir,
    program: '/opt/Sandpost.AppImage',
    setLoginItem: () => undefined,
  };
  const file = join(configDir, 'autostart', 'sandpost.desktop');
  applyLoginStart(inTray, options);
  expect(readFileSync(file, 'utf8')).toContain('\nExec="/opt/Sandpost.AppImage" "--in-tray"\n');
  applyLoginStart({ startAtLogin: true, startInTray: false }, options);
  expect(readFileSync(file, 'utf8')).toContain('\nExec="/opt/Sandpost.AppImage"\n');
  applyLoginStart(off, options);
  applyLoginStart(off, options);
  expect(existsSync(file)).toBe(false);
});

it('quotes the program as the Exec key asks for', () => {
  expect(autostartEntry('/home/a b/$x`"\\100%', [])).toContain(
    'Exec="/home/a b/\\\\$x\\\\`\\\\"\\\\\\\\100%%"\n',
  );
});
