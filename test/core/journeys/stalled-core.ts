/** A core whose attempts are never recorded: what a provider has taken stands on the disk, and Sandpost does not know of it. */
import { createApp, systemPorts } from '../../../core/app.ts';
import { loadConfig } from '../../../core/config.ts';
import { openSqliteStore } from '../../../core/store/sqlite/sqlite-store.ts';

const config = loadConfig(['--data', process.argv[2] ?? '', '--ports', '0'], {});
const ports = systemPorts({ info: () => undefined, warn: (text) => console.error(text) });
const app = await createApp(config, {
  ...ports,
  async openStore(options) {
    const store = await openSqliteStore(options);
    return Object.assign(Object.create(store), {
      record() {
        process.stdout.write('recording\n');
        return new Promise<void>(() => undefined);
      },
    });
  },
});
process.stdout.write(`${app.url}\n`);
