import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openZip, zipLimits } from '../../../core/workspace/zip-reader.ts';
import { zipOf } from '../../../core/workspace/zip-writer.ts';
import { allOf } from '../../all-of.ts';
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
    expect(report.messages).toEqual({ added: 0, alreadyThere: before.messages?.length });
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

describe('an export', () => {
  it('has nothing secret in it, whatever was set up', async () => {
    const core = await startCore([], {
      environment: { SANDPOST_RELAY_MAIN_PASSWORD: 'environment-secret-1' },
    });
    await fill(core);
    const secrets = ['environment-secret-1'];
    const keep = async (path: string, init?: RequestInit): Promise<void> => {
      const answer = await core.get(path, init);
      expect({ path, ok: answer.ok }).toEqual({ path, ok: true });
      const text = await answer.text();
      const found = [...text.matchAll(/"(?:secretKey|secret|value|privateKey|private_key)":"([^"]+)"/g)];
      secrets.push(...found.map(([, secret = '']) => secret));
    };
    await said(
      core,
      '/v1/sms/settings',
      send('PUT', { credentials: { twilio: [{ account: 'AC1', secret: 'account-secret-2' }] } }),
    );
    secrets.push('account-secret-2');
    await keep('/v1/inapp/secret-key');
    await keep('/v1/sms/secrets?reveal=true');
    await keep('/v1/push/apns-key', send('POST', {}));
    await keep('/v1/push/service-account', send('POST', {}));
    await said(
      core,
      '/v1/sms/senders/twilio/+15005550006',
      send('PUT', { inboundUrl: 'http://jane:address-secret-3@127.0.0.1:9/other' }),
    );
    secrets.push('address-secret-3');
    const { entries } = await core.json<List>('/v1/webhooks');
    await keep(`/v1/webhooks/${String(entries[0]?.id)}/secret`);
    await said(core, '/v1/phones', send('POST', { name: 'Browser', platform: 'browser' }), 201);
    const [phone] = (await core.json<List>('/v1/phones')).entries;
    await said(
      core,
      `/v1/phones/${String(phone?.id)}/register`,
      send('POST', { app: 'https://shop.example' }),
    );
    const auth = /"auth":"([^"]+)"/.exec(
      await (await core.get(`/v1/phones/${String(phone?.id)}`)).text(),
    )?.[1];
    secrets.push(auth ?? 'no subscription');
    secrets.push((await readFile(join(core.dataDir, 'secret.key'), 'utf8')).trim());
    expect(secrets.length).toBeGreaterThan(9);

    for (const form of ['mbox', 'eml']) {
      const text = await unpacked(core.dataDir, await exported(core, `?messages=${form}`));
      expect(text.length).toBeGreaterThan(5_000);
      for (const secret of secrets)
        expect({ secret, found: text.includes(secret) }).toEqual({ secret, found: false });
      expect(text).not.toMatch(/PRIVATE KEY|"sealed|v1:[A-Za-z0-9+/=]{30}/);
    }
  });
});

