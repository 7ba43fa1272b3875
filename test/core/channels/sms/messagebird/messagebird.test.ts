/** MessageBird with its own SDK, unmodified and led here by the preload; and by plain requests what the SDK cannot say. */
import { createSecretKey } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { verify } from 'messagebird/lib/webhook-signature-jwt.js';
import { describe, expect, it } from 'vitest';
import { messagebird } from '../../../../../core/channels/sms/messagebird/index.ts';
import { environmentOf } from '../../../../../core/connect/environment.ts';
import { writeRedirectKit } from '../../../../../core/connect/redirect-kit.ts';
import type { SmsSettings } from '../../../../../core/delivery/sms-far-side.ts';
import { run } from '../../../../run-program.ts';
import { temporaryFolder } from '../../../../start-core.ts';
import { senderOf } from '../sms-memory.ts';
import { aggregatorWorld, app, type Heard, nowMs } from '../vonage-world.ts';

const signingKey = createSecretKey(Buffer.from('messagebird-signing-secret'));
const accessKey = 'live_abcdefghijklmnop';

async function world(settings: Partial<SmsSettings> = {}) {
  const made = await aggregatorWorld(messagebird, settings);
  const ask = async (method: string, path: string, body?: unknown, key: string | null = accessKey) => {
    const response = await fetch(`${made.base}${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(key === null ? {} : { authorization: `AccessKey ${key}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  };
  return { ...made, ask, send: (body: unknown) => ask('POST', '/messages', body) };
}

/** Calls of the SDK, one after the other, in a Node that has the preload. @returns what each called back with */
async function bySdk(
  { doors }: Awaited<ReturnType<typeof world>>,
  calls: readonly (readonly [method: string, ...given: unknown[]])[],
  key = accessKey,
): Promise<readonly { readonly error: unknown; readonly data: unknown }[]> {
  const folder = await temporaryFolder();
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, doors.ca);
  const facts = {
    host: '127.0.0.1',
    ports: { ...doors.ports },
    url: 'http://127.0.0.1:1',
    caFile,
    current: {},
  };
  await writeRedirectKit(facts, {
    preloadSource: new URL('../../../../../bin/sandpost-redirect.cjs', import.meta.url),
    systemRoots: () => Promise.resolve(''),
  });
  const script = `
    const { initClient } = require('messagebird');
    const client = initClient(${JSON.stringify(key)}, 30000);
    const results = [];
    const calls = ${JSON.stringify(calls)};
    const next = () => {
      const call = calls.shift();
      if (call === undefined) return console.log(JSON.stringify(results));
      const [method, ...given] = call;
      const [room, name] = method.split('.');
      const last = results.at(-1)?.data?.id;
      client[room][name](...given.map((one) => one === 'last' ? last : one), (error, data) => {
        results.push({ error: error && { message: error.message, status: error.statusCode, errors: error.errors }, data });
        next();
      });
    };
    next();`;
  const { stdout, stderr } = await run(process.execPath, ['-e', script], {
    env: { ...environmentOf(facts, 'node') },
  });
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`the SDK said: ${stdout} ${stderr}`);
  }
}

function only(heard: readonly Heard[]): Heard {
  const [first] = heard;
  if (first === undefined || heard.length > 1) throw new Error(`${heard.length} calls came`);
  return first;
}

const hello = { originator: 'Acme', recipients: ['31612345678'], body: 'Hello' };

