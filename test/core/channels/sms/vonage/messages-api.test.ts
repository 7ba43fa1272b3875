/** Vonage's Messages API with its own SDK, unmodified. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { verifySignature } from '@vonage/jwt';
import { Vonage } from '@vonage/server-sdk';
import { describe, expect, it } from 'vitest';
import { vonage } from '../../../../../core/channels/sms/vonage/index.ts';
import type { SmsSettings } from '../../../../../core/delivery/sms-far-side.ts';
import { senderOf } from '../sms-memory.ts';
import { aggregatorWorld, app, nowMs } from '../vonage-world.ts';

const signingSecret = 'vonage-signing-secret';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const applicationId = 'aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab';

async function world(settings: Partial<SmsSettings> = {}) {
  const made = await aggregatorWorld(vonage, settings);
  const hosts = { restHost: made.base, apiHost: made.base };
  const client = new Vonage({ apiKey: 'abcd1234', apiSecret: 'secret-of-16-let' }, hosts);
  const application = new Vonage(
    { apiKey: 'abcd1234', apiSecret: 'secret-of-16-let', applicationId, privateKey: privatePem },
    hosts,
  );
  const post = async (body: unknown, authorization = `Basic ${btoa('abcd1234:secret')}`) => {
    const response = await fetch(`${made.base}/v1/messages`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      body: await response.json(),
    };
  };
  return { ...made, client, application, post };
}

const hello = {
  channel: 'sms',
  messageType: 'text',
  to: '447700900123',
  from: 'Acme',
  text: 'Hello',
} as const;

const wire = { channel: 'sms', message_type: 'text', to: '447700900123', from: 'Acme', text: 'Hello' };

describe('the Messages API', () => {
  it('takes a message by key and secret, and by a token of an application', async () => {
    const { client, application, accepted, rows } = await world();
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    const first = await client.messages.send({ ...hello, clientRef: 'order-7' });
    const second = await application.messages.send(hello);
    expect([first.messageUUID, second.messageUUID]).toEqual([
      expect.stringMatching(uuid),
      expect.stringMatching(uuid),
    ]);
    expect(rows.map(({ providerId, account, service }) => [providerId, account, service])).toEqual([
      [first.messageUUID, 'abcd1234', null],
      [second.messageUUID, applicationId, applicationId],
    ]);
    expect(accepted[0]?.details?.sms).toMatchObject({ api: 'messages', reference: 'order-7' });
    expect(JSON.stringify(accepted[1]?.details?.sms?.headers)).toContain('Bearer ***');
  });

  it('finds out by itself what a text needs, or does as it is told', async () => {
    const { client, rows } = await world();
    await client.messages.send({ ...hello, text: 'Žluť' });
    await client.messages.send({ ...hello, text: 'Žluť', sms: { encodingType: 'text' } });
    await client.messages.send({ ...hello, sms: { encodingType: 'unicode' } });
    expect(rows.map(({ text, encoding }) => [text, encoding])).toEqual([
      ['Žluť', 'UCS-2'],
      ['?lu?', 'GSM-7'],
      ['Hello', 'UCS-2'],
    ]);
  });

  it('takes pictures by MMS, in one part', async () => {
    const { client, rows } = await world();
    await client.messages.send({
      channel: 'mms',
      messageType: 'image',
      to: '12015550123',
      from: '12015550100',
      image: { url: 'https://example.com/cat.jpg', caption: 'A cat' },
    });
    expect(rows).toMatchObject([
      { text: 'A cat', parts: 1, media: [{ url: 'https://example.com/cat.jpg' }] },
    ]);
  });

  it('tells all that is wrong at once, as a problem document', async () => {
    const { post } = await world();
    const { status, type, body } = await post({ channel: 'sms', to: 'x', from: 'TooLongByFar1', ttl: 5 });
    expect([status, type]).toEqual([422, 'application/problem+json']);
    expect(body).toMatchObject({
      type: 'https://developer.vonage.com/api-errors/messages#1020',
      title: 'Invalid params',
      instance: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(body.invalid_parameters.map(({ name }: { name: string }) => name)).toEqual([
      'to',
      'from',
      'message_type',
      'ttl',
    ]);
  });

  it('refuses other channels in words, and what is no JSON', async () => {
    const { post } = await world();
    const other = await post({ ...wire, channel: 'whatsapp' });
    expect([other.status, other.body.title]).toEqual([422, 'Facility not allowed']);
    expect(other.body.detail).toContain('whatsapp');
    const broken = await post('{');
    expect([broken.status, broken.body.type]).toEqual([
      400,
      'https://developer.vonage.com/api-errors#invalid-json',
    ]);
  });

  it('refuses who does not say who they are', async () => {
    const { post } = await world();
    const token = (header: object, claims: object) =>
      `Bearer ${[header, claims].map((part) => btoa(JSON.stringify(part))).join('.')}.c2ln`;
    const claims = { application_id: applicationId, iat: 1, jti: 'x' };
    for (const authorization of [
      'Basic',
      'Digest x',
      `Basic ${btoa('no-colon')}`,
      'Bearer nonsense',
      token({ alg: 'HS256' }, claims),
      token({ alg: 'RS256' }, { ...claims, application_id: '' }),
      token({ alg: 'RS256' }, { ...claims, exp: 1 }),
    ]) {
      const { status, body } = await post(wire, authorization);
      expect([status, body], authorization).toMatchObject([
        401,
        { title: 'Unauthorized', type: 'https://developer.vonage.com/api-errors#unauthorized' },
      ]);
    }
  });

  it('checks the signature of a token where the public key is known', async () => {
    const known = await world({ credentials: { vonage: [{ account: applicationId, secret: publicPem }] } });
    await expect(known.application.messages.send(hello)).resolves.toHaveProperty('messageUUID');
    await expect(known.client.messages.send(hello)).rejects.toThrow();
    const { publicKey: another } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const secret = another.export({ type: 'spki', format: 'pem' }).toString();
    const other = await world({ credentials: { vonage: [{ account: applicationId, secret }] } });
    await expect(other.application.messages.send(hello)).rejects.toThrow();
  });

  it('says what rules want in its own words', async () => {
    const { post, rule } = await world();
    const said: unknown[] = [];
    for (const reason of ['1000', 'throttled', '402', '1030', '1120', '1240']) {
      rule({ do: 'answer', reason });
      const { status, body } = await post(wire);
      said.push([status, body.title]);
    }
    expect(said).toEqual([
      [429, 'Rate Limit Hit'],
      [429, 'Rate Limit Hit'],
      [402, 'Low balance'],
      [500, 'Internal error'],
      [422, 'Illegal Sender Address - rejected'],
      [422, 'Illegal Number'],
    ]);
  });

  it('says yes first, and then that who wrote STOP, or a sender that does not work there, is rejected', async () => {
    const { client, optOut, refuseSender, call, delivery } = await world();
    const { url, heard } = await app();
    optOut('+12015550123');
    refuseSender('Acme', 'names are not taken there');
    await client.messages.send({
      ...hello,
      to: '12015550123',
      from: '12015550100',
      ...{ webhookUrl: url },
    });
    await client.messages.send({ ...hello, ...{ webhookUrl: url } });
    await call();
    expect(heard.map(({ body }) => [JSON.parse(body).status, JSON.parse(body).error.title])).toEqual([
      ['rejected', '1240'],
      ['rejected', '1120'],
    ]);
    expect(delivery().status).toBe('undeliverable');
  });

  it('says 500 when the disk is full', async () => {
    const { post, fillDisk } = await world();
    fillDisk();
    expect((await post(wire)).status).toBe(500);
  });

  it('has nothing to revoke or to mark as read', async () => {
    const { client } = await world();
    await expect(
      client.messages.updateMessage('x', 'revoked', { typingIndicator: 'text' }),
    ).rejects.toThrow();
  });
});

describe('status webhooks', () => {
  it('tell that it was submitted and delivered, signed so that the SDK agrees', async () => {
    const { application, call } = await world();
    const { url, heard } = await app();
    const { messageUUID } = await application.messages.send({
      ...hello,
      clientRef: 'order-7',
      ...{ webhookUrl: url },
    });
    expect(await call()).toEqual([{ kind: 'done' }, { kind: 'done' }]);
    expect(heard.map(({ body }) => JSON.parse(body).status)).toEqual(['submitted', 'delivered']);
    expect(JSON.parse(heard[1]?.body ?? '')).toEqual({
      message_uuid: messageUUID,
      to: '447700900123',
      from: 'Acme',
      timestamp: '2026-01-31T10:00:00.000Z',
      status: 'delivered',
      client_ref: 'order-7',
      usage: { currency: 'EUR', price: '0.0333' },
      channel: 'sms',
      destination: { network_code: '00101' },
      sms: { count_total: '1' },
    });
    for (const { fields, body } of heard) {
      const token = String(fields.authorization).replace('Bearer ', '');
      expect(verifySignature(token, signingSecret)).toBe(true);
      const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
      expect(claims).toMatchObject({
        iss: 'Vonage',
        application_id: applicationId,
        payload_hash: createHash('sha256').update(body).digest('hex'),
      });
    }
  });

  it.each([
    [{ state: 'undelivered', cause: 'unknown_number' }, 'rejected', '1190', 'undeliverable'],
    [{ state: 'undelivered', cause: 'filtered' }, 'rejected', '1210', 'undeliverable'],
    [{ state: 'failed', cause: 'carrier_error' }, 'undeliverable', '1230', 'undeliverable'],
    [{ state: 'rejected', cause: 'opted_out' }, 'rejected', '1240', 'undeliverable'],
    [{ state: 'expired', cause: 'validity' }, 'rejected', '1180', 'undeliverable'],
    [{ state: 'delivered', status: 'read' }, 'read', undefined, 'delivered'],
  ] as const)('%o is told as %s, %s', async (fate, status, title, ours) => {
    const { client, call, fate: willBe, delivery } = await world();
    const { url, heard } = await app();
    willBe('+447700900123', fate);
    await client.messages.send({ ...hello, ...{ webhookUrl: url } });
    await call();
    const told = heard.map(({ body }) => JSON.parse(body));
    expect(told).toMatchObject([{ status }]);
    expect(told[0].error?.title).toBe(title);
    expect(delivery().status).toBe(ours);
  });

  it('say nothing of what the carrier keeps: it stays submitted', async () => {
    const { client, callbacks, fate, rows, delivery } = await world();
    fate('+447700900123', { state: 'held' });
    await client.messages.send({ ...hello, ...{ webhookUrl: 'http://127.0.0.1:1/' } });
    expect(callbacks).toEqual([]);
    expect(rows[0]?.steps.at(-1)?.status).toBe('submitted');
    expect(delivery()).toMatchObject({ status: 'sent', substatus: 'held' });
  });

  it('come again after 429 and 5xx alone', async () => {
    const { client, call } = await world();
    const verdicts: unknown[] = [];
    for (const status of [500, 429, 404, 302]) {
      const { url } = await app(status);
      await client.messages.send({ ...hello, ...{ webhookUrl: url } });
      verdicts.push((await call()).map(({ kind }) => kind));
    }
    expect(verdicts).toEqual([
      ['again', 'again'],
      ['again', 'again'],
      ['over', 'over'],
      ['over', 'over'],
    ]);
  });
});

it('brings an answer to a number of an application as the Messages API does', async () => {
  const { voice, callbacks, call } = await world();
  const { url, heard } = await app();
  const mo = {
    id: 'mo-1',
    provider: 'vonage',
    account: applicationId,
    providerId: voice.newProviderId(),
    batchId: null,
    direction: 'mo',
    number: '+447700900123',
    sender: '+447700900000',
    service: applicationId,
    messageId: null,
    deliveryId: null,
    own: false,
    text: 'yes please',
    media: [],
    encoding: 'GSM-7',
    parts: 1,
    price: null,
    receivedAtMs: nowMs,
    expiresAtMs: nowMs,
    steps: [],
    record: {},
  } as const;
  const sender = senderOf('vonage', '+447700900000', { service: applicationId, inboundUrl: url });
  for (const { callback } of voice.inbound(mo, sender, { nowMs, wallMs: nowMs }))
    if (callback.kind === 'http') callbacks.push(callback);
  await call();
  expect(JSON.parse(heard[0]?.body ?? '')).toEqual({
    channel: 'sms',
    message_uuid: mo.providerId,
    to: '447700900000',
    from: '447700900123',
    timestamp: '2026-01-31T10:00:00.000Z',
    message_type: 'text',
    text: 'yes please',
    sms: { num_messages: '1', keyword: 'YES' },
    usage: { currency: 'EUR', price: '0' },
  });
  expect(verifySignature(String(heard[0]?.fields.authorization).replace('Bearer ', ''), signingSecret)).toBe(
    true,
  );
});
