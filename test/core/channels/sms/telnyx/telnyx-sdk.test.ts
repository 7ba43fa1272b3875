/** Telnyx's SDK, unmodified, against the door: sends, refusals, webhooks that its own verifier accepts. */
import { generateKeyPairSync } from 'node:crypto';
import Telnyx from 'telnyx';
import { describe, expect, it } from 'vitest';
import { telnyx, telnyxPublicKey } from '../../../../../core/channels/sms/telnyx/index.ts';
import type { Callback } from '../../../../../core/model/callback.ts';
import type { SmsProvider } from '../../../../../core/model/sms.ts';
import { type AggregatorWorld, aggregatorWorld, appSender } from '../aggregator-world.ts';

const to = '+13125550101';
const from = '+13125550199';
const hooks = 'http://127.0.0.1:9/hooks';
const failover = 'http://127.0.0.1:9/failover';
const profileId = '4001932d-9b55-4bb8-9cd1-85de6c4d83d9';

interface TelnyxWorld extends AggregatorWorld {
  readonly client: Telnyx;
  readonly publicKey: string;
}

async function telnyxWorld(apiKey = 'KEY0123456789ABCDEF_test'): Promise<TelnyxWorld> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const room = {
    ...telnyx,
    habit: (ports: Parameters<typeof telnyx.habit>[0]) =>
      telnyx.habit({ ...ports, secrets: { ...ports.secrets, own: () => pem } }),
  };
  const world = await aggregatorWorld(room);
  const publicKey = telnyxPublicKey(pem);
  const client = new Telnyx({ apiKey, publicKey, baseURL: `${world.url}/v2`, maxRetries: 0 });
  return Object.assign(world, { client, publicKey });
}

/** What the SDK threw: its class, its status, and Telnyx's code. */
async function refusal(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Telnyx.APIError)
      return { status: error.status, errors: (error.error as { errors: unknown }).errors };
    throw error;
  }
  throw new Error('it was not refused');
}

const refusedWith = (status: number, code: string, pointer?: string): unknown => ({
  status,
  errors: [expect.objectContaining({ code, ...(pointer === undefined ? {} : { source: { pointer } }) })],
});

