/** The menu: what every app has, and the rooms of the screen. */
import { Menu, type MenuItemConstructorOptions } from 'electron';

export interface AppMenuOptions {
  readonly platform: string;
  /** Attached to a core that the app did not start, so that there is something to go back from. */
  readonly attached: boolean;
  readonly onNavigate: (path: string) => void;
  readonly onImport: () => void;
  readonly onOwnCore: () => void;
  readonly onRestartCore: () => void;
  readonly onCopyAddress: () => void;
  readonly onRevealData: () => void;
}

export function buildAppMenu(options: AppMenuOptions): Menu {
  const isMac = options.platform === 'darwin';
  const room = (label: string, path: string, accelerator: string): MenuItemConstructorOptions => ({
    label,
    accelerator,
    click: () => options.onNavigate(path),
  });
  const core: MenuItemConstructorOptions[] = [
    { label: 'Copy its Address', click: options.onCopyAddress },
    { label: 'Show its Data Folder', click: options.onRevealData },
    { type: 'separator' },
    options.attached
      ? { label: "Use the App's Own Core", click: options.onOwnCore }
      : { label: 'Restart', click: options.onRestartCore },
  ];
  return Menu.buildFromTemplate([
    ...(isMac ? [{ role: 'appMenu' as const }] : []),
    {
      label: 'File',
      submenu: [
        { label: 'Import Message…', accelerator: 'CmdOrCtrl+O', click: options.onImport },
        { type: 'separator' },
        { label: 'Close Window', role: 'close' },
        ...(isMac ? [] : [{ role: 'quit' as const }]),
      ],
    },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [
        room('Messages', '/messages', 'CmdOrCtrl+1'),
        room('Exchanges', '/exchanges', 'CmdOrCtrl+2'),
        room('Connect', '/connect', 'CmdOrCtrl+3'),
        room('Settings', '/settings', 'CmdOrCtrl+,'),
        { type: 'separator' },
        { role: 'reload' },
        { role: 'toggleDevTools' },
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
      ],
    },
    { label: 'Core', submenu: core },
    { role: 'windowMenu' },
  ]);
}
