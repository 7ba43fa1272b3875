/** SMS of the send API, from the request to the handset and back by the providers' reports. */
import { describe, expect, it } from 'vitest';
import { smsProviders } from '../../../core/model/sms.ts';
import { minuteMs } from './journey.ts';
import { number, startSmsWorld } from './sms-world.ts';

describe('an SMS of the send API', () => {
  it.each(smsProviders)('goes by %s, and is delivered when its report says so', async (provider) => {
    const world = await startSmsWorld();
    const message = await world.sms({ provider, reference: 'order-7' });
    expect(message).toMatchObject({
      channel: 'sms',
      door: 'api',
      subject: '',
      snippet: 'Your code is 482913',
      to: [{ address: number }],
      sms: { provider, encoding: 'GSM-7', parts: 1 },
    });
    const [delivery] = message.deliveries;
    expect(delivery).toMatchObject({ status: 'delivered', provider, attempts: 1, recipient: number });
    // One send is one message: the door recognised it.
    expect((await world.messages('channel:sms')).map(({ id }) => id)).toEqual([message.id]);
    const types = await world.typesOf(message.id);
    for (const type of ['queued', 'attempted', 'sent', 'reported', 'delivered'])
      expect(types).toContain(type);
    expect(types.indexOf('attempted')).toBeLessThan(types.indexOf('delivered'));
  });

  it('is shown with its codes, its parts and what made it Unicode', async () => {
    const world = await startSmsWorld();
    const message = await world.sms({ body: 'Ваш код 482913' });
    expect(message.sms).toMatchObject({
      encoding: 'UCS-2',
      parts: 1,
      partTexts: ['Ваш код 482913'],
      unicode: expect.arrayContaining([{ character: 'В', at: 0, instead: null }]),
    });
    const codes = await world.core.json<readonly { code: string }[] | { entries: { code: string }[] }>(
      `/v1/messages/${message.id}/codes`,
    );
    expect(JSON.stringify(codes)).toContain('482913');
    expect((await world.core.get(`/v1/messages/${message.id}/raw`)).headers.get('content-type')).toBe(
      'application/json',
    );
  });

  it('ends at once for a user without a handset', async () => {
    const world = await startSmsWorld();
    expect(await world.one({ to: { user: 'nobody' } })).toMatchObject({
      status: 'undeliverable',
      recipient: 'user:nobody',
      reason: expect.stringContaining('no_channel'),
    });
  });

  it('is answered alike to the same key, and sent once', async () => {
    const world = await startSmsWorld();
    const send = async () => {
      const answer = await world.core.get('/v1/messages', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'k1' },
        body: JSON.stringify({ channel: 'sms', to: number, body: 'Hello' }),
      });
      return await answer.text();
    };
    const first = await send();
    await world.core.app.settled();
    expect(await send()).toBe(first);
    expect(await world.messages('channel:sms')).toHaveLength(1);
  });

  it('is refused with every fault named', async () => {
    const world = await startSmsWorld();
    const answer = await world.core.get('/v1/messages', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ channel: 'sms', to: ['555', number], from: 'x' }),
    });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({
      code: 'invalid_submission',
      errors: [
        { field: 'to[0]', code: 'bad_number' },
        { field: 'body', code: 'empty' },
      ],
    });
  });
});

describe('where a provider cannot take it', () => {
  it('the next one does, in the same attempt, and the delivery is that one’s', async () => {
    const world = await startSmsWorld();
    await world.rules({
      when: { channel: 'sms', provider: 'twilio' },
      then: { do: 'answer', reason: '20500', status: 500 },
    });
    const delivery = await world.one({ providers: ['twilio', 'vonage'] });
    expect(delivery).toMatchObject({ status: 'delivered', provider: 'vonage', attempts: 1 });
    const { attemptLog } = await world.journey(delivery.id);
    const said = attemptLog[0]?.evidence?.transcript.map(({ text }) => text) ?? [];
    expect(said.some((text) => text.startsWith('failed over to Vonage: Twilio did not take it (500'))).toBe(
      true,
    );
    expect(attemptLog).toHaveLength(1);
  });

  it('it is tried again after a 429, at a pace of its own', async () => {
    const world = await startSmsWorld();
    await world.rules({
      when: { channel: 'sms', nth: 1 },
      then: { do: 'answer', reason: '20429' },
    });
    const delivery = await world.one();
    expect(delivery).toMatchObject({ status: 'queued', substatus: 'deferred', class: 'rate_limited' });
    await world.clock({ advanceMs: minuteMs });
    expect(await world.again(delivery.messageId ?? '')).toMatchObject({ status: 'delivered', attempts: 2 });
  });

  it('a number that wrote STOP is not tried elsewhere, and not written to again', async () => {
    const world = await startSmsWorld();
    await world.rules({
      when: { channel: 'sms', provider: 'twilio' },
      then: { do: 'answer', reason: '21610' },
    });
    expect(await world.one({ providers: ['twilio', 'vonage'] })).toMatchObject({
      status: 'undeliverable',
      class: 'opted_out',
      provider: 'twilio',
    });
    const { entries } = await world.core.json<{ entries: { address: string; reason: string }[] }>(
      '/v1/suppressions',
    );
    expect(entries).toMatchObject([{ address: number, reason: 'unsubscribed' }]);
    await expect(world.one()).rejects.toThrow(/suppression list/);
  });
});

