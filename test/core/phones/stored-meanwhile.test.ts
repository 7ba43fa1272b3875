/** What happens between a door's plan and the commit of it. */
import { describe, expect, it } from 'vitest';
import { hourMs, type PushAbout, phoneWorld } from './world.ts';

const data: PushAbout = { content: { silent: true } };

describe('a push that is planned and not on disk yet', () => {
  it('is not delivered by a phone that comes back meanwhile, and gets there once it is', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('ios');
    await world.phones.switchOff(phone.id, null);
    const one = world.planned(entry);
    await world.phones.switchOn(phone.id);
    expect(await world.rows(phone.id)).toEqual([]);
    await one.store();
    expect(await world.states(phone.id)).toEqual(['x: stored']);
    world.phones.farSide.settled(one.plan);
    await world.phones.idle();
    expect(await world.states(phone.id)).toEqual(['x: delivered']);
    expect(world.phones.waiting(phone.id)).toBe(0);
  });

  it('gets there after a crash between its commit and that', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('ios');
    await world.phones.switchOff(phone.id, null);
    const one = world.planned(entry);
    await world.phones.switchOn(phone.id);
    await one.store();
    await world.restart();
    expect(await world.states(phone.id)).toEqual(['x: delivered']);
  });

  it('leaves no trace where it could not be stored: what it took the place of is back', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('ios');
    await world.push(entry, { title: 'shown', collapseKey: 'k', content: { badge: 1 } });
    const replaces = world.planned(entry, { title: 'never', collapseKey: 'k', content: { badge: 9 } });
    replaces.plan.undo();
    await world.push(entry, { title: 'next', collapseKey: 'k' });
    expect(await world.shown(phone.id)).toEqual(['next']);
    expect(world.phones.get(phone.id)?.apps[0]?.badge).toBe(1);
    await world.phones.switchOff(phone.id, hourMs);
    await world.push(entry, { title: 'waits' });
    world.planned(entry, { title: 'never' }).plan.undo();
    expect(world.phones.waiting(phone.id)).toBe(1);
    await world.advance(hourMs);
    expect(await world.shown(phone.id)).toEqual(['next', 'waits']);
  });

  it('and its successor end alike in whatever order they are stored, or not', async () => {
    for (const order of ['12', '21', '1-2', '2-1', '1', '2', ''] as const) {
      const world = await phoneWorld();
      const { phone, entry } = await world.phone('ios');
      await world.phones.switchOff(phone.id, null);
      const planned = [
        world.planned(entry, { title: 'one' }),
        world.planned(entry, { title: 'two' }),
      ] as const;
      const steps = order.replace('-', '');
      for (const step of steps) await planned[step === '1' ? 0 : 1].store();
      // With a dash the other one is settled first.
      for (const step of order.includes('-') ? [...steps].reverse() : steps)
        world.phones.farSide.settled(planned[step === '1' ? 0 : 1].plan);
      for (const step of ['1', '2']) if (!steps.includes(step)) planned[step === '1' ? 0 : 1].plan.undo();
      await world.phones.idle();
      await world.phones.switchOn(phone.id);
      const expected = {
        '12': ['one: collapsed', 'two: delivered'],
        '21': ['two: delivered', 'one: collapsed'],
        '1-2': ['one: collapsed', 'two: delivered'],
        '2-1': ['two: delivered', 'one: collapsed'],
        '1': ['one: delivered'],
        '2': ['two: delivered'],
        '': [],
      }[order];
      expect([order, await world.states(phone.id)]).toEqual([order, expected]);
      expect(world.phones.waiting(phone.id)).toBe(0);
    }
  });

  it('and those that it is sent together with make room for each other', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('ios');
    await world.phones.switchOff(phone.id, hourMs);
    await world.push(entry, { title: 'twice', after: [{ do: 'duplicate', copies: 2 }] });
    expect(await world.states(phone.id)).toEqual(['twice: stored', 'twice: collapsed']);
    await world.restart();
    await world.advance(hourMs);
    expect(await world.states(phone.id)).toEqual(['twice: delivered', 'twice: collapsed']);
  });
});

describe('a store that refuses', () => {
  it('leaves a phone off that should come back, with what waits for it, until it takes it', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('android');
    await world.phones.switchOff(phone.id, null);
    await world.push(entry, data);
    world.refuse(true);
    await expect(world.phones.switchOn(phone.id)).rejects.toThrow('refused');
    expect([world.phones.get(phone.id)?.online, world.phones.waiting(phone.id)]).toEqual([false, 1]);
    world.refuse(false);
    await world.phones.switchOn(phone.id);
    expect(await world.states(phone.id)).toEqual(['x: delivered']);
  });

  it('lets an act be tried again, and a phone that comes back late be told at its time', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('android');
    await world.phones.switchOff(phone.id, hourMs);
    const backMs = world.virtual.nowMs() + hourMs;
    await world.push(entry, data);
    await world.push(entry, { ...data, title: 'over', expiresAtMs: backMs });
    world.refuse(true);
    await expect(world.advance(hourMs)).rejects.toThrow('refused');
    expect(world.phones.waiting(phone.id)).toBe(2);
    world.refuse(false);
    world.virtual.jumpTo(backMs + 5 * hourMs);
    // A push that comes before the act is tried again finds it on.
    await world.push(entry, { ...data, title: 'late' });
    expect(await world.states(phone.id)).toEqual(['x: delivered', 'over: expired', 'late: delivered']);
    expect((await world.rows(phone.id)).map((row) => row.deliveredAtMs)).toEqual([
      backMs,
      null,
      backMs + 5 * hourMs,
    ]);
    await world.advance(hourMs);
    expect(await world.states(phone.id)).toEqual(['x: delivered', 'over: expired', 'late: delivered']);
  });

  it('takes an app that could not be uninstalled as installed', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('android');
    world.refuse(true);
    const telling = { tellAfterSends: null, tellAfterMs: null };
    await expect(world.phones.uninstall(phone.id, entry.app, telling)).rejects.toThrow('refused');
    await expect(world.phones.rotate(phone.id, { app: entry.app })).rejects.toThrow('refused');
    await expect(world.phones.create({ name: 'x', user: null, platform: 'ios' })).rejects.toThrow('refused');
    world.refuse(false);
    expect(world.phones.list()).toEqual([phone]);
    await world.phones.idle();
    await world.restart();
    expect(world.phones.list()).toEqual([phone]);
  });
});

describe('a phone made on the fly that is not on disk, while its push is', () => {
  it('is made anew from the message', async () => {
    const world = await phoneWorld();
    world.refuse(true);
    const one = world.planned(
      { provider: 'apns', token: 'abcdef' },
      { after: [{ do: 'delay', ms: hourMs }] },
    );
    await one.store();
    world.phones.farSide.settled(one.plan);
    await world.phones.idle();
    expect(await world.store.documents('phone')).toEqual([]);
    world.refuse(false);
    await world.restart();
    await world.advance(hourMs);
    const [phone] = world.phones.list();
    expect(phone).toMatchObject({ onTheFly: true, platform: 'ios', apps: [{ token: 'abcdef' }] });
    expect(await world.shown(phone?.id ?? '')).toEqual(['x']);
  });
});
