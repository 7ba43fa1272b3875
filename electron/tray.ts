/** The icon by the clock: how many are unread, and the way back to a window that was closed. */
import { Menu, nativeImage, Tray } from 'electron';

export interface AppTray {
  setUnread(unread: number): void;
  destroy(): void;
}

export interface AppTrayOptions {
  readonly iconFile: string;
  readonly unreadIconFile: string;
  readonly platform: string;
  readonly onOpen: () => void;
  readonly onQuit: () => void;
}

export function createAppTray(options: AppTrayOptions): AppTray {
  const icons = { none: iconOf(options.iconFile, options), some: iconOf(options.unreadIconFile, options) };
  const tray = new Tray(icons.none);
  const show = (unread: number) => {
    tray.setImage(unread === 0 ? icons.none : icons.some);
    tray.setToolTip(unread === 0 ? 'Sandpost' : `Sandpost: ${unread} unread`);
    if (options.platform === 'darwin') tray.setTitle(unread === 0 ? '' : String(unread));
    tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: unread === 0 ? 'No unread messages' : `${unread} unread`, enabled: false },
        { type: 'separator' },
        { label: 'Open Sandpost', click: options.onOpen },
        { label: 'Quit', click: options.onQuit },
      ]),
    );
  };
  tray.on('click', options.onOpen);
  show(0);
  return { setUnread: show, destroy: () => tray.destroy() };
}

function iconOf(file: string, { platform }: AppTrayOptions): Electron.NativeImage {
  const image = nativeImage.createFromPath(file).resize({ width: platform === 'darwin' ? 18 : 24 });
  image.setTemplateImage(platform === 'darwin');
  return image;
}
