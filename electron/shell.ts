/** The app around the core: wires the window, the tray, the menu and the bridge to the core that runs. */
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  app,
  clipboard,
  Menu,
  Notification,
  nativeTheme,
  powerMonitor,
  safeStorage,
  session,
  shell,
} from 'electron';
import envPaths from 'env-paths';
import type { ScreenCommand, ShellPreferences, Workspace } from './bridge.ts';
import { capabilitiesFor } from './capabilities.ts';
import { createCoreControl } from './core-control.ts';
import type { CoreState } from './core-host.ts';
import { requestCore } from './core-request.ts';
import { createDialogs } from './dialogs.ts';
import { keychainUsable, openKeychain } from './keychain.ts';
import { createLiveControl, type Leaving } from './live-control.ts';
import { applyLoginStart } from './login-start.ts';
import { buildAppMenu } from './menu.ts';
import { type Standing, sandboxMode } from './mode-words.ts';
import { answerBridge } from './native-actions.ts';
import { createNotifier } from './notifier.ts';
import { openUpdater } from './open-updater.ts';
import { collectOpenings, createOpenings } from './openings.ts';
import { openPreferences } from './preferences.ts';
import { guardContents, guardSession, silenceSpelling } from './security.ts';
import { createShellPages, type ShellGround } from './shell-pages.ts';
import { parseStartArguments, type StartArguments } from './start-arguments.ts';
import { parseStatusAction } from './status-page.ts';
import { createAppTray } from './tray.ts';
import { parseFeedAddress } from './update-feed.ts';
import { createUpdates } from './updates.ts';
import { createMainWindow, preloadPath } from './window.ts';
import { createWorkspaceActions, folderNameOf } from './workspace-actions.ts';
import { openWorkspaces } from './workspaces.ts';

