import { createECDH } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Addressee, Located } from '../../../core/delivery/push-far-side.ts';
import type { Phone } from '../../../core/model/phone.ts';
import { openPhones } from '../../../core/phones/index.ts';
import { phonesMax } from '../../../core/phones/phone-book.ts';
import { pushTable } from './push-table.ts';
import { hourMs, type PhoneWorld, phoneWorld } from './world.ts';

const apns = (token: string, about: Partial<Addressee> = {}): Addressee => ({
  provider: 'apns',
  token,
  app: 'com.example.shop',
  environment: 'development',
  ...about,
});
const fcm = (token: string, app: string | null = null): Addressee => ({
  provider: 'fcm',
  token,
  app,
  environment: null,
});

const kinds = (...located: readonly Located[]) => located.map((one) => one.kind);

describe('a token that nobody knows', () => {
  it('gets a phone on the fly, the same one after a restart, and its pushes', async () => {
    const world = await phoneWorld();
    const located = world.phones.farSide.locate(apns('ABCD'));
    expect(located).toMatchObject({ kind: 'found', device: { token: 'abcd', app: 'com.example.shop' } });
    await world.push({ provider: 'apns', token: 'abcd' });
    const [phone] = world.phones.list();
    expect(phone).toMatchObject({ platform: 'ios', onTheFly: true, online: true });
    await world.restart();
    expect(world.phones.list()).toEqual([phone]);
    expect(await world.shown(phone?.id ?? '')).toEqual(['x']);
  });

  it('is unknown where the setting says so, and a subscription that nobody has always', async () => {
    const world = await phoneWorld();
    const subscription = { provider: 'webpush', app: null, environment: null } as const;
    const { farSide } = world.phones;
    expect(kinds(farSide.locate({ ...subscription, token: 'gone' }))).toEqual(['unknown']);
    expect([farSide.topicsOf(fcm('f')), world.phones.list()]).toEqual([null, []]);
    await world.phones.changeSettings({ unknownTokens: 'refuse' });
    expect(kinds(farSide.locate(apns('ffff')), farSide.locate(fcm('f')))).toEqual(['unknown', 'unknown']);
    expect(farSide.subscribe(fcm('f'), 'news')).toBe(false);
    expect(farSide.topicsOf(fcm('f'))).toBeNull();
  });
});

describe('beyond the limit of phones', () => {
  it('tokens that nobody knows share one that is on, and no more can be made', async () => {
    const problems: string[] = [];
    const phones = await openPhones({
      store: pushTable().store,
      virtual: { nowMs: () => 0, at: () => () => undefined },
      seal: { seal: (text) => text, unseal: (text) => text },
      newId: () => 'x',
      random: (count) => new Uint8Array(count),
      endpointOf: (id) => id,
      onProblem: (text) => problems.push(text),
    });
    for (let made = 0; made < phonesMax; made++) phones.farSide.locate(fcm(String(made)));
    const [one, two] = [phones.farSide.locate(fcm('one')), phones.farSide.locate(fcm('two'))];
    expect([one, two]).toMatchObject([
      { kind: 'found', device: { token: 'one' } },
      { kind: 'found', device: { token: 'two' } },
    ]);
    if (one.kind !== 'found' || two.kind !== 'found') return;
    expect(one.device.phoneId).toBe(two.device.phoneId);
    expect(phones.get(one.device.phoneId)?.name).toBe('Devices beyond 100000');
    expect(problems).toHaveLength(1);
    await expect(phones.create({ name: 'x', user: null, platform: 'ios' })).rejects.toMatchObject({
      code: 'not_possible',
    });
    await phones.idle();
  });
});

