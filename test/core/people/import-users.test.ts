import { describe, expect, it } from 'vitest';
import {
  delimiterOf,
  type GivenUser,
  importUsers,
  type KeptStep,
} from '../../../core/people/csv/import-users.ts';

async function read(
  bytes: string | Uint8Array,
  empty: 'keep' | 'clear' = 'keep',
  chunkBytes = 7,
): Promise<{
  readonly users: readonly GivenUser[];
  readonly outcome: Awaited<ReturnType<typeof importUsers>>;
}> {
  const users: GivenUser[] = [];
  const known = new Set<string>();
  const outcome = await importUsers(inChunks(Buffer.from(bytes), chunkBytes), empty, async (given) => {
    users.push(...given.map(({ id, profile }) => ({ id, profile })));
    const step: KeptStep = {
      created: given.map(({ id }) => id).filter((id) => !known.has(id)),
      updated: given.map(({ id }) => id).filter((id) => known.has(id)),
      refused: [],
    };
    for (const { id } of given) known.add(id);
    return step;
  });
  return { users, outcome };
}

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('an import', () => {
  it('knows columns by their usual names, and takes the others for attributes', async () => {
    const { users, outcome } = await read(
      [
        'User ID,E-Mail,Mobile,Lang,Plan,address.city,logins,unsubscribed,topics.news,channels.sms,attributes.a\\.b,',
        'u1,jane@example.com,+43 660 1234567,de_AT,pro,Graz,12,true,false,false,x,ignored',
      ].join('\r\n'),
    );
    expect(users).toEqual([
      {
        id: 'u1',
        profile: {
          email: 'jane@example.com',
          phone: '+436601234567',
          locale: 'de-AT',
          attributes: { Plan: 'pro', address: { city: 'Graz' }, logins: 12, 'a.b': 'x' },
          preferences: { channels: { sms: false }, topics: { news: false }, unsubscribed: true },
        },
      },
    ]);
    expect(outcome.columns.map(({ field }) => field)).toEqual([
      'id',
      'email',
      'phone',
      'locale',
      'attributes.Plan',
      'attributes.address.city',
      'attributes.logins',
      'preferences.unsubscribed',
      'preferences.topics.news',
      'preferences.channels.sms',
      'attributes.a\\.b',
      null,
    ]);
  });

  it.each([
    ['a byte order mark', '\uFEFFid,name\nu1,Jö\n'],
    ['semicolons', 'id;name\nu1;Jö\n'],
    ['tabs', 'id\tname\r\nu1\tJö'],
    ['blank lines', '\n\nid,name\n\n,\nu1,Jö\n\n'],
    ['carriage returns', 'id,name\ru1,Jö\r'],
    ['quotes', '"id","name"\n"u1","Jö"\n'],
    ['UTF-16', Buffer.from('\uFEFFid\tname\nu1\tJö\n', 'utf16le')],
  ])('reads a file with %s', async (_what, file) => {
    for (const chunkBytes of [1, 3, 1_000]) {
      const { users, outcome } = await read(file, 'keep', chunkBytes);
      expect(users).toEqual([{ id: 'u1', profile: { name: 'Jö' } }]);
      expect(outcome).toMatchObject({ created: 1, updated: 0, refusedTotal: 0 });
    }
  });

  it('says of each line that is wrong where and why, and takes the others', async () => {
    const { users, outcome } = await read(
      [
        'id,email,phone,n',
        'a,a@example.com,,1',
        'b,nobody,,',
        '"c","c@example.com","+14155550123","two\nlines"',
        'd,,12,',
        ',,,x',
        'e,e@example.com,,1,2',
        'f,f@example.com',
        'a,a2@example.com,,',
      ].join('\n'),
    );
    expect(users.map(({ id }) => id)).toEqual(['a', 'c', 'f', 'a']);
    expect(users[1]?.profile.attributes).toEqual({ n: 'two\nlines' });
    expect(outcome).toMatchObject({ created: 3, updated: 0, refusedTotal: 4 });
    expect(outcome.refused.map(({ line, field }) => [line, field])).toEqual([
      [3, 'email'],
      [6, 'phone'],
      [7, 'id'],
      [8, null],
    ]);
  });

  it('takes the address for the id where there is none, and the number where there is no address', async () => {
    const { users } = await read('email,phone\nJane@Example.com,\n,+14155550123\n');
    expect(users.map(({ id }) => id)).toEqual(['jane@example.com', '+14155550123']);
  });

  it('leaves what an empty cell says alone, or takes it away', async () => {
    const file = 'id,name,plan\nu1,,\n';
    expect((await read(file)).users[0]?.profile).toEqual({});
    expect((await read(file, 'clear')).users[0]?.profile).toEqual({ name: null, attributes: { plan: null } });
  });

  it('shows the first hundred of the lines that are wrong, and counts all', async () => {
    const { outcome } = await read(`id,email\n${'x,wrong\n'.repeat(150)}`, 'keep', 1_000);
    expect([outcome.refused.length, outcome.refusedTotal]).toEqual([100, 150]);
  });

  it.each([
    ['an empty file', ''],
    ['no column that says who it is', 'name,plan\nJane,pro\n'],
  ])('refuses %s', async (_what, file) => {
    await expect(read(file)).rejects.toMatchObject({ code: 'bad_request' });
  });

  it('takes what stands before a quote that never ends', async () => {
    const { users, outcome } = await read('id,name\na,A\nb,"B\nc,C\n');
    expect(users.map(({ id }) => id)).toEqual(['a']);
    expect(outcome).toMatchObject({ refusedTotal: 1 });
  });

  it('lets no column reach what every object has', async () => {
    const { users, outcome } = await read('id,__proto__.x,a.__proto__\nu1,1,2\n');
    expect(users).toEqual([{ id: 'u1', profile: {} }]);
    expect(outcome.columns.map(({ field }) => field)).toEqual(['id', null, null]);
  });
});

describe('the delimiter', () => {
  it.each([
    ['a,b;c,d', ','],
    ['"a,b,c";d', ';'],
    ['a\tb', '\t'],
    ['a', ','],
  ])('of %j is %j', (text, delimiter) => {
    expect(delimiterOf(text)).toBe(delimiter);
  });
});
