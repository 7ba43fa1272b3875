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
  | 'startAtLogin'
  | 'openExternal'
  | 'attach';

export interface ShellPreferences {
  readonly notifications: boolean;
  readonly closeToTray: boolean;
  readonly startAtLogin: boolean;
  /** Address of a core that already runs, or null for a core of the app's own. */
  readonly attachUrl: string | null;
}

export interface SandpostBridge {
  readonly version: string;
  readonly platform: string;
  /** What this host lets this page do; a core that is not on loopback gets notify, badge and theme only. */
  readonly capabilities: readonly BridgeCapability[];
  saveFile(suggestedName: string, bytes: Uint8Array): Promise<{ saved: boolean; path: string | null }>;
  reveal(path: string): Promise<void>;
  notify(notification: { title: string; body: string; messageId: string | null }): Promise<void>;
  setBadge(unread: number): Promise<void>;
  setTheme(theme: 'system' | 'light' | 'dark'): Promise<void>;
  /** Opens http, https and mailto in the person's own browser. @returns false when refused */
  openExternal(url: string): Promise<boolean>;
  preferences(): Promise<ShellPreferences>;
  setPreferences(change: Partial<ShellPreferences>): Promise<ShellPreferences>;
  /** Menu, tray, deep link or notification asks for a place: `/messages/<id>`, `/settings` … @returns unsubscribe */
  onNavigate(listener: (path: string) => void): () => void;
}

declare global {
  interface Window {
    readonly sandpost?: SandpostBridge;
  }
}
