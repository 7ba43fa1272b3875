/** What providers and mailboxes do to a message, chosen by a switch each. */
import { describe, expect, it } from 'vitest';
import { type MessageView, mail, minuteMs, startWorld } from './journey.ts';

describe('a provider', () => {
  it('that greylists takes the second try', async () => {
    const world = await startWorld();
    await world.provider('default', { greylisting: { enabled: true, delayMs: minuteMs } });
    const id = await world.send('jane@somewhere.example');
    expect(await world.delivery(id)).toMatchObject({ status: 'queued', substatus: 'deferred' });
    await world.clock({ advanceMs: 10 * minuteMs });
    const attempts = await world.attempts(id);
    expect(attempts.map((one) => one.code)).toEqual([451, 250]);
    expect((await world.delivery(id)).status).toBe('delivered');
  });

  it('that says when to come back is believed', async () => {
    const world = await startWorld();
    await world.provider('gmail', {
      rateLimit: { messages: 0, perMs: 17 * minuteMs, code: 421 },
    });
    const id = await world.send('jane@gmail.com');
    const [attempt] = await world.attempts(id);
    expect(attempt).toMatchObject({ code: 421, class: 'rate_limited' });
    const { nextAttemptAt } = await world.delivery(id);
    const waitMs = Date.parse(nextAttemptAt ?? '') - Date.parse(attempt?.startedAt ?? '');
    expect(waitMs).toBe(17 * minuteMs);
  });

  it('with a rate limit takes so many, and the rest later', async () => {
    const world = await startWorld();
    await world.provider('gmail', { rateLimit: { messages: 2, perMs: minuteMs, code: 421 } });
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) ids.push(await world.send(`${name}@gmail.com`));
    const states = async (): Promise<string[]> =>
      Promise.all(ids.map(async (id) => (await world.delivery(id)).status));
    expect(await states()).toEqual(['delivered', 'delivered', 'queued']);
    expect((await world.attempts(ids[2] ?? ''))[0]?.text).toMatch(/4\.7\.28/);
    await world.clock({ advanceMs: 5 * minuteMs });
    expect(await states()).toEqual(['delivered', 'delivered', 'delivered']);
  });
});

