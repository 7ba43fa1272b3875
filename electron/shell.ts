/** The app around the core: wires the window, the tray, the menu and the bridge to the core that runs. */
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { app, clipboard, dialog, Menu, Notification, nativeTheme, session, shell } from 'electron';
import envPaths from 'env-paths';
import type { ShellPreferences } from './bridge.ts';
import { capabilitiesFor } from './capabilities.ts';
import type { RunningCore } from './core-host/core.ts';
import { type CoreState, createCoreHost } from './core-host.ts';
import { parseDeepLink } from './deep-link.ts';
import { type ImportOutcome, importFile, importMessage } from './import-file.ts';
import { buildAppMenu } from './menu.ts';
import { answerBridge } from './native-actions.ts';
import { openPreferences } from './preferences.ts';
import { writeReport } from './report.ts';
import { createRestartBudget } from './restart-budget.ts';
import { guardContents, guardSession, originOf } from './security.ts';
import { type Opening, parseStartArguments, type StartArguments } from './start-arguments.ts';
import { parseStatusAction, type StatusAction, statusPageFor } from './status-page.ts';
import { createAppTray } from './tray.ts';
import { findWay } from './ways.ts';
import { createMainWindow, preloadPath } from './window.ts';

const restartsMax = 3;
const restartWindowMs = 60_000;
const waitingFilesMax = 100;

