/** Answers the bridge: each action checked for who asks, then for what it is given. */
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { dialog, type IpcMainEvent, type IpcMainInvokeEvent, ipcMain, nativeTheme, shell } from 'electron';
import { z } from 'zod';
import type { AboutShell, BridgeCapability, LiveMode, ShellPreferences, WorkspaceList } from './bridge.ts';
import { channels } from './channels.ts';
import type { Notifier } from './notifier.ts';
import {
  notifiedChannelSchema,
  type PreferencesStore,
  preferenceChangeSchema,
  refusedChange,
  shownPreferences,
  themeSchema,
} from './preferences.ts';
import { originOf, parseExternalUrl } from './security.ts';
import type { Updates } from './updates.ts';
import type { MainWindow } from './window.ts';
import { workspaceNameSchema } from './workspaces.ts';

export interface NativeActionsOptions {
  readonly version: string;
  readonly platform: string;
  readonly window: MainWindow;
  readonly preferences: PreferencesStore;
  readonly notifier: Notifier;
  readonly updates: Updates;
  readonly coreOrigin: () => string | null;
  readonly capabilities: () => readonly BridgeCapability[];
  readonly about: () => AboutShell;
  readonly onUnread: (unread: number) => void;
  readonly onMode: (mode: LiveMode) => void;
  readonly onPreferences: (before: ShellPreferences, after: ShellPreferences) => void;
  readonly onRestartToUpdate: () => void;
  readonly workspaces: WorkspaceActions;
}

/** Each says in an error what stands in the way. */
export interface WorkspaceActions {
  readonly list: () => WorkspaceList;
  readonly switchTo: (name: string) => Promise<void>;
  readonly add: (name: string, place: 'usual' | 'chosen') => Promise<WorkspaceList>;
  readonly rename: (name: string, next: string) => WorkspaceList;
  readonly forget: (name: string) => WorkspaceList;
}

const announcedMax = 100;

const idSchema = z.string().regex(/^[0-9a-f-]{1,64}$/i);
const notificationSchema = z.object({
  title: z.string().max(500),
  body: z.string().max(2_000),
  messageId: idSchema.nullable(),
});
const shortTextSchema = z.string().transform((text) => text.slice(0, 500));
const announcedSchema = z
  .array(
    z.object({
      id: idSchema,
      channel: notifiedChannelSchema,
      project: shortTextSchema,
      subject: shortTextSchema,
      from: shortTextSchema,
      recipients: z.array(shortTextSchema).transform((recipients) => recipients.slice(0, 20)),
    }),
  )
  .max(announcedMax);
const countSchema = z.int().nonnegative();
const modeSchema = z.object({ live: z.boolean(), untilWallMs: z.number().nonnegative().nullable() });
const bytesSchema = z.instanceof(Uint8Array);
const nameSchema = z.string().min(1).max(1_000);
const placeSchema = z.enum(['usual', 'chosen']);

export function answerBridge(options: NativeActionsOptions): void {
  const { window, preferences, notifier, updates, workspaces } = options;
  /** Files this app has saved; revealing is for these, lest a page asks about any path. */
  const savedFiles = new Set<string>();
  const on = (
    channel: string,
    capability: BridgeCapability,
    act: (...values: readonly unknown[]) => unknown,
  ) => {
    ipcMain.handle(channel, (event, ...values: readonly unknown[]) => {
      if (!isFromScreen(event, options)) throw new Error('Only the screen of the core may ask for this.');
      if (!options.capabilities().includes(capability)) {
        throw new Error(refusal(capability));
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
  on(channels.notify, 'notify', (value) => notifier.tell(notificationSchema.parse(value)));
  on(channels.announce, 'notify', (messages, more) =>
    notifier.announce(announcedSchema.parse(messages), countSchema.parse(more)),
  );
  on(channels.setBadge, 'badge', (unread) => options.onUnread(countSchema.parse(unread)));
  on(channels.setTheme, 'theme', (value) => {
    const theme = themeSchema.parse(value);
    nativeTheme.themeSource = theme;
    preferences.change({ theme });
  });
  on(channels.setMode, 'mode', (mode) => options.onMode(modeSchema.parse(mode)));
  on(channels.openExternal, 'openExternal', async (value) => {
    const url = parseExternalUrl(value);
    if (url === null) return false;
    await shell.openExternal(url);
    return true;
  });
  on(channels.preferences, 'attach', () => shownPreferences(preferences.current()));
  on(channels.setPreferences, 'attach', (value) => {
    const before = preferences.current();
    const change = preferenceChangeSchema.parse(value);
    const refused = refusedChange(change, options.capabilities());
    if (refused !== null) throw new Error(refusal(refused));
    const after = preferences.change(withoutUndefined(change));
    options.onPreferences(before, after);
    return shownPreferences(after);
  });
  on(channels.workspaces, 'workspaces', workspaces.list);
  on(channels.switchWorkspace, 'workspaces', (name) => workspaces.switchTo(nameSchema.parse(name)));
  on(channels.addWorkspace, 'workspaces', (name, place) =>
    workspaces.add(workspaceNameSchema.parse(name), placeSchema.parse(place)),
  );
  on(channels.renameWorkspace, 'workspaces', (name, next) =>
    workspaces.rename(nameSchema.parse(name), workspaceNameSchema.parse(next)),
  );
  on(channels.forgetWorkspace, 'workspaces', (name) => workspaces.forget(nameSchema.parse(name)));
  on(channels.updateState, 'updates', updates.state);
  on(channels.checkForUpdate, 'updates', () => updates.check());
  on(channels.downloadUpdate, 'updates', () => updates.download());
  on(channels.restartToUpdate, 'updates', options.onRestartToUpdate);
  on(channels.about, 'about', options.about);
}

/** The main frame of the one window, while it shows the core: no frame inside it, no page of another origin. */
function isFromScreen(event: IpcMainEvent | IpcMainInvokeEvent, options: NativeActionsOptions): boolean {
  const frame = event.senderFrame;
  const { webContents } = options.window.browserWindow;
  if (frame === null || event.sender !== webContents || frame.parent !== null) return false;
  const origin = options.coreOrigin();
  return origin !== null && originOf(frame.url) === origin;
}

function refusal(capability: BridgeCapability): string {
  return `This core may not use ${capability}: it is on another machine, or not the app's own.`;
}

function withoutUndefined(change: z.infer<typeof preferenceChangeSchema>): Partial<ShellPreferences> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
