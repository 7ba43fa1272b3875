/** What the tray's menu holds, by what is the case; plain data, so that tests need no tray. */
import type { MenuItemConstructorOptions } from 'electron';
import type { UpdateState, WorkspaceList } from './bridge.ts';
import { modeWords, type Standing } from './mode-words.ts';

export interface TrayMenuState extends Standing {
  /** Null where there is nothing to choose from: attached to a core that a person named. */
  readonly workspaces: WorkspaceList | null;
  readonly update: UpdateState;
}

export interface TrayMenuActions {
  readonly onOpen: () => void;
  readonly onBackToSandbox: () => void;
  readonly onPause: (paused: boolean) => void;
  readonly onWorkspace: (name: string) => void;
  readonly onRestartToUpdate: () => void;
  readonly onQuit: () => void;
}

export function trayMenu(
  { mode, unread, paused, workspaces, update }: TrayMenuState,
  actions: TrayMenuActions,
): MenuItemConstructorOptions[] {
  const standing = `${modeWords(mode)} · ${unread === 0 ? 'nothing unread' : `${unread} unread`}`;
  return [
    { label: standing, enabled: false },
    ...(mode.live ? [{ label: 'Back to sandbox', click: actions.onBackToSandbox }] : []),
    { type: 'separator' },
    { label: 'Open Sandpost', click: actions.onOpen },
    {
      label: paused ? 'Resume notifications' : 'Pause notifications',
      click: () => actions.onPause(!paused),
    },
    ...(workspaces === null
      ? []
      : [{ label: 'Workspace', submenu: workspaceItems(workspaces, actions.onWorkspace) }]),
    { type: 'separator' },
    ...(update.kind === 'ready'
      ? [{ label: `Restart to update to ${update.version}`, click: actions.onRestartToUpdate }]
      : []),
    { label: 'Quit', click: actions.onQuit },
  ];
}

export function workspaceItems(
  { current, workspaces }: WorkspaceList,
  onWorkspace: (name: string) => void,
): MenuItemConstructorOptions[] {
  return workspaces.map(({ name }) => ({
    label: name,
    type: 'radio',
    checked: name === current,
    click: () => onWorkspace(name),
  }));
}
