// What Electron's utilityProcess forks, for it cannot fork an ES module directly.
import('./electron-host.ts').catch((error: unknown) => {
  console.error('sandpost: the core could not be loaded:', error);
  process.exit(1);
});
