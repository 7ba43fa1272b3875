/** What the Connect room has for pages: built as an app builds it, opened in a real browser, and the message is seen there. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build, type Plugin } from 'vite';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { compileScript, parse } from 'vue/compiler-sfc';
import { findChromium, quietFlags } from '../../e2e/find-chromium.ts';
import { type RecipeProject, recipeProject } from './recipe-project.ts';

const built = existsSync(resolve(import.meta.dirname, '../../../out/client/client.mjs'));
const whyNot =
  findChromium() === null
    ? 'needs a Chromium: set CHROMIUM_PATH'
    : built
      ? null
      : 'needs the built client: npm run build';
const waitMsMax = 15_000;
const buildMsMax = 120_000;

describe.skipIf(whyNot !== null)(
  `a recipe for a page, followed to the letter${whyNot === null ? '' : ` (${whyNot})`}`,
  () => {
    let project: RecipeProject;
    let browser: Browser;
    beforeAll(async () => {
      const executablePath = findChromium();
      if (executablePath !== null) browser = await chromium.launch({ executablePath, args: [...quietFlags] });
      project = await recipeProject(['--deliver']);
    });
    afterAll(async () => {
      await browser.close();
      await project.close();
    });

    /** What the app's backend hands in. */
    const handIn = async (user: string, title: string): Promise<void> => {
      const answer = await fetch(`http://127.0.0.1:${project.peers.port('providers')}/inapp/v1/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          user,
          title,
          body: 'It is on its way.',
          display: { kind: 'banner' },
          saveToInbox: true,
        }),
      });
      expect(answer.status).toBe(202);
    };

    /** A tab of its own, at what stands in that folder; what it throws is thrown here. */
    const open = async (folder: string): Promise<Page> => {
      const url = await serve(folder);
      const context = await browser.newContext();
      context.setDefaultTimeout(waitMsMax);
      onTestFinished(() => context.close());
      const page = await context.newPage();
      const thrown: Error[] = [];
      page.on('pageerror', (error) => thrown.push(error));
      onTestFinished(() => expect(thrown).toEqual([]));
      await page.goto(url);
      return page;
    };

    /** An app around the recipe: the page, and what starts it. */
    const app = async (main: string, text: string, plugins: readonly Plugin[]): Promise<string> => {
      await project.write('index.html', `<div id="app"></div><script type="module" src="/${main}"></script>`);
      await project.write(main, text);
      const folder = join(project.folder, `dist-${main}`);
      await build({
        root: project.folder,
        configFile: false,
        logLevel: 'error',
        // As while an app is worked on: React mounts what it is given twice then.
        mode: 'development',
        define: { 'process.env.NODE_ENV': '"development"', __VUE_PROD_DEVTOOLS__: 'false' },
        plugins: [...plugins],
        build: { outDir: folder, minify: false },
      });
      return folder;
    };

    it('inapp-script', async () => {
      await handIn('anna', 'For the script');
      await project.write('index.html', `<!doctype html>\n${project.codeOf('inapp-script')}`);
      const page = await open(project.folder);
      await page.locator('.sp-inapp-banner', { hasText: 'For the script' }).waitFor();
      await page.locator('#inbox .sp-inapp-item', { hasText: 'For the script' }).waitFor();
    });

    it(
      'inapp-npm',
      async () => {
        const folder = await app('main.js', project.codeOf('inapp-npm'), []);
        await project.peers.call('DELETE', '/v1/messages?all=true');
        await handIn('anna', 'For the module');
        const page = await open(folder);
        await page.locator('.sp-inapp-banner', { hasText: 'For the module' }).waitFor();
      },
      buildMsMax,
    );

    it(
      'inapp-react',
      async () => {
        await project.write('inbox.jsx', project.codeOf('inapp-react'));
        const folder = await app(
          'main.jsx',
          `import { StrictMode } from 'react';
           import { createRoot } from 'react-dom/client';
           import { Inbox } from './inbox.jsx';
           createRoot(document.getElementById('app')).render(<StrictMode><Inbox user="react" /></StrictMode>);`,
          react(),
        );
        await showsTheInbox('react', folder);
      },
      buildMsMax,
    );

    it(
      'inapp-vue',
      async () => {
        await project.write('inbox.vue', project.codeOf('inapp-vue'));
        const folder = await app(
          'main.js',
          `import { createApp } from 'vue';
           import Inbox from './inbox.vue';
           createApp(Inbox, { user: 'vue' }).mount('#app');`,
          [vueFiles],
        );
        await showsTheInbox('vue', folder);
      },
      buildMsMax,
    );

    async function showsTheInbox(user: string, folder: string): Promise<void> {
      await handIn(user, 'Before the page');
      const page = await open(folder);
      await page.getByText('Inbox (1)').waitFor();
      await page.locator('.sp-inapp-banner', { hasText: 'Before the page' }).waitFor();
      await handIn(user, 'While it is open');
      // By the keyboard: the banner lies over the top of the page.
      await page.getByText('Inbox (2)').press('Enter');
      await page.locator('details .sp-inapp-item', { hasText: 'While it is open' }).waitFor();
      expect(await page.locator('details .sp-inapp-item').count()).toBe(2);
      expect(await page.locator('.sp-inapp-banner').count()).toBe(1);
    }
  },
);

/** Vue's own compiler, as its plugin for a bundler calls it. */
const vueFiles: Plugin = {
  name: 'vue-files',
  transform(source, id) {
    if (!id.endsWith('.vue')) return null;
    const { descriptor, errors } = parse(source, { filename: id });
    if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
    const { content } = compileScript(descriptor, { id: 'inbox', inlineTemplate: true });
    return { code: content, map: null, moduleType: 'js' };
  },
};

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

/** The app's own web server, until the test is over. @returns its address */
async function serve(folder: string): Promise<string> {
  const server = createServer((request, response) => {
    const name = request.url === '/' ? 'index.html' : (request.url ?? '').slice(1);
    readFile(join(folder, name)).then(
      (bytes) => response.writeHead(200, { 'content-type': types[extname(name)] ?? '' }).end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}/`;
}
