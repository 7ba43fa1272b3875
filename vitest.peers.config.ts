import { defineConfig } from 'vitest/config';
import { quickFolders } from './test/quick-folders.ts';

quickFolders(import.meta.dirname);
process.env.SANDPOST_TEST_PEERS = 'yes';

/** Clients in languages that `npm test` does not ask for: a compiler may need a minute, and few machines have them all. */
export default defineConfig({
  test: { include: ['test/core/connect/inapp-recipes.test.ts'], setupFiles: ['test/no-network.ts'] },
});