export async function runShell(asked: StartArguments): Promise<void> {
  const start: StartArguments = app.isPackaged ? { ...asked, coreEntry: null } : asked;
  const early = collectOpenings();
  await app.whenReady();

  const userData = app.getPath('userData');
  const dataDir = start.dataDir ?? process.env.SANDPOST_DATA ?? envPaths('sandpost', { suffix: '' }).data;
  const preferences = openPreferences(join(userData, 'preferences.json'));
  let attachUrl = start.attachUrl ?? preferences.current().attachUrl;
  let freePorts = false;
  let quitting = false;
  let waitingFiles: readonly string[] = [];

  nativeTheme.themeSource = preferences.current().theme;
  const core = (): RunningCore | null => {
    const state = host.state();
    return state.kind === 'ready' ? state.core : null;
  };
  const coreOrigin = () => originOf(core()?.url ?? '');
  guardSession(session.defaultSession, { coreOrigin });
  app.on('web-contents-created', (_event, contents) => {
    guardContents(contents, {
      coreOrigin,
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
    startHidden: false,
    onLoadFailed: (detail) =>
      showState({ kind: 'failed', failure: { code: 'unreachable', detail, log: [] } }),
  });
  const tray = createAppTray({
    iconFile: asset(process.platform === 'darwin' ? 'tray-template.png' : 'tray.png'),
    unreadIconFile: asset(process.platform === 'darwin' ? 'tray-template.png' : 'tray-unread.png'),
    platform: process.platform,
    onOpen: () => window.bringToFront(),
    onQuit: () => app.quit(),
  });
  const host = createCoreHost({
    choose: () =>
      findWay({
        start,
        attachUrl,
        freePorts,
        dataDir,
        version: app.getVersion(),
        appPath: app.getAppPath(),
        log: (text) => process.stderr.write(text),
      }),
    budget: createRestartBudget(restartsMax, restartWindowMs),
    nowMs: () => performance.now(),
    onState: showState,
  });

  answerBridge({
    version: app.getVersion(),
    platform: process.platform,
    window,
    preferences,
    coreOrigin,
    capabilities: () =>
      capabilitiesFor(core()?.url ?? 'http://invalid/', {
        platform: process.platform,
        packaged: app.isPackaged,
        notifications: Notification.isSupported(),
      }),
    onUnread(unread) {
      tray.setUnread(unread);
      app.setBadgeCount(unread);
    },
    onPreferences: applyPreferences,
    onDropped: async (name, raw) => {
      const running = core();
      if (running !== null) finishImport(name, await importMessage(running, raw));
    },
  });

  window.browserWindow.on('close', (event) => {
    if (quitting || !preferences.current().closeToTray) return;
    event.preventDefault();
    window.browserWindow.hide();
  });
  app.on('window-all-closed', () => app.quit());
  app.on('activate', () => window.bringToFront());
  app.on('second-instance', (_event, argv, workingDirectory) => {
    window.bringToFront();
    open(parseStartArguments(argv.slice(1), workingDirectory).openings);
  });
  app.on('before-quit', (event) => {
    if (quitting) return;
    quitting = true;
    event.preventDefault();
    host
      .stop()
      .catch((error: unknown) => console.error('sandpost: the core did not stop as asked:', error))
      .finally(() => {
        tray.destroy();
        app.quit();
      });
  });

  if (app.isPackaged) app.setAsDefaultProtocolClient('sandpost');
  showState({ kind: 'starting', doing: 'Looking for a core' });
  early.handOver(open);
  open(start.openings);
  startCore();

  function showState(state: CoreState): void {
    if (window.browserWindow.isDestroyed()) return;
    const page = statusPageFor(state, attachUrl !== null);
    if (state.kind === 'ready') {
      window.showCore(state.core);
      const files = waitingFiles;
      waitingFiles = [];
      for (const file of files) importOne(file);
    } else if (page !== null && !quitting) {
      window.showStatus(page);
    }
    Menu.setApplicationMenu(menu());
  }

  function startCore(): void {
    host.restart().catch((error: unknown) => {
      console.error('sandpost: the core could not be started:', error);
      const detail = error instanceof Error ? error.message : String(error);
      showState({ kind: 'failed', failure: { code: 'usage', detail, log: [] } });
    });
  }

  function act(action: StatusAction): void {
    switch (action) {
      case 'retry':
        startCore();
        break;
      case 'free-ports':
        freePorts = true;
        startCore();
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
    const state = host.state();
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
    attachUrl = null;
    preferences.change({ attachUrl: null });
    startCore();
  }

  function applyPreferences(before: ShellPreferences, after: ShellPreferences): void {
    if (after.startAtLogin !== before.startAtLogin) {
      app.setLoginItemSettings({ openAtLogin: after.startAtLogin });
    }
    if (after.attachUrl !== before.attachUrl) {
      attachUrl = after.attachUrl;
      startCore();
    }
  }

  function open(openings: readonly Opening[]): void {
    for (const opening of openings) {
      if (opening.kind === 'path') window.navigate(opening.path);
      else if (core() === null) waitingFiles = [...waitingFiles, opening.file].slice(-waitingFilesMax);
      else importOne(opening.file);
    }
  }

  function importOne(file: string): void {
    const running = core();
    if (running === null) return;
    importFile(running, file)
      .then((outcome) => finishImport(basename(file), outcome))
      .catch((error: unknown) => {
        const detail = error instanceof Error ? error.message : String(error);
        finishImport(basename(file), { kind: 'refused', detail });
      });
  }

  function finishImport(name: string, outcome: ImportOutcome): void {
    if (outcome.kind === 'imported') {
      window.navigate(`/messages/${outcome.id}`);
      return;
    }
    dialog
      .showMessageBox(window.browserWindow, {
        type: 'warning',
        message: `${name} was not imported`,
        detail: outcome.detail,
      })
      .catch((error: unknown) => console.error('sandpost: no message could be shown:', error));
  }

  async function chooseFiles(): Promise<void> {
    const { filePaths } = await dialog.showOpenDialog(window.browserWindow, {
      properties: ['openFile', 'multiSelections'],
      filters: [{ name: 'Messages', extensions: ['eml'] }],
    });
    open(filePaths.map((file): Opening => ({ kind: 'file', file })));
  }

  function menu(): Menu {
    return buildAppMenu({
      platform: process.platform,
      attached: attachUrl !== null,
      onNavigate: (path) => window.navigate(path),
      onImport: () => {
        chooseFiles().catch((error: unknown) => console.error('sandpost: no file could be chosen:', error));
      },
      onOwnCore: leaveAttached,
      onRestartCore: startCore,
      onCopyAddress: () => clipboard.writeText(core()?.url ?? ''),
      onRevealData: () => shell.showItemInFolder(join(core()?.dataDir ?? dataDir, 'core.json')),
    });
  }
}

function asset(name: string): string {
  return join(app.getAppPath(), 'electron', 'assets', name);
}

/** macOS hands links and files over as events, which may come before the app is ready for them. */
function collectOpenings(): { handOver(open: (openings: readonly Opening[]) => void): void } {
  let waiting: readonly Opening[] = [];
  let take = (openings: readonly Opening[]) => {
    waiting = [...waiting, ...openings];
  };
  app.on('open-url', (event, url) => {
    event.preventDefault();
    const path = parseDeepLink(url);
    if (path !== null) take([{ kind: 'path', path }]);
  });
  app.on('open-file', (event, file) => {
    event.preventDefault();
    take([{ kind: 'file', file }]);
  });
  return {
    handOver(open) {
      open(waiting);
      take = open;
    },
  };
}
