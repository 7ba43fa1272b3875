/** The app around the core: wires the window, the tray, the menu and the bridge to the core that runs. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { app, clipboard, dialog, Menu, Notification, nativeTheme, session, shell } from 'electron';
import envPaths from 'env-paths';
import type { ShellPreferences } from './bridge.ts';
import { capabilitiesFor } from './capabilities.ts';
import { createCoreControl } from './core-control.ts';
import type { CoreState } from './core-host.ts';
import { buildAppMenu } from './menu.ts';
import { answerBridge } from './native-actions.ts';
import { collectOpenings, createOpenings } from './openings.ts';
import { openPreferences } from './preferences.ts';
import { writeReport } from './report.ts';
import { guardContents, guardSession } from './security.ts';
import { parseStartArguments, type StartArguments } from './start-arguments.ts';
import { parseStatusAction, type StatusAction, statusPageFor } from './status-page.ts';
import { createAppTray } from './tray.ts';
import { createMainWindow, preloadPath } from './window.ts';

export async function runShell(asked: StartArguments): Promise<void> {
  const start: StartArguments = app.isPackaged ? { ...asked, coreEntry: null } : asked;
  const handOver = collectOpenings();
  await app.whenReady();

  const userData = app.getPath('userData');
  const dataDir = start.dataDir ?? process.env.SANDPOST_DATA ?? envPaths('sandpost', { suffix: '' }).data;
  const preferences = openPreferences(join(userData, 'preferences.json'));
  const attachUrl = start.attachUrl ?? preferences.current().attachUrl;
  const control = createCoreControl({ start, attachUrl, dataDir, onState: showState });
  let quitting = false;

  nativeTheme.themeSource = preferences.current().theme;
  guardSession(session.defaultSession, { coreOrigin: control.origin });
  app.on('web-contents-created', (_event, contents) => {
    guardContents(contents, {
      coreOrigin: control.origin,
      onRefusedWindow(url) {
        const action = parseStatusAction(url);
        // Only the shell's own page has such buttons; a link in the screen is not one.
        if (action !== null && contents.getURL().startsWith('data:text/html')) act(action);
      },
    });
  });

  const window = createMainWindow({
    stateFile: join(userData, 'window.json'),
    preload: preloadPath(app.getAppPath()),
    icon: asset('icon.png'),
    onLoadFailed: (detail) =>
      showState({ kind: 'failed', failure: { code: 'unreachable', detail, log: [] } }),
  });
  const tray = createAppTray({
    iconFile: asset(process.platform === 'darwin' ? 'tray-template.png' : 'tray.png'),
    unreadIconFile: asset(process.platform === 'darwin' ? 'tray-template.png' : 'tray-unread.png'),
    platform: process.platform,
    onOpen: window.bringToFront,
    onQuit: () => app.quit(),
  });
  const openings = createOpenings({
    core: control.core,
    navigate: window.navigate,
    onRefused: sayNotImported,
  });
  answerBridge({
    version: app.getVersion(),
    platform: process.platform,
    window,
    preferences,
    coreOrigin: control.origin,
    capabilities: () =>
      capabilitiesFor(control.core()?.url ?? 'http://nowhere.invalid/', {
        platform: process.platform,
        packaged: app.isPackaged,
        notifications: Notification.isSupported(),
      }),
    onUnread(unread) {
      tray.setUnread(unread);
      app.setBadgeCount(unread);
    },
    onPreferences: applyPreferences,
  });

  window.browserWindow.on('close', (event) => {
    if (quitting || !preferences.current().closeToTray) return;
    event.preventDefault();
    window.browserWindow.hide();
  });
  app.on('window-all-closed', () => app.quit());
  app.on('activate', window.bringToFront);
  app.on('second-instance', (_event, argv, workingDirectory) => {
    window.bringToFront();
    openings.open(parseStartArguments(argv.slice(1), workingDirectory).openings);
  });
  app.on('before-quit', (event) => {
    if (quitting) return;
    quitting = true;
    event.preventDefault();
    control
      .stop()
      .catch((error: unknown) => console.error('sandpost: the core did not stop as asked:', error))
      .finally(() => {
        tray.destroy();
        app.quit();
      });
  });

  if (app.isPackaged) app.setAsDefaultProtocolClient('sandpost');
  showState({ kind: 'starting', doing: 'Looking for a core' });
  handOver(openings.open);
  openings.open(start.openings);
  control.restart();

  function showState(state: CoreState): void {
    if (quitting || window.browserWindow.isDestroyed()) return;
    const page = statusPageFor(state, control.attached());
    if (page !== null) window.showStatus(page);
    if (state.kind === 'ready') {
      window.showCore(state.core);
      openings.importWaiting();
    }
    Menu.setApplicationMenu(menu());
  }

  function act(action: StatusAction): void {
    switch (action) {
      case 'retry':
        control.restart();
        break;
      case 'free-ports':
        control.restartOnFreePorts();
        break;
      case 'own-core':
        leaveAttached();
        break;
      case 'quit':
        app.quit();
        break;
      case 'copy-report':
        copyReport();
        break;
    }
  }

  function copyReport(): void {
    const state = control.state();
    if (state.kind !== 'failed') return;
    const report = writeReport(state.failure, {
      version: app.getVersion(),
      platform: `${process.platform} ${process.arch}`,
      versions: process.versions,
      homeDir: homedir(),
    });
    clipboard.writeText(report);
  }

  function leaveAttached(): void {
    preferences.change({ attachUrl: null });
    control.attachTo(null);
  }

  function applyPreferences(before: ShellPreferences, after: ShellPreferences): void {
    if (after.startAtLogin !== before.startAtLogin) {
      app.setLoginItemSettings({ openAtLogin: after.startAtLogin });
    }
    if (after.attachUrl !== before.attachUrl) control.attachTo(after.attachUrl);
  }

  function sayNotImported(name: string, detail: string): void {
    dialog
      .showMessageBox(window.browserWindow, { type: 'warning', message: `${name} was not imported`, detail })
      .catch((error: unknown) => console.error(`sandpost: ${name} was not imported: ${detail}`, error));
  }

  async function chooseFiles(): Promise<void> {
    const { filePaths } = await dialog.showOpenDialog(window.browserWindow, {
      properties: ['openFile', 'multiSelections'],
      filters: [{ name: 'Messages', extensions: ['eml'] }],
    });
    openings.open(filePaths.map((file) => ({ kind: 'file', file })));
  }

  function menu(): Menu {
    return buildAppMenu({
      platform: process.platform,
      attached: control.attached(),
      onNavigate: window.navigate,
      onImport: () => {
        chooseFiles().catch((error: unknown) => console.error('sandpost: no file could be chosen:', error));
      },
      onOwnCore: leaveAttached,
      onRestartCore: control.restart,
      onCopyAddress: () => clipboard.writeText(control.core()?.url ?? ''),
      onRevealData: () => shell.showItemInFolder(join(control.core()?.dataDir ?? dataDir, 'core.json')),
    });
  }
}

function asset(name: string): string {
  return join(app.getAppPath(), 'electron', 'assets', name);
}
