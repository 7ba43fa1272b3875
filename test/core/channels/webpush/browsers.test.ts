/** The push service before simulated browsers on a real store, asked by the unmodified web-push. */
import { randomUUID } from 'node:crypto';
import https from 'node:https';
import { describe, expect, it, onTestFinished } from 'vitest';
import webpush, { type RequestOptions, type SendResult } from 'web-push';
import { webPushRoutes } from '../../../../core/channels/webpush/index.ts';
import { createIntake } from '../../../../core/intake/intake.ts';
import { fakeClock } from '../../../fake-clock.ts';
import { startDoors } from '../../doors/http/doors.ts';
import { phoneWorld } from '../../phones/world.ts';
import { deskWorld } from '../../rules/desk-world.ts';

const vapid = webpush.generateVAPIDKeys();
const page = 'https://shop.example';

describe('a browser of the sandbox', () => {
  it('shows what it is pushed', async () => {
    const { send, shown, message } = await subscribed();
    const { headers } = await send({ title: 'Hello', body: 'Grüße', icon: '/icon.png' });
    expect(await shown()).toEqual(['Hello']);
    const id = headers.location?.split('/').at(-1) ?? '';
    expect(await message(id)).toMatchObject({
      channel: 'push',
      envelopeFrom: page,
      details: { push: { plain: expect.stringContaining('Grüße'), providerId: headers.location } },
      deliveries: [{ status: 'delivered', provider: 'webpush' }],
    });
  });

  it('gets what came while it was off, the last of each topic, until its time is over', async () => {
    const { send, shown, states, world, phoneId } = await subscribed();
    await world.phones.switchOff(phoneId, null);
    await send({ title: 'a1' }, { topic: 'a', TTL: 600 });
    await send({ title: 'b' }, { topic: 'b', TTL: 60 });
    await send({ title: 'a2' }, { topic: 'a', TTL: 600 });
    await send({ title: 'now or never' }, { TTL: 0 });
    await world.advance(61_000);
    await world.phones.switchOn(phoneId);
    expect(await shown()).toEqual(['a2']);
    expect(await states()).toEqual(['a1: collapsed', 'b: expired', 'a2: delivered', 'now or never: expired']);
  });

  it('says that it is gone when it has unsubscribed', async () => {
    const { send, world, phoneId } = await subscribed();
    await world.phones.uninstall(phoneId, page, { tellAfterSends: null, tellAfterMs: null });
    await expect(send({ title: 'Hello' })).rejects.toMatchObject({ statusCode: 410 });
  });

  it('takes only the key that it subscribed with', async () => {
    const { send } = await subscribed();
    const other = { subject: 'mailto:app@shop.example', ...webpush.generateVAPIDKeys() };
    await expect(send({ title: 'Hello' }, { vapidDetails: other })).rejects.toMatchObject({
      statusCode: 401,
    });
  });

  it('is not made on the fly: nobody here has the keys of a subscription of the real world', async () => {
    const { send, states, world } = await subscribed();
    await expect(send({ title: 'Hello' }, {}, 'real-subscription')).rejects.toMatchObject({
      statusCode: 404,
    });
    expect(world.phones.list().filter(({ onTheFly }) => onTheFly)).toEqual([]);
    expect(await states()).toEqual([]);
  });
});

async function subscribed() {
  const world = await phoneWorld();
  const { phone } = await world.phone('browser');
  const entry = await world.phones.register(phone.id, { app: page, applicationServerKey: vapid.publicKey });
  const clock = fakeClock();
  const intake = createIntake(
    { store: world.store, clock, newId: randomUUID, onProblem: () => undefined },
    [],
    { rules: [], fromUserName: true, header: null, onTheFly: true },
  );
  const doors = await startDoors({
    routes: webPushRoutes({
      wallMs: () => Date.now(),
      virtualMs: () => world.virtual.nowMs(),
      newId: randomUUID,
      desk: deskWorld().desk,
      farSide: world.phones.farSide,
      intake,
      store: world.store,
      ownOrders: () => null,
    }),
  });
  onTestFinished(() => doors.close());
  const agent = new https.Agent({ ca: doors.ca });
  const { subscription } = entry;
  if (subscription === null) throw new Error('the browser has no keys');
  const send = (payload: object, options: RequestOptions = {}, token = entry.token): Promise<SendResult> =>
    webpush.sendNotification(
      { endpoint: `https://localhost:${doors.ports.tls}/webpush/v1/${token}`, keys: subscription },
      JSON.stringify(payload),
      { vapidDetails: { subject: 'mailto:app@shop.example', ...vapid }, agent, ...options },
    );
  return {
    world,
    phoneId: phone.id,
    send,
    shown: () => world.shown(phone.id),
    states: () => world.states(phone.id),
    message: (id: string) => world.store.message(id),
  };
}