describe('a send', () => {
  it('is answered as Telnyx does, and kept', async () => {
    const world = await telnyxWorld();
    const { data } = await world.client.messages.send({
      from,
      to,
      text: 'Your code is 4711',
      webhook_url: hooks,
      webhook_failover_url: failover,
    });
    expect(data).toMatchObject({
      record_type: 'message',
      direction: 'outbound',
      type: 'SMS',
      from: { phone_number: from },
      to: [{ phone_number: to, status: 'queued', carrier: 'Alder Mobile', line_type: 'Wireless' }],
      cc: [],
      text: 'Your code is 4711',
      media: [],
      encoding: 'GSM-7',
      parts: 1,
      webhook_url: hooks,
      webhook_failover_url: failover,
      cost: { amount: '0.01', currency: 'EUR' },
      sent_at: null,
      completed_at: null,
      errors: [],
    });
    expect(data?.valid_until).toMatch(/^\d{4}-.*\+00:00$/);
    expect(world.rows).toMatchObject([{ providerId: data?.id, text: 'Your code is 4711', sender: from }]);
    expect(world.accepted).toHaveLength(1);
    expect(JSON.stringify(world.accepted)).not.toContain('KEY0123456789');
    const read = await world.client.messages.retrieve(data?.id ?? '');
    expect(read.data).toMatchObject({ id: data?.id, to: [{ status: 'delivered' }], valid_until: null });
  });

  it('goes by every kind of sender', async () => {
    const world = await telnyxWorld();
    const text = 'x';
    await world.client.messages.sendLongCode({ from, to, text });
    await world.client.messages.sendShortCode({ from: '12345', to, text });
    await world.client.messages.sendWithAlphanumericSender({
      from: 'Sandpost',
      to: '+447700900123',
      messaging_profile_id: profileId,
      text,
    });
    world.senders.set(from, appSender('telnyx', from, { service: profileId }));
    await world.client.messages.sendNumberPool({ messaging_profile_id: profileId, to, text });
    expect(world.rows.map(({ sender }) => sender)).toEqual([from, '12345', 'Sandpost', from]);
    expect(world.rows[3]?.service).toBe(profileId);
  });

  it('of an MMS to a group is one message, and one for each recipient', async () => {
    const world = await telnyxWorld();
    const { data } = await world.client.messages.sendGroupMms({
      from,
      to: [to, '+13125550102'],
      text: 'Look',
      media_urls: ['https://example.com/cat.png'],
      webhook_url: hooks,
    });
    expect(data).toMatchObject({
      type: 'MMS',
      parts: 1,
      to: [
        { phone_number: to, status: 'queued' },
        { phone_number: '+13125550102', status: 'queued' },
      ],
      media: [{ url: 'https://example.com/cat.png' }],
    });
    const group = await world.client.messages.retrieveGroupMessages(data?.id ?? '');
    expect(group.data?.map(({ to: one }) => one?.[0]?.phone_number)).toEqual([to, '+13125550102']);
    expect(group.data?.map(({ id }) => id)).toEqual([data?.id, data?.id]);
  });

  it('is counted in parts, and its encoding may be chosen', async () => {
    const world = await telnyxWorld();
    const long = await world.client.messages.send({ from, to, text: 'x'.repeat(161) });
    expect(long.data).toMatchObject({ encoding: 'GSM-7', parts: 2 });
    const unicode = await world.client.messages.send({ from, to, text: '“Hello”' });
    expect(unicode.data).toMatchObject({ encoding: 'UCS-2', parts: 1 });
    const smart = await world.client.messages.send({ from, to, text: '“Hello”', encoding: 'auto' });
    expect(smart.data).toMatchObject({ encoding: 'GSM-7', text: '"Hello"', smart_encoding_applied: true });
    const forced = await world.client.messages.send({ from, to, text: 'plain', encoding: 'ucs2' });
    expect(forced.data).toMatchObject({ encoding: 'UCS-2' });
  });

  it('may be scheduled, and called back', async () => {
    const world = await telnyxWorld();
    const atMs = world.clock.wallMs() + 3_600_000;
    const { data } = await world.client.messages.schedule({
      from,
      to,
      text: 'later',
      send_at: new Date(atMs).toISOString(),
      webhook_url: hooks,
    });
    expect(data).toMatchObject({ to: [{ status: 'scheduled' }] });
    expect(world.rows).toMatchObject([{ steps: [{ state: 'scheduled' }] }]);
    const canceled = await world.client.messages.cancelScheduled(data?.id ?? '');
    expect(canceled).toMatchObject({ id: data?.id, to: [{ status: 'cancelled' }] });
    expect(await refusal(world.client.messages.cancelScheduled(data?.id ?? ''))).toEqual(
      refusedWith(400, '10015'),
    );
    expect(world.callbacks).toEqual([]);
  });
});

