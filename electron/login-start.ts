/** Starts the app when the person logs in: by the system where Electron knows how, on Linux by an XDG autostart file. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ShellPreferences } from './bridge.ts';

export const inTrayFlag = '--in-tray';

export interface LoginStartOptions {
  readonly platform: string;
  /** `$XDG_CONFIG_HOME`, or `~/.config`. */
  readonly configDir: string;
  /** What starts the app: an AppImage is its file, not what it unpacked to. */
  readonly program: string;
  readonly setLoginItem: (item: { readonly openAtLogin: boolean; readonly args: string[] }) => void;
}

export function applyLoginStart(
  { startAtLogin, startInTray }: Pick<ShellPreferences, 'startAtLogin' | 'startInTray'>,
  { platform, configDir, program, setLoginItem }: LoginStartOptions,
): void {
  const args = startInTray ? [inTrayFlag] : [];
  if (platform !== 'linux') {
    setLoginItem({ openAtLogin: startAtLogin, args });
    return;
  }
  const file = join(configDir, 'autostart', 'sandpost.desktop');
  if (startAtLogin) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, autostartEntry(program, args));
  } else {
    rmSync(file, { force: true });
  }
}

/** Source: Desktop Entry Specification 1.5, "The Exec key"; Desktop Application Autostart Specification. */
export function autostartEntry(program: string, args: readonly string[]): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Sandpost',
    'Comment=The local sandbox for everything an app sends',
    `Exec=${[program, ...args].map(quoted).join(' ')}`,
    'Icon=sandpost',
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n');
}

/** Quoted for the Exec key, then once more as any value of the file: a backslash is written twice. */
function quoted(argument: string): string {
  const escaped = argument.replace(/["`$\\]/g, '\\$&').replaceAll('%', '%%');
  return `"${escaped}"`.replaceAll('\\', '\\\\');
}
