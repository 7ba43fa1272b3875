import { describe, expect, it } from 'vitest';
import { openCore, startCore, type TestCore, temporaryFolder } from '../../start-core.ts';

interface Report {
  readonly form: string;
  readonly messages: { readonly added: number; readonly alreadyThere: number };
  readonly parts: readonly {
    readonly part: string;
    readonly added: number;
    readonly replaced: number;
    readonly kept: number;
  }[];
  readonly refused: readonly { readonly entry: string; readonly code: string; readonly detail: string }[];
  readonly refusedTotal: number;
  readonly notes: readonly string[];
}
interface List {
  readonly entries: readonly Record<string, unknown>[];
}

const send = (method: string, body: unknown): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

describe('an exported workspace', () => {
  it.each(['mbox', 'eml'])('comes in again elsewhere as it was, with messages as %s', async (form) => {
    const here = await startCore();
    await fill(here);
    const archive = await exported(here, `?messages=${form}`);
    const there = await startCore();
    const report = await imported(there, archive, '?mode=replace-settings');
    expect(report).toMatchObject({ form: 'workspace', refused: [], messages: { alreadyThere: 0 } });

    const [before, after] = await Promise.all([lists(here), lists(there)]);
    expect(after).toEqual(before);
    for (const { id } of (await messages(here)).entries)
      expect((await there.raw(String(id))).equals(await here.raw(String(id)))).toBe(true);
  });

  it('has a dry run that says the same, and changes nothing', async () => {
    const here = await startCore();
    await fill(here);
    const archive = await exported(here);
    const there = await startCore();
    const before = await lists(there);
    const dry = await imported(there, archive, '?dryRun=true');
    expect(await lists(there)).toEqual(before);
    const done = await imported(there, archive);
    expect({ ...done, dryRun: true }).toEqual(dry);
    expect(done.messages.added).toBe((await messages(here)).entries.length);
  });

  it('adds nothing a second time', async () => {
    const here = await startCore();
    await fill(here);
    const archive = await exported(here);
    const before = await lists(here);
    const report = await imported(here, archive);
    expect(report.messages).toEqual({ added: 0, alreadyThere: before.messages.length });
    expect(report.parts.filter(({ added, replaced }) => added + replaced > 0)).toEqual([]);
    expect(await lists(here)).toEqual(before);
  });

  it('leaves settings alone unless it is to replace them', async () => {
    const here = await startCore();
    await fill(here);
    const archive = await exported(here, '?messages=none');
    const there = await startCore();
    const before = await there.json('/v1/settings');
    await imported(there, archive);
    expect(await there.json('/v1/settings')).toEqual(before);
    await imported(there, archive, '?mode=replace-settings');
    expect(await there.json('/v1/settings')).toEqual(await here.json('/v1/settings'));
    expect((await messages(there)).entries).toEqual([]);
  });

  it('has private keys only when they are asked for', async () => {
    const here = await startCore();
    await here.get('/v1/domains', send('POST', { name: 'shop.example' }));
    const records = JSON.stringify(await dkim(here));

    const without = await startCore();
    await imported(without, await exported(here));
    expect(JSON.stringify(await dkim(without))).not.toBe(records);

    const withKeys = await startCore();
    await imported(withKeys, await exported(here, '?privateKeys=true'));
    expect(JSON.stringify(await dkim(withKeys))).toBe(records);
  });

  it('is kept over a restart', async () => {
    const here = await startCore();
    await fill(here);
    const folder = await temporaryFolder();
    const first = await openCore(folder);
    await imported(first, await exported(here), '?mode=replace-settings');
    const before = await lists(first);
    await first.close();
    const second = await openCore(folder);
    try {
      expect(await lists(second)).toEqual(before);
      expect(second.log.filter((line) => /cannot be read/.test(line))).toEqual([]);
    } finally {
      await second.close();
    }
  });
});

