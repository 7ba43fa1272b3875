import { describe, expect, it } from 'vitest';
import { startCore, type TestCore } from '../../start-core.ts';

interface List {
  readonly entries: readonly { readonly id: string }[];
  readonly nextCursor: string | null;
  readonly total: number;
}

const send = (method: string, body: unknown): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

async function withUsers(): Promise<TestCore> {
  const core = await startCore();
  const users = [
    { id: 'a', email: 'a@example.com', locale: 'de-AT', attributes: { plan: 'pro', age: 20 } },
    { id: 'b', attributes: { plan: 'pro', age: '30' } },
    { id: 'c', attributes: { plan: 'free' } },
    { id: 'd' },
  ];
  await core.get('/v1/users/batch', send('POST', { users }));
  await core.get('/v1/users/c/events', send('POST', { name: 'purchase' }));
  await core.get(
    '/v1/users/d/events',
    send('POST', { name: 'purchase', at: new Date(Date.now() - 30 * 86_400_000).toISOString() }),
  );
  return core;
}

async function preview(core: TestCore, expression: string): Promise<readonly string[]> {
  const found = await core.json<{ readonly sample: List['entries'] }>(
    '/v1/segments/preview',
    send('POST', { expression }),
  );
  return found.sample.map(({ id }) => id);
}

describe('segments', () => {
  it('hold users by their attributes, and by what they did', async () => {
    const core = await withUsers();
    expect(await preview(core, "attributes.plan == 'pro'")).toEqual(['a', 'b']);
    expect(await preview(core, "user.language == 'de' || attributes.plan == 'free'")).toEqual(['a', 'c']);
    expect(await preview(core, "did('purchase')")).toEqual(['c', 'd']);
    expect(await preview(core, "did('purchase', duration('168h'))")).toEqual(['c']);
    expect(await preview(core, "!did('purchase')")).toEqual(['a', 'b']);
    // The clock goes on, and a week later the purchase is no news any more.
    await core.get('/v1/clock', send('POST', { advanceMs: 8 * 86_400_000 }));
    expect(await preview(core, "did('purchase', duration('168h'))")).toEqual([]);
  });

  it('say what went wrong with whom', async () => {
    const core = await withUsers();
    const found = await core.json(
      '/v1/segments/preview',
      send('POST', { expression: 'attributes.age > 18' }),
    );
    expect(found).toMatchObject({
      total: 1,
      sample: [{ id: 'a', email: 'a@example.com' }],
      errors: [{ users: 1, detail: 'attributes.age > 18: no such overload: dyn<string> > int' }],
    });
  });

  it('are kept, listed, replaced and removed', async () => {
    const core = await withUsers();
    const pros = { id: 'pros', name: 'Pros', expression: "attributes.plan == 'pro'" };
    expect((await core.get('/v1/segments', send('POST', pros))).status).toBe(201);
    expect((await core.get('/v1/segments', send('POST', pros))).status).toBe(409);
    const young = { name: 'Young pros', expression: "inSegment('pros') && attributes.age < 30" };
    expect((await core.get('/v1/segments/young', send('PUT', young))).status).toBe(201);
    expect(await core.json('/v1/segments')).toMatchObject({ total: 2, entries: [pros, { id: 'young' }] });
    expect(await core.json('/v1/segments/young')).toEqual({ id: 'young', ...young });
    expect(await core.json('/v1/users/a/segments')).toEqual({ segments: ['pros', 'young'] });

    const page = await core.json<List>('/v1/segments/pros/users?limit=1');
    expect(page).toMatchObject({ entries: [{ id: 'a' }], nextCursor: 'a', total: 2 });
    const rest = await core.json<List>('/v1/segments/pros/users?limit=1&after=a');
    expect(rest).toMatchObject({ entries: [{ id: 'b' }], nextCursor: null, total: 2 });

    // A circle is refused, and so is taking away what another one names.
    const circle = await core.get(
      '/v1/segments/pros',
      send('PUT', { name: 'Pros', expression: "inSegment('young')" }),
    );
    expect([circle.status, await circle.json()]).toMatchObject([
      400,
      { errors: [{ field: 'expression', code: 'circular' }] },
    ]);
    expect((await core.get('/v1/segments/pros', { method: 'DELETE' })).status).toBe(409);
    expect((await core.get('/v1/segments/young', { method: 'DELETE' })).status).toBe(204);
    expect((await core.get('/v1/segments/pros', { method: 'DELETE' })).status).toBe(204);
    expect(await core.json('/v1/segments')).toMatchObject({ total: 0 });
  });

  it('refuse an expression with the place where it is wrong', async () => {
    const core = await startCore();
    const answer = await core.get(
      '/v1/segments',
      send('POST', { id: 'x', name: 'X', expression: "attributes.plan == 'pro' &&" }),
    );
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      {
        code: 'bad_request',
        detail: 'expression: Unexpected token: EOF (line 1, column 28).',
        errors: [{ field: 'expression', code: 'unexpected_token' }],
      },
    ]);
  });
});

describe('topics', () => {
  it('are kept, listed, replaced and removed', async () => {
    const core = await startCore();
    const made = await core.get(
      '/v1/topics',
      send('POST', { id: 'news', name: 'News', channels: { sms: false } }),
    );
    const news = {
      id: 'news',
      name: 'News',
      description: null,
      required: false,
      usual: 'in',
      channels: { sms: false },
    };
    expect([made.status, await made.json()]).toEqual([201, news]);
    expect((await core.get('/v1/topics', send('POST', { id: 'news', name: 'N' }))).status).toBe(409);
    expect((await core.get('/v1/topics', send('POST', { id: 'no spaces', name: 'N' }))).status).toBe(400);
    expect(
      await core.json('/v1/topics/news', send('PUT', { name: 'All news', usual: 'out', required: true })),
    ).toMatchObject({ id: 'news', name: 'All news', usual: 'out', required: true, channels: {} });
    expect(await core.json('/v1/topics')).toMatchObject({ total: 1, entries: [{ name: 'All news' }] });
    expect((await core.get('/v1/topics/news', { method: 'DELETE' })).status).toBe(204);
    expect((await core.get('/v1/topics/news')).status).toBe(404);
  });
});
