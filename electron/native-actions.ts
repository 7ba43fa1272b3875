/** Answers the bridge: each action checked for who asks, then for what it is given. */
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  dialog,
  type IpcMainEvent,
  type IpcMainInvokeEvent,
  ipcMain,
  Notification,
  nativeTheme,
  shell,
} from 'electron';
import { z } from 'zod';
import type { BridgeCapability, ShellPreferences } from './bridge.ts';
import { channels } from './channels.ts';
import { type PreferencesStore, preferenceChangeSchema, themeSchema } from './preferences.ts';
import { originOf, parseExternalUrl } from './security.ts';
import type { MainWindow } from './window.ts';

export interface NativeActionsOptions {
  readonly version: string;
  readonly platform: string;
  readonly window: MainWindow;
  readonly preferences: PreferencesStore;
  readonly coreOrigin: () => string | null;
  readonly capabilities: () => readonly BridgeCapability[];
  readonly onUnread: (unread: number) => void;
  readonly onPreferences: (before: ShellPreferences, after: ShellPreferences) => void;
}

const notificationSchema = z.object({
  title: z.string().max(500),
  body: z.string().max(2_000),
  messageId: z
    .string()
    .regex(/^[0-9a-f-]{1,64}$/i)
    .nullable(),
});
const unreadSchema = z.int().nonnegative();
const bytesSchema = z.instanceof(Uint8Array);
const nameSchema = z.string().min(1).max(1_000);

export function answerBridge(options: NativeActionsOptions): void {
  const { window, preferences } = options;
  /** Files this app has saved; revealing is for these, lest a page asks about any path. */
  const savedFiles = new Set<string>();
  const on = (
    channel: string,
    capability: BridgeCapability | null,
    act: (...values: readonly unknown[]) => unknown,
  ) => {
    ipcMain.handle(channel, (event, ...values: readonly unknown[]) => {
      if (!isFromScreen(event, options)) throw new Error('Only the screen of the core may ask for this.');
      if (capability !== null && !options.capabilities().includes(capability)) {
        throw new Error(`This core is on another machine and may not use ${capability}.`);
      }
      return act(...values);
    });
  };

  ipcMain.on(channels.hello, (event) => {
    const { version, platform } = options;
    event.returnValue = isFromScreen(event, options)
      ? { version, platform, capabilities: options.capabilities() }
      : null;
  });
  ipcMain.on(channels.listening, (event, listening: unknown) => {
    if (isFromScreen(event, options)) window.setListening(listening === true);
  });

  on(channels.saveFile, 'saveFile', async (name, bytes) => {
    const content = bytesSchema.parse(bytes);
    const defaultPath = basename(nameSchema.parse(name));
    const { canceled, filePath } = await dialog.showSaveDialog(window.browserWindow, { defaultPath });
    if (canceled || !filePath) return { saved: false, path: null };
    await writeFile(filePath, content);
    savedFiles.add(filePath);
    return { saved: true, path: filePath };
  });
  on(channels.reveal, 'reveal', (path) => {
    const file = nameSchema.parse(path);
    if (savedFiles.has(file)) shell.showItemInFolder(file);
  });
  on(channels.notify, 'notify', (value) => {
    const { title, body, messageId } = notificationSchema.parse(value);
    if (!preferences.current().notifications || window.browserWindow.isFocused()) return;
    const notification = new Notification({ title, body });
    notification.on('click', () => {
      window.bringToFront();
      if (messageId !== null) window.navigate(`/messages/${messageId}`);
    });
    notification.show();
  });
  on(channels.setBadge, 'badge', (unread) => options.onUnread(unreadSchema.parse(unread)));
  on(channels.setTheme, 'theme', (value) => {
    const theme = themeSchema.parse(value);
    nativeTheme.themeSource = theme;
    preferences.change({ theme });
  });
  on(channels.openExternal, 'openExternal', async (value) => {
    const url = parseExternalUrl(value);
    if (url === null) return false;
    await shell.openExternal(url);
    return true;
  });
  on(channels.preferences, null, () => shown(preferences.current()));
  on(channels.setPreferences, 'attach', (value) => {
    const before = preferences.current();
    const change = preferenceChangeSchema.parse(value);
    const after = preferences.change(withoutUndefined(change));
    options.onPreferences(before, after);
    return shown(after);
  });
}

/** The main frame of the one window, while it shows the core: no frame inside it, no page of another origin. */
function isFromScreen(event: IpcMainEvent | IpcMainInvokeEvent, options: NativeActionsOptions): boolean {
  const frame = event.senderFrame;
  const { webContents } = options.window.browserWindow;
  if (frame === null || event.sender !== webContents || frame.parent !== null) return false;
  const origin = options.coreOrigin();
  return origin !== null && originOf(frame.url) === origin;
}

function shown({ notifications, closeToTray, startAtLogin, attachUrl }: ShellPreferences): ShellPreferences {
  return { notifications, closeToTray, startAtLogin, attachUrl };
}

function withoutUndefined(change: z.infer<typeof preferenceChangeSchema>): Partial<ShellPreferences> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
