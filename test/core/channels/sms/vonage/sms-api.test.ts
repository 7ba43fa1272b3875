/** Vonage's SMS API with its own SDK, unmodified: sends, refusals, receipts, answers of handsets. */
import { AlgorithmTypes, Auth } from '@vonage/auth';
import { Vonage } from '@vonage/server-sdk';
import { TypeEnum } from '@vonage/sms';
import { describe, expect, it } from 'vitest';
import { vonage } from '../../../../../core/channels/sms/vonage/index.ts';
import { senderOf } from '../sms-memory.ts';
import { aggregatorWorld, app, nowMs } from '../vonage-world.ts';

const signingSecret = 'vonage-signing-secret';

async function world(
  ...settings: Parameters<typeof aggregatorWorld> extends [unknown, ...infer R] ? R : never
) {
  const made = await aggregatorWorld(vonage, ...settings);
  const client = new Vonage(
    { apiKey: 'abcd1234', apiSecret: 'secret-of-16-let' },
    { restHost: made.base, apiHost: made.base },
  );
  return { ...made, client };
}

/** Fields of a receipt or of an inbound message that came as JSON. */
function fieldsOf(body: string): Record<string, string> {
  const value: unknown = JSON.parse(body);
  return Object.fromEntries(
    Object.entries(typeof value === 'object' && value !== null ? value : {}).map(([name, one]) => [
      name,
      String(one),
    ]),
  );
}

