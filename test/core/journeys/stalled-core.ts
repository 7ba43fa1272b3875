/**
 * A core that stops at one call of its store, and says so: at `record`, unless another is named. What a provider has taken then
 * stands on the disk, and Sandpost does not know of it.
 */
import { createApp, systemPorts } from '../../../core/app.ts';
import { loadConfig } from '../../../core/config.ts';
import { openSqliteStore } from '../../../core/store/sqlite/sqlite-store.ts';

const config = loadConfig(['--data', process.argv[2] ?? '', '--ports', '0'], {});
const stalls = process.argv[3] ?? 'record';
const ports = systemPorts({ info: () => undefined, warn: (text) => console.error(text) });
const app = await createApp(config, {
  ...ports,
  async openStore(options) {
    const store = await openSqliteStore(options);
    return Object.assign(Object.create(store), {
      [stalls]() {
        process.stdout.write(`${stalls}\n`);
        return new Promise<void>(() => undefined);
      },
    });
  },
});
process.stdout.write(`${app.url}\n`);
