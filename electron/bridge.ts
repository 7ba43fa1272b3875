/**
 * The one seam through which the screen touches its host: what `window.sandpost` offers inside the desktop app.
 * In a browser it is absent, and the screen does without. The screen asks `capabilities`, never the platform.
 * Types only; imported by the preload, the main process and the renderer.
 */
export type BridgeCapability =
  | 'saveFile'
  | 'reveal'
  | 'notify'
  | 'badge'
  | 'theme'
  | 'mode'
  | 'startAtLogin'
  | 'openExternal'
  | 'attach'
  | 'workspaces'
  | 'updates'
  | 'about';

/** A message is told of when everything that a rule names fits; what is null or empty fits all. */
export interface NotificationRule {
  readonly channel: NotifiedChannel | null;
  readonly project: string | null;
  /** Anywhere in the subject or in a recipient, whatever the case. */
  readonly text: string;
}

export type NotifiedChannel = 'email' | 'push' | 'sms' | 'inapp' | 'multi';

export interface ShellPreferences {
  readonly notifications: 'all' | 'none' | 'rules';
  readonly notificationRules: readonly NotificationRule[];
  /** So many in a minute; the next one says how many more there were. */
  readonly notificationsPerMinuteMax: number;
  readonly notificationsPaused: boolean;
  readonly quietInFocus: boolean;
  readonly closeToTray: boolean;
  readonly startAtLogin: boolean;
  /** Of a start at login: no window until somebody asks for it. */
  readonly startInTray: boolean;
  /** Address of a core that already runs, or null for a core of the app's own. */
  readonly attachUrl: string | null;
  /** Where new versions are announced, or null: then nobody is ever asked. */
  readonly updateFeed: string | null;
  /** The tour of the first start was taken, or skipped. */
  readonly tourTaken: boolean;
}

/** What a notification says of a message, and what rules go by. */
export interface ArrivedMessage {
  readonly id: string;
  readonly channel: NotifiedChannel;
  readonly project: string;
  readonly subject: string;
  readonly from: string;
  readonly recipients: readonly string[];
}

export interface LiveMode {
  readonly live: boolean;
  /** When it ends by itself. */
  readonly untilWallMs: number | null;
}

export interface Workspace {
  readonly name: string;
  readonly folder: string;
}

export interface WorkspaceList {
  readonly current: string;
  readonly workspaces: readonly Workspace[];
}

export type UpdateState =
  | { readonly kind: 'off' }
  | { readonly kind: 'idle' }
  | { readonly kind: 'checking' }
  | { readonly kind: 'current' }
  | { readonly kind: 'available'; readonly version: string }
  | { readonly kind: 'downloading'; readonly version: string; readonly percent: number }
  | { readonly kind: 'ready'; readonly version: string }
  | { readonly kind: 'failed'; readonly detail: string };

/** Of the desktop app itself; what the core is, it says at `/v1/status`. */
export interface AboutShell {
  readonly version: string;
  readonly electron: string;
  readonly chromium: string;
  readonly node: string;
  readonly platform: string;
  /** Where credentials of relays are kept; null while the core is not of the app's own making. */
  readonly credentialsIn: 'keychain' | 'file' | null;
}

/** What the menu asks the screen to show. */
export type ScreenCommand = 'tour' | 'about';

export interface SandpostBridge {
  readonly version: string;
  readonly platform: string;
  /** What this host lets this page do; a core that is not on loopback gets notify, badge, theme and mode only. */
  readonly capabilities: readonly BridgeCapability[];
  saveFile(suggestedName: string, bytes: Uint8Array): Promise<{ saved: boolean; path: string | null }>;
  reveal(path: string): Promise<void>;
  notify(notification: { title: string; body: string; messageId: string | null }): Promise<void>;
  /**
   * Messages that came in, for the notifications that the preferences ask for.
   * @param more how many came besides those named
   */
  announce(messages: readonly ArrivedMessage[], more: number): Promise<void>;
  setBadge(unread: number): Promise<void>;
  setTheme(theme: 'system' | 'light' | 'dark'): Promise<void>;
  /** The core's mode as the screen knows it: the shell's icons are red while it is live. */
  setMode(mode: LiveMode): Promise<void>;
  /** Opens http, https and mailto in the person's own browser. @returns false when refused */
  openExternal(url: string): Promise<boolean>;
  preferences(): Promise<ShellPreferences>;
  setPreferences(change: Partial<ShellPreferences>): Promise<ShellPreferences>;
  workspaces(): Promise<WorkspaceList>;
  /** Stops the core and starts it on that workspace's folder. */
  switchWorkspace(name: string): Promise<void>;
  /** @param place `chosen`: the person picks a folder, and may think better of it */
  addWorkspace(name: string, place: 'usual' | 'chosen'): Promise<WorkspaceList>;
  renameWorkspace(name: string, next: string): Promise<WorkspaceList>;
  /** Takes it off the list; its folder stays as it is. */
  forgetWorkspace(name: string): Promise<WorkspaceList>;
  updateState(): Promise<UpdateState>;
  checkForUpdate(): Promise<UpdateState>;
  downloadUpdate(): Promise<UpdateState>;
  restartToUpdate(): Promise<void>;
  about(): Promise<AboutShell>;
  /** Menu, tray, deep link or notification asks for a place: `/messages/<id>`, `/settings` … @returns unsubscribe */
  onNavigate(listener: (path: string) => void): () => void;
  onCommand(listener: (command: ScreenCommand) => void): () => void;
}

declare global {
  interface Window {
    readonly sandpost?: SandpostBridge;
  }
}
