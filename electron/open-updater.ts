import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { app } from 'electron';
import type { Updater } from './updates.ts';

/** The updater for the package that runs here: loaded when there is a feed, and not before. */
export async function openUpdater(
  feed: string,
  configFile: string,
  log: (text: string) => void,
): Promise<Updater> {
  const signed =
    process.platform === 'win32' &&
    app.isPackaged &&
    existsSync(join(process.resourcesPath, 'app-update.yml'));
  const { openFeedUpdater } = await import('./feed-updater.ts');
  return await openFeedUpdater({
    feed,
    platform: process.platform,
    // A run from source looks as an AppImage would, and has nothing to replace.
    fromAppImage: process.env.APPIMAGE !== undefined || !app.isPackaged,
    packaged: app.isPackaged,
    configFile: signed ? null : configFile,
    log,
  });
}