export async function runShell(asked: StartArguments, ground: ShellGround): Promise<void> {
  const start: StartArguments = app.isPackaged ? { ...asked, coreEntry: null } : asked;
  const handOver = collectOpenings();
  await app.whenReady();

  const userData = app.getPath('userData');
  const usualFolder = process.env.SANDPOST_DATA ?? envPaths('sandpost', { suffix: '' }).data;
  const placeFor = (name: string) => join(dirname(usualFolder), 'sandpost-workspaces', folderNameOf(name));
  const workspaces = openWorkspaces({
    file: join(userData, 'workspaces.json'),
    usualFolder,
    asked: { name: start.workspace, folder: start.dataDir },
    placeFor,
  });
  const folderOf = (workspace: Workspace) => ({
    dataDir: workspace.folder,
    named: !workspaces.isUsual(workspace) || start.dataDir !== null,
  });
  const preferences = openPreferences(join(userData, 'preferences.json'));
  const vault = keychainUsable(safeStorage, process.platform)
    ? openKeychain(safeStorage, join(userData, 'credentials.json'))
    : null;
  if (vault === null) {
    console.error(
      'sandpost: no keychain can be used here; credentials are kept in a file of the data folder.',
    );
  }
  const attachUrl = start.attachUrl ?? preferences.current().attachUrl;
  const control = createCoreControl({
    start,
    attachUrl,
    folder: folderOf(workspaces.current()),
    vault,
    onState: showState,
  });
  let unread = 0;
  let quitting = false;
  let asking = false;

  nativeTheme.themeSource = preferences.current().theme;
  guardSession(session.defaultSession, { coreOrigin: control.origin });
  app.on('session-created', silenceSpelling);
  app.on('web-contents-created', (_event, contents) => {
    guardContents(contents, {
      coreOrigin: control.origin,
      onRefusedWindow(url) {
        const action = parseStatusAction(url);
        // Only the shell's own page has such buttons; a link in the screen is not one.
        if (action !== null && contents.getURL().startsWith('data:text/html')) pages.act(action);
      },
    });
  });

  const window = createMainWindow({
    stateFile: join(userData, 'window.json'),
    preload: preloadPath(app.getAppPath()),
    icons: { sandbox: asset('icon.png'), live: asset('icon-live.png'), overlay: asset('overlay-live.png') },
    platform: process.platform,
    showAtFirst: !(start.inTray || (openedAtLogin() && preferences.current().startInTray)),
    onLoadFailed: (detail) =>
      showState({ kind: 'failed', failure: { code: 'unreachable', detail, log: [] } }),
  });
  const dialogs = createDialogs(window);
  const { tell } = dialogs;
  const live = createLiveControl({
    core: control.core,
    request: requestCore,
    onMode: refresh,
    ask: dialogs.ask,
  });
  const pages = createShellPages({ ground, window, control, clipboard, onOwnCore: leaveAttached });
  const updates = createUpdates({
    feed: () =>
      parseFeedAddress(process.env.SANDPOST_UPDATE_FEED ?? null) ?? preferences.current().updateFeed,
    open: (feed) =>
      openUpdater(feed, join(userData, 'update-feed.yml'), (text) => ground.incidents.note(text)),
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
    onState: refresh,
  });
  const workspaceActions = createWorkspaceActions({
    store: workspaces,
    placeFor,
    chooseFolder: dialogs.chooseFolder,
    mayLeave: () => live.mayLeave('switch'),
    switchCore(workspace) {
      window.forgetPlace();
      control.switchTo(folderOf(workspace));
    },
    onChange: refresh,
  });
  const tray = createAppTray({
    iconFiles: {
      none: asset(process.platform === 'darwin' ? 'tray-template.png' : 'tray.png'),
      unread: asset(process.platform === 'darwin' ? 'tray-template.png' : 'tray-unread.png'),
      live: asset('tray-live.png'),
    },
    platform: process.platform,
    onOpen: window.bringToFront,
    onBackToSandbox: backToSandbox,
    onPause(notificationsPaused) {
      preferences.change({ notificationsPaused });
      refresh();
    },
    onWorkspace: switchWorkspace,
    onRestartToUpdate: restartToUpdate,
    onQuit: () => app.quit(),
  });
  const openings = createOpenings({
    core: control.core,
    navigate: window.navigate,
    onRefused: (name, detail) => tell(`${name} was not imported`, detail),
  });
  const notifier = createNotifier({
    preferences: preferences.current,
    focused: () => window.browserWindow.isFocused(),
    after: (delayMs, run) => {
      setTimeout(run, delayMs);
    },
    show({ title, body, messageId }) {
      const notification = new Notification({ title, body });
      notification.on('click', () => {
        window.bringToFront();
        if (messageId !== null) window.navigate(`/messages/${messageId}`);
      });
      notification.show();
    },
  });
  answerBridge({
    version: app.getVersion(),
    platform: process.platform,
    window,
    preferences,
    notifier,
    updates,
    coreOrigin: control.origin,
    capabilities: () =>
      capabilitiesFor(control.core()?.url ?? 'http://nowhere.invalid/', {
        platform: process.platform,
        packaged: app.isPackaged,
        notifications: Notification.isSupported(),
        attached: control.attached(),
      }),
    about: () => ({
      version: app.getVersion(),
      electron: process.versions.electron,
      chromium: process.versions.chrome,
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
      credentialsIn:
        (control.core()?.way ?? 'attach') === 'attach' ? null : vault === null ? 'file' : 'keychain',
    }),
    onUnread(next) {
      unread = next;
      refresh();
    },
    onMode: live.set,
    onPreferences: applyPreferences,
    onRestartToUpdate: restartToUpdate,
    workspaces: workspaceActions,
  });

  window.browserWindow.on('close', (event) => {
    const { closeToTray } = preferences.current();
    if (quitting || !(closeToTray || live.mode().live)) return;
    event.preventDefault();
    if (closeToTray) whenMayLeave('hide', () => window.browserWindow.hide());
    else app.quit();
  });
  app.on('window-all-closed', () => app.quit());
  app.on('activate', window.bringToFront);
  app.on('second-instance', (_event, argv, workingDirectory) => {
    const next = parseStartArguments(argv.slice(1), workingDirectory);
    window.bringToFront();
    if (next.workspace !== null) switchWorkspace(next.workspace);
    openings.open(next.openings);
  });
  app.on('before-quit', (event) => {
    if (quitting) return;
    event.preventDefault();
    whenMayLeave('quit', () => leave(() => app.quit()));
  });

  process.on('SIGTERM', leaveUnasked);
  powerMonitor.on('shutdown', leaveUnasked);
  window.browserWindow.on('session-end', leaveUnasked);

  if (app.isPackaged) app.setAsDefaultProtocolClient('sandpost');
  showState({ kind: 'starting', doing: 'Looking for a core' });
  handOver(openings.open);
  openings.open(start.openings);
  control.restart();
  updates.keepLooking();

  function showState(state: CoreState): void {
    if (quitting || window.browserWindow.isDestroyed()) return;
    if (state.kind === 'ready') {
      if (state.core.token !== null) ground.secrets.add(state.core.token);
      // The core of the app's own that starts is in sandbox mode; of another the screen will say.
      if (state.core.way !== 'attach') live.set(sandboxMode);
    } else if (!control.attached()) {
      live.set(sandboxMode);
    }
    pages.show(state);
    if (state.kind === 'ready') openings.importWaiting();
    refresh();
  }

  function refresh(): void {
    if (quitting || window.browserWindow.isDestroyed()) return;
    const list = workspaces.list();
    const standing: Standing = {
      mode: live.mode(),
      unread,
      paused: preferences.current().notificationsPaused,
      workspace: control.attached() || list.workspaces.length < 2 ? null : list.current,
    };
    window.mark(standing);
    tray.show({ ...standing, workspaces: control.attached() ? null : list, update: updates.state() });
    if (process.platform === 'darwin' && standing.mode.live) app.dock?.setBadge('LIVE');
    else app.setBadgeCount(unread);
    Menu.setApplicationMenu(menu());
  }

  /** Asks first while live; a second wish while a question is open is not another question. */
  function whenMayLeave(leaving: Leaving, go: () => void): void {
    if (asking) return;
    asking = true;
    live
      .mayLeave(leaving)
      .then((may) => {
        asking = false;
        if (may) go();
      })
      .catch((error: unknown) => {
        asking = false;
        console.error('sandpost: the question could not be asked:', error);
      });
  }

  function leave(end: () => void): void {
    quitting = true;
    control
      .stop()
      .catch((error: unknown) => console.error('sandpost: the core did not stop as asked:', error))
      .finally(() => {
        tray.destroy();
        end();
      });
  }

  /** There is nobody to ask, and a question may be open: a core of the app's own is in sandbox mode at its next start. */
  function leaveUnasked(): void {
    if (!quitting) leave(() => app.exit(0));
  }

  /** The core is stopped only where there is something to start instead. */
  function restartToUpdate(): void {
    if (updates.state().kind === 'ready') whenMayLeave('quit', () => leave(updates.install));
  }

  function backToSandbox(): void {
    live.backToSandbox().then(
      (why) => {
        if (why !== null) tell('The core could not be brought back to sandbox', why);
      },
      (error: unknown) => console.error('sandpost: the core could not be asked:', error),
    );
  }

  function switchWorkspace(name: string): void {
    workspaceActions
      .switchTo(name)
      .catch((error: unknown) =>
        tell('The workspace was not changed', error instanceof Error ? error.message : String(error)),
      );
  }

  function leaveAttached(): void {
    whenMayLeave('switch', () => {
      preferences.change({ attachUrl: null });
      control.attachTo(null);
    });
  }

  function applyPreferences(before: ShellPreferences, after: ShellPreferences): void {
    if (after.startAtLogin !== before.startAtLogin || after.startInTray !== before.startInTray) {
      applyLoginStart(after, {
        platform: process.platform,
        configDir: process.env.XDG_CONFIG_HOME || join(homedir(), '.config'),
        program: process.env.APPIMAGE ?? process.execPath,
        setLoginItem: (item) => app.setLoginItemSettings(item),
      });
    }
    // Who would rather stay on a core that is live goes over at the next start.
    if (after.attachUrl !== before.attachUrl) {
      whenMayLeave('switch', () => control.attachTo(after.attachUrl));
    }
    if (after.updateFeed !== before.updateFeed) updates.feedChanged();
    refresh();
  }

  async function checkByHand(): Promise<void> {
    const state = await updates.check();
    if (state.kind === 'failed')
      tell('It could not be found out whether there is a new version', state.detail);
    if (state.kind === 'current') tell('This is the newest version', `Sandpost ${app.getVersion()}`);
    if (state.kind === 'available') {
      tell(`There is Sandpost ${state.version}`, 'Download it from the Help menu or in Settings › Desktop.');
    }
  }

  async function chooseFiles(): Promise<void> {
    const files = await dialogs.chooseMessages();
    openings.open(files.map((file) => ({ kind: 'file', file })));
  }

  function command(asked: ScreenCommand): void {
    window.bringToFront();
    if (control.core() !== null) window.command(asked);
    else if (asked === 'about') app.showAboutPanel();
  }

  function menu(): Menu {
    return buildAppMenu({
      platform: process.platform,
      attached: control.attached(),
      workspaces: workspaces.list(),
      update: updates.state(),
      onNavigate: window.navigate,
      onCommand: command,
      onImport: () => {
        chooseFiles().catch((error: unknown) => console.error('sandpost: no file could be chosen:', error));
      },
      onOwnCore: leaveAttached,
      onRestartCore: () => whenMayLeave('switch', control.restart),
      onCopyAddress: () => clipboard.writeText(control.core()?.url ?? ''),
      onRevealData: () =>
        shell.showItemInFolder(join(control.core()?.dataDir ?? workspaces.current().folder, 'core.json')),
      onWorkspace: switchWorkspace,
      onCheckForUpdate: () => {
        checkByHand().catch((error: unknown) => console.error('sandpost: no update was looked for:', error));
      },
      onDownloadUpdate: () => {
        updates.download().catch((error: unknown) => console.error('sandpost: no update came:', error));
      },
      onRestartToUpdate: restartToUpdate,
      onCopyReport: pages.copyReport,
    });
  }
}

/** Only macOS says so; elsewhere the entry that starts the app at login brings its own flag. */
function openedAtLogin(): boolean {
  return process.platform === 'darwin' && app.getLoginItemSettings().wasOpenedAtLogin;
}

function asset(name: string): string {
  return join(app.getAppPath(), 'electron', 'assets', name);
}
