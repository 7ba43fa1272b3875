/** Requests and answers of the Sinch door as they go over the wire. */
import { describe, expect, it } from 'vitest';
import { sinch } from '../../../../../core/channels/sms/sinch/index.ts';
import { aggregatorWorld } from '../aggregator-world.ts';

const headers = { authorization: 'Bearer token' };
const batches = '/xms/v1/plan/batches';
const text = { to: ['12025550123'], from: '12025550142', body: 'Hello' };

describe('the Sinch door', () => {
  it('wants a token', async () => {
    const world = await aggregatorWorld(sinch);
    expect(await world.json('POST', batches, { body: text })).toEqual({
      status: 401,
      body: {
        code: 'unauthorized',
        text: 'There was an authentication error with your request: the credentials are missing or incorrect.',
      },
    });
    expect(world.ended[0]?.reason).toContain('Authorization is missing');
  });

  it.each([
    ['no JSON', '{', 400, 'syntax_invalid_json', /invalid/],
    ['a list', '[]', 400, 'syntax_invalid_json', /JSON/],
    ['no recipients', '{"from":"1","body":"x"}', 400, 'syntax_constraint_violation', /\[to\]/],
    ['a recipient that is no text', '{"to":[5],"body":"x"}', 400, 'syntax_invalid_json', /\[to\.0\]/],
    ['no text', '{"to":["12025550123"]}', 400, 'syntax_constraint_violation', /\[body\]/],
    [
      'a text too long',
      JSON.stringify({ ...text, body: 'x'.repeat(2_001) }),
      400,
      'syntax_constraint_violation',
      /\[body\]/,
    ],
    [
      'a report that is none',
      JSON.stringify({ ...text, delivery_report: 'all' }),
      400,
      'syntax_invalid_parameter_format',
      /delivery_report/,
    ],
    [
      'a type that is none',
      JSON.stringify({ ...text, type: 'mt_fax' }),
      400,
      'syntax_invalid_parameter_format',
      /type/,
    ],
    [
      'a time that is none',
      JSON.stringify({ ...text, send_at: 'soon' }),
      400,
      'syntax_invalid_parameter_format',
      /send_at/,
    ],
    [
      'an end before the beginning',
      JSON.stringify({ ...text, send_at: '2199-01-02T00:00:00Z', expire_at: '2199-01-01T00:00:00Z' }),
      400,
      'syntax_constraint_violation',
      /expire_at/,
    ],
    [
      'a life of four days',
      JSON.stringify({ ...text, send_at: '2199-01-01T00:00:00Z', expire_at: '2199-01-05T00:00:00Z' }),
      400,
      'syntax_constraint_violation',
      /3 days/,
    ],
    [
      'binary that is too long',
      JSON.stringify({ ...text, type: 'mt_binary', udh: '00', body: Buffer.alloc(140).toString('base64') }),
      400,
      'syntax_constraint_violation',
      /140/,
    ],
    [
      'binary without a header',
      JSON.stringify({ ...text, type: 'mt_binary', body: 'AAAA' }),
      400,
      'syntax_constraint_violation',
      /udh/,
    ],
  ])('refuses %s', async (_what, body, status, code, words) => {
    const world = await aggregatorWorld(sinch);
    const answer = await world.json('POST', batches, {
      text: body,
      headers: { ...headers, 'content-type': 'application/json' },
    });
    expect(answer).toEqual({ status, body: { code, text: expect.stringMatching(words) } });
    expect(world.accepted).toEqual([]);
  });

  it('takes 1,000 recipients and no more', async () => {
    const world = await aggregatorWorld(sinch);
    const to = Array.from({ length: 1_001 }, (_, at) => `1202555${String(at).padStart(4, '0')}`);
    expect((await world.json('POST', batches, { headers, body: { ...text, to } })).status).toBe(400);
    expect((await world.json('POST', batches, { headers, body: { ...text, to: to.slice(1) } })).status).toBe(
      201,
    );
    expect(world.accepted[0]?.envelopeTo).toHaveLength(1_000);
    expect(world.rows).toHaveLength(1_000);
  });

  it('takes binary and media messages', async () => {
    const world = await aggregatorWorld(sinch);
    await world.json('POST', batches, {
      headers,
      body: { ...text, type: 'mt_binary', udh: '06050423F423F4', body: Buffer.from('hi').toString('base64') },
    });
    await world.json('POST', batches, {
      headers,
      body: { ...text, type: 'mt_media', body: { url: 'https://example.com/a.png', message: 'look' } },
    });
    expect(world.rows.map(({ encoding, text: said, media }) => [encoding, said, media])).toEqual([
      ['binary', '06050423F423F46869', []],
      ['GSM-7', 'look', [{ url: 'https://example.com/a.png', contentType: null }]],
    ]);
  });

  it('keeps what is scheduled where its change is refused, or cannot be stored', async () => {
    const world = await aggregatorWorld(sinch);
    const send_at = new Date(Date.now() + 3_600_000).toISOString();
    const sent = await world.json('POST', batches, { headers, body: { ...text, send_at } });
    const path = `${batches}/${Reflect.get(Object(sent.body), 'id')}`;
    world.storeError = new Error('the disk is full');
    for (const method of ['POST', 'PUT'])
      expect((await world.json(method, path, { headers, body: { ...text, send_at } })).status).toBe(503);
    world.storeError = null;
    world.rules({
      name: 'busy',
      stage: 'farSide',
      when: { channel: 'sms' },
      then: { do: 'answer', reason: 'too_many_requests' },
    });
    expect((await world.json('PUT', path, { headers, body: { ...text, send_at } })).status).toBe(429);
    expect(world.rows.map(({ steps, record }) => [steps.at(-1)?.state, record.superseded])).toEqual([
      ['scheduled', undefined],
    ]);
  });

  it('says that it cannot now, where nothing could be stored', async () => {
    const world = await aggregatorWorld(sinch);
    world.storeError = new Error('the disk is full');
    expect(await world.json('POST', batches, { headers, body: text })).toMatchObject({
      status: 503,
      body: { code: 'service_unavailable' },
    });
  });

  it.each([
    [{ do: 'answer', reason: 'blocked_account' } as const, 403, 'blocked_account'],
    [{ do: 'answer', reason: '429', retryAfterS: 5 } as const, 429, 'too_many_requests'],
    [{ do: 'answer', reason: 'strange', status: 418 } as const, 418, 'strange'],
  ])('answers what a rule wants', async (action, status, code) => {
    const world = await aggregatorWorld(sinch);
    world.rules({ name: 'refused', stage: 'farSide', when: { provider: 'sinch' }, then: action });
    expect(await world.json('POST', batches, { headers, body: text })).toMatchObject({
      status,
      body: { code },
    });
    expect(world.accepted).toEqual([]);
  });

  it.each([
    ['GET', `${batches}/01NONE`, 404, 'resource_not_found'],
    ['DELETE', `${batches}/01NONE`, 404, 'resource_not_found'],
    ['GET', `${batches}/01NONE/delivery_report`, 404, 'resource_not_found'],
    ['GET', `${batches}/01NONE/delivery_report?type=short`, 400, 'syntax_invalid_parameter_format'],
    ['GET', `${batches}?page_size=101`, 400, 'syntax_invalid_parameter_format'],
    ['GET', `${batches}?start_date=soon`, 400, 'syntax_invalid_parameter_format'],
    ['PATCH', batches, 405, 'method_not_allowed'],
    ['GET', '/xms/v1/plan/nothing', 404, 'resource_not_found'],
    ['GET', '/elsewhere', 404, 'resource_not_found'],
    ['GET', '/xms/v1/plan/inbounds/none', 404, 'resource_not_found'],
  ])('%s %s is %i %s', async (method, path, status, code) => {
    const world = await aggregatorWorld(sinch);
    expect(await world.json(method, path, { headers })).toMatchObject({ status, body: { code } });
  });

  it('gives no token for no key, or another grant', async () => {
    const world = await aggregatorWorld(sinch);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const basic = `Basic ${Buffer.from('key:secret').toString('base64')}`;
    expect(
      await world.json('POST', '/oauth2/token', { text: 'grant_type=client_credentials', headers: form }),
    ).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(
      await world.json('POST', '/oauth2/token', {
        text: 'grant_type=password',
        headers: { ...form, authorization: basic },
      }),
    ).toMatchObject({ status: 400, body: { error: 'unsupported_grant_type' } });
    world.settings = { strictNumbers: false, credentials: { sinch: [{ account: 'key', secret: 'other' }] } };
    expect(
      await world.json('POST', '/oauth2/token', {
        text: 'grant_type=client_credentials',
        headers: { ...form, authorization: basic },
      }),
    ).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });
});