describe('a refusal', () => {
  it.each([
    ['no key', {}],
    ['another scheme', { authorization: 'Basic eDp5' }],
    ['an empty key', { authorization: 'Bearer ' }],
  ] as const)('for %s', async (_what, headers) => {
    const world = await telnyxWorld();
    const answer = await world.json('POST', '/v2/messages', { headers, body: { from, to, text: 'x' } });
    expect(answer).toEqual({
      status: 401,
      body: {
        errors: [
          {
            code: '10009',
            title: 'Authentication failed',
            detail: 'The required authentication headers were either invalid or not included in the request.',
            meta: { url: 'https://developers.telnyx.com/docs/overview/errors/10009' },
          },
        ],
      },
    });
  });

  it('of a key that is none of the settings', async () => {
    const world = await telnyxWorld('KEY_other');
    world.settings = { ...world.settings, credentials: { telnyx: [{ account: 'org', secret: 'KEY_mine' }] } };
    expect(await refusal(world.client.messages.send({ from, to, text: 'x' }))).toEqual(
      refusedWith(401, '10009'),
    );
    const right = new Telnyx({ apiKey: 'KEY_mine', baseURL: `${world.url}/v2` });
    const { data } = await right.messages.send({ from, to, text: 'x' });
    expect(data?.organization_id).toBe('org');
  });

  it.each([
    ['a body that is no JSON', '{', 400, '10015', '/'],
    ['no recipient', { from, text: 'x' }, 422, '10004', '/to'],
    ['a recipient that is no number', { from, to: '5550101', text: 'x' }, 400, '40310', '/to'],
    ['no sender', { to, text: 'x' }, 422, '10004', '/from'],
    ['a sender that is none', { from: 'Much too long a name', to, text: 'x' }, 400, '40305', '/from'],
    ['a name without a profile', { from: 'Sandpost', to, text: 'x' }, 422, '10004', '/messaging_profile_id'],
    [
      'a profile that is no UUID',
      { from, to, text: 'x', messaging_profile_id: 'mine' },
      422,
      '10006',
      '/messaging_profile_id',
    ],
    ['nothing to say', { from, to }, 400, '40316', '/text'],
    [
      'media in an SMS',
      { from, to, type: 'SMS', media_urls: ['https://example.com/a.png'] },
      400,
      '40304',
      '/type',
    ],
    [
      'too many media',
      { from, to, media_urls: Array(11).fill('https://example.com/a.png') },
      400,
      '40317',
      '/media_urls',
    ],
    ['a text of eleven parts', { from, to, text: 'x'.repeat(1531) }, 400, '40302', '/text'],
    [
      'a text that is unusually long',
      { from, to, text: 'x'.repeat(700), auto_detect: true },
      400,
      '40302',
      '/text',
    ],
    [
      'a webhook that is no address',
      { from, to, text: 'x', webhook_url: 'nowhere' },
      422,
      '10003',
      '/webhook_url',
    ],
    [
      'a time that is past',
      { from, to, text: 'x', send_at: '2020-01-01T00:00:00Z' },
      400,
      '10015',
      '/send_at',
    ],
  ] as const)('for %s', async (_what, body, status, code, pointer) => {
    const world = await telnyxWorld();
    const answer = await world.json('POST', '/v2/messages', {
      headers: { authorization: 'Bearer KEY', 'content-type': 'application/json' },
      text: typeof body === 'string' ? body : JSON.stringify(body),
    });
    expect(answer).toMatchObject({ status, body: { errors: [{ code, source: { pointer } }] } });
    expect(world.accepted).toEqual([]);
  });

  it('of one whose owner wrote STOP', async () => {
    const world = await telnyxWorld();
    world.optOuts.add(`${to} ${from}`);
    expect(await refusal(world.client.messages.send({ from, to, text: 'x' }))).toEqual({
      status: 403,
      errors: [
        {
          code: '40300',
          title: 'Blocked due to STOP message',
          detail: `Messages cannot be sent from '${from}' to '${to}' due to an existing block rule.`,
          meta: expect.anything(),
        },
      ],
    });
  });

  it.each([
    ['sender_not_registered', '40305'],
    ['region_not_allowed', '40309'],
  ] as const)('where the far side says %s', async (cause, code) => {
    const world = await telnyxWorld();
    world.verdict = { kind: 'refused', cause, why: 'not there' };
    expect(await refusal(world.client.messages.send({ from, to, text: 'x' }))).toEqual(
      refusedWith(400, code),
    );
  });

  it('of any kind by a rule, with its time to try again', async () => {
    const world = await telnyxWorld();
    world.rules({
      name: 'busy',
      stage: 'farSide',
      when: { channel: 'sms', provider: 'telnyx' },
      then: { do: 'answer', reason: '10011', retryAfterS: 7 },
    });
    const answer = await fetch(`${world.url}/v2/messages`, {
      method: 'POST',
      headers: { authorization: 'Bearer KEY' },
      body: JSON.stringify({ from, to, text: 'x' }),
    });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '7']);
    expect(await answer.json()).toMatchObject({ errors: [{ code: '10011', title: 'Too many requests' }] });
  });

  it('where it could not be stored', async () => {
    const world = await telnyxWorld();
    world.storeError = new Error('the disk is full');
    expect(await refusal(world.client.messages.send({ from, to, text: 'x' }))).toEqual(
      refusedWith(503, '10007'),
    );
  });

  it('of a message that is not there, or another organization’s', async () => {
    const world = await telnyxWorld();
    expect(await refusal(world.client.messages.retrieve(profileId))).toEqual(refusedWith(404, '10005'));
    const { data } = await world.client.messages.send({ from, to, text: 'x' });
    const other = new Telnyx({ apiKey: 'KEY_other', baseURL: `${world.url}/v2`, maxRetries: 0 });
    expect(await refusal(other.messages.retrieve(data?.id ?? ''))).toEqual(refusedWith(404, '10005'));
  });
});

