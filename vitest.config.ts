import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Every core that a test starts has threads that compile the same files: kept, that takes half of the time.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules', '.cache', 'node-compile');

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
