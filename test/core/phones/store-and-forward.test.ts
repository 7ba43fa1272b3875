import { describe, expect, it } from 'vitest';
import type { PushRow } from '../../../core/model/phone.ts';
import { dayMs, hourMs, type PhoneWorld, type PushAbout, phoneWorld } from './world.ts';

async function pushAll(
  world: PhoneWorld,
  to: Parameters<PhoneWorld['push']>[0],
  titles: readonly string[],
  about: (title: string) => PushAbout = () => ({}),
): Promise<void> {
  for (const title of titles) await world.push(to, { title, ...about(title) });
}

const statusOf = async ({ store }: PhoneWorld, deliveryId: string | null) => {
  const delivery = (await store.delivery(deliveryId ?? ''))?.delivery;
  return [delivery?.status, delivery?.substatus, delivery?.class];
};

const reasons = (rows: readonly PushRow[]) => rows.map(({ reason }) => reason);

describe('an iPhone that is off', () => {
  it('gets the newest of three, without a collapse id and with one: APNs stores one for an app', async () => {
    for (const collapseKey of [null, 'score']) {
      const world = await phoneWorld();
      const { phone, entry } = await world.phone('ios');
      await world.phones.switchOff(phone.id, 2 * hourMs);
      await pushAll(world, entry, ['one', 'two', 'three'], () => ({ collapseKey }));
      expect(await world.states(phone.id)).toEqual(['one: collapsed', 'two: collapsed', 'three: stored']);
      expect(await world.shown(phone.id)).toEqual([]);
      await world.advance(2 * hourMs);
      expect(await world.states(phone.id)).toEqual(['one: collapsed', 'two: collapsed', 'three: delivered']);
      expect(await world.shown(phone.id)).toEqual(['three']);
      const rows = await world.rows(phone.id);
      expect(rows.map((row) => row.deliveredAtMs)).toEqual([null, null, world.virtual.nowMs()]);
      expect(await statusOf(world, rows[0]?.deliveryId ?? null)).toEqual([
        'undeliverable',
        null,
        'collapsed',
      ]);
      expect(await statusOf(world, rows[2]?.deliveryId ?? null)).toEqual(['delivered', null, null]);
    }
  });

  it('gets one for each of its apps', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('ios');
    const other = await world.phones.register(phone.id, { app: 'com.example.news' });
    await world.phones.switchOff(phone.id, null);
    await world.push(entry, { title: 'shop' });
    await world.push(other, { title: 'news' });
    await world.phones.switchOn(phone.id);
    expect(await world.shown(phone.id)).toEqual(['shop', 'news']);
  });

  it('does not get what is over by then', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('ios');
    await world.phones.switchOff(phone.id, 2 * hourMs);
    const sent = await world.push(entry, {
      title: 'soon over',
      expiresAtMs: world.virtual.nowMs() + hourMs,
    });
    expect(await statusOf(world, sent.deliveryId)).toEqual(['sent', 'held', null]);
    await world.advance(hourMs - 1);
    expect(await world.states(phone.id)).toEqual(['soon over: stored']);
    await world.advance(1);
    expect(await world.states(phone.id)).toEqual(['soon over: expired']);
    expect(await statusOf(world, sent.deliveryId)).toEqual(['undeliverable', null, 'expired']);
    await world.advance(3 * hourMs);
    expect(await world.shown(phone.id)).toEqual([]);
  });

  it('does not get what ends at the very moment at which it comes back', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('ios');
    await world.phones.switchOff(phone.id, hourMs);
    await world.push(entry, { title: 'x', expiresAtMs: world.virtual.nowMs() + hourMs });
    await world.advance(hourMs);
    expect(await world.states(phone.id)).toEqual(['x: expired']);
  });

  it('never gets what was to be tried only once', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('ios');
    await world.phones.switchOff(phone.id, hourMs);
    const sent = await world.push(entry, { nowOrNever: true });
    expect(await world.states(phone.id)).toEqual(['x: expired']);
    expect(await statusOf(world, sent.deliveryId)).toEqual(['undeliverable', null, 'expired']);
  });

  it('gets what is kept for thirty days, or for four hours where that is set', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('ios');
    await world.phones.switchOff(phone.id, null);
    await world.push(entry, { title: 'month' });
    await world.advance(30 * dayMs - 1);
    expect(await world.states(phone.id)).toEqual(['month: stored']);
    await world.advance(1);
    expect(await world.states(phone.id)).toEqual(['month: expired']);
    await world.phones.changeSettings({ apnsStorageMs: 4 * hourMs });
    await world.push(entry, { title: 'hours', expiresAtMs: world.virtual.nowMs() + dayMs });
    await world.advance(4 * hourMs);
    expect(await world.states(phone.id)).toEqual(['month: expired', 'hours: expired']);
  });
});