describe('the SMS API', () => {
  it('takes a message and says its first word', async () => {
    const { client, accepted, rows } = await world();
    const sent = await client.sms.send({
      to: '447700900123',
      from: 'Acme',
      text: 'Your code is 1234',
      clientRef: 'order-7',
    });
    expect(sent).toMatchObject({
      messageCount: '1',
      messages: [
        {
          to: '447700900123',
          status: '0',
          messageId: expect.stringMatching(/^[0-9A-F]{16}$/),
          remainingBalance: '15.53590000',
          messagePrice: '0.03330000',
          network: '00101',
          clientRef: 'order-7',
        },
      ],
    });
    expect(accepted[0]).toMatchObject({
      channel: 'sms',
      door: 'vonage',
      user: 'abcd1234',
      envelopeFrom: 'Acme',
      envelopeTo: ['+447700900123'],
      delivery: { to: [{ recipient: '+447700900123', provider: 'vonage', status: 'delivered' }] },
      details: { sms: { api: 'sms', account: 'abcd1234', text: 'Your code is 1234', reference: 'order-7' } },
    });
    expect(rows).toHaveLength(1);
  });

  it('names each part of a long message by an id of its own', async () => {
    const { client } = await world();
    const sent = await client.sms.send({ to: '447700900123', from: 'Acme', text: 'a'.repeat(161) });
    const ids = sent.messages.map((message) => ('messageId' in message ? message.messageId : ''));
    expect(sent.messageCount).toBe('2');
    expect(new Set(ids).size).toBe(2);
  });

  it('sends letters that GSM 03.38 lacks as question marks, unless it is told to use Unicode', async () => {
    const { client, rows } = await world();
    await client.sms.send({ to: '447700900123', from: 'Acme', text: 'Žluť 🎉' });
    await client.sms.send({ to: '447700900123', from: 'Acme', text: 'plain', type: TypeEnum.UNICODE });
    expect(rows.map(({ text, encoding, parts }) => [text, encoding, parts])).toEqual([
      ['?lu? ?', 'GSM-7', 1],
      ['plain', 'UCS-2', 1],
    ]);
  });

  it.each([
    ['2', 'Missing to param', { to: '', from: 'Acme', text: 'x' }],
    ['2', 'Missing from param', { to: '447700900123', from: '', text: 'x' }],
    ['2', 'Missing text param', { to: '447700900123', from: 'Acme', text: '' }],
    ['3', 'to address is not numeric', { to: 'somebody', from: 'Acme', text: 'x' }],
    ['6', 'Unroutable message - rejected', { to: '999', from: 'Acme', text: 'x' }],
    ['12', 'Message Too Long', { to: '447700900123', from: 'Acme', text: 'x'.repeat(3_201) }],
    ['15', 'Illegal Sender Address - rejected', { to: '447700900123', from: 'TooLongByFar1', text: 'x' }],
    ['16', 'Invalid TTL', { to: '447700900123', from: 'Acme', text: 'x', ttl: 19_999 }],
    ['20', 'Invalid Message class', { to: '447700900123', from: 'Acme', text: 'x', 'message-class': 4 }],
    ['23', 'Bad callback :: Missing Protocol', { to: '447700900123', from: 'A', text: 'x', callback: 'a.b' }],
  ])('refuses with %s: %s', async (status, errorText, message) => {
    const { client, accepted, ended } = await world();
    await expect(client.sms.send(message)).rejects.toMatchObject({
      response: { messageCount: '1', messages: [{ status, errorText }] },
    });
    expect(accepted).toEqual([]);
    expect(ended).toMatchObject([{ outcome: 'refused' }]);
  });

  it('says every status that a rule asks for, and 5 for what is none', async () => {
    const { client, rule } = await world();
    const message = { to: '447700900123', from: 'Acme', text: 'x' };
    const said: unknown[] = [];
    for (const reason of ['1', '8', '9', '10', '11', '13', '19', '22', '29', '33', 'nonsense']) {
      rule({ do: 'answer', reason });
      const refusal: unknown = await client.sms.send(message).catch((error: unknown) => error);
      said.push(Object(Object(refusal).response).messages[0].status);
    }
    expect(said).toEqual(['1', '8', '9', '10', '11', '13', '19', '22', '29', '33', '5']);
  });

  it('refuses who wrote STOP in the United States, and nobody elsewhere', async () => {
    const { client, optOut } = await world();
    optOut('+12015550123');
    optOut('+447700900123');
    await expect(
      client.sms.send({ to: '12015550123', from: '12015550100', text: 'x' }),
    ).rejects.toMatchObject({
      response: { messages: [{ status: '7', errorText: 'Number barred - rejected' }] },
    });
    const sent = await client.sms.send({ to: '447700900123', from: 'Acme', text: 'x' });
    expect(sent.messages[0]?.status).toBe('0');
  });

  it('refuses a sender that does not work there', async () => {
    const { client, refuseSender } = await world();
    refuseSender('Acme', 'names are not taken in the United States');
    await expect(client.sms.send({ to: '12015550123', from: 'Acme', text: 'x' })).rejects.toMatchObject({
      response: { messages: [{ status: '15' }] },
    });
  });

  it('knows fixed credentials only, where they are fixed', async () => {
    const { client } = await world({ credentials: { vonage: [{ account: 'abcd1234', secret: 'other' }] } });
    await expect(client.sms.send({ to: '447700900123', from: 'Acme', text: 'x' })).rejects.toMatchObject({
      response: { messages: [{ status: '4', errorText: 'Bad Credentials' }] },
    });
  });

  it('says that it failed when the disk is full', async () => {
    const { client, fillDisk, rows } = await world();
    fillDisk();
    await expect(client.sms.send({ to: '447700900123', from: 'Acme', text: 'x' })).rejects.toMatchObject({
      response: { messages: [{ status: '5' }] },
    });
    expect(rows).toEqual([]);
  });

  it('takes a form and a query, and keeps no secret of them', async () => {
    const { base, accepted, ended } = await world();
    const form = new URLSearchParams({
      api_key: 'abcd1234',
      api_secret: 'top-secret-value',
      to: '447700900123',
      from: 'Acme',
      text: 'Hello',
    });
    const posted = await fetch(`${base}/sms/json`, { method: 'POST', body: form });
    const got = await fetch(`${base}/sms/json?${form}`);
    expect([await posted.json(), await got.json()]).toMatchObject([
      { messages: [{ status: '0' }] },
      { messages: [{ status: '0' }] },
    ]);
    const kept = accepted.map(({ tail }) => Buffer.from(tail).toString());
    expect(kept[0]).toContain('text=Hello');
    expect(kept[1]).toContain('text=Hello');
    expect(JSON.stringify([kept, accepted.map(({ exchange }) => exchange), ended])).not.toContain(
      'top-secret-value',
    );
  });

  it('reads who sends from nothing: 2 for a key or a secret that is missing', async () => {
    const { base } = await world();
    const said = async (query: string) => {
      const response = await fetch(`${base}/sms/json?${query}`);
      return [response.status, await response.json()];
    };
    expect(await said('to=447700900123')).toMatchObject([
      200,
      { messages: [{ status: '2', 'error-text': 'Missing api_key' }] },
    ]);
    expect(await said('api_key=abcd1234')).toMatchObject([
      200,
      { messages: [{ status: '2', 'error-text': 'Missing api_secret' }] },
    ]);
  });

  it('tells what is left', async () => {
    const { client } = await world();
    expect(await client.accounts.getBalance()).toMatchObject({ value: 15.5359, autoReload: false });
  });
});

