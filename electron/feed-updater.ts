/** The updater of electron-updater, for the kind of package that runs here. Loaded when there is a feed, and not before. */
import { writeFile } from 'node:fs/promises';
import { AppImageUpdater, type AppUpdater, DebUpdater, MacUpdater, NsisUpdater } from 'electron-updater';
import { mayFetch } from './update-feed.ts';
import type { Updater } from './updates.ts';

export interface FeedUpdaterOptions {
  readonly feed: string;
  readonly platform: string;
  /** Started from an AppImage, which replaces itself; otherwise Linux runs the package of the system. */
  readonly fromAppImage: boolean;
  /** A run from source looks, and has nothing to install. */
  readonly packaged: boolean;
  /**
   * Where the updater reads what it would else find in the package. Null: it reads that, for on Windows the name of who
   * signs the app stands there, and without it no signature is looked for.
   */
  readonly configFile: string | null;
  readonly log: (text: string) => void;
}

export async function openFeedUpdater(options: FeedUpdaterOptions): Promise<Updater> {
  const { feed, packaged, configFile, log } = options;
  const source = { provider: 'generic', url: feed } as const;
  const updater = updaterFor(options);
  updater.setFeedURL(source);
  if (configFile !== null) {
    // JSON is YAML; nothing of the feed's address can break out of it.
    await writeFile(configFile, JSON.stringify({ ...source, updaterCacheDirName: 'sandpost-updater' }), {
      mode: 0o600,
    });
    updater.updateConfigPath = configFile;
  }
  // It follows redirects by itself, from https to http too.
  updater.netSession.webRequest.onBeforeRequest((details, answer) => {
    const allowed = mayFetch(details.url, feed);
    if (!allowed) log(`update: ${details.url} was not asked: it is no https address`);
    answer({ cancel: !allowed });
  });
  updater.forceDevUpdateConfig = !packaged;
  // A person says when: nothing is fetched, and nothing put in, without being asked for.
  updater.autoDownload = false;
  updater.autoInstallOnAppQuit = false;
  updater.logger = { info: log, warn: log, error: log };
  // The promises say the same; without a listener it would be thrown where nobody catches it.
  updater.on('error', (error) => log(`update: ${error.message}`));
  return {
    async check() {
      const found = await updater.checkForUpdates();
      return found?.isUpdateAvailable === true ? found.updateInfo.version : null;
    },
    async download(onPercent) {
      const onProgress = ({ percent }: { readonly percent: number }) => onPercent(percent);
      updater.on('download-progress', onProgress);
      try {
        await updater.downloadUpdate();
      } finally {
        updater.off('download-progress', onProgress);
      }
    },
    install: () => updater.quitAndInstall(),
  };
}

function updaterFor({ platform, fromAppImage }: FeedUpdaterOptions): AppUpdater {
  if (platform === 'darwin') return new MacUpdater();
  if (platform === 'win32') return new NsisUpdater();
  return fromAppImage ? new AppImageUpdater() : new DebUpdater();
}
