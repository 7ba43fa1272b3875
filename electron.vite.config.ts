import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

const shell = (name: 'main' | 'preload') => ({
  build: {
    outDir: 'out/electron',
    emptyOutDir: false,
    target: 'node16.17',
    externalizeDeps: false,
    rolldownOptions: {
      input: resolve(`electron/${name}.ts`),
      // What is loaded late gets a file of its own, named as CommonJS too.
      output: { format: 'cjs' as const, entryFileNames: `${name}.cjs`, chunkFileNames: '[name].cjs' },
    },
  },
});

export default defineConfig({
  main: shell('main'),
  preload: shell('preload'),
  // electron-vite sets `base` to `./`; the core fills in the base path when it serves the page.
  renderer: {
    root: 'renderer',
    plugins: [react()],
    build: {
      outDir: 'out/renderer',
      target: 'chrome108',
      // One page, served from this machine: splitting it would save nothing.
      chunkSizeWarningLimit: 2_000,
      minify: true,
      rolldownOptions: { input: resolve('renderer/index.html') },
    },
  },
});