async function fill(core: TestCore): Promise<void> {
  const id = await core.send('Subject: one\r\n\r\nHello\r\nFrom here\r\n', 'app@shop.example', [
    'a@b.example',
    'hidden@b.example',
  ]);
  await core.send('Subject: two\r\n\r\n>From there\r\n\r\n');
  await core.get(`/v1/messages/${id}/read`, { method: 'PUT' });
  await core.get(`/v1/messages/${id}/tags`, send('PUT', { tags: ['blue'] }));
  await core.get('/v1/messages/import?project=web', { method: 'POST', body: 'Subject: three\n\nno end' });
  for (const body of [
    { channel: 'sms', from: 'Shop', to: ['+14155550123'], body: 'Hello' },
    {
      channel: 'email',
      from: 'app@shop.example',
      to: ['x@y.example'],
      subject: 'Four',
      text: 'x',
      tags: ['t'],
      metadata: { a: 'b' },
    },
  ])
    await said(core, '/v1/messages', send('POST', body), 202);
  await said(core, '/v1/settings', send('PATCH', { retention: { countMax: 777 } }));
  await said(core, '/v1/domains', send('POST', { name: 'brand.example' }), 201);
  await said(
    core,
    '/v1/domains/brand.example',
    send('PATCH', { faults: ['no_spf'], dmarc: { policy: 'reject' } }),
  );
  await said(
    core,
    '/v1/rules',
    send('POST', { id: 'no', name: 'No', stage: 'door', then: { do: 'reject', code: 550, text: 'No' } }), 201,
  );
  await said(core, '/v1/topics/news', send('PUT', { name: 'News' }), 201);
  await said(core, '/v1/segments/aaa', send('PUT', { name: 'A', expression: "inSegment('zzz')" }), 400);
  await said(core, '/v1/segments/zzz', send('PUT', { name: 'Z', expression: 'user.email != ""' }), 201);
  await said(core, '/v1/segments/aaa', send('PUT', { name: 'A', expression: "inSegment('zzz')" }), 201);
  await said(
    core,
    '/v1/users',
    send('POST', { id: 'u1', email: 'u1@example.com', attributes: { plan: 'pro' } }),
    201,
  );
  await said(core, '/v1/users/u1/events', send('POST', { name: 'purchase', data: { total: 3 } }), 202);
  await said(core, '/v1/users/u1/events', send('POST', { name: 'visit' }), 202);
  await said(
    core,
    '/v1/templates',
    send('POST', { id: 'welcome', name: 'Welcome', content: { sms: { body: 'Hi {{ user.name }}' } } }),
    201,
  );
  await said(core, '/v1/templates/welcome/publish', { method: 'POST' });
  await said(core, '/v1/suppressions', send('POST', { address: 'gone@b.example', detail: 'a, "b"' }), 201);
  await said(core, '/v1/handsets', send('POST', { number: '+14155550199', name: 'Desk' }), 201);
  await said(core, '/v1/webhooks', send('POST', { url: 'http://127.0.0.1:9/hook' }), 201);
}

async function said(core: TestCore, path: string, init: RequestInit, status = 200): Promise<void> {
  const answer = await core.get(path, init);
  const text = await answer.text();
  expect({ path, status: answer.status, text }).toEqual({ path, status, text });
}

async function exported(core: TestCore, query = ''): Promise<Buffer> {
  const answer = await core.get(`/v1/workspace/export${query}`);
  expect(answer.headers.get('content-type')).toBe('application/zip');
  return Buffer.from(await answer.arrayBuffer());
}

async function imported(core: TestCore, body: Buffer | string, query = ''): Promise<Report> {
  const answer = await core.get(`/v1/workspace/import${query}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : Uint8Array.from(body),
  });
  const text = await answer.text();
  expect({ status: answer.status, text }).toEqual({ status: 200, text });
  return JSON.parse(text);
}

function messages(core: TestCore): Promise<List> {
  return core.json('/v1/messages?limit=100');
}

async function dkim(core: TestCore): Promise<unknown> {
  const { keys }: { keys: unknown } = await core.json('/v1/domains/shop.example');
  return keys;
}

/** What the API shows of everything, without what belongs to the core that shows it. */
async function lists(core: TestCore): Promise<Record<string, readonly unknown[]>> {
  await core.app.caughtUp();
  const shown: Record<string, readonly unknown[]> = {};
  for (const name of [
    'messages',
    'domains',
    'rules',
    'scenarios',
    'topics',
    'segments',
    'users',
    'templates',
    'suppressions',
    'handsets',
    'phones',
    'webhooks',
    'projects',
    'users/u1/events',
  ]) {
    const { entries, rules }: { entries?: readonly Record<string, unknown>[]; rules?: readonly unknown[] } =
      await core.json(`/v1/${name}${name === 'messages' ? '?limit=100' : ''}`);
    shown[name] = (entries ?? rules ?? []).map((one) => JSON.parse(JSON.stringify(one, without)));
  }
  return shown;
}

const ownOfACore = new Set([
  'seq',
  'deliveries',
  'exchangeId',
  'keys',
  'records',
  'standing',
  'since',
  'sinceMs',
]);
function without(key: string, value: unknown): unknown {
  return ownOfACore.has(key) ? undefined : value;
}