describe('the SDK of MessageBird', () => {
  it('sends, reads, lists, deletes, and asks what is left', async () => {
    const made = await world();
    const [sent, read, listed, balance] = await bySdk(made, [
      ['messages.create', { ...hello, reference: 'order-7' }],
      ['messages.read', 'last'],
      ['messages.list', { limit: 5, offset: 0 }],
      ['balance.read'],
    ]);
    const id = made.rows[0]?.providerId;
    expect(sent).toEqual({
      error: null,
      data: {
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        href: `https://rest.messagebird.com/messages/${id}`,
        direction: 'mt',
        type: 'sms',
        originator: 'Acme',
        body: 'Hello',
        reference: 'order-7',
        validity: null,
        gateway: 10,
        typeDetails: {},
        datacoding: 'plain',
        mclass: 1,
        scheduledDatetime: null,
        createdDatetime: '2026-01-31T10:00:00+00:00',
        recipients: {
          totalCount: 1,
          totalSentCount: 1,
          totalDeliveredCount: 0,
          totalDeliveryFailedCount: 0,
          items: [
            {
              recipient: 31612345678,
              originator: null,
              status: 'sent',
              statusDatetime: '2026-01-31T10:00:00+00:00',
              recipientCountry: 'Netherlands',
              recipientCountryPrefix: 31,
              recipientOperator: 'Alder Mobile',
              messageLength: 5,
              statusErrorCode: null,
              statusReason: 'pending DLR',
              price: { amount: 0.0333, currency: 'EUR' },
              mccmnc: '00101',
              mcc: '001',
              mnc: '01',
              messagePartCount: 1,
            },
          ],
        },
      },
    });
    expect(read?.data).toMatchObject({
      id,
      recipients: {
        totalDeliveredCount: 1,
        items: [{ status: 'delivered', statusReason: 'successfully delivered' }],
      },
    });
    expect(listed?.data).toMatchObject({ offset: 0, limit: 5, count: 1, totalCount: 1, items: [{ id }] });
    expect(balance?.data).toMatchObject({ payment: 'prepaid', type: 'credits' });
    expect(made.accepted[0]).toMatchObject({ door: 'messagebird', envelopeTo: ['+31612345678'] });
    expect(JSON.stringify([made.accepted, made.ended, made.rows])).not.toContain(accessKey);
  });

  it('is refused in the words that its own tests expect, and for every main reason', async () => {
    const made = await world();
    const [nothing, originator, body, missing, unknown] = await bySdk(made, [
      ['messages.create', {}],
      ['messages.create', { ...hello, originator: 'Much too long a name' }],
      ['messages.create', { ...hello, body: '' }],
      ['messages.read', 'nothing'],
      ['hlr.read', 'x'],
    ]);
    expect(nothing?.error).toMatchObject({
      status: 422,
      message:
        'api error(s): no (correct) recipients found (code: 9, parameter: recipients), originator is required (code: 9, parameter: originator)',
    });
    expect(originator?.error).toMatchObject({
      errors: [{ code: 10, description: 'originator is invalid', parameter: 'originator' }],
    });
    expect(body?.error).toMatchObject({ errors: [{ code: 9, parameter: 'body' }] });
    expect(missing?.error).toMatchObject({
      status: 404,
      errors: [{ code: 20, description: 'message not found', parameter: null }],
    });
    expect(unknown?.error).toMatchObject({ status: 404, errors: [{ code: 98 }] });
  });

  it('sends MMS, and takes a scheduled message back', async () => {
    const made = await world();
    const scheduledDatetime = new Date(Date.now() + 3_600_000).toISOString();
    const [scheduled, deleted, gone, mms] = await bySdk(made, [
      ['messages.create', { ...hello, scheduledDatetime }],
      ['messages.delete', 'last'],
      ['messages.read', 'nothing'],
      [
        'mms.create',
        {
          originator: '+12015550100',
          recipients: ['12015550123'],
          body: 'A cat',
          subject: 'Look',
          mediaUrls: ['https://example.com/cat.jpg'],
        },
      ],
    ]);
    expect(scheduled?.data).toMatchObject({
      scheduledDatetime,
      recipients: { totalSentCount: 0, items: [{ status: 'scheduled' }] },
    });
    expect([deleted?.data, gone?.error]).toMatchObject([true, { status: 404 }]);
    expect(mms?.data).toMatchObject({
      href: expect.stringContaining('/mms/'),
      subject: 'Look',
      mediaUrls: ['https://example.com/cat.jpg'],
      recipients: { items: [{ status: 'sent' }] },
    });
    expect(made.rows).toMatchObject([{ media: [{ url: 'https://example.com/cat.jpg' }], parts: 1 }]);
  });
});

