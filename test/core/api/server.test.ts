import { describe, expect, it } from 'vitest';
import { startCore } from '../../start-core.ts';

interface Named {
  readonly entries: readonly { readonly name: string; readonly messages: number; readonly fixed: boolean }[];
}
interface Settings {
  readonly retention: Readonly<Record<string, number | null>>;
  readonly projects: { readonly rules: readonly unknown[]; readonly onTheFly: boolean };
}
interface Exchange {
  readonly id: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly transcript: readonly {
    readonly by: string;
    readonly text: string;
    readonly messageId: string | null;
  }[];
  readonly messageIds: readonly string[];
}

const mail = 'From: a@b\r\nSubject: x\r\n\r\nx\r\n';
const as = (method: string, body: unknown) => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

describe('projects', () => {
  it('are made, listed, given a retention, emptied and deleted', async () => {
    const core = await startCore();
    const made = await core.get('/v1/projects', as('POST', { name: 'My Shop' }));
    expect([made.status, await made.json()]).toMatchObject([
      201,
      { name: 'my-shop', fixed: true, messages: 0 },
    ]);
    expect((await core.get('/v1/projects', as('POST', { name: '!!!' }))).status).toBe(400);
    expect((await core.get('/v1/projects', as('POST', {}))).status).toBe(400);
    const retention = { countMax: 5, ageMaxMs: null, bytesMax: null };
    expect(await core.json('/v1/projects/my-shop', as('PATCH', { retention }))).toMatchObject({ retention });
    expect((await core.get('/v1/projects/my-shop', as('PATCH', { retention: { countMax: 0 } }))).status).toBe(
      400,
    );
    expect((await core.get('/v1/projects/nobody', as('PATCH', { retention }))).status).toBe(404);
    const client = await core.smtp();
    await client.say(`AUTH PLAIN ${Buffer.from('\0my shop\0x').toString('base64')}`);
    await client.deliver('a@x', ['b@x'], mail);
    await client.quit();
    expect(
      (await core.json<Named>('/v1/projects')).entries.map(({ name, messages }) => [name, messages]),
    ).toEqual([
      ['main', 0],
      ['my-shop', 1],
    ]);
    expect(await core.json('/v1/stats?project=my-shop')).toMatchObject({
      messages: 1,
      unread: 1,
      bytes: mail.length,
    });
    expect((await core.get('/v1/stats?project=nobody')).status).toBe(404);
    expect((await core.get('/v1/projects/my-shop', { method: 'DELETE' })).status).toBe(400);
    expect((await core.get('/v1/projects/my-shop?messages=true', { method: 'DELETE' })).status).toBe(204);
    expect((await core.get('/v1/projects/my-shop', { method: 'DELETE' })).status).toBe(404);
    expect((await core.get('/v1/projects/main', { method: 'DELETE' })).status).toBe(400);
  });

  it('that are not made on the fly have to be there: from the start, or made since', async () => {
    const core = await startCore(['--no-project-on-the-fly', '--project', 'first']);
    await core.get('/v1/projects', as('POST', { name: 'second' }));
    const landed = async (user: string) => {
      const client = await core.smtp();
      await client.say(`AUTH PLAIN ${Buffer.from(`\0${user}\0x`).toString('base64')}`);
      const id = (await client.deliver('a@x', ['b@x'], mail)).slice(-36);
      await client.quit();
      return (await core.json<{ project: string }>(`/v1/messages/${id}`)).project;
    };
    expect([await landed('first'), await landed('second'), await landed('third')]).toEqual([
      'first',
      'second',
      'main',
    ]);
    await core.get('/v1/projects/second?messages=true', { method: 'DELETE' });
    expect(await landed('second'), 'one that was deleted is not known any more').toBe('main');
  });
});

