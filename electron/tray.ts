/** The icon by the clock: the mode, how many are unread, and the way back to a window that was closed. */
import { Menu, nativeImage, Tray } from 'electron';
import { trayTip } from './mode-words.ts';
import { type TrayMenuActions, type TrayMenuState, trayMenu } from './tray-menu.ts';

export interface AppTray {
  show(state: TrayMenuState): void;
  destroy(): void;
}

export interface AppTrayOptions extends TrayMenuActions {
  readonly iconFiles: { readonly none: string; readonly unread: string; readonly live: string };
  readonly platform: string;
}

export function createAppTray({ iconFiles, platform, ...actions }: AppTrayOptions): AppTray {
  const icons = {
    none: iconOf(iconFiles.none, platform, 'template'),
    unread: iconOf(iconFiles.unread, platform, 'template'),
    // A template image has no colour of its own, and this one is to be red.
    live: iconOf(iconFiles.live, platform, 'coloured'),
  };
  const tray = new Tray(icons.none);
  tray.on('click', actions.onOpen);
  return {
    show(state) {
      const { mode, unread } = state;
      if (mode.live) tray.setImage(icons.live);
      else tray.setImage(unread === 0 ? icons.none : icons.unread);
      tray.setToolTip(trayTip(state));
      if (platform === 'darwin') tray.setTitle(unread === 0 ? '' : String(unread));
      tray.setContextMenu(Menu.buildFromTemplate(trayMenu(state, actions)));
    },
    destroy: () => tray.destroy(),
  };
}

function iconOf(file: string, platform: string, paint: 'template' | 'coloured'): Electron.NativeImage {
  const image = nativeImage.createFromPath(file).resize({ width: platform === 'darwin' ? 18 : 24 });
  image.setTemplateImage(platform === 'darwin' && paint === 'template');
  return image;
}