describe('the messages of MessageBird', () => {
  it('go to up to fifty recipients, without those that are no numbers', async () => {
    const { send, rows, ask, accepted } = await world();
    const { status, body } = await send({
      ...hello,
      recipients: '31612345678,nobody,31687654321,31612345678',
    });
    expect([status, body.recipients.totalCount]).toEqual([201, 2]);
    expect(rows.map(({ batchId, number }) => [batchId, number])).toEqual([
      [body.id, '+31612345678'],
      [body.id, '+31687654321'],
    ]);
    expect(accepted).toHaveLength(1);
    expect((await ask('GET', `/messages/${body.id}`)).body.recipients.items).toMatchObject([
      { recipient: 31612345678 },
      { recipient: 31687654321 },
    ]);
    const many = Array.from({ length: 51 }, (_, at) => `316123456${String(at).padStart(2, '0')}`);
    expect((await send({ ...hello, recipients: many })).body.errors).toMatchObject([
      { code: 10, parameter: 'recipients' },
    ]);
  });

  it('are listed by pages and filters', async () => {
    const { send, ask } = await world();
    const ids: string[] = [];
    for (const to of ['31612345671', '31612345672', '31612345673'])
      ids.unshift((await send({ ...hello, recipients: [to] })).body.id);
    const page = (await ask('GET', '/messages?limit=2&offset=1&direction=mt')).body;
    expect(page).toMatchObject({
      offset: 1,
      limit: 2,
      count: 2,
      totalCount: 3,
      links: {
        first: 'https://rest.messagebird.com/messages/?offset=0&direction=mt',
        previous: 'https://rest.messagebird.com/messages/?offset=0&direction=mt',
        next: null,
        last: 'https://rest.messagebird.com/messages/?offset=2&direction=mt',
      },
    });
    expect(page.items.map(({ id }: { id: string }) => id)).toEqual(ids.slice(1));
    const some = async (query: string) => (await ask('GET', `/messages?${query}`)).body.totalCount;
    expect(await some('recipient=31612345672')).toBe(1);
    expect(await some('status=delivered')).toBe(3);
    expect(await some('status=buffered')).toBe(0);
    expect(await some('originator=Other')).toBe(0);
    expect(await some('from=2030-01-01T00:00:00Z')).toBe(0);
    expect((await ask('GET', '/messages?limit=1000')).body.errors).toMatchObject([{ code: 10 }]);
    expect((await ask('GET', '/messages', undefined, 'another_key')).body.totalCount).toBe(0);
  });

  it('are plain unless asked otherwise: what GSM lacks becomes a question mark', async () => {
    const { send, rows } = await world();
    await send({ ...hello, body: 'Žluť' });
    await send({ ...hello, body: 'Žluť', datacoding: 'auto' });
    await send({ ...hello, datacoding: 'unicode' });
    await send({ ...hello, type: 'binary', body: '00ff', typeDetails: { udh: '0605' } });
    expect(rows.map(({ text, encoding }) => [text, encoding])).toEqual([
      ['?lu?', 'GSM-7'],
      ['Žluť', 'UCS-2'],
      ['Hello', 'UCS-2'],
      ['0605 00ff', 'binary'],
    ]);
  });

  it.each([
    ['body', { body: 'x'.repeat(1_378) }],
    ['body', { body: 'x'.repeat(604), datacoding: 'unicode' }],
    ['body', { body: 'no hex', type: 'binary' }],
    ['type', { type: 'premium' }],
    ['datacoding', { datacoding: 'other' }],
    ['validity', { validity: 0 }],
    ['mclass', { mclass: 4 }],
    ['scheduledDatetime', { scheduledDatetime: 'tomorrow' }],
    ['reportUrl', { reportUrl: 'not an address' }],
  ])('are refused for %s: %o', async (parameter, more) => {
    const { send, accepted } = await world();
    const { status, body } = await send({ ...hello, ...more });
    expect([status, body.errors]).toMatchObject([422, [{ code: 10, parameter }]]);
    expect(accepted).toEqual([]);
  });

  it('come as a form too', async () => {
    const { base, rows } = await world();
    const response = await fetch(`${base}/messages`, {
      method: 'POST',
      headers: { authorization: `AccessKey ${accessKey}` },
      body: new URLSearchParams([
        ['originator', 'Acme'],
        ['recipients[]', '31612345678'],
        ['recipients[]', '31687654321'],
        ['body', 'Hello'],
      ]),
    });
    expect([response.status, rows.length]).toEqual([201, 2]);
  });

  it('need an access key, and one that is known where keys are fixed', async () => {
    const open = await world();
    const refused = [401, { errors: [{ code: 2, parameter: 'access_key' }] }];
    const none = await open.ask('POST', '/messages', hello, null);
    expect([none.status, none.body]).toMatchObject(refused);
    const fixed = await world({ credentials: { messagebird: [{ account: 'shop', secret: 'live_key' }] } });
    const other = await fixed.send(hello);
    expect([other.status, other.body]).toMatchObject(refused);
    expect((await fixed.ask('POST', '/messages', hello, 'live_key')).status).toBe(201);
    expect(fixed.rows[0]?.account).toBe('shop');
  });

  it('are answered as rules want, by each code', async () => {
    const { send, rule } = await world();
    const said: unknown[] = [];
    for (const reason of ['2', '9', '10', '20', '21', '25', '98', '99', 'nonsense']) {
      rule({ do: 'answer', reason });
      const { status, body } = await send(hello);
      said.push([status, body.errors[0].code]);
    }
    expect(said).toEqual([
      [401, 2],
      [422, 9],
      [422, 10],
      [404, 20],
      [400, 21],
      [402, 25],
      [404, 98],
      [500, 99],
      [422, 99],
    ]);
    rule({ do: 'answer', reason: '99', status: 429, text: 'Too many requests', retryAfterS: 1 });
    expect(await send(hello)).toMatchObject({
      status: 429,
      body: { errors: [{ description: 'Too many requests' }] },
    });
  });

  it('are not taken where the disk is full, or the body is nothing', async () => {
    const { send, ask, fillDisk, base } = await world();
    const broken = await fetch(`${base}/messages`, {
      method: 'POST',
      headers: { authorization: `AccessKey ${accessKey}`, 'content-type': 'application/json' },
      body: '{',
    });
    expect([broken.status, (await broken.json()).errors[0].code]).toEqual([400, 21]);
    expect((await ask('PUT', '/messages/x', {})).status).toBe(405);
    fillDisk();
    expect(await send(hello)).toMatchObject({ status: 500, body: { errors: [{ code: 99 }] } });
  });
});

