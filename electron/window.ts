/** The one window: the core's screen while there is a core, a page of the shell's own while there is none. */
import { join } from 'node:path';
import { BrowserWindow, nativeTheme, screen } from 'electron';
import { channels } from './channels.ts';
import type { CoreAddress } from './core-host/core.ts';
import { coreUrl } from './core-request.ts';
import { readJson, writeJson } from './json-file.ts';
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
  bringToFront(): void;
}

export interface MainWindowOptions {
  readonly stateFile: string;
  readonly preload: string;
  readonly icon: string;
  readonly onLoadFailed: (detail: string) => void;
}

export function createMainWindow({ stateFile, preload, icon, onLoadFailed }: MainWindowOptions): MainWindow {
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
    icon,
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
  browserWindow.once('ready-to-show', () => browserWindow.show());
  keepState(browserWindow, stateFile);

  let core: CoreAddress | null = null;
  let waitingPath: string | null = null;
  let listening = false;

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

  return {
    browserWindow,
    showStatus(page) {
      // The place is kept for the core that comes back, perhaps at another address.
      if (core !== null) waitingPath ??= pathOf(browserWindow.webContents.getURL(), core);
      core = null;
      loads.interrupt();
      loads.load(page);
    },
    showCore(next) {
      core = next;
      const target = coreUrl(next, waitingPath ?? '/');
      if (next.token !== null) target.searchParams.set('token', next.token);
      waitingPath = null;
      loads.load(target.href);
    },
    navigate(path) {
      if (core === null) waitingPath = path;
      else if (listening && !loads.waiting()) browserWindow.webContents.send(channels.navigate, path);
      else loads.load(coreUrl(core, path).href);
    },
    setListening(next) {
      listening = next;
    },
    bringToFront() {
      if (browserWindow.isMinimized()) browserWindow.restore();
      browserWindow.show();
      browserWindow.focus();
    },
  };
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
