/** The one window: the core's screen while there is a core, a page of the shell's own while there is none. */
import { join } from 'node:path';
import { BrowserWindow, nativeImage, nativeTheme, screen } from 'electron';
import type { LiveMode, ScreenCommand } from './bridge.ts';
import { channels } from './channels.ts';
import type { CoreAddress } from './core-host/core.ts';
import { coreUrl } from './core-request.ts';
import { readJson, writeJson } from './json-file.ts';
import { modeWords, type Standing, sandboxMode, windowTitle } from './mode-words.ts';
import { createPageLoads } from './page-loads.ts';
import { originOf } from './security.ts';
import { parseWindowState, placeWindow, windowSizeMin } from './window-state.ts';

export interface MainWindow {
  readonly browserWindow: BrowserWindow;
  showStatus(page: string): void;
  /** Loads the screen; a screen of the same core that is there already stays as it is. */
  showCore(core: CoreAddress): void;
  /** Shows a place of the screen, now or as soon as there is a core. */
  navigate(path: string): void;
  /** The screen says whether it listens for places to go to; one that does need not be loaded again. */
  setListening(listening: boolean): void;
  /** Asks the screen to show what has no place of its own. */
  command(command: ScreenCommand): void;
  /** The page's process is gone: says so, then loads the screen anew. */
  recover(page: string): void;
  /** The screen of the next core begins at its first place. */
  forgetPlace(): void;
  /** What the shell adds to the page's title and icon. */
  mark(standing: Standing): void;
  bringToFront(): void;
}

export interface MainWindowOptions {
  readonly stateFile: string;
  readonly preload: string;
  readonly icons: { readonly sandbox: string; readonly live: string; readonly overlay: string };
  readonly platform: string;
  /** False: it is made, and waits in the tray until somebody asks for it. */
  readonly showAtFirst: boolean;
  readonly onLoadFailed: (detail: string) => void;
}

export function createMainWindow(options: MainWindowOptions): MainWindow {
  const { stateFile, preload, icons, showAtFirst, onLoadFailed } = options;
  const screens = [screen.getPrimaryDisplay(), ...screen.getAllDisplays()].map((display) => display.workArea);
  const { place, width, height, maximized } = placeWindow(parseWindowState(readJson(stateFile)), screens);
  const browserWindow = new BrowserWindow({
    ...(place ?? {}),
    width,
    height,
    minWidth: windowSizeMin.width,
    minHeight: windowSizeMin.height,
    show: false,
    title: 'Sandpost',
    icon: icons.sandbox,
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#1a1b1e' : '#ffffff',
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      // The screen keeps the unread count while the window is in the tray.
      backgroundThrottling: false,
    },
  });
  if (maximized) browserWindow.maximize();
  if (showAtFirst) browserWindow.once('ready-to-show', () => browserWindow.show());
  keepState(browserWindow, stateFile);

  let core: CoreAddress | null = null;
  let waitingPath: string | null = null;
  let listening = false;
  let pageTitle = 'Sandpost';
  let standing: Standing = { mode: sandboxMode, unread: 0, paused: false, workspace: null };
  browserWindow.on('page-title-updated', (event, title) => {
    event.preventDefault();
    // A page of the shell's own may have none; its address is none to show.
    pageTitle = title.startsWith('data:') ? 'Sandpost' : title;
    browserWindow.setTitle(windowTitle(pageTitle, standing));
  });

  const loads = createPageLoads({
    loadUrl: (url) => browserWindow.loadURL(url),
    stop: () => browserWindow.webContents.stop(),
    onStart() {
      listening = false;
    },
    onFailed(detail) {
      if (!browserWindow.isDestroyed()) onLoadFailed(detail);
    },
  });

  const showStatus = (page: string) => {
    // The place is kept for the core that comes back, perhaps at another address.
    if (core !== null) waitingPath ??= pathOf(browserWindow.webContents.getURL(), core);
    core = null;
    loads.interrupt();
    loads.load(page);
  };
  const showCore = (next: CoreAddress) => {
    core = next;
    const target = coreUrl(next, waitingPath ?? '/');
    if (next.token !== null) target.searchParams.set('token', next.token);
    waitingPath = null;
    loads.load(target.href);
  };
  return {
    browserWindow,
    showStatus,
    showCore,
    navigate(path) {
      if (core === null) waitingPath = path;
      else if (listening && !loads.waiting()) browserWindow.webContents.send(channels.navigate, path);
      else loads.load(coreUrl(core, path).href);
    },
    setListening(next) {
      listening = next;
    },
    command(command) {
      if (core !== null) browserWindow.webContents.send(channels.command, command);
    },
    recover(page) {
      if (core === null) return;
      const running = core;
      loads.abandon();
      showStatus(page);
      showCore(running);
    },
    forgetPlace() {
      waitingPath = '/';
    },
    mark(next) {
      const turned = next.mode.live !== standing.mode.live;
      standing = next;
      if (browserWindow.isDestroyed()) return;
      browserWindow.setTitle(windowTitle(pageTitle, standing));
      if (turned) paint(browserWindow, next.mode, options);
    },
    bringToFront() {
      if (browserWindow.isMinimized()) browserWindow.restore();
      browserWindow.show();
      browserWindow.focus();
    },
  };
}

/** The icon by the window's name; on macOS a window has none, and the dock says it in its badge. */
function paint(browserWindow: BrowserWindow, mode: LiveMode, { icons, platform }: MainWindowOptions): void {
  if (platform === 'darwin') return;
  browserWindow.setIcon(nativeImage.createFromPath(mode.live ? icons.live : icons.sandbox));
  if (platform !== 'win32') return;
  const overlay = mode.live ? nativeImage.createFromPath(icons.overlay) : null;
  browserWindow.setOverlayIcon(overlay, mode.live ? modeWords(mode) : '');
}

export function preloadPath(appPath: string): string {
  return join(appPath, 'out', 'electron', 'preload.cjs');
}

function keepState(browserWindow: BrowserWindow, file: string): void {
  browserWindow.on('close', () => {
    writeJson(file, { ...browserWindow.getNormalBounds(), maximized: browserWindow.isMaximized() });
  });
}

/** @returns the path below the core's address, or null when the page is not the core's */
function pathOf(url: string, core: CoreAddress): string | null {
  if (originOf(url) !== originOf(core.url)) return null;
  const base = coreUrl(core, '/').pathname;
  const { pathname, search } = new URL(url);
  return pathname.startsWith(base) ? `/${pathname.slice(base.length)}${search}` : null;
}