describe('the callbacks of Sinch', () => {
  it('are tried again after 5, 10, 20 … seconds, and given up after the fourteenth', async () => {
    const { habit, callbacks, ...world } = await aggregatorWorld(sinch);
    await world.json('POST', batches, {
      headers,
      body: { ...text, delivery_report: 'full', callback_url: 'http://127.0.0.1:9/' },
    });
    const [made] = callbacks;
    if (made?.callback.kind !== 'http') throw new Error('nothing is to be called');
    const { callback } = made;
    const judge = (number: number, status: number | null) =>
      habit.judge(
        callback,
        status === null ? null : { status, contentType: null, body: '', retryAfter: null },
        { id: 'call', number, wallMs: 0 },
      );
    expect([1, 2, 3].map((number) => judge(number, null))).toEqual([
      { kind: 'again', afterMs: 5_000 },
      { kind: 'again', afterMs: 10_000 },
      { kind: 'again', afterMs: 20_000 },
    ]);
    expect(judge(14, 500)).toEqual({ kind: 'again', afterMs: 40_960_000 });
    expect(judge(15, 500)).toMatchObject({ kind: 'over' });
    expect(judge(1, 429)).toMatchObject({ kind: 'again' });
    expect(judge(1, 404)).toMatchObject({ kind: 'over' });
    expect(judge(1, 302)).toMatchObject({ kind: 'over' });
    expect(judge(1, 204)).toEqual({ kind: 'done' });
    expect(made.lifetimeMs).toBeGreaterThan(81_920_000);
  });
});