describe('an Android phone that is off', () => {
  const data: PushAbout = { content: { silent: true } };

  it('gets three data messages in their order, of three with one collapse key the last', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('android');
    await world.phones.switchOff(phone.id, 2 * hourMs);
    await pushAll(world, entry, ['one', 'two', 'three'], () => data);
    await pushAll(world, entry, ['four', 'five', 'six'], () => ({ ...data, collapseKey: 'score' }));
    await world.advance(2 * hourMs);
    expect(await world.states(phone.id)).toEqual([
      'one: delivered',
      'two: delivered',
      'three: delivered',
      'four: collapsed',
      'five: collapsed',
      'six: delivered',
    ]);
  });

  it('gets the last of three notification messages: their collapse key is the package name where none is set', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('android');
    await world.phones.switchOff(phone.id, hourMs);
    await pushAll(world, entry, ['one', 'two', 'three']);
    await world.advance(hourMs);
    expect(await world.shown(phone.id)).toEqual(['three']);
    expect(reasons(await world.rows(phone.id))[0]).toContain('the package name, where none is set');
  });

  it('shows three notification messages with collapse keys of their own, but what is over', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('android');
    await world.phones.switchOff(phone.id, 2 * hourMs);
    const end = world.virtual.nowMs() + hourMs;
    await pushAll(world, entry, ['one', 'two', 'three'], (title) => ({
      collapseKey: title,
      expiresAtMs: title === 'two' ? end : null,
    }));
    await world.advance(2 * hourMs);
    expect(await world.states(phone.id)).toEqual(['one: delivered', 'two: expired', 'three: delivered']);
    expect(await world.shown(phone.id)).toEqual(['one', 'three']);
  });

  it('is kept four collapse keys: of a fifth the oldest goes', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('android');
    await world.phones.switchOff(phone.id, hourMs);
    await pushAll(world, entry, ['a', 'b', 'c', 'd', 'e'], (title) => ({ collapseKey: title }));
    expect((await world.states(phone.id))[0]).toBe('a: discarded');
    expect(reasons(await world.rows(phone.id))[0]).toContain('not defined');
    await world.advance(hourMs);
    expect(await world.shown(phone.id)).toEqual(['b', 'c', 'd', 'e']);
  });

  it('loses all at one more than a hundred without a key, and its app is told', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('android');
    await world.phones.switchOff(phone.id, hourMs);
    await world.push(entry, { title: 'keyed', collapseKey: 'k' });
    const titles = Array.from({ length: 101 }, (_, at) => `n${at}`);
    await pushAll(world, entry, titles, () => data);
    await world.advance(hourMs);
    const rows = await world.rows(phone.id);
    expect(rows.filter((row) => row.state === 'discarded')).toHaveLength(101);
    const delivered = rows.filter((row) => row.state === 'delivered');
    expect(delivered.map(({ content }) => content.title ?? content.data.message_type).sort()).toEqual([
      'deleted_messages',
      'n100',
    ]);
    expect(rows.every((row) => !row.shown)).toBe(true);
  });

  it('is kept nothing for longer than four weeks', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('android');
    await world.phones.switchOff(phone.id, null);
    await world.push(entry, { expiresAtMs: world.virtual.nowMs() + 40 * dayMs });
    await world.advance(28 * dayMs);
    expect(await world.states(phone.id)).toEqual(['x: expired']);
  });
});

describe('a browser that is off', () => {
  it('gets all but those whose Topic came again', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('browser', 'https://shop.example');
    await world.phones.switchOff(phone.id, hourMs);
    await world.push(entry, { title: 'one' });
    await world.push(entry, { title: 'two', collapseKey: 'T' });
    await world.push(entry, { title: 'three', collapseKey: 'T' });
    await world.push(entry, { title: 'four' });
    await world.advance(hourMs);
    expect(await world.states(phone.id)).toEqual([
      'one: delivered',
      'two: collapsed',
      'three: delivered',
      'four: delivered',
    ]);
  });
});

describe('what is on a screen', () => {
  it('is replaced by what has the same apns-collapse-id, and of Android by the same tag', async () => {
    const world = await phoneWorld();
    const ios = await world.phone('ios');
    await world.push(ios.entry, { title: 'one', collapseKey: 'k' });
    await world.push(ios.entry, { title: 'two', collapseKey: 'k' });
    await world.push(ios.entry, { title: 'other', collapseKey: 'o' });
    expect(await world.shown(ios.phone.id)).toEqual(['two', 'other']);
    expect(await world.states(ios.phone.id)).toEqual([
      'one: delivered',
      'two: delivered',
      'other: delivered',
    ]);
    const android = await world.phone('android');
    await world.push(android.entry, { title: 'one', collapseKey: 'k' });
    await world.push(android.entry, { title: 'two', collapseKey: 'k', content: { replaces: 't' } });
    await world.restart();
    await world.push(android.entry, { title: 'three', content: { replaces: 't' } });
    expect(await world.shown(android.phone.id)).toEqual(['one', 'three']);
  });

  it('is nothing where permission is off: the black hole', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('ios');
    await world.phones.setPermission(phone.id, entry.app, 'denied');
    const sent = await world.push(entry, { content: { badge: 3 } });
    const [row] = await world.rows(phone.id);
    expect(row).toMatchObject({ state: 'delivered', shown: false });
    expect(row?.reason).toContain('nobody sees it');
    expect(await statusOf(world, sent.deliveryId)).toEqual(['delivered', null, null]);
    expect(world.phones.get(phone.id)?.apps[0]?.badge).toBe(0);
  });

  it('is nothing of a silent push, which sets the badge all the same, kept across a restart', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('ios');
    await world.push(entry, { content: { silent: true, badge: 7 } });
    expect(await world.shown(phone.id)).toEqual([]);
    await world.restart();
    expect(world.phones.get(phone.id)?.apps[0]?.badge).toBe(7);
  });
});