describe('a token', () => {
  it('is of one environment, one app and, of FCM, one project', async () => {
    const world = await phoneWorld();
    const { farSide } = world.phones;
    const ios = await world.phone('ios');
    const { token } = ios.entry;
    expect([
      farSide.locate(apns(token.toUpperCase())).kind,
      farSide.locate(apns(token, { environment: 'production' })),
      farSide.locate(apns(token, { app: 'com.example.other' })),
    ]).toEqual([
      'found',
      { kind: 'otherEnvironment', environment: 'development' },
      { kind: 'otherApp', app: 'com.example.shop' },
    ]);
    const android = await world.phone('android');
    // Registered without a project: any may send.
    expect(kinds(farSide.locate(fcm(android.entry.token, 'p1')))).toEqual(['found']);
    await world.phones.register(android.phone.id, { app: android.entry.app, project: 'p1' });
    expect(
      kinds(farSide.locate(fcm(android.entry.token, 'p1')), farSide.locate(fcm(android.entry.token, 'p2'))),
    ).toEqual(['found', 'otherApp']);
  });

  it('that was rotated away is gone since then, and what waited gets there all the same', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('ios');
    await world.phones.switchOff(phone.id, hourMs);
    await world.push(entry);
    const rotatedMs = world.virtual.nowMs();
    const next = await world.phones.rotate(phone.id, { app: entry.app });
    await world.advance(hourMs);
    await world.restart();
    const { farSide } = world.phones;
    expect(farSide.locate(apns(entry.token))).toEqual({ kind: 'unregistered', sinceMs: rotatedMs });
    expect(kinds(farSide.locate(apns(next.token)))).toEqual(['found']);
    expect(await world.shown(phone.id)).toEqual(['x']);
  });
});

describe('an uninstalled app', () => {
  it('is gone at once', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('android');
    await world.phones.uninstall(phone.id, entry.app, { tellAfterSends: null, tellAfterMs: null });
    expect(world.phones.farSide.locate(fcm(entry.token))).toEqual({
      kind: 'unregistered',
      sinceMs: world.virtual.nowMs(),
    });
    await world.phones.install(phone.id, { app: entry.app });
    const [again] = world.phones.get(phone.id)?.apps ?? [];
    expect(again?.token).not.toBe(entry.token);
    expect(kinds(world.phones.farSide.locate(fcm(entry.token)))).toEqual(['unregistered']);
  });

  it('takes so many sends more that nobody gets, exactly', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('ios');
    await world.phones.uninstall(phone.id, entry.app, { tellAfterSends: 2, tellAfterMs: null });
    await world.push(entry, { title: 'one' });
    const refused = world.planned(entry, { title: 'never stored' });
    expect(kinds(world.phones.farSide.locate(apns(entry.token)))).toEqual(['unregistered']);
    refused.plan.undo();
    await world.restart();
    const two = await world.push(entry, { title: 'two' });
    expect(kinds(world.phones.farSide.locate(apns(entry.token)))).toEqual(['unregistered']);
    await world.restart();
    expect(kinds(world.phones.farSide.locate(apns(entry.token)))).toEqual(['unregistered']);
    expect(await world.states(phone.id)).toEqual(['one: lost', 'two: lost']);
    expect((await world.store.delivery(two.deliveryId))?.delivery).toMatchObject({
      status: 'sent',
      substatus: 'unconfirmed',
    });
  });

  it('is known to be gone after a while; what waited for it is lost', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('ios');
    await world.phones.switchOff(phone.id, null);
    const waits = await world.push(entry);
    await world.phones.uninstall(phone.id, entry.app, { tellAfterSends: null, tellAfterMs: hourMs });
    expect(await world.states(phone.id)).toEqual(['x: lost']);
    expect((await world.store.delivery(waits.deliveryId))?.delivery.substatus).toBe('unconfirmed');
    expect(kinds(world.phones.farSide.locate(apns(entry.token)))).toEqual(['found']);
    await world.advance(hourMs);
    expect(kinds(world.phones.farSide.locate(apns(entry.token)))).toEqual(['unregistered']);
  });

  it('is so by a rule, before the push gets there', async () => {
    const world = await phoneWorld();
    const decision = {
      cause: { ruleId: null, label: '+unregistered' },
      action: { do: 'uninstall' },
      point: 'accepted',
      chance: 0,
    } as const;
    world.phones.farSide.prepare(apns('aa'), [decision]);
    expect(kinds(world.phones.farSide.locate(apns('aa')))).toEqual(['unregistered']);
  });
});