describe('signed requests', () => {
  const fixed = { credentials: { vonage: [{ account: 'abcd1234', secret: 'a-signature-secret' }] } };
  const algorithms = ['md5hash', 'md5hmac', 'sha1hmac', 'sha256hmac', 'sha512hmac'] as const;

  async function signed(algorithm: AlgorithmTypes, secret: string) {
    const auth = new Auth({
      apiKey: 'abcd1234',
      signature: { algorithm, secret },
    });
    return Object.entries(
      await auth.createSignatureHash({ api_key: 'abcd1234', to: '447700900123', from: 'A&B', text: 'x = y' }),
    ).map(([name, value]) => [name, String(value)]);
  }

  it.each(algorithms)('are let in by %s, and refused by another secret', async (name) => {
    const algorithm = AlgorithmTypes[name];
    const { base } = await world(fixed);
    const send = async (secret: string) => {
      const body = new URLSearchParams(await signed(algorithm, secret));
      const response = await fetch(`${base}/sms/json`, { method: 'POST', body });
      return (await response.json()).messages[0];
    };
    expect(await send('a-signature-secret')).toMatchObject({ status: '0' });
    expect(await send(signingSecret)).toMatchObject({ status: '0' });
    expect(await send('wrong')).toEqual({ status: '14', 'error-text': 'Invalid Signature' });
  });

  it('have no secret beside the signature, a timestamp, and one of now', async () => {
    const { base } = await world();
    const said = async (more: Record<string, string>) => {
      const body = new URLSearchParams({
        api_key: 'abcd1234',
        sig: 'a'.repeat(32),
        to: '447700900123',
        from: 'Acme',
        text: 'x',
        ...more,
      });
      const response = await fetch(`${base}/sms/json`, { method: 'POST', body });
      return (await response.json()).messages[0].status;
    };
    const now = String(Math.floor(Date.now() / 1000));
    expect(await said({ timestamp: now })).toBe('0');
    expect(await said({ timestamp: now, api_secret: 'x' })).toBe('32');
    expect(await said({})).toBe('14');
    expect(await said({ timestamp: String(Number(now) - 600) })).toBe('14');
    expect(await said({ timestamp: now, sig: 'no hash' })).toBe('14');
  });
});

