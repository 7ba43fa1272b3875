/** Where the app begins: one instance, then the shell. */
import { app } from 'electron';
import { runShell } from './shell.ts';
import { parseStartArguments } from './start-arguments.ts';

// Electron leaves this switch of Chromium's to the app; tests and second profiles need it honoured.
const profile = app.commandLine.getSwitchValue('user-data-dir');
if (profile !== '') app.setPath('userData', profile);

if (app.requestSingleInstanceLock()) {
  runShell(parseStartArguments(process.argv.slice(1), process.cwd())).catch((error: unknown) => {
    console.error('sandpost: the app could not start:', error);
    app.exit(1);
  });
} else {
  // The first instance has been told what this start asked for.
  app.quit();
}