describe('reports', () => {
  it('that say it failed end it, with the reason in the words of the table', async () => {
    const world = await startSmsWorld();
    await world.rules({
      when: { channel: 'sms' },
      then: { do: 'report', status: 'undelivered', code: '30005', afterMs: 0 },
    });
    expect(await world.one()).toMatchObject({
      status: 'undeliverable',
      class: 'bad_address',
      reason: 'the provider says undelivered, 30005',
    });
  });

  it('that never come leave it sent', async () => {
    const world = await startSmsWorld();
    await world.rules({ when: { channel: 'sms' }, then: { do: 'reports', how: 'lose' } });
    expect(await world.one()).toMatchObject({ status: 'sent', substatus: null });
  });

  it.each(['repeat', 'shuffle'] as const)('in the way %s change nothing but the journey', async (how) => {
    const world = await startSmsWorld();
    await world.rules({ when: { channel: 'sms' }, then: { do: 'reports', how } });
    const delivery = await world.one();
    expect(delivery).toMatchObject({ status: 'delivered', attempts: 1 });
    const types = await world.typesOf(delivery.messageId ?? '');
    expect(types.filter((type) => type === 'delivered')).toHaveLength(1);
  });

  it('that come late are heard late', async () => {
    const world = await startSmsWorld();
    await world.rules({ when: { channel: 'sms' }, then: { do: 'reports', how: 'late', ms: 10 * minuteMs } });
    const delivery = await world.one();
    expect(delivery).toMatchObject({ status: 'sent' });
    await world.clock({ advanceMs: 11 * minuteMs });
    expect(await world.again(delivery.messageId ?? '')).toMatchObject({ status: 'delivered' });
  });

  it('of somebody else are refused', async () => {
    const world = await startSmsWorld();
    await world.rules({ when: { channel: 'sms' }, then: { do: 'reports', how: 'lose' } });
    const delivery = await world.one();
    const forged = async (query: string) => {
      const answer = await world.core.get(`/v1/sms/reports/twilio?${query}`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'MessageSid=SM1&MessageStatus=delivered',
      });
      return answer.status;
    };
    expect(await forged(`delivery=${delivery.id}&key=guessed`)).toBe(403);
    const { attemptLog } = await world.journey(delivery.id);
    const said = JSON.stringify(attemptLog[0]?.evidence?.transcript);
    const key = /key%3D([\w-]+)/.exec(said)?.[1] ?? '';
    // The right address, but not signed by Twilio.
    expect(await forged(`delivery=${delivery.id}&key=${key}`)).toBe(403);
    expect(await world.again(delivery.messageId ?? '')).toMatchObject({ status: 'sent' });
  });
});

describe('short links', () => {
  it('lead to what was in the message and nowhere else, and a click is an event', async () => {
    const world = await startSmsWorld();
    const message = await world.sms({ trackLinks: true, body: 'Go to https://shop.example/orders/7?x=1.' });
    expect(message.sms).toMatchObject({ trackedLinks: ['https://shop.example/orders/7?x=1'], parts: 1 });
    const { attemptLog } = await world.journey(message.deliveries[0]?.id ?? '');
    const [, code = ''] =
      /\/s\/([0-9A-Za-z]{7})\./.exec(JSON.stringify(attemptLog[0]?.evidence?.changes)) ?? [];
    const clicked = await world.core.get(`/s/${code}`, { redirect: 'manual' });
    expect(clicked.status).toBe(302);
    expect(clicked.headers.get('location')).toBe('https://shop.example/orders/7?x=1');
    const [first = ''] = code;
    const other = `${first === 'a' ? 'b' : 'a'}${code.slice(1)}`;
    expect((await world.core.get(`/s/${other}`, { redirect: 'manual' })).status).toBe(404);
    const events = await world.events(message.id);
    expect(events.filter(({ type }) => type === 'clicked')).toMatchObject([
      { data: { url: 'https://shop.example/orders/7?x=1' } },
    ]);
  });
});

describe('rules of our own door', () => {
  it('refuse an SMS, and hold one until it is released', async () => {
    const world = await startSmsWorld();
    await world.rules({
      stage: 'door',
      when: { channel: 'sms', body: 'casino' },
      then: { do: 'reject', code: 550, text: 'no' },
    });
    await expect(world.one({ body: 'Win at the casino' })).rejects.toThrow(/rejected_by_rule/);
    await world.rules({ when: { channel: 'sms' }, then: { do: 'hold' } });
    const held = await world.one();
    expect(held).toMatchObject({ status: 'queued', substatus: 'held' });
    await world.call('POST', `/v1/deliveries/${held.id}/release`, {});
    expect(await world.again(held.messageId ?? '')).toMatchObject({ status: 'delivered' });
  });
});

describe('again after an end', () => {
  it('makes a new delivery of what the core sent', async () => {
    const world = await startSmsWorld();
    const delivery = await world.one();
    const { id } = await world.call<{ id: string }>('POST', `/v1/deliveries/${delivery.id}/retry`, {});
    await world.core.app.settled();
    expect(await world.journey(id)).toMatchObject({ retryOf: delivery.id, status: 'delivered' });
  });
});