describe('status reports', () => {
  it('come by GET, signed so that the SDK agrees', async () => {
    const { send, call } = await world();
    const { url, heard } = await app();
    const { body } = await send({ ...hello, reference: 'order 7', reportUrl: `${url}?own=1` });
    expect(await call()).toEqual([{ kind: 'done' }]);
    const { method, url: path, fields } = only(heard);
    expect(method).toBe('GET');
    const called = new URL(path, url);
    expect(Object.fromEntries(called.searchParams)).toEqual({
      own: '1',
      datacoding: 'plain',
      id: body.id,
      mccmnc: '00101',
      messageLength: '5',
      messagePartCount: '1',
      ported: '0',
      'price[amount]': '0.0333',
      'price[currency]': 'EUR',
      recipient: '31612345678',
      reference: 'order 7',
      status: 'delivered',
      statusDatetime: '2026-01-31T10:00:00+00:00',
      statusReason: 'successfully delivered',
    });
    const token = String(fields['messagebird-signature-jwt']);
    await expect(verify(called.toString(), Buffer.alloc(0), token, signingKey)).resolves.toBe(true);
    await expect(verify(`${called}&more=1`, Buffer.alloc(0), token, signingKey)).rejects.toThrow(/url_hash/);
  });

  it('need a reference, and an address', async () => {
    const { send, callbacks } = await world();
    await send({ ...hello, reportUrl: 'http://127.0.0.1:1/' });
    await send({ ...hello, reference: 'order-7' });
    expect(callbacks).toEqual([]);
  });

  it.each([
    [{ state: 'held' }, 'buffered', '27', 'unavailable subscriber', 'sent', 'held'],
    [{ state: 'held', status: 'buffered' }, 'buffered', '27', 'unavailable subscriber', 'sent', 'deferred'],
    [{ state: 'delivered' }, 'delivered', undefined, 'successfully delivered', 'delivered', null],
    [
      { state: 'expired', cause: 'validity' },
      'expired',
      '27',
      'unavailable subscriber',
      'undeliverable',
      null,
    ],
    [
      { state: 'undelivered', cause: 'unknown_number' },
      'delivery_failed',
      '1',
      'unknown subscriber',
      'undeliverable',
      null,
    ],
    [
      { state: 'undelivered', cause: 'blocked' },
      'delivery_failed',
      '13',
      'carrier rejected',
      'undeliverable',
      null,
    ],
    [
      { state: 'failed', cause: 'carrier_error' },
      'delivery_failed',
      '34',
      'received network error',
      'undeliverable',
      null,
    ],
    [{ state: 'unknown' }, 'sent', undefined, 'DLR not received', 'sent', null],
    [{ state: 'sent', status: 'sent' }, 'sent', undefined, 'pending DLR', 'sent', null],
  ] as const)('%o is told as %s, %s, %s', async (fate, status, code, reason, ours, substatus) => {
    const { send, call, fate: willBe, delivery, ask } = await world();
    const { url, heard } = await app();
    willBe('+31612345678', fate);
    const { body } = await send({ ...hello, reference: 'r', reportUrl: url });
    await call();
    const told = heard.map(({ url: path }) => Object.fromEntries(new URL(path, url).searchParams));
    expect(told).toMatchObject([{ status, statusReason: reason }]);
    expect(told[0]?.statusErrorCode).toBe(code);
    expect(delivery()).toMatchObject({ status: ours, substatus });
    expect((await ask('GET', `/messages/${body.id}`)).body.recipients.items).toMatchObject([
      { status, statusReason: reason, statusErrorCode: code === undefined ? null : Number(code) },
    ]);
  });

  it('say scheduled while it waits, which is queued here', async () => {
    const { send, delivery } = await world();
    const scheduledDatetime = new Date(Date.now() + 3_600_000).toISOString();
    await send({ ...hello, scheduledDatetime });
    expect(delivery().status).toBe('queued');
  });

  it('say that the carrier refused the originator, to which MessageBird said yes', async () => {
    const { send, refuseSender, call } = await world();
    const { url, heard } = await app();
    refuseSender('Acme', 'names are not taken there');
    expect((await send({ ...hello, reference: 'r', reportUrl: url })).status).toBe(201);
    await call();
    expect(Object.fromEntries(new URL(only(heard).url, url).searchParams)).toMatchObject({
      status: 'delivery_failed',
      statusReason: 'carrier rejected',
      statusErrorCode: '104',
    });
  });

  it('are tried ten times', async () => {
    const { send, call, callbacks, habit } = await world();
    const { url } = await app(500);
    await send({ ...hello, reference: 'r', reportUrl: url });
    const [callback] = callbacks;
    if (callback === undefined) throw new Error('no report');
    expect(await call()).toEqual([{ kind: 'again', afterMs: 60_000 }]);
    const after = [2, 9].map((number) => habit.judge(callback, null, { id: 'a', number, wallMs: 0 }));
    expect(after).toEqual([
      { kind: 'again', afterMs: 120_000 },
      { kind: 'again', afterMs: 3_600_000 },
    ]);
    expect(habit.judge(callback, null, { id: 'a', number: 10, wallMs: 0 }).kind).toBe('over');
  });
});