describe('a webhook', () => {
  it('of each step is signed, and the SDK’s own verifier accepts it', async () => {
    const world = await telnyxWorld();
    const { data } = await world.client.messages.send({ from, to, text: 'x', webhook_url: hooks });
    expect(world.callbacks.map(({ callback }) => callback.tells)).toEqual(['sent', 'delivered']);
    const sent = await world.dressed(0);
    const final = await world.dressed(1);
    for (const { url, body, fields } of [sent, final]) {
      expect(url).toBe(hooks);
      const event = await world.client.webhooks.unwrap(body ?? '', { headers: fields });
      expect(event).toMatchObject({ data: { record_type: 'event', payload: { id: data?.id } } });
      await expect(world.client.webhooks.unwrap(`${body} `, { headers: fields })).rejects.toThrow(
        'Signature verification failed',
      );
    }
    expect(JSON.parse(sent.body ?? '')).toMatchObject({
      data: { event_type: 'message.sent', payload: { to: [{ status: 'sent' }], completed_at: null } },
      meta: { attempt: 1, delivered_to: hooks },
    });
    const told = JSON.parse(final.body ?? '') as { data: { payload: { completed_at: string } } };
    expect(told).toMatchObject({
      data: { event_type: 'message.finalized', payload: { to: [{ status: 'delivered' }], errors: [] } },
    });
    expect(told.data.payload.completed_at).not.toBeNull();
  });

  it('is tried three times at each address, the failover one after the first', async () => {
    const world = await telnyxWorld();
    await world.client.messages.send({
      from,
      to,
      text: 'x',
      webhook_url: hooks,
      webhook_failover_url: failover,
    });
    const { callback } = await world.dressed(0);
    const tried = [];
    for (let number = 1; number <= 6; number++) {
      const attempt = { id: 'call', number, wallMs: world.clock.wallMs() };
      const { url, body } = await world.habit.dress(callback, attempt);
      const { kind } = world.habit.judge(callback, failed, attempt);
      tried.push([url, (JSON.parse(body ?? '') as { meta: unknown }).meta, kind]);
    }
    expect(tried).toEqual([
      [hooks, { attempt: 1, delivered_to: hooks }, 'again'],
      [hooks, { attempt: 2, delivered_to: hooks }, 'again'],
      [hooks, { attempt: 3, delivered_to: hooks }, 'again'],
      [failover, { attempt: 4, delivered_to: failover }, 'again'],
      [failover, { attempt: 5, delivered_to: failover }, 'again'],
      [failover, { attempt: 6, delivered_to: failover }, 'over'],
    ]);
    const done = { ...failed, status: 204 };
    expect(world.habit.judge(callback, done, { id: 'x', number: 1, wallMs: 0 })).toEqual({ kind: 'done' });
    expect(world.habit.timeoutMs).toBe(2_000);
  });

  it('tells of an answer of a handset, and of what Telnyx answered by itself', async () => {
    const world = await telnyxWorld();
    world.senders.set(from, appSender('telnyx', from, { inboundUrl: hooks, account: 'org' }));
    await world.answer({ from: to, to: from, text: 'Yes!' });
    await world.answer({ from: to, to: from, text: ' stop ' });
    const [answer, stop] = [await world.dressed(0), await world.dressed(1)];
    const event = await world.client.webhooks.unwrap(answer.body ?? '', { headers: answer.fields });
    expect(event).toMatchObject({
      data: {
        event_type: 'message.received',
        payload: {
          direction: 'inbound',
          type: 'SMS',
          from: { phone_number: to },
          to: [{ phone_number: from }],
          text: 'Yes!',
        },
      },
    });
    expect(answer.body).not.toContain('autoresponse_type');
    expect(JSON.parse(stop.body ?? '')).toMatchObject({ data: { payload: { autoresponse_type: 'STOP' } } });
    expect(world.voice.optOut?.stop).toContain('STOP');
  });
});
const failed = { status: 500, contentType: null, body: '', retryAfter: null };

