import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Every core that a test starts has threads that compile the same files: kept, that takes half of the time.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules', '.cache', 'node-compile');

/** The e2e in real Electron: one file at a time, for each starts whole apps. `xvfb-run` gives it a screen. */
export default defineConfig({
  test: {
    include: ['test/electron/*.test.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
