// `node scripts/build-client.mjs [FOLDER]`: the client for web apps: a module, and a script for pages without modules; and the demo page, which uses the script as it is.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const source = fileURLToPath(new URL('../client/inapp', import.meta.url));
const target = process.argv[2] ?? fileURLToPath(new URL('../out/client', import.meta.url));

rmSync(target, { recursive: true, force: true });
await bundle('index.ts', 'es', 'client.mjs');
await bundle('index.ts', 'iife', 'client.js');
await bundle('demo/demo.ts', 'iife', 'demo.js');
mkdirSync(target, { recursive: true });
for (const name of ['demo.html', 'demo.css']) cpSync(join(source, 'demo', name), join(target, name));

async function bundle(entry, format, fileName) {
  await build({
    root: source,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    build: {
      outDir: target,
      emptyOutDir: false,
      target: 'chrome108',
      lib: {
        entry: join(source, entry),
        name: 'SandpostInApp',
        formats: [format],
        fileName: () => fileName,
      },
      // A library's module would keep its blanks.
      rolldownOptions: {
        optimization: { inlineConst: { mode: 'all' } },
        output: { minify: true, comments: false, generatedCode: { symbols: false } },
      },
    },
  });
}