describe('messaging profiles', () => {
  it('are made, listed page by page, read, changed and deleted', async () => {
    const world = await telnyxWorld();
    const { messagingProfiles } = world.client;
    const names = ['one', 'two', 'three'];
    for (const name of names)
      await messagingProfiles.create({ name, whitelisted_destinations: ['*'], webhook_url: hooks });
    const listed = [];
    for await (const { name } of messagingProfiles.list({ 'page[size]': 2 })) listed.push(name);
    expect(listed).toEqual(names);
    const [first] = (await messagingProfiles.list({ 'filter[name][eq]': 'two' })).data;
    const id = first?.id ?? '';
    await messagingProfiles.update(id, { webhook_url: failover, enabled: false });
    expect((await messagingProfiles.retrieve(id)).data).toMatchObject({
      name: 'two',
      webhook_url: failover,
      enabled: false,
    });
    expect(
      await refusal(world.client.messages.send({ from, to, text: 'x', messaging_profile_id: id })),
    ).toEqual(refusedWith(403, '40312'));
    await messagingProfiles.delete(id);
    expect(await refusal(messagingProfiles.retrieve(id))).toEqual(refusedWith(404, '10005'));
  });

  it('say where reports go that the message itself names no address for', async () => {
    const world = await telnyxWorld();
    const { data: profile } = await world.client.messagingProfiles.create({
      name: 'mine',
      whitelisted_destinations: ['US'],
      webhook_url: hooks,
      webhook_failover_url: failover,
    });
    const messaging_profile_id = profile?.id ?? '';
    await world.client.messages.send({ from, to, text: 'x', messaging_profile_id });
    await world.client.messages.send({
      from,
      to,
      text: 'x',
      messaging_profile_id,
      webhook_url: 'http://127.0.0.1:9/own',
      use_profile_webhooks: false,
    });
    const urlsOf = ({ callback }: { callback: Callback }): unknown => callback.extra?.urls;
    expect(world.callbacks.map(urlsOf)).toEqual([
      [hooks, failover],
      [hooks, failover],
      ['http://127.0.0.1:9/own'],
      ['http://127.0.0.1:9/own'],
    ]);
    expect(
      await refusal(
        world.client.messages.send({ from, to: '+447911123456', text: 'x', messaging_profile_id }),
      ),
    ).toEqual(refusedWith(400, '40309', '/to'));
  });
});

describe('statuses', () => {
  const provider: SmsProvider = 'telnyx';

  it.each([
    ['sent', 'message.sent'],
    ['delivered', 'message.finalized'],
    ['sending_failed', 'message.finalized'],
    ['delivery_failed', 'message.finalized'],
    ['delivery_unconfirmed', 'message.finalized'],
    ['expired', 'message.finalized'],
  ] as const)('%s, by a rule, is told as %s', async (status, event) => {
    const world = await telnyxWorld();
    world.rules({
      name: status,
      stage: 'farSide',
      when: { channel: 'sms', provider },
      then: { do: 'report', status },
    });
    await world.client.messages.send({ from, to, text: 'x', webhook_url: hooks });
    const last = await world.dressed(-1);
    expect(JSON.parse(last.body ?? '')).toMatchObject({
      data: { event_type: event, payload: { to: [{ status }] } },
    });
  });

  it.each([
    ['unknown_number', 'delivery_failed', '40012'],
    ['landline', 'delivery_failed', '40001'],
    ['filtered', 'delivery_failed', '40002'],
    ['unreachable', 'delivery_failed', '40006'],
    ['blocked', 'delivery_failed', '40004'],
  ] as const)('of %s carry their error', async (cause, status, code) => {
    const world = await telnyxWorld();
    world.endings.set(to, [['undelivered', cause]]);
    await world.client.messages.send({ from, to, text: 'x', webhook_url: hooks });
    const last = await world.dressed(-1);
    expect(JSON.parse(last.body ?? '')).toMatchObject({
      data: { payload: { to: [{ status }], errors: [{ code }] } },
    });
  });
});
