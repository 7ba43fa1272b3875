/** A core whose store says yes at once and keeps no message, no push and no SMS: what a door costs without the disk. Prints as `serve --json` does. */
import { createApp, systemPorts } from '../../core/app.ts';
import { loadConfig } from '../../core/config.ts';
import { openSqliteStore } from '../../core/store/sqlite/sqlite-store.ts';

const log = { info: () => undefined, warn: (text: string) => void process.stderr.write(`${text}\n`) };
let seq = 0;
const app = await createApp(loadConfig(process.argv.slice(2), {}), {
  ...systemPorts(log),
  openStore: async (options) => ({
    ...(await openSqliteStore(options)),
    accept: async () => ++seq,
    keepPushes: async () => undefined,
    keepSms: async () => undefined,
  }),
});
const { url, dataDir, caFile, ports } = app;
process.stdout.write(`${JSON.stringify({ ready: true, url, dataDir, caFile, ports })}\n`);
process.on('SIGTERM', () => void app.close().then(() => process.exit(0)));