describe('settings', () => {
  it('change what they name and nothing else, and hold at once', async () => {
    const core = await startCore();
    const before = await core.json<Settings>('/v1/settings');
    const rules = [{ by: 'recipient', match: '*@orders.example', project: 'orders' }];
    const after = await core.json<Settings>(
      '/v1/settings',
      as('PATCH', { projects: { rules }, retention: { countMax: 2 } }),
    );
    expect(after).toEqual({
      retention: { ...before.retention, countMax: 2 },
      projects: { ...before.projects, rules },
    });
    const id = await core.send(mail, 'a@x', ['max@orders.example']);
    expect(await core.json(`/v1/messages/${id}`)).toMatchObject({ project: 'orders' });
    for (const wrong of [
      { retention: { countMax: -1 } },
      { projects: { rules: [{ by: 'moon', match: '*', project: 'x' }] } },
    ]) {
      expect((await core.get('/v1/settings', as('PATCH', wrong))).status).toBe(400);
    }
    expect(await core.json('/v1/settings')).toEqual(after);
  });
});

describe('exchanges', () => {
  it('are listed, refused ones too, with a transcript that names its messages', async () => {
    const core = await startCore();
    const id = await core.send(mail);
    const refused = await core.smtp();
    await refused.say('MAIL FROM:<a b@x>');
    await refused.quit();
    await core.json('/v1/messages/wait');
    let listed: { entries: Exchange[]; total: number } = { entries: [], total: 0 };
    while (listed.entries.filter(({ outcome }) => outcome !== 'open').length < 2)
      listed = await core.json('/v1/exchanges');
    expect(listed.entries.map(({ outcome }) => outcome)).toEqual(['refused', 'accepted']);
    expect(
      (await core.json<{ total: number }>('/v1/exchanges?outcome=refused&door=smtp&q=malformed')).total,
    ).toBe(1);
    expect((await core.get('/v1/exchanges?outcome=odd')).status).toBe(400);
    const [bad, good] = await Promise.all(
      listed.entries.map((one) => core.json<Exchange>(`/v1/exchanges/${one.id}`)),
    );
    expect(bad?.reason).toContain('553');
    expect(good?.messageIds).toEqual([id]);
    expect(good?.transcript.find(({ messageId }) => messageId === id)?.text).toMatch(/^message of \d+ bytes/);
    expect(good?.transcript.map(({ by }) => by).slice(0, 2)).toEqual(['server', 'client']);
    expect((await core.get('/v1/exchanges/nothing')).status).toBe(404);
    expect((await core.get('/v1/exchanges', { method: 'DELETE' })).status).toBe(400);
    expect(await core.json('/v1/exchanges?all=true', { method: 'DELETE' })).toEqual({ deleted: 2 });
  });
});

