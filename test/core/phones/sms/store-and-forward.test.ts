/** What carriers do with messages: at once, later, never. */
import { describe, expect, it } from 'vitest';
import { carrierWorld, hourMs, mobile, sender } from './world.ts';

describe('a handset that is on', () => {
  it('has its message at once, and the app is told of each step', async () => {
    const world = await carrierWorld();
    const sms = await world.send();
    expect(await world.states(sms)).toBe('accepted sent delivered');
    expect(await world.delivery(sms)).toEqual(['delivered', null, null]);
    expect(await world.told(sms.messageId ?? '')).toEqual([
      ['sent', 0],
      ['delivered', 0],
    ]);
    expect(world.carriers.handsets.get(mobile)).toMatchObject({
      country: 'FR',
      line: 'mobile',
      online: true,
      onTheFly: true,
      carrier: { network: expect.stringMatching(/^001\d\d$/) },
    });
    expect((await world.row(sms)).price).toEqual({ amount: '0.0798', currency: 'USD' });
  });

  it('is made on the fly with the plan, and there after a restart', async () => {
    const world = await carrierWorld();
    await world.send();
    const before = world.carriers.handsets.get(mobile);
    await world.restart();
    expect(world.carriers.handsets.get(mobile)).toEqual(before);
  });

  it('gets it after the latency that is set, step by step', async () => {
    const world = await carrierWorld();
    await world.carriers.settings.change({ latencyMs: 3_001 });
    const sms = await world.send();
    expect(await world.states(sms)).toBe('accepted');
    expect(await world.delivery(sms)).toEqual(['sent', null, null]);
    await world.advance(1_500);
    expect(await world.states(sms)).toBe('accepted sent');
    await world.restart();
    await world.advance(1_500);
    expect(await world.states(sms)).toBe('accepted sent');
    await world.advance(1);
    expect(await world.states(sms)).toBe('accepted sent delivered');
    expect(await world.delivery(sms)).toEqual(['delivered', null, null]);
    expect(world.carriers.handsets.waiting(mobile)).toBe(0);
  });
});

describe('a handset that is off', () => {
  it('for 71 hours gets what waits when it is back, in order', async () => {
    const world = await carrierWorld();
    await world.send();
    await world.carriers.handsets.switchOff(mobile, 71 * hourMs);
    const one = await world.send({ text: 'one' });
    const two = await world.send({ text: 'two' });
    expect(await world.states(one)).toBe('accepted sent held');
    expect(await world.delivery(one)).toEqual(['sent', 'held', null]);
    expect((await world.row(one)).steps.at(-1)?.reason).toMatch(
      /^the handset is off: the carrier keeps it until 2026-/,
    );
    expect(world.carriers.handsets.waiting(mobile)).toBe(2);
    await world.advance(71 * hourMs - 1);
    expect(await world.states(one)).toBe('accepted sent held');
    await world.advance(1);
    expect(await world.states(one)).toBe('accepted sent held delivered');
    expect(await world.states(two)).toBe('accepted sent held delivered');
    expect(await world.delivery(two)).toEqual(['delivered', null, null]);
    expect((await world.told(one.messageId ?? '')).map(([tells]) => tells)).toEqual(['sent', 'delivered']);
    await world.advance(10 * hourMs);
    expect(await world.states(two)).toBe('accepted sent held delivered');
  });

  it('for 73 hours does not, and the app is told that it expired after 72', async () => {
    const world = await carrierWorld();
    await world.send();
    await world.carriers.handsets.switchOff(mobile, 73 * hourMs);
    const sms = await world.send();
    await world.advance(72 * hourMs - 1);
    expect(await world.states(sms)).toBe('accepted sent held');
    await world.restart();
    await world.advance(1);
    expect(await world.states(sms)).toBe('accepted sent held expired');
    expect((await world.row(sms)).steps.at(-1)).toMatchObject({ cause: 'validity', code: '30036' });
    expect((await world.told(sms.messageId ?? '')).map(([tells]) => tells)).toEqual(['sent', 'undelivered']);
    await world.advance(hourMs);
    expect(world.carriers.handsets.get(mobile)?.online).toBe(true);
    expect(await world.states(sms)).toBe('accepted sent held expired');
  });

  it('keeps a message no longer than its sender says', async () => {
    const world = await carrierWorld();
    await world.send();
    await world.carriers.handsets.switchOff(mobile, null);
    const sms = await world.send({ validityMs: 60_000 });
    const long = await world.send({ validityMs: 100 * hourMs });
    await world.advance(60_000);
    expect(await world.states(sms)).toBe('accepted sent held expired');
    await world.advance(72 * hourMs - 60_000);
    expect(await world.states(long)).toBe('accepted sent held expired');
  });

  it('that is late in waking after a stop has its messages by the times that were', async () => {
    const world = await carrierWorld();
    await world.send();
    await world.carriers.handsets.switchOff(mobile, hourMs);
    const soon = await world.send({ validityMs: hourMs - 1 });
    const later = await world.send({ validityMs: hourMs + 1 });
    world.virtual.jumpTo(world.virtual.nowMs() + 5 * hourMs);
    await world.restart();
    // The acts come in the wrong order.
    for (const act of [...(await world.store.dueActs(world.virtual.nowMs(), 10))].reverse())
      await world.carriers.perform(act);
    expect(await world.states(soon)).toBe('accepted sent held expired');
    expect(await world.states(later)).toBe('accepted sent held delivered');
  });

  it('gets what was planned before it came back and stored after', async () => {
    const world = await carrierWorld();
    await world.send();
    await world.carriers.handsets.switchOff(mobile, null);
    const late = world.planned();
    await world.carriers.handsets.switchOn(mobile);
    await late.store();
    world.carriers.farSide.settled(late.plan);
    await world.carriers.idle();
    expect(await world.states(late.sms)).toBe('accepted sent held delivered');
  });

  it('is told when the store refuses: nothing is lost, and it is delivered at the next try', async () => {
    const world = await carrierWorld();
    await world.send();
    await world.carriers.handsets.switchOff(mobile, null);
    const sms = await world.send();
    world.refuse(true);
    await expect(world.carriers.handsets.switchOn(mobile)).rejects.toThrow('refused');
    expect(world.carriers.handsets.get(mobile)?.online).toBe(false);
    expect(world.carriers.handsets.waiting(mobile)).toBe(1);
    world.refuse(false);
    await world.carriers.handsets.switchOn(mobile);
    expect(await world.states(sms)).toBe('accepted sent held delivered');
  });

  it('that is deleted leaves what waits undelivered', async () => {
    const world = await carrierWorld();
    await world.send();
    await world.carriers.handsets.switchOff(mobile, null);
    const sms = await world.send();
    await world.carriers.handsets.remove(mobile);
    expect((await world.row(sms)).steps.at(-1)).toMatchObject({
      state: 'undelivered',
      cause: 'unknown_number',
      code: '30005',
    });
    expect(world.carriers.handsets.get(mobile)).toBeNull();
    await world.restart();
    expect(world.carriers.handsets.get(mobile)).toBeNull();
  });
});

