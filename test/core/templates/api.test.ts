import { describe, expect, it } from 'vitest';
import { startCore, type TestCore } from '../../start-core.ts';

interface Refused {
  readonly code: string;
  readonly errors: readonly { readonly field: string; readonly code: string }[];
}
interface Made {
  readonly id: string;
  readonly revision: number;
  readonly published: number | null;
  readonly hasDraft: boolean;
  readonly current: { readonly version: number; readonly content: Record<string, { readonly body: string }> };
}

const post = (value: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
});
const put = (value: unknown, headers: Record<string, string> = {}): RequestInit => ({
  ...post(value, headers),
  method: 'PUT',
});

const hello = {
  name: 'Hello',
  content: {
    sms: { body: 'Hello {{ who }}' },
    email: {
      subject: 'Hi',
      format: 'html',
      body: '<p>Hello {{ who }}<img src="https://elsewhere.example/x.png"><script>x()</script></p>',
    },
  },
  variables: [{ name: 'who', type: 'string', required: true, sample: 'World' }],
};

async function withHello(): Promise<{ readonly core: TestCore; readonly made: Made }> {
  const core = await startCore();
  return { core, made: await core.json<Made>('/v1/templates', post(hello)) };
}

describe('/v1/templates', () => {
  it('makes, lists, publishes, restores and removes', async () => {
    const { core, made } = await withHello();
    expect(made).toMatchObject({ id: 'hello', revision: 1, published: null, hasDraft: true });
    const path = '/v1/templates/hello';
    const published = await core.get(`${path}/publish`, post({}));
    expect([published.status, published.headers.get('etag')]).toEqual([200, '"2"']);
    const changed = await core.get(
      path,
      put({ content: { sms: { body: 'Bye {{ who }}' } } }, { 'if-match': '"2"' }),
    );
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"3"']);
    expect(await core.json(`${path}/changes`)).toMatchObject({
      total: 2,
      entries: [{ field: 'content.email' }, { field: 'content.sms.body' }],
    });
    expect(await core.json(`${path}/versions`)).toMatchObject({ entries: [{ version: 1, published: true }] });
    expect(await core.json(`${path}/versions/1`)).toMatchObject({ content: hello.content });
    expect(await core.json(`${path}/versions/1/restore`, post({}))).toMatchObject({ hasDraft: false });
    expect(await core.json(`${path}/duplicate`, post({ name: 'Again' }))).toMatchObject({
      id: 'again',
      published: null,
    });
    expect(await core.json('/v1/templates?q=HELL')).toMatchObject({
      total: 1,
      entries: [{ id: 'hello', channels: ['email', 'sms'] }],
    });
    expect(await core.json(`${path}/unpublish`, post({}))).toMatchObject({ published: null });
    expect((await core.get(path, { method: 'DELETE' })).status).toBe(204);
    expect((await core.get(path)).status).toBe(404);
    const events = await core.json<{ readonly entries: readonly { readonly data: unknown }[] }>(
      '/v1/events?type=template&limit=100',
    );
    expect(events.entries.at(-1)?.data).toEqual({ id: 'hello', deleted: true });
  });

  it('tells what differs between any two of its versions and the draft', async () => {
    const { core } = await withHello();
    const path = '/v1/templates/hello';
    const say = (body: string) =>
      core.get(path, put({ content: { sms: { body: `${body} {{ who }}` } } }, { 'if-match': '*' }));
    for (const body of ['One', 'Two', 'Three']) {
      await say(body);
      await core.get(`${path}/publish`, post({}));
    }
    await say('Four');
    const between = (query: string) =>
      core
        .json<{ readonly entries: readonly { readonly before: string; readonly after: string }[] }>(
          `${path}/changes${query}`,
        )
        .then(({ entries }) => entries.map(({ before, after }) => `${before} > ${after}`));
    expect(await between('')).toEqual(['Three {{ who }} > Four {{ who }}']);
    expect(await between('?from=1&to=draft')).toEqual(['One {{ who }} > Four {{ who }}']);
    expect(await between('?from=1&to=2')).toEqual(['One {{ who }} > Two {{ who }}']);
    expect(await between('?from=draft&to=published')).toEqual(['Four {{ who }} > Three {{ who }}']);
    expect((await core.get(`${path}/changes?from=9`)).status).toBe(404);
    const refused: Refused = await (await core.get(`${path}/changes?from=newest`)).json();
    expect(refused).toMatchObject({ code: 'bad_request', errors: [{ field: 'from' }] });
    await core.json(`${path}/unpublish`, post({}));
    expect((await core.get(`${path}/changes?from=published`)).status).toBe(422);
  });

  it('is not published while the in-app channel would refuse every message of it', async () => {
    const core = await startCore();
    const inapp = {
      body: 'x',
      link: 'javascript:x()',
      actions: [{ label: 'Go' }, { label: '' }],
      display: { kind: 'carousel', slot: null },
    };
    await core.json('/v1/templates', post({ name: 'Bad', content: { inapp } }));
    expect(await (await core.get('/v1/templates/bad/publish', post({}))).json()).toMatchObject({
      code: 'invalid_template',
      errors: [
        { field: 'content.inapp.link', code: 'refused' },
        { field: 'content.inapp.actions[1].label', code: 'refused' },
        {
          field: 'content.inapp.slides',
          code: 'refused',
          detail: 'A carousel has slides: give one at least.',
        },
      ],
    });
  });

  it('lets nobody overwrite what they have not read', async () => {
    const { core } = await withHello();
    const write = (headers: Record<string, string>) =>
      core
        .get('/v1/templates/hello', put({ name: 'Mine' }, headers))
        .then(async (it) => [it.status, (await it.json()).code]);
    expect(await write({})).toEqual([400, 'bad_request']);
    expect(await write({ 'if-match': 'x' })).toEqual([400, 'bad_request']);
    expect(await write({ 'if-match': '"1"' })).toEqual([200, undefined]);
    expect(await write({ 'if-match': '"1"' })).toEqual([412, 'changed_meanwhile']);
    expect(await write({ 'if-match': '*' })).toEqual([200, undefined]);
  });

  it.each([
    [{ ...hello, content: { sms: { body: 'x', boddy: 'y' } } }, 'content.sms'],
    [
      { ...hello, content: { email: { subject: 'x', format: 'markdown', body: 'y' } } },
      'content.email.format',
    ],
    [
      { ...hello, content: { email: { subject: 'x', format: 'mjml', body: 'y'.repeat(2_000_000) } } },
      'content.email.body',
    ],
    [{ ...hello, locales: { 'not a locale': {} } }, 'locales.not a locale'],
    [
      { ...hello, variables: [{ name: 'a b', type: 'string', required: true, sample: '' }] },
      'variables.0.name',
    ],
    [{ ...hello, variables: [...hello.variables, ...hello.variables] }, 'variables'],
    [
      { ...hello, content: { inapp: { body: 'x', data: JSON.parse('['.repeat(50) + ']'.repeat(50)) } } },
      'content.inapp.data',
    ],
    [{ ...hello, name: ' ' }, 'name'],
  ])('refuses what is none (%#)', async (body, field) => {
    const core = await startCore();
    const answer = await core.get('/v1/templates', post(body));
    const refused: Refused = await answer.json();
    expect([answer.status, refused.code]).toEqual([400, 'bad_request']);
    expect(JSON.stringify(refused)).toContain(field);
  });

  it('says with fields why it is not published', async () => {
    const core = await startCore();
    await core.json('/v1/templates', post({ name: 'Bad', content: { sms: { body: '{{ nobody }}' } } }));
    const answer = await core.get('/v1/templates/bad/publish', post({}));
    expect([answer.status, await answer.json()]).toMatchObject([
      422,
      { code: 'invalid_template', errors: [{ field: 'content.sms.body', code: 'undeclared' }] },
    ]);
    expect(await core.json('/v1/templates/bad/check', post({}))).toMatchObject({ errors: [{ line: 1 }] });
  });

  it('shows previews, with HTML that does nothing', async () => {
    const { core } = await withHello();
    const preview = await core.json('/v1/templates/hello/preview', post({ variables: { who: '<Ada>' } }));
    expect(preview).toMatchObject({
      sms: { text: 'Hello <Ada>', encoding: 'GSM-7', parts: 1 },
      email: { subject: 'Hi', text: 'Hello <Ada>\n', html: expect.stringContaining('Hello &lt;Ada&gt;') },
      push: null,
    });
    const html = await core.get(
      `/v1/templates/hello/preview.html?variables=${encodeURIComponent('{"who":"Bob"}')}&dark=1`,
    );
    expect(html.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
    const text = await html.text();
    expect(text).toContain('Hello Bob');
    expect(text).not.toMatch(/<script|elsewhere\.example/);
    expect((await core.get('/v1/templates/hello/preview.html?variables=x')).status).toBe(400);
    expect((await core.get('/v1/templates/hello/preview', post({ user: 'nobody' }))).status).toBe(404);
  });

  it('goes out as a file and comes in again', async () => {
    const { core } = await withHello();
    const file = await core.json<Record<string, unknown>>('/v1/templates/hello/export');
    expect((await core.get('/v1/templates/import', post(file))).status).toBe(409);
    expect(await core.json('/v1/templates/import?replace=true', post({ ...file, name: 'Hi' }))).toMatchObject(
      { id: 'hello', revision: 2 },
    );
    expect(await core.json('/v1/templates/import', post({ ...file, id: 'other' }))).toMatchObject({
      id: 'other',
      current: { content: hello.content, variables: hello.variables },
    });
    expect((await core.get('/v1/templates/import', post({ kind: 'x' }))).status).toBe(400);
  });

  it('is sent to a user as a test, with its samples', async () => {
    const core = await startCore(['--deliver']);
    await core.json('/v1/users/ada', put({ name: 'Ada Lovelace', locale: 'de-AT', phone: '+4366412345678' }));
    await core.json('/v1/templates', post({ starter: 'welcome' }));
    const test = { to: { user: 'ada' }, channels: ['sms'] };
    const sent = await core.get('/v1/templates/welcome/send-test', post(test));
    const { id }: { readonly id: string } = await sent.json();
    expect(sent.status).toBe(202);
    await expect
      .poll(() => core.json(`/v1/messages?partOf=${id}`), { timeout: 20_000 })
      .toMatchObject({
        total: 1,
        entries: [
          { channel: 'sms', snippet: 'Acme: Willkommen! Hier geht es los: https://app.example/start' },
        ],
      });
  });

  it('goes out with its buttons, its slides and its rules, and what is null in it is as usual', async () => {
    const core = await startCore(['--deliver']);
    const slides = [{ title: 'Hi {{ user.name }}', actions: [{ label: 'Go', dismisses: false }] }];
    const display = {
      kind: 'carousel',
      slot: null,
      trigger: null,
      maxPerWeek: null,
      minIntervalS: null,
      pageRules: [{ directive: 'show', operator: 'startsWith', argument: '/shop' }],
    };
    const actions = [{ label: 'All', style: 'secondary' }];
    const content = { inapp: { body: '', display, slides, actions } };
    await core.json('/v1/templates', post({ name: 'Tour', content }));
    const test = { to: { user: 'ada' }, channels: ['inapp'] };
    await core.json('/v1/templates/tour/send-test', post(test));
    await expect
      .poll(() => core.json('/v1/inapp/messages?user=ada'), { timeout: 20_000 })
      .toMatchObject({
        total: 1,
        entries: [
          {
            content: {
              slides: [{ title: expect.stringMatching(/^Hi/), actions: [{ dismisses: false }] }],
              actions: [{ label: 'All', style: 'secondary' }],
            },
            display: { ...display, frequency: 'once' },
          },
        ],
      });
  });

  it('has starters', async () => {
    const core = await startCore();
    const { entries } = await core.json<{ readonly entries: readonly { readonly id: string }[] }>(
      '/v1/templates/starters',
    );
    expect(entries.map(({ id }) => id)).toEqual([
      'welcome',
      'verification-code',
      'receipt',
      'password-reset',
      'shipped',
      'weekly-digest',
    ]);
    expect(await core.json('/v1/templates', post({ starter: 'receipt' }))).toMatchObject({
      id: 'receipt',
      name: 'Receipt',
    });
    const preview = await core.json<{
      readonly push: { readonly sizes: readonly { readonly bytes: number }[] };
    }>('/v1/templates/receipt/preview', post({ channels: ['push'] }));
    expect(preview.push.sizes.map(({ bytes }) => bytes)).toEqual([
      expect.any(Number),
      expect.any(Number),
      expect.any(Number),
    ]);
    expect((await core.get('/v1/templates', post({ starter: 'x' }))).status).toBe(400);
  });

  it('is in the description of the API', async () => {
    const core = await startCore();
    const { paths } = await core.json<{ readonly paths: Record<string, unknown> }>('/v1/openapi.json');
    expect(Object.keys(paths).filter((path) => path.startsWith('/v1/templates'))).toHaveLength(16);
  });
});