describe('the server itself', () => {
  it('tells its status, its health and its numbers', async () => {
    const core = await startCore();
    await core.send(mail);
    expect(await core.json('/v1/status')).toMatchObject({
      mode: 'sandbox',
      url: core.app.url,
      ports: core.app.ports,
      dataDir: core.dataDir,
      version: expect.any(String),
    });
    for (const path of ['/livez', '/readyz']) expect(await (await core.get(path)).text()).toBe('ok');
    const metrics = await core.get('/metrics');
    expect(metrics.headers.get('content-type')).toContain('text/plain');
    const text = await metrics.text();
    expect(text).toContain('sandpost_messages 1\n');
    expect(text).toContain('sandpost_messages_unread 1\n');
    expect(text).toMatch(/# HELP sandpost_commits_total/);
  });

  it('lists every route it answers in its OpenAPI document', async () => {
    const core = await startCore();
    const { openapi, paths } = await core.json<{
      openapi: string;
      paths: Record<string, Record<string, unknown>>;
    }>('/v1/openapi.json');
    expect(openapi).toMatch(/^3\.1/);
    const listed = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const promised = [
      'GET /v1/messages',
      'GET /v1/messages/wait',
      'DELETE /v1/messages',
      'PUT /v1/messages/read',
      'POST /v1/messages/import',
      'GET /v1/messages/{id}',
      'DELETE /v1/messages/{id}',
      'GET /v1/messages/{id}/raw',
      'GET /v1/messages/{id}/parts/{n}',
      'GET /v1/messages/{id}/html',
      'GET /v1/messages/{id}/source-headers',
      'GET /v1/messages/{id}/events',
      'GET /v1/messages/{id}/links',
      'GET /v1/messages/{id}/codes',
      'PUT /v1/messages/{id}/read',
      'DELETE /v1/messages/{id}/read',
      'PUT /v1/messages/{id}/tags',
      'DELETE /v1/messages/{id}/tags',
      'GET /v1/events',
      'GET /v1/exchanges',
      'GET /v1/exchanges/{id}',
      'DELETE /v1/exchanges',
      'GET /v1/projects',
      'POST /v1/projects',
      'PATCH /v1/projects/{name}',
      'DELETE /v1/projects/{name}',
      'GET /v1/stats',
      'GET /v1/status',
      'GET /v1/settings',
      'PATCH /v1/settings',
      'GET /v1/connect',
      'POST /v1/connect/test',
    ];
    expect(listed).toEqual(expect.arrayContaining(promised));
  });

  it('answers what it has not with a problem document', async () => {
    const core = await startCore();
    for (const [method, path] of [
      ['GET', '/v1/nothing'],
      ['POST', '/v1/messages/x'],
      ['GET', '/v1/'],
      ['PUT', '/v1/status'],
    ] as const) {
      const response = await core.get(path, { method });
      expect(response.status, path).toBe(404);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(await response.json()).toMatchObject({ code: 'not_found', status: 404, errors: [] });
    }
  });

  it('gives settings to copy, and sends a test message through each door', async () => {
    const core = await startCore();
    expect(await core.json('/v1/connect')).toMatchObject({
      host: '127.0.0.1',
      ports: core.app.ports,
      caFile: core.app.caFile,
      recipes: expect.any(Array),
    });
    for (const door of ['smtp', 'submission', 'smtps']) {
      expect((await core.get('/v1/connect/test', as('POST', { door }))).status).toBe(202);
      const { entries } = await core.json<{ entries: { door: string }[] }>(`/v1/messages?q=door:${door}`);
      expect(entries[0]?.door).toBe(door);
    }
    expect((await core.get('/v1/connect/test', as('POST', { door: 'window' }))).status).toBe(400);
  });

  it('serves the screen on every path of its own, under its policy', async () => {
    const core = await startCore();
    const page = await core.get('/messages/some-id');
    expect(page.status).toBe(200);
    if (page.headers.get('content-type')?.startsWith('text/html')) {
      expect(page.headers.get('content-security-policy')).toMatch(
        /default-src 'self'.*frame-src 'self'.*object-src 'none'.*base-uri 'none'.*frame-ancestors 'none'/,
      );
      const asset = /(?:src|href)="(\/assets\/[^"]+)"/.exec(await page.text())?.[1] ?? '';
      const first = await core.get(asset);
      expect(first.status).toBe(200);
      expect(first.headers.get('cache-control')).toContain('immutable');
      const etag = first.headers.get('etag') ?? '';
      expect((await core.get(asset, { headers: { 'if-none-match': etag } })).status).toBe(304);
    } else {
      expect(await page.text()).toContain('npm run build');
    }
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    for (const path of ['/assets/missing.js', '/..%2f..%2fpackage.json', '/favicon.ico%00.html']) {
      expect((await core.get(path)).status, path).toBe(404);
    }
  });

  it('stops in order: what is under way is stored, and the folder is free again', async () => {
    const core = await startCore();
    const id = await core.send(mail);
    await core.close();
    const { openCore } = await import('../../start-core.ts');
    const again = await openCore(core.dataDir);
    expect((await again.raw(id)).toString()).toBe(mail);
    await again.close();
  });
});