describe('delivery receipts', () => {
  it('come one a part, signed so that the SDK agrees', async () => {
    const { client, call } = await world();
    const { url, heard } = await app();
    const sent = await client.sms.send({
      to: '447700900123',
      from: 'Acme',
      text: 'a'.repeat(161),
      callback: url,
      clientRef: 'order-7',
    });
    expect(await call()).toEqual([{ kind: 'done' }, { kind: 'done' }]);
    const receipts = heard.map(({ body }) => fieldsOf(body));
    expect(receipts.map(({ messageId }) => messageId)).toEqual(
      sent.messages.map((message) => ('messageId' in message ? message.messageId : '')),
    );
    expect(receipts[0]).toMatchObject({
      msisdn: '447700900123',
      to: 'Acme',
      'network-code': '00101',
      price: '0.03330000',
      status: 'delivered',
      scts: '2601311000',
      'err-code': '0',
      'api-key': 'abcd1234',
      'client-ref': 'order-7',
      'message-timestamp': '2026-01-31 10:00:00',
      timestamp: expect.stringMatching(/^\d{10}$/),
      nonce: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    for (const receipt of receipts)
      expect(
        client.sms.verifySignature(receipt.sig ?? '', receipt, signingSecret, AlgorithmTypes.md5hash),
      ).toBe(true);
  });

  it.each([
    ['POST', 'MD5HMAC', AlgorithmTypes.md5hmac],
    ['GET', 'SHA1HMAC', AlgorithmTypes.sha1hmac],
    ['POST-JSON', 'SHA256HMAC', AlgorithmTypes.sha256hmac],
    ['GET', 'SHA512HMAC', AlgorithmTypes.sha512hmac],
  ] as const)(
    'come as %s with %s where the account has set so',
    async (webhookFormat, signature, algorithm) => {
      const { client, call } = await world({ vonage: { webhookFormat, signature } });
      const { url, heard } = await app();
      await client.sms.send({ to: '447700900123', from: 'A & B', text: 'x', callback: `${url}?own=1` });
      await call();
      const [{ method, url: path, body } = { method: '', url: '', body: '' }] = heard;
      expect(method).toBe(webhookFormat === 'GET' ? 'GET' : 'POST');
      const fields =
        webhookFormat === 'POST-JSON'
          ? fieldsOf(body)
          : Object.fromEntries(
              webhookFormat === 'GET'
                ? new URL(path, 'http://localhost').searchParams
                : new URLSearchParams(body),
            );
      expect(fields).toMatchObject({ status: 'delivered', to: 'A & B' });
      expect(client.sms.verifySignature(fields.sig ?? '', fields, signingSecret, algorithm)).toBe(true);
    },
  );

  it('come unsigned where the account has it so, and not at all where nobody asked', async () => {
    const { client, call, callbacks } = await world({ vonage: { signature: 'none' } });
    const { url, heard } = await app();
    await client.sms.send({ to: '447700900123', from: 'Acme', text: 'x' });
    await client.sms.send({
      to: '447700900123',
      from: 'Acme',
      text: 'x',
      callback: url,
      statusReportReq: false,
    });
    expect(callbacks).toEqual([]);
    await client.sms.send({ to: '447700900123', from: 'Acme', text: 'x', callback: url });
    await call();
    expect(heard.map(({ body }) => Object.keys(fieldsOf(body)).includes('sig'))).toEqual([false]);
  });

  it.each([
    [{ state: 'held' }, 'buffered', '2', 'sent', 'held', null],
    [{ state: 'held', status: 'buffered', code: '2' }, 'buffered', '2', 'sent', 'deferred', null],
    [{ state: 'delivered' }, 'delivered', '0', 'delivered', null, null],
    [{ state: 'expired', cause: 'validity' }, 'expired', '2', 'undeliverable', null, 'expired'],
    [{ state: 'undelivered', cause: 'unknown_number' }, 'failed', '3', 'undeliverable', null, null],
    [{ state: 'undelivered', cause: 'blocked' }, 'failed', '4', 'undeliverable', null, null],
    [{ state: 'undelivered', cause: 'filtered' }, 'failed', '6', 'undeliverable', null, null],
    [{ state: 'undelivered', cause: 'landline' }, 'failed', '12', 'undeliverable', null, null],
    [{ state: 'failed', cause: 'carrier_error' }, 'failed', '8', 'undeliverable', null, null],
    [{ state: 'rejected', cause: 'opted_out' }, 'rejected', '9', 'undeliverable', null, null],
    [{ state: 'unknown' }, 'unknown', '1', 'sent', 'unconfirmed', null],
    [{ state: 'sent', status: 'accepted' }, 'accepted', '0', 'sent', null, null],
  ] as const)('%o is told as %s, %s', async (fate, status, code, ours, substatus, outcome) => {
    const { client, call, fate: willBe, delivery } = await world();
    const { url, heard } = await app();
    willBe('+447700900123', fate);
    await client.sms.send({ to: '447700900123', from: 'Acme', text: 'x', callback: url });
    await call();
    expect(heard.map(({ body }) => fieldsOf(body))).toMatchObject([{ status, 'err-code': code }]);
    expect(delivery()).toMatchObject({
      status: ours,
      substatus,
      ...(outcome === null ? {} : { class: outcome }),
    });
  });

  it('come again after anything but 2xx, five seconds later, then twice as long, up to 15 minutes', async () => {
    const { client, call, callbacks, habit } = await world();
    const { url } = await app(404);
    await client.sms.send({ to: '447700900123', from: 'Acme', text: 'x', callback: url });
    const [callback] = callbacks;
    expect(await call()).toEqual([{ kind: 'again', afterMs: 5_000 }]);
    if (callback === undefined) throw new Error('no receipt');
    const after = [2, 3, 8, 9, 60].map((number) =>
      habit.judge(callback, null, { id: 'a', number, wallMs: 0 }),
    );
    expect(after).toEqual(
      [10_000, 20_000, 640_000, 900_000, 900_000].map((afterMs) => ({ kind: 'again', afterMs })),
    );
  });
});

describe('an answer of a handset', () => {
  async function answered(text: string, parts: number, service: string | null = null) {
    const made = await world();
    const { url, heard } = await app();
    const mo = {
      id: 'mo-1',
      provider: 'vonage',
      account: 'abcd1234',
      providerId: made.voice.newProviderId(),
      batchId: null,
      direction: 'mo',
      number: '+447700900123',
      sender: '+447700900000',
      service,
      messageId: null,
      deliveryId: null,
      own: false,
      text,
      media: [],
      encoding: 'GSM-7',
      parts,
      price: null,
      receivedAtMs: nowMs,
      expiresAtMs: nowMs,
      steps: [],
      record: {},
    } as const;
    const sender = senderOf('vonage', '+447700900000', { service, inboundUrl: url });
    for (const { callback } of made.voice.inbound(mo, sender, { nowMs, wallMs: nowMs }))
      if (callback.kind === 'http') made.callbacks.push(callback);
    await made.call();
    return { ...made, heard };
  }

  it('reaches the app, signed', async () => {
    const { heard, client } = await answered('yes please', 1);
    const fields = fieldsOf(heard[0]?.body ?? '');
    expect(fields).toMatchObject({
      'api-key': 'abcd1234',
      msisdn: '447700900123',
      to: '447700900000',
      text: 'yes please',
      type: 'text',
      keyword: 'YES',
      'message-timestamp': '2026-01-31 10:00:00',
    });
    expect(fields).not.toHaveProperty('concat');
    expect(client.sms.verifySignature(fields.sig ?? '', fields, signingSecret, AlgorithmTypes.md5hash)).toBe(
      true,
    );
  });

  it('reaches it in parts when it is long', async () => {
    const text = `${'a'.repeat(153)}${'b'.repeat(20)}`;
    const { heard } = await answered(text, 2);
    const parts = heard.map(({ body }) => fieldsOf(body));
    expect(parts.map((part) => part.text).join('')).toBe(text);
    expect(parts.map((part) => [part.concat, part['concat-total'], part['concat-part']])).toEqual([
      ['true', '2', '1'],
      ['true', '2', '2'],
    ]);
    expect(parts[0]?.['concat-ref']).toBe(parts[1]?.['concat-ref']);
    expect(parts[0]?.messageId).not.toBe(parts[1]?.messageId);
  });
});
