/** Gives the core's screen its few native actions. Other pages, and every frame inside the screen, get nothing. */
import { contextBridge, ipcRenderer } from 'electron';
import type { BridgeCapability, SandpostBridge, ScreenCommand } from './bridge.ts';
import { channels } from './channels.ts';

interface Hello {
  readonly version: string;
  readonly platform: string;
  readonly capabilities: readonly BridgeCapability[];
}

interface Listeners {
  readonly navigate: Set<(path: string) => void>;
  readonly command: Set<(command: ScreenCommand) => void>;
}

// Synchronous, for the screen asks for its host while it loads; main answers null to any other page.
const hello: Hello | null = ipcRenderer.sendSync(channels.hello);
if (hello !== null) {
  const listeners: Listeners = { navigate: new Set(), command: new Set() };
  contextBridge.exposeInMainWorld('sandpost', bridge(hello, listeners));
  ipcRenderer.on(channels.navigate, (_event, path: string) => {
    for (const listener of listeners.navigate) listener(path);
  });
  ipcRenderer.on(channels.command, (_event, command: ScreenCommand) => {
    for (const listener of listeners.command) listener(command);
  });
}

function bridge({ version, platform, capabilities }: Hello, listeners: Listeners): SandpostBridge {
  return {
    version,
    platform,
    capabilities,
    saveFile: (suggestedName, bytes) => ipcRenderer.invoke(channels.saveFile, suggestedName, bytes),
    reveal: (path) => ipcRenderer.invoke(channels.reveal, path),
    notify: (notification) => ipcRenderer.invoke(channels.notify, notification),
    announce: (messages, more) => ipcRenderer.invoke(channels.announce, messages, more),
    setBadge: (unread) => ipcRenderer.invoke(channels.setBadge, unread),
    setTheme: (theme) => ipcRenderer.invoke(channels.setTheme, theme),
    setMode: (mode) => ipcRenderer.invoke(channels.setMode, mode),
    openExternal: (url) => ipcRenderer.invoke(channels.openExternal, url),
    preferences: () => ipcRenderer.invoke(channels.preferences),
    setPreferences: (change) => ipcRenderer.invoke(channels.setPreferences, change),
    workspaces: () => ipcRenderer.invoke(channels.workspaces),
    switchWorkspace: (name) => ipcRenderer.invoke(channels.switchWorkspace, name),
    addWorkspace: (name, place) => ipcRenderer.invoke(channels.addWorkspace, name, place),
    renameWorkspace: (name, next) => ipcRenderer.invoke(channels.renameWorkspace, name, next),
    forgetWorkspace: (name) => ipcRenderer.invoke(channels.forgetWorkspace, name),
    updateState: () => ipcRenderer.invoke(channels.updateState),
    checkForUpdate: () => ipcRenderer.invoke(channels.checkForUpdate),
    downloadUpdate: () => ipcRenderer.invoke(channels.downloadUpdate),
    restartToUpdate: () => ipcRenderer.invoke(channels.restartToUpdate),
    about: () => ipcRenderer.invoke(channels.about),
    onNavigate(listener) {
      listeners.navigate.add(listener);
      ipcRenderer.send(channels.listening, true);
      return () => {
        listeners.navigate.delete(listener);
        ipcRenderer.send(channels.listening, listeners.navigate.size > 0);
      };
    },
    onCommand(listener) {
      listeners.command.add(listener);
      return () => {
        listeners.command.delete(listener);
      };
    },
  };
}
