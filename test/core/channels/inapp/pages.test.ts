import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openInAppPages } from '../../../../core/channels/inapp/pages.ts';
import { startCore } from '../../../start-core.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'sandpost-pages-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

test('hands the client out, and nothing for the tag that is known', async () => {
  const path = await folder();
  await writeFile(join(path, 'client.js'), 'var SandpostInApp;');
  const pages = openInAppPages(path);
  const reply = pages.find('/v1/client.js', null);
  const fields = Object.fromEntries(reply?.fields ?? []);
  expect([reply?.status, Buffer.from(reply?.body ?? '').toString()]).toEqual([200, 'var SandpostInApp;']);
  expect(fields).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'access-control-allow-origin': '*',
  });
  expect(pages.find('/v1/client.js', fields.etag ?? '')?.status).toBe(304);
});

test('knows its own files alone, and says what to do when they were not built', async () => {
  const pages = openInAppPages(await folder());
  for (const path of ['/v1/messages', '/demo/../../secret', '/demo/client.js', 'constructor', '/'])
    expect(pages.find(path, null)).toBeNull();
  expect(pages.find('/demo', null)).toMatchObject({
    status: 404,
    body: expect.stringContaining('npm run build'),
  });
});

test('the client and the demo are at the door and beside the API, and leave no exchange', async () => {
  const core = await startCore();
  const doors = [`http://127.0.0.1:${core.port('providers')}`, core.app.url];
  const found = await Promise.all(
    doors.flatMap((door) =>
      [
        '/inapp/demo',
        '/inapp/demo/demo.js',
        '/inapp/demo/demo.css',
        '/inapp/v1/client.js',
        '/inapp/v1/client.mjs',
      ].map(async (path) => {
        const reply = await fetch(door + path);
        await reply.arrayBuffer();
        return reply.headers.get('content-security-policy') ?? reply.status;
      }),
    ),
  );
  // Not built (404) is found too.
  expect(
    found.every((one) => one === 200 || one === 404 || String(one).startsWith("default-src 'self'")),
  ).toBe(true);
  expect(found.slice(0, 5)).toEqual(found.slice(5));
  expect(await core.json('/v1/exchanges')).toMatchObject({ total: 0 });
});
