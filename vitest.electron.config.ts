import { defineConfig } from 'vitest/config';
import { quickFolders } from './test/quick-folders.ts';

quickFolders(import.meta.dirname);

/** The e2e in real Electron: one file at a time, for each starts whole apps. `xvfb-run` gives it a screen. */
export default defineConfig({
  test: {
    include: ['test/electron/*.test.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
