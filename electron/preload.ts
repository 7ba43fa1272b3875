/** Gives the core's screen its few native actions. Other pages, and every frame inside the screen, get nothing. */
import { contextBridge, ipcRenderer } from 'electron';
import type { BridgeCapability, SandpostBridge } from './bridge.ts';
import { channels } from './channels.ts';

interface Hello {
  readonly version: string;
  readonly platform: string;
  readonly capabilities: readonly BridgeCapability[];
}

/** Larger ones are for the command line; the core has its own limit besides. */
const droppedBytesMax = 64 * 1024 * 1024;

// Synchronous, for the screen asks for its host while it loads; main answers null to any other page.
const hello: Hello | null = ipcRenderer.sendSync(channels.hello);
if (hello !== null) {
  const listeners = new Set<(path: string) => void>();
  contextBridge.exposeInMainWorld('sandpost', bridge(hello, listeners));
  ipcRenderer.on(channels.navigate, (_event, path: string) => {
    for (const listener of listeners) listener(path);
  });
  importDroppedFiles();
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

/** A dropped .eml becomes a message, unless the screen takes the drop itself. */
function importDroppedFiles(): void {
  window.addEventListener('dragover', (event) => {
    if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
  });
  window.addEventListener('drop', (event) => {
    if (event.defaultPrevented || !event.isTrusted) return;
    const files = [...(event.dataTransfer?.files ?? [])].filter(isMessageFile);
    if (files.length === 0) return;
    event.preventDefault();
    for (const file of files) {
      importDropped(file).catch((error: unknown) => console.error(`${file.name} was not imported:`, error));
    }
  });
}

async function importDropped(file: File): Promise<void> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  await ipcRenderer.invoke(channels.importMessage, file.name, bytes);
}

function isMessageFile(file: File): boolean {
  return /\.eml$/i.test(file.name) && file.size <= droppedBytesMax;
}
