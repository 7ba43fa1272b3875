import { defineConfig } from 'vitest/config';
import { quickFolders } from './test/quick-folders.ts';

quickFolders(import.meta.dirname);

/** Everything but the e2e in real Electron, which has a configuration of its own. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/electron/*.test.ts', 'test/bench/**', 'node_modules/**'],
    setupFiles: ['test/no-network.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