describe('a number that takes no SMS', () => {
  it.each([
    ['nobody has', { line: 'unknown' as const }, 'unknown_number', '30005'],
    ['is a fixed line', { line: 'landline' as const }, 'landline', '30006'],
    ['is blocked', { blocked: true }, 'blocked', '30004'],
    ['cannot be reached', { unreachable: true }, 'unreachable', '30003'],
  ])('that %s is reported for what it is', async (_what, about, cause, code) => {
    const world = await carrierWorld();
    await world.carriers.handsets.create({ number: mobile, ...about });
    const sms = await world.send();
    expect(await world.states(sms)).toBe('accepted sent undelivered');
    expect((await world.row(sms)).steps.at(-1)).toMatchObject({ cause, code });
    expect((await world.delivery(sms))[0]).toBe('undeliverable');
  });

  it('is a fixed line by its range, where nobody said otherwise', async () => {
    const world = await carrierWorld();
    const sms = await world.send({ number: '+442071234567' });
    expect((await world.row(sms)).steps.at(-1)?.cause).toBe('landline');
  });

  it('was taken along to another carrier: it is delivered there', async () => {
    const world = await carrierWorld();
    await world.send();
    const first = world.carriers.handsets.get(mobile)?.carrier;
    const other = world.carriers.handsets.carriers().find(({ network }) => network !== first?.network);
    const ported = await world.carriers.handsets.change(mobile, { portedTo: other?.name ?? '' });
    expect([ported.carrier, ported.portedFrom]).toEqual([other, first]);
    expect(await world.states(await world.send())).toBe('accepted sent delivered');
    const back = await world.carriers.handsets.change(mobile, { portedTo: null });
    expect([back.carrier, back.portedFrom]).toEqual([first, null]);
  });
});

describe('a message for later', () => {
  it('is sent at its time, and is called back before it only', async () => {
    const world = await carrierWorld();
    const sendAtMs = world.virtual.nowMs() + hourMs;
    const sms = await world.send({ sendAtMs });
    const other = await world.send({ sendAtMs });
    expect(await world.states(sms)).toBe('scheduled');
    expect(await world.delivery(sms)).toEqual(['queued', null, null]);
    const canceled = await world.carriers.farSide.cancel(await world.row(other));
    expect(canceled?.steps.at(-1)?.state).toBe('canceled');
    expect(await world.delivery(other)).toEqual(['canceled', null, null]);
    await world.restart();
    await world.advance(hourMs);
    expect(await world.states(sms)).toBe('scheduled accepted sent delivered');
    expect((await world.row(sms)).steps.at(-1)?.atMs).toBe(sendAtMs);
    expect(await world.delivery(sms)).toEqual(['delivered', null, null]);
    expect(await world.states(other)).toBe('scheduled canceled');
    expect(await world.carriers.farSide.cancel(await world.row(sms))).toBeNull();
  });
});

it('is filtered by its carrier for what it says, unless that is switched off', async () => {
  const world = await carrierWorld();
  const sms = await world.send({ text: 'Your parcel: https://bit.ly/3abc' });
  expect((await world.row(sms)).steps.at(-1)).toMatchObject({
    state: 'undelivered',
    cause: 'filtered',
    code: '30007',
    reason: 'the carrier filtered it: a link of a public shortener (bit.ly)',
  });
  await world.carriers.settings.change({ filter: { on: false, words: [] } });
  expect(await world.states(await world.send({ text: 'bit.ly/x' }))).toBe('accepted sent delivered');
});

it('leaves nothing behind of what could not be stored', async () => {
  const world = await carrierWorld();
  await world.send();
  await world.carriers.handsets.switchOff(mobile, null);
  const { plan } = world.planned();
  plan.undo();
  expect(world.carriers.handsets.waiting(mobile)).toBe(0);
  await world.carriers.handsets.switchOn(mobile);
  expect((await world.store.smses({ number: mobile, sender }, { after: null, limit: 10 })).total).toBe(1);
});
