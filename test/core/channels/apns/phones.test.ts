/** The simulated phones behind the door, on a real store: what APNs knows of them, and what they show. */
import { describe, expect, it } from 'vitest';
import { createIntake } from '../../../../core/intake/intake.ts';
import type { PhoneApp } from '../../../../core/model/phone.ts';
import { fakeClock } from '../../../fake-clock.ts';
import { hourMs, type PhoneWorld, phoneWorld } from '../../phones/world.ts';
import { type ApnsWorld, apnsWorld, app } from './apns-world.ts';

interface Opened {
  readonly phones: PhoneWorld;
  readonly apns: ApnsWorld;
  push(entry: PhoneApp, title: string, fields?: Readonly<Record<string, string>>): Promise<string>;
}

async function opened(): Promise<Opened> {
  const phones = await phoneWorld();
  let last = 0;
  const newId = (): string => `00000000-0000-7000-9001-${String(++last).padStart(12, '0')}`;
  const intake = createIntake(
    { store: phones.store, clock: fakeClock(), newId, onProblem: () => undefined },
    [],
    { rules: [], fromUserName: true, header: null, onTheFly: true },
  );
  const { farSide } = phones.phones;
  const apns = await apnsWorld({}, null, {
    farSide,
    intake,
    store: phones.store,
    virtual: phones.virtual,
    newId,
  });
  apns.nowMs = phones.virtual.nowMs();
  return {
    phones,
    apns,
    async push({ token }, title, fields = {}) {
      const body = JSON.stringify({ aps: { alert: { title } } });
      const answered = await apns.push({ path: `/3/device/${token}`, body, fields });
      return answered.status === 200
        ? '200'
        : `${answered.status} ${String(JSON.parse(answered.body).reason)}`;
    },
  };
}

describe('a phone behind APNs', () => {
  it('shows what comes while it is on, and keeps one push of an app for when it comes back', async () => {
    const { phones, push } = await opened();
    const { phone, entry } = await phones.phone('ios', app);
    expect(await push(entry, 'first')).toBe('200');
    expect(await phones.shown(phone.id)).toEqual(['first']);
    await phones.phones.switchOff(phone.id, 2 * hourMs);
    for (const title of ['second', 'third']) expect(await push(entry, title)).toBe('200');
    expect(await push(entry, 'now or never', { 'apns-expiration': '0' })).toBe('200');
    expect(await phones.states(phone.id)).toEqual([
      'first: delivered',
      'second: collapsed',
      'third: stored',
      'now or never: expired',
    ]);
    await phones.advance(2 * hourMs);
    expect(await phones.states(phone.id)).toContain('third: delivered');
  });

  it('says which app and environment a token is of, and since when the app is gone', async () => {
    const { phones, apns, push } = await opened();
    const { phone, entry } = await phones.phone('ios', app);
    expect(await push(entry, 'x', { 'apns-topic': 'com.example.other' })).toBe('400 DeviceTokenNotForTopic');
    const elsewhere =
      entry.environment === 'production' ? 'api.sandbox.push.apple.com' : 'api.push.apple.com';
    expect((await apns.push({ path: `/3/device/${entry.token}`, host: elsewhere })).body).toBe(
      '{"reason":"BadDeviceToken"}',
    );
    await phones.phones.uninstall(phone.id, app, { tellAfterSends: null, tellAfterMs: null });
    const gone = await apns.push({ path: `/3/device/${entry.token}` });
    expect(gone.status).toBe(410);
    expect(JSON.parse(gone.body)).toEqual({ reason: 'Unregistered', timestamp: phones.virtual.nowMs() });
  });

  it('is made for a token that nobody knew, or the token is refused', async () => {
    const { phones, apns } = await opened();
    expect((await apns.push()).status).toBe(200);
    expect(phones.phones.list()).toMatchObject([{ platform: 'ios', onTheFly: true }]);
    await phones.phones.changeSettings({ unknownTokens: 'refuse' });
    expect(await apns.push({ path: '/3/device/aabb' })).toMatchObject({
      status: 400,
      body: '{"reason":"BadDeviceToken"}',
    });
  });

  it('gets what is broadcast to its channel', async () => {
    const { phones, apns } = await opened();
    const made = await apns.manage({ body: '{"message-storage-policy":1,"push-type":"LiveActivity"}' });
    const id = made.fields['apns-channel-id'] ?? '';
    const { phone } = await phones.phone('ios', app);
    await phones.phone('ios', app);
    await phones.phones.register(phone.id, { app, topics: [`channel:${id}`] });
    const sent = await apns.push({
      path: `/4/broadcasts/apps/${app}`,
      body: '{"aps":{"alert":{"title":"2 : 1"}}}',
      fields: {
        'apns-topic': null,
        'apns-channel-id': id,
        'apns-push-type': 'liveactivity',
        'apns-expiration': '0',
        'apns-priority': '10',
      },
    });
    expect(sent.status).toBe(200);
    expect(await phones.shown(phone.id)).toEqual(['2 : 1']);
    expect(phones.phones.list().length).toBe(2);
  });
});
