/** Where the app begins: one instance, then the shell. */
import { homedir } from 'node:os';
import { app } from 'electron';
import { openCrashFile } from './crash-file.ts';
import { createIncidents } from './incidents.ts';
import { watchOwnErrors } from './own-errors.ts';
import { runShell } from './shell.ts';
import { parseStartArguments } from './start-arguments.ts';

// Electron leaves this switch of Chromium's to the app; tests and second profiles need it honoured.
const profile = app.commandLine.getSwitchValue('user-data-dir');
if (profile !== '') app.setPath('userData', profile);

if (app.requestSingleInstanceLock()) {
  const incidents = createIncidents(() => new Date());
  const secrets = new Set<string>();
  const crashFile = openCrashFile(app.getPath('userData'));
  const facts = () => ({
    version: app.getVersion(),
    platform: `${process.platform} ${process.arch}`,
    versions: process.versions,
    homeDir: homedir(),
    secrets: [...secrets],
    noted: incidents.noted(),
  });
  watchOwnErrors({ incidents, crashFile, facts, exit: (code) => app.exit(code) });
  runShell(parseStartArguments(process.argv.slice(1), process.cwd()), {
    incidents,
    secrets,
    crashFile,
    facts,
  }).catch((error: unknown) => {
    console.error('sandpost: the app could not start:', error);
    app.exit(1);
  });
} else {
  // The first instance has been told what this start asked for.
  app.quit();
}
