/** Pass-through of SMS: SDKs of the providers, unmodified, ask one core; a second one stands in for the real providers. */
import { AuthType, Infobip } from '@infobip-api/sdk';
import { SinchClient } from '@sinch/sdk-core';
import { Vonage } from '@vonage/server-sdk';
import Telnyx from 'telnyx';
import twilioSdk from 'twilio';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openPassWorld, type PassWorld } from './world.ts';

const account = 'AC0123456789abcdef0123456789abcdef';
const token = 'the-token-of-the-account';
const from = '+14155550100';
const listed = '+447911123456';
const other = '+447911123457';
const stranger = '+447911999999';

let world: PassWorld;
beforeAll(async () => {
  world = await openPassWorld();
});
afterAll(() => world.close());
afterEach(async () => {
  await world.stop();
});

const base = (provider: string): string => `http://127.0.0.1:${world.app.core.port('providers')}/${provider}`;

async function live(kind: string, over: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const { url = world.url(`/${kind}`), ...rest } = over;
  const { id } = await world.relay({ kind, account: 'any', url });
  await world.goLive({
    sms: {
      relayId: id,
      passThrough: true,
      recipients: { kind: 'allow', entries: [listed, other].map((value) => ({ kind: 'number', value })) },
      ...rest,
    },
  });
}

function twilio(password = token) {
  const made = twilioSdk(account, password);
  made.api.baseUrl = base('twilio');
  return made;
}

/** As Twilio's SDK asks for it, without what a library makes of the answer. */
async function ask(to: string, about: Readonly<Record<string, string>> = {}) {
  const answer = await fetch(`${base('twilio')}/2010-04-01/Accounts/${account}/Messages.json`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${account}:${token}`).toString('base64')}` },
    body: new URLSearchParams({ To: to, From: from, Body: 'Hello', ...about }),
  });
  return { status: answer.status, fields: answer.headers, body: await answer.text() };
}

const newest = async (to: string) => (await world.app.messages(to)).at(-1);
/** What the log has of the provider's last answer. */
const answerTo = async (to: string) =>
  (await world.audit()).findLast(({ kind, recipient }) => kind === 'answer' && recipient === to)?.detail;
const textsAt = async (to: string) => (await world.provider.messages(to)).map(({ sms }) => sms?.text ?? '');

