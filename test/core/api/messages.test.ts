import { describe, expect, it } from 'vitest';
import { startCore } from '../../start-core.ts';
import { malformed } from '../inspect/mail.ts';

interface Message {
  readonly id: string;
  readonly seq: number;
  readonly subject: string;
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  readonly read: boolean;
  readonly tags: readonly string[];
  readonly indexed: boolean;
  readonly project: string;
  readonly problems: readonly { readonly code: string }[];
}
interface List<T> {
  readonly entries: readonly T[];
  readonly nextCursor: string | null;
  readonly total: number;
}
interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

const mail = (subject: string, body = 'hello'): string =>
  `From: Jane <jane@example.com>\r\nTo: max@example.com\r\nSubject: ${subject}\r\nDate: Sat, 31 Jan 2026 10:00:00 +0000\r\n\r\n${body}\r\n`;

async function refusal(response: Response): Promise<Problem> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const problem: Problem = await response.json();
  expect(problem).toMatchObject({
    status: response.status,
    title: expect.any(String),
    type: expect.any(String),
  });
  return problem;
}

describe('the list of messages', () => {
  it('shows what was sent, newest first, in pages', async () => {
    const core = await startCore();
    const ids: string[] = [];
    for (const subject of ['one', 'two', 'three'])
      ids.unshift(await core.send(mail(subject), 'a@x.example', ['b@y.example', 'blind@y.example']));
    const first = await core.json<List<Message>>('/v1/messages?limit=2');
    expect(first.entries.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect(first.total).toBe(3);
    expect(first.entries[0]).toMatchObject({
      subject: 'three',
      from: { name: 'Jane', address: 'jane@example.com' },
      to: [{ name: '', address: 'max@example.com' }],
      envelope: { from: 'a@x.example', to: ['b@y.example', 'blind@y.example'] },
      channel: 'email',
      door: 'smtp',
      project: 'main',
      read: false,
      deliveries: [],
    });
    const rest = await core.json<List<Message>>(`/v1/messages?limit=2&after=${first.nextCursor}`);
    expect(rest.entries.map(({ id }) => id)).toEqual(ids.slice(2));
    expect(rest.nextCursor).toBeNull();
  });

  it('is searched, by words of the body too', async () => {
    const core = await startCore();
    const id = await core.send(mail('one', 'the secret word'));
    await core.send(mail('two'));
    await core.app.caughtUp();
    for (const query of [
      'q=secret',
      'q=subject:one',
      'q=-subject:two',
      'q=from:jane+one',
      'project=main&q=secret',
    ]) {
      expect(
        (await core.json<List<Message>>(`/v1/messages?${query}`)).entries.map((one) => one.id),
        query,
      ).toEqual([id]);
    }
    expect((await core.json<List<Message>>('/v1/messages?channel=sms')).total).toBe(0);
  });

  it.each([
    ['limit=0', 'bad_request'],
    ['limit=501', 'bad_request'],
    ['limit=x', 'bad_request'],
    ['after=x', 'bad_request'],
    ['q=is:purple', 'bad_query'],
    ['q=larger:', 'bad_query'],
  ])('refuses %s', async (query, code) => {
    const core = await startCore();
    const response = await core.get(`/v1/messages?${query}`);
    expect(response.status).toBe(400);
    expect((await refusal(response)).code).toBe(code);
  });
});

describe('one message', () => {
  it('has its detail, source, parts, HTML, links, codes and events', async () => {
    const core = await startCore();
    const raw = [
      'From: a@example.com',
      'To: b@example.com',
      'Subject: Your code',
      'Date: Sat, 31 Jan 2026 10:00:00 +0000',
      'MIME-Version: 1.0',
      'List-Unsubscribe: <https://example.com/unsubscribe>',
      'Content-Type: multipart/mixed; boundary=m',
      '',
      '--m',
      'Content-Type: multipart/alternative; boundary=a',
      '',
      '--a',
      'Content-Type: text/plain; charset=utf-8',
      '',
      'Your code is 482913. See https://example.com/text',
      '',
      '--a',
      'Content-Type: text/html',
      '',
      '<p>Your code is <b>482913</b> <a href="https://example.com/html">here</a><img src="https://tracker.example/x.gif"><script>alert(1)</script></p>',
      '',
      '--a--',
      '--m',
      'Content-Type: application/pdf; name="a b.pdf"',
      'Content-Disposition: attachment; filename="a b.pdf"',
      'Content-Transfer-Encoding: base64',
      '',
      'JVBERi0=',
      '',
      '--m--',
      '',
    ].join('\r\n');
    const id = await core.send(raw);
    const path = `/v1/messages/${id}`;
    expect(await core.json(path)).toMatchObject({
      text: expect.stringContaining('482913'),
      hasHtml: true,
      textFromHtml: false,
      remoteContent: [{ url: 'https://tracker.example/x.gif', kind: 'image' }],
      headers: expect.arrayContaining([expect.objectContaining({ name: 'Subject', value: 'Your code' })]),
      envelopeParameters: {},
    });
    expect((await core.raw(id)).toString()).toBe(raw);
    const source = await core.get(`${path}/raw?download=1`);
    expect(source.headers.get('content-type')).toBe('message/rfc822');
    expect(source.headers.get('content-length')).toBe(String(raw.length));
    expect(source.headers.get('content-disposition')).toContain(`filename="${id}.eml"`);
    expect(await (await core.get(`${path}/source-headers`)).text()).toBe(
      `${raw.slice(0, raw.indexOf('\r\n\r\n'))}\r\n`,
    );

    const html = await core.get(`${path}/html`);
    expect(html.headers.get('content-security-policy')).toMatch(
      /^sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline';.*frame-ancestors 'self'$/,
    );
    const view = await html.text();
    expect(view).toContain('482913');
    expect(view).not.toMatch(/<script|tracker\.example/);

    const { parts } = await core.json<{ parts: { n: number; contentType: string }[] }>(path);
    const pdf = parts.find((part) => part.contentType === 'application/pdf')?.n;
    const part = await core.get(`${path}/parts/${pdf}?download=1`);
    expect(await part.text()).toBe('%PDF-');
    expect(part.headers.get('content-type')).toBe('application/pdf');
    expect(part.headers.get('content-security-policy')).toContain('sandbox');
    expect(part.headers.get('content-disposition')).toBe(
      `attachment; filename="a b.pdf"; filename*=UTF-8''a%20b.pdf`,
    );
    const own = parts.find((one) => one.contentType === 'text/html')?.n;
    expect(
      (await core.get(`${path}/parts/${own}`)).headers.get('content-type'),
      'HTML by itself is shown as text',
    ).toMatch(/^text\/plain/);
    expect((await core.get(`${path}/parts/99`)).status).toBe(404);
    expect((await core.get(`${path}/parts/x`)).status).toBe(400);

    const links = await core.json<{ entries: { url: string; source: string }[] }>(`${path}/links`);
    expect(links.entries.map(({ url, source }) => `${source} ${url}`)).toEqual([
      'html https://example.com/html',
      'text https://example.com/text',
      'header https://example.com/unsubscribe',
    ]);
    expect((await core.json<{ entries: { code: string }[] }>(`${path}/codes`)).entries[0]?.code).toBe(
      '482913',
    );

    await core.get(`${path}/read`, { method: 'PUT' });
    const events = await core.json<List<{ type: string }>>(`${path}/events`);
    expect(events.entries.map(({ type }) => type)).toEqual(['accepted', 'read']);
  });

  it('may have a name for its part that no header can hold', async () => {
    const core = await startCore();
    const names = [`a"b\\c;d'e`, '=?utf-8?q?=E2=82=AC=0D=0AX-Evil:_1?=', '=?utf-16be?b?2AA=?='];
    for (const name of names) {
      const id = await core.send(
        `From: a@b\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename="${name}"\r\n\r\nx\r\n`,
      );
      const response = await core.get(`/v1/messages/${id}/parts/0?download=1`);
      expect(response.status, name).toBe(200);
      expect(response.headers.get('x-evil')).toBeNull();
    }
  });

  it('is marked read and unread, tagged, and deleted', async () => {
    const core = await startCore();
    const id = await core.send(mail('x'));
    const path = `/v1/messages/${id}`;
    const tags = (body: unknown) => ({
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect((await core.get(`${path}/read`, { method: 'PUT' })).status).toBe(204);
    expect((await core.json<Message>(path)).read).toBe(true);
    expect((await core.get(`${path}/read`, { method: 'DELETE' })).status).toBe(204);
    expect((await core.json<Message>(path)).read).toBe(false);
    expect(await core.json(`${path}/tags`, tags({ tags: [' a ', 'b', 'a'] }))).toEqual({ tags: ['a', 'b'] });
    expect((await core.json<Message>(path)).tags).toEqual(['a', 'b']);
    expect((await core.get(`${path}/tags`, tags({ tags: [''] }))).status).toBe(400);
    expect((await core.get(`${path}/tags`, tags({}))).status).toBe(400);
    expect((await core.get(`${path}/tags`, { method: 'DELETE' })).status).toBe(204);
    expect((await core.json<Message>(path)).tags).toEqual([]);
    expect((await core.get(path, { method: 'DELETE' })).status).toBe(204);
    for (const gone of ['', '/raw', '/source-headers', '/html', '/parts/0', '/events', '/links', '/codes']) {
      const response = await core.get(`${path}${gone}`);
      expect(response.status, gone).toBe(404);
      expect((await refusal(response)).code).toBe('not_found');
    }
    for (const method of ['PUT', 'DELETE']) {
      expect((await core.get(`${path}/read`, { method })).status).toBe(404);
    }
    expect((await core.get(path, { method: 'DELETE' })).status).toBe(404);
  });

  it.each(['{', '', '[]', '"x"', 'null'])('takes no tags from a body that is %j', async (body) => {
    const core = await startCore();
    const id = await core.send(mail('x'));
    const response = await core.get(`/v1/messages/${id}/tags`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(response.status).toBe(400);
    expect((await refusal(response)).code).toBe('bad_request');
  });
});

describe('many messages', () => {
  it('are marked read and deleted by search, and all only when that is said', async () => {
    const core = await startCore();
    for (const subject of ['one', 'two', 'two']) await core.send(mail(subject));
    await core.app.caughtUp();
    expect(await core.json('/v1/messages/read?q=subject:two', { method: 'PUT' })).toEqual({ changed: 2 });
    const refused = await core.get('/v1/messages', { method: 'DELETE' });
    expect(refused.status).toBe(400);
    expect((await refusal(refused)).detail).toContain('?all=true');
    expect(await core.json('/v1/messages?q=subject:two', { method: 'DELETE' })).toEqual({ deleted: 2 });
    expect(await core.json('/v1/messages?project=main', { method: 'DELETE' })).toEqual({ deleted: 1 });
    await core.send(mail('x'));
    expect(await core.json('/v1/messages?all=true', { method: 'DELETE' })).toEqual({ deleted: 1 });
    expect((await core.json<List<Message>>('/v1/messages')).total).toBe(0);
  });
});

describe('an import', () => {
  const post = (body: string) => ({ method: 'POST', headers: { 'content-type': 'message/rfc822' }, body });

  it('is a message like any other, byte by byte', async () => {
    const core = await startCore();
    const raw = mail('imported').replaceAll('\r\n', '\n');
    const response = await core.get('/v1/messages/import?from=a@x&to=b@x,c@x&project=shop', post(raw));
    expect(response.status).toBe(201);
    const { id }: { id: string } = await response.json();
    expect((await core.raw(id)).toString()).toBe(raw);
    expect(await core.json(`/v1/messages/${id}`)).toMatchObject({
      door: 'import',
      project: 'shop',
      envelope: { from: 'a@x', to: ['b@x', 'c@x'] },
    });
  });

  it('lands in a project with a plain name', async () => {
    const core = await startCore();
    const names = { 'My Shop!': 'my-shop', '': 'main', '///': 'main' };
    for (const [asked, project] of Object.entries(names)) {
      const { id } = await core.json<{ id: string }>(
        `/v1/messages/import?project=${encodeURIComponent(asked)}`,
        post(mail('x')),
      );
      expect((await core.json<Message>(`/v1/messages/${id}`)).project, asked).toBe(project);
    }
  });

  it('of nothing is refused', async () => {
    const core = await startCore();
    const response = await core.get('/v1/messages/import', post(''));
    expect((await refusal(response)).code).toBe('bad_request');
  });
});

describe('waiting for a message', () => {
  it('finds one that is stored already, the newest', async () => {
    const core = await startCore();
    await core.send(mail('one'));
    const id = await core.send(mail('two'));
    expect((await core.json<Message>('/v1/messages/wait')).id).toBe(id);
    await core.app.caughtUp();
    expect((await core.json<Message>('/v1/messages/wait?q=subject:one')).subject).toBe('one');
  });

  it('finds one that comes later, by its body too', async () => {
    const core = await startCore();
    await core.send(mail('old', 'something else'));
    const waiting = core.json<Message>('/v1/messages/wait?q=sesame&timeoutMs=20000');
    await core.send(mail('noise'));
    const id = await core.send(mail('new', 'open sesame'));
    expect((await waiting).id).toBe(id);
  });

  it('looks only at what came since', async () => {
    const core = await startCore();
    await core.send(mail('old'));
    const { seq } = await core.json<Message>('/v1/messages/wait');
    const waiting = core.json<Message>(`/v1/messages/wait?since=${seq}&timeoutMs=20000`);
    const id = await core.send(mail('new'));
    expect((await waiting).id).toBe(id);
    const later = new Date(Date.now() + 3_600_000).toISOString();
    expect((await core.get(`/v1/messages/wait?since=${later}&timeoutMs=0`)).status).toBe(404);
    expect((await core.json<Message>('/v1/messages/wait?since=2020-01-01T00:00:00Z')).id).toBe(id);
    expect((await refusal(await core.get('/v1/messages/wait?since=lately'))).code).toBe('bad_request');
  });

  it('ends in its own problem when nothing comes', async () => {
    const core = await startCore();
    const response = await core.get('/v1/messages/wait?timeoutMs=1');
    expect(response.status).toBe(404);
    expect((await refusal(response)).code).toBe('wait_timed_out');
  });
});

describe('a broken message', () => {
  it('is stored, listed, readable as source, and its problem is named, whatever it is', async () => {
    const core = await startCore();
    const client = await core.smtp();
    const ids = new Map<string, string>();
    for (const [name, { raw }] of Object.entries(malformed)) {
      // Only what ends a line can be sent by SMTP as it is.
      if (raw.length > 0 && !Buffer.from(raw).toString('latin1').endsWith('\r\n')) continue;
      const reply = await client.deliver('a@x', ['b@x'], raw);
      ids.set(name, reply.slice(-36));
    }
    await client.quit();
    await core.app.caughtUp();
    const { entries, total } = await core.json<List<Message>>('/v1/messages?limit=500');
    expect(total).toBe(ids.size);
    for (const [name, id] of ids) {
      const { raw = new Uint8Array(), code = null } = malformed[name] ?? {};
      const listed = entries.find((one) => one.id === id);
      expect(listed?.indexed, name).toBe(true);
      if (code !== null)
        expect(
          listed?.problems.map((one) => one.code),
          name,
        ).toContain(code);
      expect((await core.raw(id)).equals(raw), name).toBe(true);
      expect((await core.get(`/v1/messages/${id}`)).status, name).toBe(200);
    }
  }, 120_000);
});