describe('topics', () => {
  it('reach those that take part, of the project and not gone, in a steady order', async () => {
    const world = await phoneWorld();
    const { farSide } = world.phones;
    for (const token of ['a', 'b', 'c']) farSide.subscribe(fcm(token, 'p1'), 'news');
    farSide.subscribe(fcm('b', 'p1'), 'sport');
    farSide.subscribe(fcm('other', 'p2'), 'news');
    farSide.unsubscribe(fcm('c', 'p1'), 'news');
    const tokens = (world: PhoneWorld, matches: (topics: readonly string[]) => boolean) =>
      world.phones.farSide.members({ provider: 'fcm', app: 'p1', matches }).map((device) => device.token);
    expect(tokens(world, (topics) => topics.includes('news'))).toEqual(['a', 'b']);
    expect(tokens(world, (topics) => !topics.includes('sport'))).toEqual(['a', 'c']);
    await world.restart();
    expect(tokens(world, (topics) => topics.includes('news'))).toEqual(['a', 'b']);
    expect(world.phones.farSide.topicsOf(fcm('b', 'p1'))).toEqual(['news', 'sport']);
  });
});

describe('a change of topics', () => {
  it('is known to be on disk, or that it is not, and goes along with the next', async () => {
    const world = await phoneWorld();
    const { farSide } = world.phones;
    const kept = async (): Promise<unknown> => {
      const documents = await world.store.documents('phone');
      return documents.map(({ value }) => (value as { phone: Phone }).phone.apps.map((app) => app.topics));
    };
    await farSide.written();
    for (const topic of ['news', 'sport']) farSide.subscribe(fcm('a'), topic);
    await farSide.written();
    expect(await kept()).toEqual([[['news', 'sport']]]);
    world.refuse(true);
    farSide.unsubscribe(fcm('a'), 'news');
    await expect(farSide.written()).rejects.toThrow('refused');
    await expect(farSide.written()).rejects.toThrow('refused');
    world.refuse(false);
    await farSide.written();
    expect(await kept()).toEqual([[['sport']]]);
  });
});

describe('a subscription', () => {
  it('has a private key that belongs to its public one, kept across a restart, unreadable in the store', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('browser', 'https://shop.example');
    await world.restart();
    const key = world.phones.farSide.subscriptionKey(entry.token);
    const pair = createECDH('prime256v1');
    pair.setPrivateKey(key?.privateKey ?? new Uint8Array());
    expect(pair.getPublicKey().toString('base64url')).toBe(entry.subscription?.p256dh);
    expect(key?.keys).toEqual(entry.subscription);
    const [document] = await world.store.documents('phone');
    const text = JSON.stringify(document);
    expect(text).toContain(phone.id);
    expect(text).not.toContain(Buffer.from(key?.privateKey ?? []).toString('base64url'));
    const next = await world.phones.rotate(phone.id, { app: entry.app });
    expect(next.subscription?.p256dh).not.toBe(entry.subscription?.p256dh);
    expect(world.phones.farSide.subscriptionKey('nobody')).toBeNull();
  });
});

describe("a user's phones", () => {
  it('are found by the user, and a token that is gone is dropped, which is news', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('ios');
    await world.phones.change(phone.id, { user: 'jane' });
    const to = { provider: 'apns', token: entry.token } as const;
    expect(await world.phones.drop(to, 'Unregistered')).toBe(true);
    expect(await world.phones.drop({ provider: 'apns', token: 'nobody' }, 'Unregistered')).toBe(false);
    expect(world.events.at(-1)).toMatchObject({
      type: 'phone',
      data: { phoneId: phone.id, dropped: entry.token, why: 'Unregistered', user: 'jane' },
    });
    await world.restart();
    expect(world.phones.phonesOf('jane').map((one) => one.apps[0]?.dropped?.why)).toEqual(['Unregistered']);
    // The app starts again, and hands its token over anew.
    const again = await world.phones.register(phone.id, { app: entry.app });
    expect([again.token, again.dropped]).toEqual([entry.token, null]);
    await world.phones.change(phone.id, { user: 'john' });
    expect(world.phones.phonesOf('jane')).toEqual([]);
  });
});
