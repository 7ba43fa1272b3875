/** What rules and magic addresses of the far side do to a delivery, from the app's message to its end. */
import { describe, expect, it } from 'vitest';
import { openSmtp } from '../../smtp-client.ts';
import { hourMs, mail, minuteMs, startWorld, type World } from './journey.ts';

const rules = (world: World, ...list: readonly Readonly<Record<string, unknown>>[]) =>
  world.call('PUT', '/v1/rules', {
    rules: list.map((rule, at) => ({ id: `r${at + 1}`, name: 'a bad day', stage: 'farSide', ...rule })),
  });

/** What the attempts of a message say was done on purpose. */
async function ruledBy(world: World, messageId: string) {
  return (await world.attempts(messageId)).map(({ evidence }) => evidence.rules);
}

describe('a rule of the far side', () => {
  it('refuses in its own words; the attempt says whose they are, and the notice gets through', async () => {
    const world = await startWorld();
    await rules(world, {
      then: { do: 'reject', code: 550, enhanced: '5.7.1', text: '{recipient}: not from {ip}' },
    });
    const id = await world.send('jane@gmail.com');
    expect(await world.delivery(id)).toMatchObject({ status: 'undeliverable' });
    expect((await world.delivery(id)).reason).toMatch(/^550 5\.7\.1 jane@gmail\.com: not from 192\.0\.2\./);
    expect(await ruledBy(world, id)).toMatchObject([
      [{ ruleId: 'r1', label: 'a bad day', action: 'reject' }],
    ]);
    await world.clock({ advanceMs: minuteMs });
    expect((await world.inbox('hello@shop.example')).length).toBe(1);
  });

  it('defers twice, and then it goes through', async () => {
    const world = await startWorld();
    await rules(world, { then: { do: 'defer', code: 421, text: 'Busy', times: 2 } });
    const id = await world.send('jane@gmail.com');
    expect(await world.delivery(id)).toMatchObject({ substatus: 'deferred', attempts: 1 });
    await world.clock({ advanceMs: hourMs });
    expect(await world.delivery(id)).toMatchObject({ status: 'delivered', attempts: 3 });
  });

  it('holds; a release lets it go for good', async () => {
    const world = await startWorld();
    await rules(world, { when: { domain: 'gmail.com' }, then: { do: 'hold' } });
    const id = await world.send('jane@gmail.com');
    const held = await world.delivery(id);
    expect(held).toMatchObject({
      status: 'queued',
      substatus: 'held',
      reason: 'held by the rule “a bad day”',
      attempts: 0,
    });
    await world.call('POST', `/v1/deliveries/${held.id}/release`, {});
    await world.core.app.settled();
    expect(await world.delivery(id)).toMatchObject({ status: 'delivered', attempts: 1 });
  });

  it('cuts the connection after the dot and keeps it: the journey says so, and there are two in the end', async () => {
    const world = await startWorld();
    await rules(world, {
      when: { atMost: 1 },
      then: { do: 'disconnect', at: 'endOfData', keep: true },
    });
    const id = await world.send('jane@gmail.com');
    expect((await world.delivery(id)).reason).toContain('it may have been delivered');
    await world.clock({ advanceMs: hourMs });
    expect(await world.delivery(id)).toMatchObject({ status: 'delivered', attempts: 2 });
    expect((await world.inbox('jane@gmail.com')).length).toBe(2);
  });

  it('takes it and loses it: sent, unconfirmed, in no mailbox', async () => {
    const world = await startWorld();
    await rules(world, { when: { subject: 'order' }, then: { do: 'blackHole' } });
    const id = await world.send('jane@gmail.com');
    expect(await world.delivery(id)).toMatchObject({
      status: 'sent',
      substatus: 'unconfirmed',
      reason: 'taken and lost on purpose, by the rule “a bad day”',
    });
    expect(await world.inbox('jane@gmail.com')).toEqual([]);
  });

  it('flips a byte: DKIM fails, and the report of the receiver tells', async () => {
    const world = await startWorld();
    await rules(world, { when: { body: 'on its way' }, then: { do: 'corrupt' } });
    await world.send('jane@gmail.com');
    const [copy] = await world.inbox('jane@gmail.com');
    expect(copy?.authentication.dkim.map(({ result }) => result)).toEqual(
      copy?.authentication.dkim.map(() => 'fail'),
    );
    expect(copy?.authentication.dkim.length).toBeGreaterThan(0);
  });

  it('bounces it later, with its own words', async () => {
    const world = await startWorld();
    await rules(world, {
      then: { do: 'bounceLater', afterMs: 5 * minuteMs, code: 550, enhanced: '5.1.1', text: 'Gone' },
    });
    const id = await world.send('jane@gmail.com');
    expect(await world.delivery(id)).toMatchObject({ status: 'sent' });
    await world.clock({ advanceMs: 10 * minuteMs });
    expect(await world.delivery(id)).toMatchObject({ status: 'undeliverable' });
    expect((await world.delivery(id)).reason).toContain('Gone');
  });

  it.each([
    ['delayed', 'team+delay-10m@shop.example', 'delivered'],
    ['bounced later', 'team+oob@shop.example', 'undeliverable'],
  ])("is done at the app's own domain as well: %s", async (_, recipient, status) => {
    const world = await startWorld();
    const id = await world.send(recipient);
    expect(await world.delivery(id)).toMatchObject({ status: 'sent' });
    expect(await world.inbox('team@shop.example')).toEqual([]);
    await world.clock({ advanceMs: hourMs });
    expect(await world.delivery(id)).toMatchObject({ status });
    expect((await world.inbox('team@shop.example')).length).toBe(status === 'delivered' ? 1 : 0);
  });

  it("is done at the app's own domain as well: answered and reported, twice as one", async () => {
    const world = await startWorld();
    await rules(world, { then: { do: 'autoReply', text: 'Away', afterMs: minuteMs } });
    const id = await world.send('team+complain+duplicate@shop.example');
    expect((await world.inbox('team@shop.example')).length).toBe(2);
    await world.clock({ advanceMs: hourMs });
    const types = (await world.events(id)).map(({ type }) => type);
    expect(types.filter((type) => type === 'complained')).toHaveLength(1);
    expect(types.filter((type) => type === 'replied')).toHaveLength(1);
    const answers = await world.messages('subject:Auto');
    expect(answers.map(({ envelope }) => envelope.to)).toEqual([['hello@shop.example']]);
  });

  it('holds what a stranger brings: taken, kept back, and in its mailbox when it is released', async () => {
    const world = await startWorld();
    await rules(world, { when: { door: 'mx' }, then: { do: 'hold' } });
    const client = await openSmtp(world.core.app.ports.mx ?? 0);
    await client.reply();
    await client.say('EHLO mail.elsewhere.example');
    const letter = mail({
      from: 'ann@elsewhere.example',
      to: 'jane@far.example',
      subject: 'From a stranger',
    });
    expect(await client.deliver('ann@elsewhere.example', ['jane@far.example'], letter)).toMatch(/^250/);
    await client.quit();
    const [message] = await world.messages('subject:stranger');
    const held = message?.deliveries[0];
    expect(held).toMatchObject({ status: 'sent', substatus: 'held', reason: 'held by the rule “a bad day”' });
    expect(await world.inbox('jane@far.example')).toEqual([]);
    await world.call('POST', `/v1/deliveries/${held?.id}/release`, {});
    await world.core.app.settled();
    expect(await world.delivery(message?.id ?? '')).toMatchObject({ status: 'delivered' });
    expect((await world.inbox('jane@far.example')).length).toBe(1);
  });

  it('has the same luck in every run', async () => {
    const runs: string[][] = [];
    for (let run = 0; run < 2; run++) {
      const world = await startWorld();
      await rules(world, {
        when: { probability: 0.5 },
        then: { do: 'reject', code: 550, text: 'Bad luck' },
      });
      const statuses: string[] = [];
      for (let at = 0; at < 8; at++) {
        const id = await world.send(`user${at}@gmail.com`);
        statuses.push((await world.delivery(id)).status);
      }
      runs.push(statuses);
    }
    expect(runs[0]).toEqual(runs[1]);
    expect(new Set(runs[0]).size).toBe(2);
  });
});

describe('a magic address', () => {
  it('is put off twice, and then goes to the spam', async () => {
    const world = await startWorld();
    const id = await world.send('jane+defer-421-x2+spam@gmail.com');
    expect(await world.delivery(id)).toMatchObject({ substatus: 'deferred', attempts: 1 });
    expect(await ruledBy(world, id)).toMatchObject([[{ ruleId: null, label: '+defer-421-x2' }]]);
    await world.clock({ advanceMs: hourMs });
    expect(await world.delivery(id)).toMatchObject({ status: 'delivered', placement: 'spam', attempts: 3 });
  });

  it('is held, and let go', async () => {
    const world = await startWorld();
    const id = await world.send('jane+hold@gmail.com');
    const held = await world.delivery(id);
    expect(held).toMatchObject({ substatus: 'held', reason: 'held by the magic address +hold' });
    await world.call('POST', `/v1/deliveries/${held.id}/release`, {});
    await world.core.app.settled();
    expect(await world.delivery(id)).toMatchObject({ status: 'delivered' });
  });
});