describe('what an app brings to an SMS provider’s door while live', () => {
  it('goes on to the real provider as it is, and the answer comes back as it is', async () => {
    await live('twilio');
    const sent = await twilio().messages.create({ to: listed, from, body: 'Your code is 471147' });
    const [there] = await world.provider.messages(listed);
    expect(there).toMatchObject({ door: 'twilio', sms: { text: 'Your code is 471147', account } });
    // The provider's own name of it, which the first core did not make.
    expect(there?.sms?.providerId).toBe(sent.sid);
    const here = await newest(listed);
    expect(here).toMatchObject({
      door: 'twilio',
      channel: 'sms',
      deliveries: [{ recipient: listed, status: 'sent', provider: 'twilio' }],
    });
    const [delivery] = here?.deliveries ?? [];
    const journey = await world.delivery(delivery?.id ?? '');
    expect(journey.attemptLog).toMatchObject([
      { outcome: 'sent', code: 201, nextHop: new URL(world.url()).host },
    ]);
    expect(await answerTo(listed)).toMatchObject({ outcome: 'sent', code: 201, providerId: sent.sid });
    const said = JSON.stringify(journey);
    expect(said).toContain(`POST /twilio/2010-04-01/Accounts/${account}/Messages.json`);
    expect(said).toContain(sent.sid);
    expect(JSON.stringify(await world.exchange(here?.exchangeId ?? ''))).toContain(sent.sid);
  });

  it('is answered with the provider’s own bytes and fields', async () => {
    await live('twilio');
    const { status, fields, body } = await ask(listed);
    const [exchange] = await world.provider
      .call<{ entries: { id: string }[] }>('GET', '/v1/exchanges')
      .then(({ entries }) => entries);
    const { transcript } = await world.provider.call<{ transcript: { by: string; text: string }[] }>(
      'GET',
      `/v1/exchanges/${exchange?.id}`,
    );
    const said = transcript.filter(({ by }) => by === 'server' || by === 'S').map(({ text }) => text);
    expect(status).toBe(201);
    expect(said.join('\n')).toContain(body.trim());
    for (const [name, value] of fields)
      if (!['connection', 'keep-alive', 'date', 'content-length', 'transfer-encoding'].includes(name))
        expect(said).toContain(`${name}: ${value}`);
  });

  it('is held where its recipient is not on the list: the app hears a yes, and nobody else anything', async () => {
    await live('twilio');
    const before = (await world.provider.messages()).length;
    const sent = await twilio().messages.create({ to: stranger, from, body: 'Not for you' });
    expect(sent.status).toBe('queued');
    const [delivery] = (await newest(stranger))?.deliveries ?? [];
    expect(delivery).toMatchObject({
      substatus: 'held',
      heldBy: { label: 'Live relay' },
      reason: expect.stringContaining(`${stranger} is not on its list`),
    });
    expect(await world.provider.messages()).toHaveLength(before);
    expect((await world.audit()).at(-1)).toMatchObject({
      kind: 'held',
      channel: 'sms',
      detail: { cause: 'live-not-allowed' },
    });
    expect((await world.status()).channels.sms).toMatchObject({ held: 1 });
  });

  it('and lands in the sandbox when that is released', async () => {
    await live('twilio');
    await twilio().messages.create({ to: stranger, from, body: 'Let go' });
    const [delivery] = (await newest(stranger))?.deliveries ?? [];
    await world.app.call('POST', `/v1/deliveries/${delivery?.id}/release`, {});
    await world.app.core.app.settled();
    expect((await newest(stranger))?.deliveries).toMatchObject([{ status: 'delivered' }]);
  });

  it('is held over the cap', async () => {
    const { sentThisHour = 0 } = (await world.status()).channels.sms ?? {};
    await live('twilio', { perHourMax: sentThisHour + 1_000 });
    const used = (await world.status()).channels.sms?.sentThisHour ?? 0;
    await live('twilio', { perHourMax: used + 1 });
    await ask(listed, { Body: 'The last' });
    await ask(listed, { Body: 'One more' });
    const [first, second] = (await world.app.messages(listed)).slice(-2);
    expect(first?.deliveries).toMatchObject([{ status: 'sent', substatus: null }]);
    expect(second?.deliveries).toMatchObject([{ substatus: 'held', heldBy: { label: 'Live relay' } }]);
    expect((await world.audit()).findLast(({ kind }) => kind === 'held')).toMatchObject({
      detail: { cause: 'live-cap' },
    });
    expect(await textsAt(listed)).not.toContain('One more');
  });

  it('stays in the sandbox after the kill switch, and where nobody asked for pass-through', async () => {
    await live('twilio');
    await world.stop();
    await ask(listed, { Body: 'After the stop' });
    await live('twilio', { passThrough: false });
    await ask(listed, { Body: 'Without pass-through' });
    const texts = await textsAt(listed);
    expect(texts).not.toContain('After the stop');
    expect(texts).not.toContain('Without pass-through');
    expect((await newest(listed))?.deliveries).toMatchObject([{ status: 'delivered' }]);
  });

  it('is told what the provider says of wrong credentials, word for word', async () => {
    await world.provider.call('PUT', '/v1/sms/settings', {
      credentials: { twilio: [{ account, secret: 'another' }] },
    });
    try {
      await live('twilio');
      await expect(twilio().messages.create({ to: listed, from, body: 'x' })).rejects.toMatchObject({
        status: 401,
        code: 20003,
      });
    } finally {
      await world.provider.call('PUT', '/v1/sms/settings', { credentials: { twilio: [] } });
    }
    const [delivery] = (await newest(listed))?.deliveries ?? [];
    expect(delivery).toMatchObject({ status: 'undeliverable', class: 'config' });
  });

  it('is told the provider’s own temporary error where that cannot be reached', async () => {
    await live('twilio', { url: 'https://127.0.0.1:1' });
    const { status, body } = await ask(listed);
    expect([status, JSON.parse(body).code]).toEqual([503, 20503]);
    const [delivery] = (await newest(listed))?.deliveries ?? [];
    expect(delivery).toMatchObject({ status: 'undeliverable', class: 'network' });
    const entries = (await world.audit()).slice(-3).map(({ kind }) => kind);
    expect(entries).toEqual(expect.arrayContaining(['passed_through', 'answer']));
  });

  it('goes to nobody whose certificate is signed by somebody unknown', async () => {
    const { id } = await world.relay({ kind: 'twilio', account: 'any', url: world.url('/twilio'), ca: null });
    await world.goLive({
      sms: {
        relayId: id,
        passThrough: true,
        recipients: { kind: 'allow', entries: [{ kind: 'number', value: listed }] },
      },
    });
    const { status } = await ask(listed, { Body: 'Not to a stranger' });
    expect(status).toBe(503);
    expect(await textsAt(listed)).not.toContain('Not to a stranger');
  });

  it('keeps no credential of the app’s', async () => {
    await live('twilio');
    await ask(listed, { Body: 'Nothing secret' });
    const here = await newest(listed);
    const [delivery] = here?.deliveries ?? [];
    const kept = JSON.stringify([
      here,
      await world.delivery(delivery?.id ?? ''),
      await world.exchange(here?.exchangeId ?? ''),
      await world.audit(),
    ]);
    expect(kept).not.toContain(token);
    expect(kept).not.toContain(Buffer.from(`${account}:${token}`).toString('base64'));
  });

  it('is counted and goes by itself when many come at once', async () => {
    await live('twilio', { perHourMax: 1_000 });
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, at) => ask(listed, { Body: `Of many ${at}` })),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    const sids = answers.map(({ body }) => JSON.parse(body).sid);
    expect(new Set(sids).size).toBe(12);
    expect((await textsAt(listed)).filter((text) => text.startsWith('Of many'))).toHaveLength(12);
  });

  it('of more than the door takes is refused there, and nothing of it goes out', async () => {
    await live('twilio');
    const before = (await world.provider.messages()).length;
    const { status } = await ask(listed, { Body: 'x'.repeat(1_100_000) });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(await world.provider.messages()).toHaveLength(before);
  });

  it('goes by the SDKs of Vonage, Sinch, Infobip and Telnyx alike', async () => {
    await live('vonage');
    const vonage = new Vonage(
      { apiKey: 'abcd1234', apiSecret: 'secret-of-16-let' },
      { restHost: base('vonage'), apiHost: base('vonage') },
    );
    const byVonage = await vonage.sms.send({ to: listed.slice(1), from: '447700900000', text: 'By Vonage' });
    const vonageId = String(
      Object(byVonage.messages[0])['message-id'] ?? Object(byVonage.messages[0]).messageId,
    );
    expect((await newest(listed))?.deliveries).toMatchObject([{ status: 'sent' }]);
    expect(await answerTo(listed)).toMatchObject({ providerId: vonageId });

    await live('sinch');
    const sinch = new SinchClient({
      projectId: 'my-project',
      keyId: 'my-key',
      keySecret: 'my-secret',
      smsHostname: base('sinch'),
      authHostname: base('sinch'),
      logger: null,
    });
    const batch = await sinch.sms.batches.send({
      sendSMSRequestBody: { to: [listed.slice(1), other.slice(1)], from: '447700900001', body: 'By Sinch' },
    });
    const bySinch = await newest(listed);
    expect(bySinch?.deliveries).toMatchObject(
      [listed, other].map((recipient) => ({ recipient, status: 'sent' })),
    );
    expect(await answerTo(listed)).toMatchObject({ providerId: batch.id });

    await live('infobip');
    const infobip = new Infobip({ baseUrl: base('infobip'), authType: AuthType.ApiKey, apiKey: 'any-key' });
    await infobip.channels.sms.send({
      messages: [{ from: '447700900001', text: 'By Infobip', destinations: [{ to: listed.slice(1) }] }],
    });

    await live('telnyx');
    const telnyx = new Telnyx({ apiKey: 'KEY_any', baseURL: `${base('telnyx')}/v2`, maxRetries: 0 });
    await telnyx.messages.send({ to: listed, from: '+13125550199', text: 'By Telnyx' });

    expect((await textsAt(listed)).slice(-4)).toEqual(['By Vonage', 'By Sinch', 'By Infobip', 'By Telnyx']);
    expect((await textsAt(other)).at(-1)).toBe('By Sinch');
  });

  it('is held as a whole where one of its recipients is not on the list', async () => {
    await live('sinch');
    const before = (await world.provider.messages()).length;
    const sinch = new SinchClient({
      servicePlanId: 'my-plan',
      apiToken: 'any-token',
      smsHostname: base('sinch'),
      forceServicePlanIdUsageForSmsApi: true,
      logger: null,
    });
    await sinch.sms.batches.send({
      sendSMSRequestBody: {
        to: [listed.slice(1), stranger.slice(1)],
        from: '447700900001',
        body: 'Half of it',
      },
    });
    expect((await newest(listed))?.deliveries).toMatchObject([{ substatus: 'held' }, { substatus: 'held' }]);
    expect(await world.provider.messages()).toHaveLength(before);
  });

  it('goes by the SDK of MessageBird, which is led here by its host’s name', async () => {
    await live('messagebird');
    const said = await world.script(
      `import messagebird from 'messagebird';
      const client = messagebird.initClient('live_abcdefghijklmnop', 30000);
      const answer = await new Promise((resolve) => client.messages.create(
        { originator: '+3197001234567', recipients: ['${listed.slice(1)}'], body: 'By MessageBird' },
        (error, data) => resolve(error ?? data)));
      console.log(JSON.stringify(answer));`,
      'node',
    );
    const { id } = Object(said);
    expect((await newest(listed))?.deliveries).toMatchObject([{ status: 'sent' }]);
    expect(await answerTo(listed)).toMatchObject({ providerId: id });
    expect((await textsAt(listed)).at(-1)).toBe('By MessageBird');
  });
});
