// The same screen as an app window of an installed browser, for where no Electron can be had.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const linuxNames = [
  'google-chrome-stable',
  'google-chrome',
  'chromium',
  'chromium-browser',
  'microsoft-edge-stable',
  'microsoft-edge',
  'brave-browser',
];
const macPrograms = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
];
const windowsPrograms = ['Google/Chrome/Application/chrome.exe', 'Microsoft/Edge/Application/msedge.exe'];

/** @returns {string | null} the first of Chrome, Chromium and Edge; SANDPOST_BROWSER names another one */
export function findBrowser(environment = process.env, platform = process.platform) {
  return candidates(environment, platform).find((program) => existsSync(program)) ?? null;
}

function candidates(environment, platform) {
  const chosen = environment.SANDPOST_BROWSER ? [environment.SANDPOST_BROWSER] : [];
  if (platform === 'darwin') return [...chosen, ...macPrograms];
  if (platform === 'win32') {
    const folders = [environment.PROGRAMFILES, environment['PROGRAMFILES(X86)'], environment.LOCALAPPDATA];
    return [
      ...chosen,
      ...folders.filter(Boolean).flatMap((folder) => windowsPrograms.map((file) => join(folder, file))),
    ];
  }
  const folders = (environment.PATH ?? '').split(delimiter).filter(Boolean);
  return [...chosen, ...linuxNames.flatMap((name) => folders.map((folder) => join(folder, name)))];
}

/** What these browsers ask by themselves all the same; links that a person clicks lead elsewhere. */
const silencedHosts = [
  'accounts.google.com',
  'clients*.google.com',
  '*.googleapis.com',
  '*.gvt1.com',
  '*.gstatic.com',
  'edge.microsoft.com',
  '*.smartscreen.microsoft.com',
  'config.edge.skype.com',
];

/**
 * A profile of its own, in which the browser asks for nothing by itself: nothing leaves the machine.
 *
 * @param {{ url: string, profile: string, asRoot: boolean, more?: readonly string[] }} options
 */
export function appWindowArguments({ url, profile, asRoot, more = [] }) {
  return [
    `--app=${url}`,
    `--user-data-dir=${profile}`,
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-component-extensions-with-background-pages',
    '--disable-default-apps',
    '--disable-extensions',
    '--disable-sync',
    '--disable-breakpad',
    '--disable-crash-reporter',
    '--disable-domain-reliability',
    '--disable-client-side-phishing-detection',
    '--disable-search-engine-choice-screen',
    '--disable-field-trial-config',
    '--disable-features=Translate,OptimizationHints,OptimizationGuideModelDownloading,MediaRouter,' +
      'AutofillServerCommunication,CertificateTransparencyComponentUpdater,InterestFeedContentSuggestions,' +
      'NetworkTimeServiceQuerying,DialMediaRouteProvider',
    `--host-resolver-rules=${silencedHosts.map((host) => `MAP ${host} ~NOTFOUND`).join(',')}`,
    '--allow-browser-signin=false',
    '--metrics-recording-only',
    '--no-pings',
    '--no-service-autorun',
    '--password-store=basic',
    '--use-mock-keychain',
    '--proxy-server=direct://',
    ...(asRoot ? ['--no-sandbox'] : []),
    ...more,
  ];
}
