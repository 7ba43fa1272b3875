import { describe, expect, it } from 'vitest';
import type { Delivery, Suppression } from '../../../core/api/schema.ts';
import { refused, startMs } from '../delivery/world.ts';
import { type Listed, type QueueWorld, startQueueWorld } from './queue-world.ts';

const hourMs = 3_600_000;
const iso = (afterStartMs: number): string => new Date(startMs + afterStartMs).toISOString();
const list = (core: QueueWorld, query = ''): Promise<Listed<Suppression>> =>
  core.get(`/v1/suppressions${query}`);
const importFile = async (core: QueueWorld, text: string, type = 'text/csv') =>
  core.ask('POST', '/v1/suppressions/import', text, type);

describe('suppressions', () => {
  it('are added, found and taken away', async () => {
    const core = await startQueueWorld();
    const made = await core.done<Suppression>('POST', '/v1/suppressions', {
      address: 'Jane@Example.com',
      scope: 'marketing',
      reason: 'unsubscribed',
      detail: 'asked by phone',
      expiresAt: iso(hourMs),
    });
    expect(made).toMatchObject({
      address: 'jane@example.com',
      scope: 'marketing',
      reason: 'unsubscribed',
      source: 'api',
      detail: 'asked by phone',
      createdAt: iso(0),
      expiresAt: iso(hourMs),
    });
    await core.done('POST', '/v1/suppressions', { address: 'max@example.com' });
    expect((await list(core)).entries.map((one) => one.address)).toEqual([
      'max@example.com',
      'jane@example.com',
    ]);
    expect((await list(core, '?q=JANE')).entries).toEqual([made]);
    const page = await list(core, '?limit=1');
    expect((await list(core, `?limit=1&after=${page.nextCursor}`)).entries).toEqual([made]);
    expect(await core.refusal('DELETE', '/v1/suppressions/jane%40example.com?scope=all')).toMatchObject({
      status: 404,
    });
    expect((await core.ask('DELETE', '/v1/suppressions/Jane%40example.com')).status).toBe(204);
    expect((await list(core)).total).toBe(1);
  });

  it('keep deliveries back, and come from them', async () => {
    const core = await startQueueWorld();
    core.world.answer = () => refused();
    await core.world.send(['dead@one.example']);
    await core.idle();
    expect((await list(core)).entries).toMatchObject([
      { address: 'dead@one.example', reason: 'hard_bounce', class: 'bad_address' },
    ]);
    await core.world.send(['dead@one.example']);
    await core.idle();
    const { entries } = await core.get<Listed<Delivery>>('/v1/deliveries');
    expect(entries[0]).toMatchObject({ status: 'undeliverable', class: 'opted_out', attempts: 0 });
  });

  it('refuse what is no address, and an end that is past', async () => {
    const core = await startQueueWorld();
    for (const body of [
      { address: 'jane' },
      { address: 'a b@example.com' },
      { address: '+1 415' },
      { address: '004915112345678' },
      { address: 'jane@example.com', scope: 'news' },
      { address: 'jane@example.com', expiresAt: iso(0) },
      { address: 'jane@example.com', expiresAt: 'tomorrow' },
    ])
      expect(await core.refusal('POST', '/v1/suppressions', body)).toMatchObject({
        status: 400,
        code: 'bad_request',
      });
  });
});

describe('a suppression list as a file', () => {
  it('is taken line by line, and told what is wrong with a line', async () => {
    const core = await startQueueWorld();
    const response = await importFile(
      core,
      'Email,Reason,Note,Scope\r\njane@example.com,complaint,x,marketing\r\n\r\nnobody,manual,,\r\n"max@example.com",,,\r\nsue@example.com,bored,,\r\n',
    );
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      imported: 2,
      alreadyListed: 0,
      refused: 2,
      errors: [
        { line: 4, detail: expect.stringContaining('address') },
        { line: 6, detail: expect.stringContaining('reason') },
      ],
    });
    expect((await list(core)).entries).toMatchObject([
      { address: 'max@example.com', reason: 'manual', scope: 'all', source: 'import' },
      { address: 'jane@example.com', reason: 'complaint', scope: 'marketing' },
    ]);
  });

  it('counts apart what is on the list already', async () => {
    const core = await startQueueWorld();
    const ends = { address: 'ann@example.com', expiresAt: iso(hourMs) };
    for (const one of [ends, { address: 'jane@example.com' }])
      await core.done('POST', '/v1/suppressions', one);
    const response = await importFile(
      core,
      'ann@example.com\njane@example.com\nmax@example.com\nmax@example.com\n',
    );
    expect(await response.json()).toMatchObject({ imported: 2, alreadyListed: 2, refused: 0 });
  });

  it('may have no line of names, or be JSON lines', async () => {
    const core = await startQueueWorld();
    await importFile(core, 'a@example.com\nb@example.com,transactional,hard_bounce\n');
    const response = await importFile(
      core,
      '{"address":"c@example.com","detail":"said, \\"no\\""}\n{"address":\n',
      'application/x-ndjson',
    );
    expect(await response.json()).toMatchObject({ imported: 1, refused: 1, errors: [{ line: 2 }] });
    expect((await list(core)).entries).toMatchObject([
      { address: 'c@example.com', detail: 'said, "no"' },
      { address: 'b@example.com', scope: 'transactional', reason: 'hard_bounce' },
      { address: 'a@example.com' },
    ]);
  });

  it('has phone numbers too, and takes back those that it gave', async () => {
    const core = await startQueueWorld();
    await core.done('POST', '/v1/suppressions', { address: '+14155550123', reason: 'unsubscribed' });
    const text = await (await core.ask('GET', '/v1/suppressions/export')).text();
    await core.done('DELETE', '/v1/suppressions/%2B14155550123');
    expect(await (await importFile(core, text)).json()).toMatchObject({ imported: 1, refused: 0 });
    expect((await list(core)).entries).toMatchObject([{ address: '+14155550123', reason: 'unsubscribed' }]);
  });

  it('goes out as it came in', async () => {
    const core = await startQueueWorld();
    await core.done('POST', '/v1/suppressions', {
      address: 'jane@example.com',
      detail: 'said "no",\nand meant it',
      expiresAt: iso(hourMs),
    });
    const response = await core.ask('GET', '/v1/suppressions/export');
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const text = await response.text();
    expect(text).toBe(
      `address,scope,reason,detail,expiresAt,source,class,createdAt\r\njane@example.com,all,manual,"said ""no"",\nand meant it",${iso(hourMs)},api,,${iso(0)}\r\n`,
    );
    const [before] = (await list(core)).entries;
    await core.done('DELETE', '/v1/suppressions/jane%40example.com');
    expect(await (await importFile(core, text)).json()).toMatchObject({ imported: 1, refused: 0 });
    const [after] = (await list(core)).entries;
    expect(after).toEqual({ ...before, seq: after?.seq, source: 'import' });
  });

  it('must hold something, and end its quotes', async () => {
    const core = await startQueueWorld();
    expect((await importFile(core, ' \r\n')).status).toBe(400);
    const open = await importFile(core, 'a@example.com\n"b@example.com,all\n');
    expect(await open.json()).toMatchObject({
      imported: 1,
      errors: [{ line: 2, detail: expect.stringContaining('quote') }],
    });
  });
});
