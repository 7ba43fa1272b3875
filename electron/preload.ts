/** Gives the core's screen its few native actions. Other pages, and every frame inside the screen, get nothing. */
import { contextBridge, ipcRenderer } from 'electron';
import type { BridgeCapability, SandpostBridge } from './bridge.ts';
import { channels } from './channels.ts';

interface Hello {
  readonly version: string;
  readonly platform: string;
  readonly capabilities: readonly BridgeCapability[];
}

// Synchronous, for the screen asks for its host while it loads; main answers null to any other page.
const hello: Hello | null = ipcRenderer.sendSync(channels.hello);
if (hello !== null) {
  const listeners = new Set<(path: string) => void>();
  contextBridge.exposeInMainWorld('sandpost', bridge(hello, listeners));
  ipcRenderer.on(channels.navigate, (_event, path: string) => {
    for (const listener of listeners) listener(path);
  });
}

function bridge(
  { version, platform, capabilities }: Hello,
  listeners: Set<(path: string) => void>,
): SandpostBridge {
  return {
    version,
    platform,
    capabilities,
    saveFile: (suggestedName, bytes) => ipcRenderer.invoke(channels.saveFile, suggestedName, bytes),
    reveal: (path) => ipcRenderer.invoke(channels.reveal, path),
    notify: (notification) => ipcRenderer.invoke(channels.notify, notification),
    setBadge: (unread) => ipcRenderer.invoke(channels.setBadge, unread),
    setTheme: (theme) => ipcRenderer.invoke(channels.setTheme, theme),
    openExternal: (url) => ipcRenderer.invoke(channels.openExternal, url),
    preferences: () => ipcRenderer.invoke(channels.preferences),
    setPreferences: (change) => ipcRenderer.invoke(channels.setPreferences, change),
    onNavigate(listener) {
      listeners.add(listener);
      ipcRenderer.send(channels.listening, true);
      return () => {
        listeners.delete(listener);
        ipcRenderer.send(channels.listening, listeners.size > 0);
      };
    },
  };
}
