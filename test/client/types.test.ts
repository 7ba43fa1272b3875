/** What an app that installs the package gets: declarations that compile by themselves, by the name it imports. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const tsc = join(root, 'node_modules/typescript/bin/tsc');

describe('the package as an app sees it', () => {
  const app = mkdtempSync(join(tmpdir(), 'sandpost-app-'));
  const installed = join(app, 'node_modules/sandpost');
  beforeAll(() => {
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, 'package.json'), readFileSync(join(root, 'package.json')));
    execFileSync(process.execPath, [join(root, 'scripts/build-client.mjs'), join(installed, 'out/client')], {
      cwd: root,
    });
    execFileSync(process.execPath, [
      tsc,
      '-p',
      join(root, 'tsconfig.client.json'),
      '--outDir',
      join(installed, 'out/client/types'),
    ]);
    symlinkSync(join(root, 'node_modules/typescript'), join(app, 'node_modules/typescript'));
  }, 60_000);
  afterAll(() => rmSync(app, { recursive: true, force: true }));

  it.each(['bundler', 'nodenext'])('compiles, and its mistakes do not (%s)', (moduleResolution) => {
    writeFileSync(join(app, 'package.json'), '{"type":"module"}');
    writeFileSync(
      join(app, 'app.ts'),
      `import { createInApp, type InAppEntry } from 'sandpost/inapp';
const app = createInApp({ url: 'http://127.0.0.1:8026', user: 'jane', realtime: 'sse' });
app.on('shown', (entry: InAppEntry) => entry.actions.map(({ id }) => id));
app.on('change', ({ unread }) => unread.toFixed());
// @ts-expect-error There is no such event.
app.on('nothing', () => undefined);
// @ts-expect-error A user is needed.
createInApp({ url: '' });
`,
    );
    const checked = spawnSync(
      process.execPath,
      [
        tsc,
        '--noEmit',
        '--strict',
        '--target',
        'es2022',
        '--lib',
        'es2022,dom',
        '--types',
        '',
        '--module',
        moduleResolution === 'bundler' ? 'esnext' : 'nodenext',
        '--moduleResolution',
        moduleResolution,
        'app.ts',
      ],
      { cwd: app, encoding: 'utf8' },
    );
    expect(checked.stdout).toBe('');
    expect(checked.status).toBe(0);
  });

  it('runs by that name', () => {
    const out = execFileSync(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        "import('sandpost/inapp').then(({createInApp}) => console.log(typeof createInApp))",
      ],
      { cwd: app, encoding: 'utf8' },
    );
    expect(out.trim()).toBe('function');
  });
});
