import { describe, expect, it } from 'vitest';
import type { List, ProblemDocument, RecordCheck, SendingDomain } from '../../../core/api/schema.ts';
import type { RealDns } from '../../../core/dns/real-records.ts';
import { findProgram, run } from '../../run-program.ts';
import { openCore, startCore, type TestCore, temporaryFolder } from '../../start-core.ts';

const send = (method: string, body?: unknown): RequestInit => ({
  method,
  ...(body === undefined
    ? {}
    : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
});

const create = (core: TestCore, name: string): Promise<SendingDomain> =>
  core.json('/v1/domains', send('POST', { name }));

async function refusal(core: TestCore, path: string, init: RequestInit): Promise<ProblemDocument> {
  const response = await core.get(path, init);
  expect(response.headers.get('content-type')).toContain('problem+json');
  const document: ProblemDocument = JSON.parse(await response.text());
  expect(document.status).toBe(response.status);
  return document;
}

describe('/v1/domains', () => {
  it('makes a domain with keys and records, and never shows a private key', async () => {
    const core = await startCore();
    const response = await core.get('/v1/domains', send('POST', { name: 'Shop.example' }));
    expect(response.status).toBe(201);
    const text = await response.text();
    expect(text).not.toContain('PRIVATE');
    expect(JSON.parse(text)).toMatchObject({
      name: 'shop.example',
      onTheFly: false,
      ip: '192.0.2.1',
      helo: 'mta-1.shop.example',
      keys: [
        { selector: 'sp1-rsa', active: true },
        { selector: 'sp1-ed', active: true },
      ],
      dmarc: { policy: 'none', alignment: 'relaxed' },
      faults: [],
      inbound: { kind: 'mailbox' },
      extraRecords: [],
      checks: { mx: 'ok', spf: 'ok', dkim: 'ok', dmarc: 'ok', ptr: 'ok', helo: 'ok' },
    });
    const records = await core.json<List<RecordCheck>>('/v1/domains/shop.example/records');
    expect(records.entries.filter((record) => record.paste).map((record) => record.purpose)).toEqual([
      'dkim',
      'dkim',
      'dmarc',
    ]);
  });

  it('lists by name, in pages, and finds by a part of it', async () => {
    const core = await startCore();
    for (const name of ['b.example', 'c.example', 'a.example', 'other.org']) await create(core, name);
    const names = (list: List<SendingDomain>): readonly string[] => list.entries.map((domain) => domain.name);
    const first = await core.json<List<SendingDomain>>('/v1/domains?limit=2');
    expect([names(first), first.total, first.nextCursor]).toEqual([
      ['a.example', 'b.example'],
      4,
      'b.example',
    ]);
    const second = await core.json<List<SendingDomain>>('/v1/domains?limit=2&after=b.example');
    expect([names(second), second.nextCursor]).toEqual([['c.example', 'other.org'], null]);
    expect(names(await core.json('/v1/domains?q=OTHER'))).toEqual(['other.org']);
  });

  it('breaks, checks, rotates and forgets a domain', async () => {
    const core = await startCore();
    await create(core, 'shop.example');
    const broken = await core.json<SendingDomain>(
      '/v1/domains/shop.example',
      send('PATCH', {
        faults: ['no_spf', 'no_ptr'],
        dmarc: { policy: 'reject' },
        signWith: 'rsa-sha256',
        streams: { marketing: 'news.shop.example' },
        inbound: { kind: 'webhook', url: 'http://127.0.0.1:3000/mail' },
        extraRecords: [{ name: 'www.shop.example', ttlS: 60, type: 'CNAME', target: 'somewhere.org.' }],
      }),
    );
    expect(broken).toMatchObject({
      dmarc: { policy: 'reject', alignment: 'relaxed' },
      signWith: 'rsa-sha256',
      streams: { transactional: null, marketing: 'news.shop.example' },
      extraRecords: [{ target: 'somewhere.org' }],
      checks: { spf: 'missing', ptr: 'missing', dkim: 'ok' },
    });
    const checks = await core.json<List<RecordCheck>>('/v1/domains/shop.example/check', send('POST', {}));
    expect(checks.entries.find((check) => check.purpose === 'spf')).toMatchObject({
      result: 'missing',
      found: [],
      note: expect.stringContaining('no SPF record'),
    });
    const rotated = await core.json<SendingDomain>(
      '/v1/domains/shop.example/rotate',
      send('POST', { publish: false }),
    );
    expect(rotated.faults).toContain('dkim_not_published');
    // Without a body it publishes.
    const again = await core.json<SendingDomain>('/v1/domains/shop.example/rotate', send('POST'));
    expect(again.faults).toEqual(['no_spf', 'no_ptr']);
    const trimmed = await core.json<SendingDomain>('/v1/domains/shop.example/keys/sp1-rsa', send('DELETE'));
    expect(trimmed.keys).toHaveLength(5);
    expect((await core.get('/v1/domains/shop.example', send('DELETE'))).status).toBe(204);
    expect((await core.get('/v1/domains/shop.example')).status).toBe(404);
  });

  it('refuses with a reason', async () => {
    const core = await startCore();
    await create(core, 'shop.example');
    expect(await refusal(core, '/v1/domains', send('POST', { name: 'shop.example' }))).toMatchObject({
      status: 409,
      code: 'domain_exists',
    });
    expect(await refusal(core, '/v1/domains', send('POST', { name: 'gmail.com' }))).toMatchObject({
      status: 400,
      detail: expect.stringContaining('Gmail-like'),
    });
    expect(await refusal(core, '/v1/domains', send('POST', {}))).toMatchObject({
      errors: [{ field: 'name' }],
    });
    expect(
      await refusal(core, '/v1/domains/shop.example', send('PATCH', { faults: ['no_such'] })),
    ).toMatchObject({ status: 400, errors: [{ field: 'faults.0' }] });
    expect(
      await refusal(
        core,
        '/v1/domains/shop.example',
        send('PATCH', { extraRecords: [{ name: 'a.shop.example', ttlS: 1, type: 'A', address: 'x' }] }),
      ),
    ).toMatchObject({ status: 400 });
    for (const path of ['', '/rotate', '/check', '/records'])
      expect(
        (
          await core.get(
            `/v1/domains/nobody.example${path}`,
            path === '' || path === '/records' ? {} : send('POST', {}),
          )
        ).status,
      ).toBe(404);
  });

  it('outlives a restart', async () => {
    const folder = await temporaryFolder();
    const first = await openCore(folder);
    const made = await create(first, 'shop.example');
    await first.json('/v1/dns/faults', send('PUT', { faults: { 'them.org': 'null_mx' } }));
    await first.close();
    const second = await openCore(folder);
    try {
      expect(await second.json('/v1/domains/shop.example')).toEqual(made);
      expect(await second.json('/v1/dns/faults')).toEqual({ faults: { 'them.org': 'null_mx' } });
    } finally {
      await second.close();
    }
  });

  it('asks the real DNS when it is told to, and never else', async () => {
    const asked: string[] = [];
    const ask = (name: string): Promise<never> => {
      asked.push(name);
      return Promise.reject(Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' }));
    };
    const realDns: RealDns = {
      resolve4: ask,
      resolve6: ask,
      resolveCname: ask,
      resolveMx: ask,
      resolveNs: ask,
      resolvePtr: ask,
      resolveSoa: ask,
      resolveTxt: ask,
    };
    const core = await startCore([], { realDns });
    await create(core, 'shop.example');
    await core.json('/v1/domains');
    await core.json('/v1/domains/shop.example/check', send('POST', {}));
    expect(asked).toEqual([]);
    const real = await core.json<List<RecordCheck>>(
      '/v1/domains/shop.example/check',
      send('POST', { real: true }),
    );
    expect(real.entries.map((check) => check.result)).toEqual(real.entries.map(() => 'missing'));
    expect([...new Set(asked)].sort()).toEqual([
      '_dmarc.shop.example',
      'shop.example',
      'sp1-ed._domainkey.shop.example',
      'sp1-rsa._domainkey.shop.example',
    ]);
  });
});

describe('/v1/dns', () => {
  it("breaks recipients' domains and takes records by hand", async () => {
    const core = await startCore();
    expect(await core.json('/v1/dns/faults', send('PUT', { faults: { 'Them.org': 'servfail' } }))).toEqual({
      faults: { 'them.org': 'servfail' },
    });
    expect(
      await refusal(core, '/v1/dns/faults', send('PUT', { faults: { 'them.org': 'odd' } })),
    ).toMatchObject({
      code: 'bad_request',
    });
    const record = { name: '_dmarc.them.org', ttlS: 60, type: 'TXT', text: 'v=DMARC1; p=none' };
    expect(await core.json('/v1/dns/records/them.org', send('PUT', { records: [record] }))).toMatchObject({
      entries: [record],
    });
    expect(await core.json('/v1/dns/records/them.org')).toMatchObject({ entries: [record], total: 1 });
  });

  const digTest = findProgram('dig') === null ? it.skip : it;
  digTest('is what dig sees at the door, at once (Debian has dig in bind9-dnsutils)', async () => {
    const core = await startCore();
    const dig = async (...args: readonly string[]): Promise<string> =>
      (await run('dig', ['@127.0.0.1', '-p', String(core.port('dns')), '+short', ...args])).stdout;
    expect(await dig('MX', 'shop.example')).toContain('mx1.default.sandpost.example.');
    await create(core, 'shop.example');
    expect(await dig('MX', 'shop.example')).toBe('10 mx1.own.sandpost.example.\n');
    expect(await dig('-x', '192.0.2.1')).toBe('mta-1.shop.example.\n');
    await core.json('/v1/domains/shop.example', send('PATCH', { faults: ['no_mx'] }));
    expect(await dig('MX', 'shop.example')).toBe('');
  });

  it('is closed by --dns-port off', async () => {
    const core = await startCore(['--dns-port', 'off']);
    expect(core.app.ports).not.toHaveProperty('dns');
  });
});

describe('the description of the API', () => {
  it('has the domains', async () => {
    const core = await startCore();
    const { paths } = await core.json<{ readonly paths: Readonly<Record<string, object>> }>(
      '/v1/openapi.json',
    );
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        '/v1/domains',
        '/v1/domains/{name}',
        '/v1/domains/{name}/rotate',
        '/v1/domains/{name}/check',
        '/v1/domains/{name}/records',
        '/v1/dns/faults',
      ]),
    );
  });
});