describe('an answer of a handset', () => {
  it.each(['GET', 'POST'] as const)('reaches the app by %s, signed', async (inboundMethod) => {
    const { voice, callbacks, call } = await world();
    const { url, heard } = await app();
    const mo = {
      id: 'mo-1',
      provider: 'messagebird',
      account: 'shop',
      providerId: voice.newProviderId(),
      batchId: null,
      direction: 'mo',
      number: '+31612345678',
      sender: '+3197001234567',
      service: null,
      messageId: null,
      deliveryId: null,
      own: false,
      text: 'yes & please',
      media: [],
      encoding: 'GSM-7',
      parts: 1,
      price: null,
      receivedAtMs: nowMs,
      expiresAtMs: nowMs,
      steps: [],
      record: {},
    } as const;
    const sender = senderOf('messagebird', mo.sender, { inboundUrl: url, inboundMethod });
    for (const { callback } of voice.inbound(mo, sender, { nowMs, wallMs: nowMs }))
      if (callback.kind === 'http') callbacks.push(callback);
    await call();
    const { url: path, fields, body } = only(heard);
    const called = new URL(path, url);
    const said = inboundMethod === 'GET' ? Object.fromEntries(called.searchParams) : JSON.parse(body);
    expect(said).toMatchObject({
      id: mo.providerId,
      originator: '31612345678',
      recipient: '3197001234567',
      body: 'yes & please',
      createdDatetime: '2026-01-31T10:00:00+00:00',
      ...(inboundMethod === 'POST' ? { payload: 'yes & please' } : {}),
    });
    await expect(
      verify(called.toString(), Buffer.from(body), String(fields['messagebird-signature-jwt']), signingKey),
    ).resolves.toBe(true);
    expect(voice.optOut).toBeNull();
  });
});