describe('an import', () => {
  it('names what is wrong in it, and changes nothing', async () => {
    const core = await startCore();
    const before = await lists(core);
    const archive = await zipped({
      'workspace.json': about,
      'topics.json': '[{"id": "good", "name": "Good"}, {"id": "bad one", "name": "x"}]',
      'rules.json': '{"rules": [{"id": "a", "stage": "nowhere"}], "magicAddresses": true, "seed": 1}',
      'suppressions.csv': 'address\r\nnobody\r\n',
      'messages.jsonl': `${line({ at: 'messages/gone.eml' })}\n{"id": 1}\n`,
    });
    const answer = await core.get('/v1/workspace/import', { method: 'POST', body: Uint8Array.from(archive) });
    expect(answer.status).toBe(422);
    const problem: { code: string; errors: readonly { field: string; detail: string }[] } =
      await answer.json();
    expect(problem.code).toBe('import_refused');
    expect([...new Set(problem.errors.map(({ field }) => field))]).toEqual([
      'rules.json rules[0].stage',
      'rules.json rules[0].then',
      'topics.json element 2',
      'suppressions.csv line 2',
      'messages.jsonl line 1',
      'messages.jsonl line 2',
    ]);
    expect(await lists(core)).toEqual(before);
    const dry = await imported(core, archive, '?dryRun=true');
    expect(dry.refused.map(({ entry }) => entry)).toContain('topics.json element 2');
  });

  it('changes nothing for a domain that cannot be set up, and sees that beforehand', async () => {
    const core = await startCore();
    await said(core, '/v1/domains', send('POST', { name: 'shop.example' }), 201);
    const { entries } = JSON.parse(
      `{"entries": ${await entryOf(core.dataDir, await exported(core), 'domains.json')}}`,
    ) as List;
    const [shop] = entries;
    const before = await lists(core);
    const archive = await zipped({
      'workspace.json': about,
      'topics.json': '[{"id": "good", "name": "Good"}]',
      'domains.json': JSON.stringify([
        { ...shop, name: 'fine.example' },
        { ...shop, name: 'no dots' },
      ]),
    });
    const dry = await imported(core, archive, '?dryRun=true');
    expect(dry.refused.map(({ entry }) => entry)).toEqual(['domains.json no dots']);
    const answer = await core.get('/v1/workspace/import', { method: 'POST', body: Uint8Array.from(archive) });
    expect(answer.status).toBe(422);
    expect(await lists(core)).toEqual(before);
  });

  it('unpacks an entry for one line only, however many name it', async () => {
    const core = await startCore();
    const at = 'messages/a.eml';
    const ids = ['a', 'b'].map((end) => `00000000-0000-4000-8000-00000000000${end}`);
    const archive = await zipped({
      'workspace.json': about,
      [at]: 'xyz\n',
      'messages.jsonl': ids.map((id) => `${line({ id, at, bytes: 4 })}\n`).join(''),
    });
    const dry = await imported(core, archive, '?dryRun=true');
    expect(dry.refused).toEqual([
      { entry: 'messages.jsonl line 2', code: 'twice', detail: expect.stringContaining(at) },
    ]);
    expect(dry.messages.added).toBe(1);
  });

  it.each([
    ['no zip', 'PK\x03\x04 and no more', /is no zip archive/],
    ['neither', '\x00\x01', /neither an exported workspace/],
  ])('refuses what is %s', async (_what, body, words) => {
    const core = await startCore();
    const answer = await core.get('/v1/workspace/import', { method: 'POST', body });
    expect([answer.status, (await answer.json()).detail]).toEqual([422, expect.stringMatching(words)]);
  });

  it('refuses an archive of something else, and one of a newer format', async () => {
    const core = await startCore();
    for (const [entries, words] of [
      [{ 'a.txt': 'x' }, /has no workspace\.json/],
      [{ 'workspace.json': about.replace('"formatVersion":1', '"formatVersion":2') }, /newer format/],
    ] as const) {
      const answer = await core.get('/v1/workspace/import', {
        method: 'POST',
        body: Uint8Array.from(await zipped(entries)),
      });
      expect([answer.status, (await answer.json()).detail]).toEqual([422, expect.stringMatching(words)]);
    }
  });

  it.each([
    [{ 'topics.json': '[{"id": "a" "name"}]' }, /^topics\.json: Element 1 is no JSON/],
    [{ 'users.json': '[' }, /^users\.json: It is no whole JSON array/],
    [{ 'settings.json': '[]' }, /settings\.json: It is no JSON object/],
    [{ 'messages.mbox': 'Subject: x' }, /^messages\.mbox: It is no mbox/],
    [{ 'messages.jsonl': '{' }, /^messages\.jsonl: Line 1 is no JSON/],
    [
      { 'messages.mbox': 'From a@b.c\nxyz\n\n', 'messages.jsonl': line({ at: 0, bytes: 9 }) },
      /messages\.mbox message 0: It has fewer bytes/,
    ],
    [
      { 'messages.mbox': 'From a@b.c\nxyz\n\n', 'messages.jsonl': line({ at: 0, bytes: 2 }) },
      /messages\.mbox message 0: It has more bytes/,
    ],
    [
      { 'messages.mbox': 'From a@b.c\nxyz\n\n', 'messages.jsonl': line({ at: 1, bytes: 4 }) },
      /messages\.jsonl line 1: messages\.mbox has no message 1/,
    ],
  ])('names the entry that is wrong: %j', async (entries, words) => {
    const core = await startCore();
    const archive = await zipped({ 'workspace.json': about, ...entries });
    const answer = await core.get('/v1/workspace/import', { method: 'POST', body: Uint8Array.from(archive) });
    const problem: { code: string; detail: string } = await answer.json();
    expect(problem).toMatchObject({ code: 'import_refused', detail: expect.stringMatching(words) });
    expect((await messages(core)).entries).toEqual([]);
  });

  it('takes an mbox of elsewhere, once', async () => {
    const core = await startCore();
    const mbox =
      'From jane@shop.example Mon Nov 23 04:00:00 2020\nSubject: One\n\n>From here\n\nFrom - Mon Nov 23 04:00:01 2020\nSubject: Two\n\nx\n\n';
    expect(await imported(core, mbox, '?project=old')).toMatchObject({
      form: 'mbox',
      messages: { added: 2, alreadyThere: 0 },
    });
    expect(await imported(core, mbox)).toMatchObject({ messages: { added: 0, alreadyThere: 2 } });
    await core.app.caughtUp();
    const { entries } = await messages(core);
    expect(entries).toMatchObject([
      { subject: 'Two', project: 'old', door: 'import', receivedAt: '2020-11-23T04:00:01.000Z' },
      { subject: 'One', envelope: { from: 'jane@shop.example', to: [] } },
    ]);
    expect(String(await core.raw(String(entries[1]?.id)))).toBe('Subject: One\n\nFrom here\n');
  });

  it('takes an .eml', async () => {
    const core = await startCore();
    expect(await imported(core, 'Subject: One\r\n\r\nx')).toMatchObject({
      form: 'message',
      messages: { added: 1 },
    });
    const [one] = (await messages(core)).entries;
    expect(String(await core.raw(String(one?.id)))).toBe('Subject: One\r\n\r\nx');
  });

  it('says that what it takes is more than is kept', async () => {
    const core = await startCore(['--keep-count', '1']);
    const mbox = 'From a@b.c Mon Nov 23 04:00:00 2020\nA: 1\n\nFrom a@b.c Mon Nov 23 04:00:01 2020\nA: 2\n\n';
    expect((await imported(core, mbox, '?dryRun=true')).notes).toEqual([
      expect.stringContaining('more than the 1 that are kept'),
    ]);
  });
});

