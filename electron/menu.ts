/** The menu: what every app has, the rooms of the screen, the core, and the workspaces. */
import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { ScreenCommand, UpdateState, WorkspaceList } from './bridge.ts';
import { workspaceItems } from './tray-menu.ts';

export interface AppMenuOptions {
  readonly platform: string;
  /** Attached to a core that the app did not start, so that there is something to go back from. */
  readonly attached: boolean;
  readonly workspaces: WorkspaceList;
  readonly update: UpdateState;
  readonly onNavigate: (path: string) => void;
  readonly onCommand: (command: ScreenCommand) => void;
  readonly onImport: () => void;
  readonly onOwnCore: () => void;
  readonly onRestartCore: () => void;
  readonly onCopyAddress: () => void;
  readonly onRevealData: () => void;
  readonly onWorkspace: (name: string) => void;
  readonly onCheckForUpdate: () => void;
  readonly onDownloadUpdate: () => void;
  readonly onRestartToUpdate: () => void;
  readonly onCopyReport: () => void;
}

export function buildAppMenu(options: AppMenuOptions): Menu {
  return Menu.buildFromTemplate(appMenuTemplate(options));
}

export function appMenuTemplate(options: AppMenuOptions): MenuItemConstructorOptions[] {
  const isMac = options.platform === 'darwin';
  const room = (label: string, path: string, accelerator: string): MenuItemConstructorOptions => ({
    label,
    accelerator,
    click: () => options.onNavigate(path),
  });
  const settings = room('Settings…', '/settings', 'CmdOrCtrl+,');
  const about: MenuItemConstructorOptions = {
    label: 'About Sandpost',
    click: () => options.onCommand('about'),
  };
  const core: MenuItemConstructorOptions[] = [
    { label: 'Copy its Address', click: options.onCopyAddress },
    { label: 'Show its Data Folder', click: options.onRevealData },
    { type: 'separator' },
    options.attached
      ? { label: "Use the App's Own Core", click: options.onOwnCore }
      : { label: 'Restart', click: options.onRestartCore },
  ];
  return [
    ...(isMac ? [macMenu(about, settings)] : []),
    {
      label: 'File',
      submenu: [
        { label: 'Import Messages…', accelerator: 'CmdOrCtrl+O', click: options.onImport },
        ...(options.attached ? [] : [{ label: 'Workspace', submenu: workspaceMenu(options) }]),
        { type: 'separator' },
        ...(isMac ? [] : [settings, { type: 'separator' as const }]),
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
    {
      role: 'help',
      submenu: [
        { label: 'Take the Tour', click: () => options.onCommand('tour') },
        ...updateItems(options),
        { label: 'Copy a Report', click: options.onCopyReport },
        ...(isMac ? [] : [{ type: 'separator' as const }, about]),
      ],
    },
  ];
}

function macMenu(
  about: MenuItemConstructorOptions,
  settings: MenuItemConstructorOptions,
): MenuItemConstructorOptions {
  return {
    label: 'Sandpost',
    submenu: [
      about,
      { type: 'separator' },
      settings,
      { type: 'separator' },
      { role: 'services' },
      { type: 'separator' },
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      { type: 'separator' },
      { role: 'quit' },
    ],
  };
}

function workspaceMenu({
  workspaces,
  onWorkspace,
  onNavigate,
}: AppMenuOptions): MenuItemConstructorOptions[] {
  return [
    ...workspaceItems(workspaces, onWorkspace),
    { type: 'separator' },
    { label: 'New, Rename, Forget…', click: () => onNavigate('/settings') },
  ];
}

/** Nothing without a feed: there is nobody to ask. */
function updateItems(options: AppMenuOptions): MenuItemConstructorOptions[] {
  const { update } = options;
  switch (update.kind) {
    case 'off':
      return [];
    case 'idle':
    case 'current':
    case 'failed':
      return [{ label: 'Check for Updates', click: options.onCheckForUpdate }];
    case 'checking':
      return [{ label: 'Looking for updates …', enabled: false }];
    case 'available':
      return [{ label: `Download Sandpost ${update.version}`, click: options.onDownloadUpdate }];
    case 'downloading':
      return [{ label: `Downloading ${update.version}: ${update.percent} %`, enabled: false }];
    case 'ready':
      return [{ label: `Restart to Update to ${update.version}`, click: options.onRestartToUpdate }];
  }
}