describe('on purpose', () => {
  it('a push is lost, held up, or comes more than once', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('android');
    await world.push(entry, { title: 'gone', after: [{ do: 'blackHole' }] });
    await world.push(entry, { title: 'late', after: [{ do: 'delay', ms: hourMs }], nowOrNever: true });
    await world.push(entry, { title: 'thrice', after: [{ do: 'duplicate', copies: 3 }] });
    expect(await world.states(phone.id)).toEqual([
      'gone: lost',
      'late: stored',
      'thrice: delivered',
      'thrice: delivered',
      'thrice: delivered',
    ]);
    await world.restart();
    expect((await world.states(phone.id))[1]).toBe('late: stored');
    await world.advance(hourMs);
    expect((await world.states(phone.id))[1]).toBe('late: delivered');
  });

  it('a push held up for a phone that is off by then waits for it, unless it was to be tried once', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('android');
    const late: PushAbout = { after: [{ do: 'delay', ms: hourMs }], content: { silent: true } };
    await world.push(entry, { title: 'kept', ...late });
    await world.push(entry, { title: 'once', ...late, nowOrNever: true });
    await world.phones.switchOff(phone.id, 3 * hourMs);
    await world.advance(2 * hourMs);
    expect(await world.states(phone.id)).toEqual(['kept: stored', 'once: expired']);
    await world.restart();
    await world.advance(hourMs);
    expect(await world.states(phone.id)).toEqual(['kept: delivered', 'once: expired']);
  });

  it('a push is held until its delivery is released, and waits for a phone that is off then', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('android');
    const held: PushAbout = { after: [{ do: 'hold' }], content: { silent: true } };
    const on = await world.push(entry, { title: 'on', ...held });
    const off = await world.push(entry, { title: 'off', ...held });
    await world.restart();
    await world.advance(hourMs);
    expect(await world.states(phone.id)).toEqual(['on: stored', 'off: stored']);
    const release = async ({ deliveryId }: { readonly deliveryId: string }) => {
      const order = { kind: 'release', nowMs: world.virtual.nowMs(), reason: 'by hand' } as const;
      expect(await world.store.order([deliveryId], order)).toEqual([deliveryId]);
      await world.advance(1);
    };
    await release(on);
    await world.phones.switchOff(phone.id, hourMs);
    await release(off);
    expect(await world.states(phone.id)).toEqual(['on: delivered', 'off: stored']);
    expect(await statusOf(world, off.deliveryId)).toEqual(['sent', 'held', null]);
    await world.restart();
    await world.advance(hourMs);
    expect(await world.states(phone.id)).toEqual(['on: delivered', 'off: delivered']);
    expect(await statusOf(world, off.deliveryId)).toEqual(['delivered', null, null]);
  });

  it('a push held up gets there at its time, although Sandpost was stopped then and until after its end', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('android');
    const startMs = world.virtual.nowMs();
    const late: PushAbout = { after: [{ do: 'delay', ms: hourMs }] };
    await world.push(entry, { title: 'once', ...late, nowOrNever: true });
    await world.push(entry, { title: 'kept', ...late, expiresAtMs: startMs + 2 * hourMs });
    world.virtual.jumpTo(startMs + 3 * hourMs);
    await world.restart();
    await world.advance(1);
    expect(await world.states(phone.id)).toEqual(['once: delivered', 'kept: delivered']);
    const rows = await world.rows(phone.id);
    expect(rows.map(({ deliveredAtMs }) => deliveredAtMs)).toEqual([startMs + hourMs, startMs + hourMs]);
  });

  it('a phone goes off before the push gets there, and comes back by itself', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('ios');
    const to = { provider: entry.provider, token: entry.token, app: null, environment: null };
    const [offline] = [{ do: 'offline', forMs: 2 * hourMs } as const];
    world.phones.farSide.prepare(to, [
      { cause: { ruleId: null, label: '+offline' }, action: offline, point: 'accepted', chance: 0 },
    ]);
    await world.push(entry);
    expect(await world.states(phone.id)).toEqual(['x: stored']);
    await world.restart();
    await world.advance(2 * hourMs);
    expect(await world.states(phone.id)).toEqual(['x: delivered']);
    expect(world.phones.get(phone.id)?.online).toBe(true);
  });
});
