/** The scenarios about in-app messages, played: what a bad net does to pulls, and a send that only the app itself is left for. */
import { expect, test } from 'vitest';
import { exampleScenarios } from '../../../core/rules/examples/index.ts';
import { type InAppWorld, inAppWorld } from './inapp-world.ts';

async function started(name: string): Promise<InAppWorld> {
  const world = await inAppWorld();
  const scenarios = (await world.api('GET', '/v1/scenarios')).body.entries;
  const found = scenarios.find((one: { readonly name: string }) => one.name === name);
  expect(exampleScenarios().map((one) => one.name)).toContain(name);
  const { status, body } = await world.api('POST', `/v1/scenarios/${found.id}/start`);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return world;
}

test('“Everything but in-app is down”: each way fails as it fails in the world, and the message ends in the app', async () => {
  const { api, call, advance } = await started('Everything but in-app is down');
  await api('PUT', '/v1/users/anna', { email: 'anna@gmail.com', phone: '+14155552671' });
  const phone = await api('POST', '/v1/phones', { platform: 'ios', user: 'anna' });
  const registered = await api('POST', `/v1/phones/${phone.body.id}/register`, { app: 'com.example.shop' });
  expect([phone.status, registered.status]).toEqual([201, 200]);
  const sent = await api('POST', '/v1/messages', {
    channels: ['push', 'sms', 'email', 'inapp'],
    to: ['anna'],
    fallback: { giveUpAfterSeconds: 600 },
    content: {
      push: { body: 'On its way' },
      sms: { body: 'On its way' },
      email: { subject: 'On its way', text: 'Your order.', from: 'hello@shop.example' },
      inapp: { body: 'On its way' },
    },
  });
  expect(sent.status).toBe(202);
  await advance(3_600_000);
  const { entries } = (await api('GET', `/v1/messages/${sent.body.id}/parts`)).body;
  const ways = entries
    .toReversed()
    .map((one: { channel: string; status: string }) => [one.channel, one.status]);
  expect(ways).toEqual([
    ['push', 'undeliverable'],
    ['sms', 'undeliverable'],
    ['email', 'undeliverable'],
    ['inapp', 'queued'],
  ]);
  expect(entries.filter((one: { messageId: string | null }) => one.messageId === null)).toEqual([]);
  expect((await call('GET', '/v1/users/anna/messages')).body.total).toBe(1);
});

test('“Bad Wi-Fi in the app”: pulls are cut, lost and late, and the message gets there', async () => {
  const { api, call, send } = await started('Bad Wi-Fi in the app');
  await send('anna', { title: 'Hello' });
  let got = 0;
  let lost = 0;
  for (let pull = 0; pull < 13; pull++) {
    const page = await call('GET', '/v1/users/anna/messages').catch(() => null);
    if (page !== null && page.status === 200 && page.body.total === 1) got++;
    else lost++;
  }
  expect([got > 0, lost > 0]).toEqual([true, true]);
  const { entries } = (await api('GET', '/v1/rules')).body;
  expect(
    entries.filter((one: { hits: number }) => one.hits > 0).map((one: { id: string }) => one.id),
  ).toContain('wifi-cut');
});
