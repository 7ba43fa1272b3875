import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startCore, type TestCore } from '../../start-core.ts';

const send = (method: string, body: unknown): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const csv = (text: string): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'text/csv' },
  body: text,
});

async function exported(core: TestCore): Promise<string> {
  return (await core.get('/v1/users/export')).text();
}

/** Without what tells when. */
async function allUsers(core: TestCore): Promise<readonly unknown[]> {
  const { entries } = await core.json<{
    readonly entries: readonly { readonly createdAt: string; readonly updatedAt: string }[];
  }>('/v1/users?limit=500');
  return entries.map(({ createdAt: _created, updatedAt: _updated, ...rest }) => rest);
}

describe('a file of users', () => {
  it('is imported, with what became of its lines', async () => {
    const core = await startCore();
    await core.get('/v1/users', send('POST', { id: 'b', name: 'Before', phone: '+14155550123' }));
    const file = 'id;name;email;plan\na;Ä;a@example.com;pro\nb;;b@example.com;free\nc;C;wrong;\n';
    const dry = await core.json<object>('/v1/users/import?dryRun=true', csv(file));
    expect(dry).toMatchObject({
      created: 1,
      updated: 1,
      refusedTotal: 1,
      refused: [{ line: 4, field: 'email' }],
      columns: [{ header: 'id', field: 'id' }, {}, {}, { header: 'plan', field: 'attributes.plan' }],
      delimiter: ';',
      dryRun: true,
    });
    expect(await core.json('/v1/users')).toMatchObject({ total: 1 });
    expect(await core.json('/v1/users/import', csv(file))).toEqual({ ...dry, dryRun: false });
    expect(await core.json('/v1/users/b')).toMatchObject({
      name: 'Before',
      email: 'b@example.com',
      phone: '+14155550123',
      attributes: { plan: 'free' },
    });
  });

  it.each([
    ['', 'The file is empty'],
    ['name\nJane\n', 'No column says who it is'],
  ])('is refused where it says nobody: %j', async (text, why) => {
    const core = await startCore();
    const answer = await core.get('/v1/users/import', csv(text));
    expect([answer.status, (await answer.json()).detail]).toEqual([400, expect.stringContaining(why)]);
  });

  it('is exported so that no cell is a formula', async () => {
    const core = await startCore();
    await core.get(
      '/v1/users',
      send('POST', {
        id: '=cmd',
        name: '@SUM(A1)',
        phone: '+14155550123',
        attributes: { note: '-x', n: -5, text: '-5' },
      }),
    );
    const [, line = ''] = (await exported(core)).split('\r\n');
    expect(line).toBe(`'=cmd,'@SUM(A1),,'+14155550123,,,,,,,,-5,'-x,'-5`);
  });

  it('is exported and imported as the same users, whatever they are', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.constantFrom('=1', "'=1", '"', 'a,b;c', 'line\nbreak', '42', 'true', 'null', '{"a":1}', ' x '),
    );
    const key = text.filter((one) => one !== '__proto__');
    const value = fc.oneof(
      text,
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
      fc.array(text, { maxLength: 3 }),
      fc.dictionary(key, text, { maxKeys: 3 }),
    );
    const choices = fc.record(
      { email: fc.boolean(), push: fc.boolean(), sms: fc.boolean(), inapp: fc.boolean() },
      { requiredKeys: [] },
    );
    const user = fc.record({
      id: fc.oneof(fc.uuid(), fc.constantFrom('=x', "'a", '+1', 'a b', '"q"')),
      name: fc.option(text),
      email: fc.constantFrom(null, 'jane@example.com', '"a b"@example.com'),
      phone: fc.constantFrom(null, '+14155550123'),
      locale: fc.constantFrom(null, 'de-AT'),
      timezone: fc.constantFrom(null, 'Europe/Vienna'),
      attributes: fc.dictionary(key, value, { maxKeys: 5 }),
      devices: fc.constantFrom(
        [],
        [{ provider: 'apns', token: 'ab', app: 'com.x', environment: 'production' }],
      ),
      preferences: fc.record({
        channels: choices,
        topics: fc.dictionary(fc.constantFrom('news', 'a.b'), fc.oneof(fc.boolean(), choices)),
        unsubscribed: fc.boolean(),
      }),
    });
    const from = await startCore();
    const to = await startCore();
    const users = fc
      .sample(user, { numRuns: 200, seed: 8 })
      .filter(({ id }, at, all) => all.findIndex((other) => other.id === id) === at);
    const batch = await from.json<{ readonly created: number }>('/v1/users/batch', send('POST', { users }));
    expect(batch.created).toBeGreaterThan(100);
    const outcome = await to.json('/v1/users/import', csv(await exported(from)));
    expect(outcome).toMatchObject({ created: batch.created, updated: 0, refusedTotal: 0 });
    expect(await allUsers(to)).toEqual(await allUsers(from));
  });
});