const about = JSON.stringify({
  format: 'sandpost-workspace',
  formatVersion: 1,
  sandpost: '0.1.0',
  madeAt: '2026-01-01T00:00:00.000Z',
  messages: 'eml',
  privateKeys: false,
});

function line(change: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({
    id: '01a206b5-9009-710e-b664-c96c86902215',
    bytes: 1,
    channel: 'email',
    door: 'smtp',
    project: 'main',
    envelope: { from: '', to: [], parameters: null },
    receivedAt: '2026-01-01T00:00:00.000Z',
    ...change,
  });
}

async function zipped(entries: Readonly<Record<string, string>>): Promise<Buffer> {
  async function* all() {
    for (const [name, text] of Object.entries(entries)) yield { name, modifiedAtMs: 0, content: [text] };
  }
  return Buffer.concat(await allOf(zipOf(all())));
}

async function entryOf(folder: string, archive: Buffer, name: string): Promise<string> {
  const path = join(folder, 'looked-at.zip');
  await writeFile(path, archive);
  const zip = await openZip(path, archive.length, zipLimits);
  const parts: Uint8Array[] = [];
  const entry = zip.entries.get(name);
  if (entry !== undefined) for await (const chunk of entry.read()) parts.push(chunk);
  zip.close();
  return Buffer.concat(parts).toString('utf8');
}

async function unpacked(folder: string, archive: Buffer): Promise<string> {
  const path = join(folder, 'scanned.zip');
  await writeFile(path, archive);
  const zip = await openZip(path, archive.length, zipLimits);
  const parts: Uint8Array[] = [];
  for (const entry of zip.entries.values()) for await (const chunk of entry.read()) parts.push(chunk);
  zip.close();
  return Buffer.concat(parts).toString('latin1');
}

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
    send('POST', { id: 'no', name: 'No', stage: 'door', then: { do: 'reject', code: 550, text: 'No' } }),
    201,
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
    shown[name] = (entries ?? rules ?? []).map((one) => JSON.parse(JSON.stringify(one, without(name))));
  }
  return shown;
}

/** What belongs to the core that shows it: its counters, its deliveries, and when and how it came to know of a thing. */
const ownOfACore = ['seq', 'deliveries', 'exchangeId', 'keys', 'sinceMs'];
const madeAnew: Readonly<Record<string, readonly string[]>> = {
  rules: ['since'],
  suppressions: ['createdAt', 'source'],
  webhooks: ['id', 'createdAt'],
};
function without(list: string) {
  const left = new Set([...ownOfACore, ...(madeAnew[list] ?? [])]);
  return (key: string, value: unknown): unknown => (left.has(key) ? undefined : value);
}