describe('a mailbox', () => {
  it('that is full takes it once it was emptied', async () => {
    const world = await startWorld();
    await world.mailbox('jane@gmail.com', { state: 'full' });
    const id = await world.send('jane@gmail.com');
    expect((await world.attempts(id))[0]).toMatchObject({
      code: 452,
      enhanced: '4.2.2',
      class: 'mailbox_full',
    });
    await world.mailbox('jane@gmail.com', { state: 'ok' });
    await world.clock({ advanceMs: 2 * minuteMs });
    expect(await world.delivery(id)).toMatchObject({ status: 'delivered', attempts: 2 });
  });

  it('that is not known bounces, is suppressed, and the next message to it is refused at submission', async () => {
    const world = await startWorld();
    await world.mailbox('nobody@gmail.com', { state: 'unknown' });
    const id = await world.submit('nobody@gmail.com');
    expect((await world.attempts(id))[0]).toMatchObject({
      code: 550,
      enhanced: '5.1.1',
      class: 'bad_address',
    });
    expect(await world.suppressions()).toMatchObject([
      { address: 'nobody@gmail.com', reason: 'hard_bounce' },
    ]);
    await expect(world.submit('Nobody@gmail.com')).rejects.toThrow(
      /422 .*"field":"to\[0\]","code":"suppressed"/,
    );
    const bySmtp = await world.send('nobody@gmail.com');
    expect(await world.delivery(bySmtp)).toMatchObject({
      status: 'undeliverable',
      reason: 'suppressed',
      attempts: 0,
    });
    await world.call('DELETE', '/v1/suppressions/nobody@gmail.com');
    await world.mailbox('nobody@gmail.com', { state: 'ok' });
    expect((await world.delivery(await world.submit('nobody@gmail.com'))).status).toBe('delivered');
  });

  it('that is full for good makes soft bounces, whose run suppresses', async () => {
    const world = await startWorld();
    const settings = await world.call<Record<string, unknown>>('GET', '/v1/queues/settings');
    await world.call('PUT', '/v1/queues/settings', { ...settings, softBounceRun: 3 });
    await world.mailbox('jane@gmail.com', { state: 'full_for_good' });
    for (let bounce = 1; bounce <= 3; bounce++) {
      expect(await world.suppressions()).toEqual([]);
      const id = await world.submit('jane@gmail.com');
      expect((await world.attempts(id))[0]).toMatchObject({ code: 552, enhanced: '5.2.2' });
    }
    expect(await world.suppressions()).toMatchObject([{ address: 'jane@gmail.com', reason: 'soft_bounces' }]);
  });

  it('accepts, and bounces later: the DSN comes back by our own MX and ends the delivery', async () => {
    const world = await startWorld();
    await world.mailbox('jane@corp.example', { outOfBandBounce: true });
    const id = await world.submit('jane@corp.example');
    expect((await world.delivery(id)).status).toBe('sent');
    await world.clock({ advanceMs: 5 * minuteMs });
    const delivery = await world.delivery(id);
    expect(delivery).toMatchObject({ status: 'undeliverable' });
    const bounced = (await world.events(id)).find((event) => event.type === 'bounced');
    expect(bounced?.data).toMatchObject({ outOfBand: true, permanent: true });
    const [dsn] = await world.messages(`to:"b+${delivery.id}@bounce.shop.example"`);
    expect(dsn?.deliveries[0]?.status).toBe('delivered');
    expect(String(await world.core.raw(dsn?.id ?? ''))).toContain('message/delivery-status');
  });

  it('that bounces later ends the delivery of its own message, though others have the same Message-ID', async () => {
    const world = await startWorld();
    const before = await world.send('ann@corp.example');
    await world.mailbox('jane@corp.example', { outOfBandBounce: true });
    const id = await world.send('jane@corp.example');
    const after = await world.send('ann@corp.example');
    await world.core.app.caughtUp();
    await world.clock({ advanceMs: 5 * minuteMs });
    expect((await world.delivery(id)).status).toBe('undeliverable');
    for (const other of [before, after])
      expect((await world.events(other)).map((event) => event.type)).not.toContain('bounced');
    expect(await world.suppressions()).toMatchObject([{ address: 'jane@corp.example' }]);
  });

  it('whose owner reports spam sends a complaint by ARF, which suppresses that stream', async () => {
    const world = await startWorld();
    const id = await world.submit('jane@yahoo.com', { stream: 'marketing' });
    const [copy] = await world.inbox('jane@yahoo.com');
    await world.call('POST', `/v1/mailboxes/jane@yahoo.com/messages/${copy?.id}/report-spam`);
    await world.core.app.settled();
    await world.clock({ advanceMs: 60 * minuteMs });
    const types = (await world.events(id)).map((event) => event.type);
    expect(types).toContain('complained');
    expect(await world.suppressions()).toMatchObject([
      { address: 'jane@yahoo.com', reason: 'complaint', scope: 'marketing' },
    ]);
    expect(
      (await world.delivery(await world.submit('jane@yahoo.com', { stream: 'transactional' }))).status,
    ).toBe('delivered');
  });

  it('whose provider hides who complained is told by the envelope that the complaint names', async () => {
    const world = await startWorld();
    const { id } = await world.call<{ readonly id: string }>('POST', '/v1/messages', {
      channel: 'email',
      from: 'hello@shop.example',
      to: ['ann@outlook.com', 'jane@outlook.com'],
      subject: 'News of the week',
      text: 'Hello, this is what is new.',
      stream: 'marketing',
    });
    await world.core.app.settled();
    const [copy] = await world.inbox('jane@outlook.com');
    await world.call('POST', `/v1/mailboxes/jane@outlook.com/messages/${copy?.id}/report-spam`);
    await world.core.app.settled();
    const report = (await world.events(id)).find((event) => event.data.feedbackType === 'abuse');
    expect(report).toMatchObject({ type: 'complained', deliveryId: copy?.deliveryId });
    expect(await world.suppressions()).toMatchObject([{ address: 'jane@outlook.com', reason: 'complaint' }]);
  });

  it('of a sub-address is told apart from others of its message when it bounces later', async () => {
    const world = await startWorld();
    await world.mailbox('jane@corp.example', { outOfBandBounce: true });
    const id = await world.core.send(mail({ to: 'jane+news@corp.example' }), 'hello@shop.example', [
      'ann@corp.example',
      'jane+news@corp.example',
    ]);
    await world.core.app.settled();
    await world.clock({ advanceMs: 5 * minuteMs });
    const { deliveries } = await world.core.json<MessageView>(`/v1/messages/${id}`);
    expect(deliveries.map((one) => [one.recipient, one.status])).toEqual([
      ['ann@corp.example', 'delivered'],
      ['jane+news@corp.example', 'undeliverable'],
    ]);
  });

  it('gets spam into Spam, and every point of it is explained', async () => {
    const world = await startWorld();
    await world.send('jane@somewhere.example', {
      subject: 'YOU HAVE WON $1,000,000!!! ACT NOW!!!',
      body: 'VERIFY YOUR ACCOUNT IMMEDIATELY OR IT WILL BE SUSPENDED: http://192.168.7.7/login http://bit.ly/x CLICK HERE NOW!!! FREE MONEY!!!',
    });
    const [copy] = await world.inbox('jane@somewhere.example');
    expect(copy?.placement).toBe('spam');
    expect(copy?.filter.reasons.length).toBeGreaterThan(2);
    const sum = copy?.filter.reasons.reduce((total, reason) => total + reason.points, 0) ?? 0;
    expect(sum).toBeCloseTo(copy?.filter.score ?? 0, 3);
  });

  it('answers automatically once, and never an automatic message', async () => {
    const world = await startWorld();
    await world.mailbox('jane@corp.example', { autoReply: 'I am away.' });
    await world.send('jane@corp.example');
    await world.clock({ advanceMs: 10 * minuteMs });
    const replies = async (): Promise<number> => (await world.messages('to:hello@shop.example')).length;
    expect(await replies()).toBe(1);
    await world.send('jane@corp.example');
    await world.send('jane@corp.example', { headers: 'Auto-Submitted: auto-generated' });
    await world.clock({ advanceMs: 10 * minuteMs });
    expect(await replies()).toBe(1);
  });
});
