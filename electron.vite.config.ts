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
      output: { format: 'cjs' as const, entryFileNames: `${name}.cjs` },
    },
  },
});

/** electron-vite sets `base` to `./`; the core serves the page on deep paths, where that loses the assets. */
const servedOverHttp = {
  name: 'served-over-http',
  config(config: { base?: string }) {
    config.base = './';
  },
};

export default defineConfig({
  main: shell('main'),
  preload: shell('preload'),
  renderer: {
    root: 'renderer',
    plugins: [react(), servedOverHttp],
    build: {
      outDir: 'out/renderer',
      target: 'chrome108',
      minify: true,
      rolldownOptions: { input: resolve('renderer/index.html') },
    },
  },
});
