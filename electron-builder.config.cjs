// What `npm run dist` packs. The core and its modules lie unpacked beside the asar, for programs and workers
// cannot be started from inside one.

/** better-sqlite3 ships a prebuilt binary for every platform; only the one that is packed for is of use. */
const foreignPrebuilds = ['darwin', 'linux', 'linuxmusl', 'win32'].flatMap((platform) =>
  ['x64', 'arm64', 'ia32', 'arm'].map((arch) => `${platform}-${arch}`),
);

module.exports = {
  appId: 'dev.sandpost.app',
  productName: 'Sandpost',
  directories: { output: 'dist', buildResources: 'electron/assets' },
  files: [
    'out/**',
    '!out/.built',
    '!out/**/*.map',
    'bin/**',
    'electron/assets/**',
    'package.json',
    // The pinned Node is for running from source: the app brings Electron's.
    '!node_modules/node-{linux,win,darwin}-*/**',
    '!node_modules/node-bin-*/**',
    '!node_modules/better-sqlite3/{deps,src}/**',
  ],
  asar: true,
  asarUnpack: ['out/core/**', 'out/renderer/**', 'bin/**', 'package.json', 'node_modules/**'],
  // Prebuilt modules are used as they come; compiling needs tools that few machines have.
  npmRebuild: false,
  electronFuses: {
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
  },
  protocols: [{ name: 'Sandpost message', schemes: ['sandpost'] }],
  fileAssociations: [
    { ext: 'eml', name: 'Mail message', mimeType: 'message/rfc822', role: 'Viewer', rank: 'Alternate' },
  ],
  icon: 'electron/assets/icon.png',
  linux: { target: ['AppImage', 'deb'], category: 'Development', maintainer: 'Sandpost <maintainers@sandpost.localhost>' },
  mac: { target: ['dmg'], category: 'public.app-category.developer-tools' },
  win: { target: ['nsis'] },
  nsis: { oneClick: true, perMachine: false },
  async beforePack({ electronPlatformName, arch, packager }) {
    const { Arch } = require('electron-builder');
    const wanted = `${electronPlatformName}-${Arch[arch]}`;
    const unwanted = foreignPrebuilds.filter((name) => name !== wanted);
    packager.config.files.push(...unwanted.map((name) => `!node_modules/better-sqlite3/prebuilds/${name}/**`));
  },
};
