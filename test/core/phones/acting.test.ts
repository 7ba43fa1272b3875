import { OpenAPIHono } from '@hono/zod-openapi';
import { describe, expect, it } from 'vitest';
import type { PhonePush, Tapped } from '../../../core/api/phones-schema.ts';
import { phoneRoutes } from '../../../core/api/routes/phones.ts';
import type { Platform } from '../../../core/model/phone.ts';
import { resolveTap } from '../../../core/phones/tap.ts';
import { type PhoneWorld, phoneWorld } from './world.ts';

async function asked<T>({ phones }: PhoneWorld, method: string, path: string, body?: object): Promise<T> {
  const api = new OpenAPIHono();
  phoneRoutes(api, phones);
  const response = await api.request(path, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const answer: T = await response.json();
  return answer;
}

const typesOf = ({ events }: PhoneWorld, deliveryId: string) =>
  events
    .filter((event) => event.deliveryId === deliveryId && event.virtualAtMs !== null)
    .map((event) => event.type)
    .filter((type) => ['opened', 'clicked', 'dismissed'].includes(type));

describe('a tap', () => {
  it('opens, and is an open and a click of the delivery; it cannot be tapped again', async () => {
    const world = await phoneWorld();
    const { phone } = await world.phone('ios');
    const app = 'com.example.shop';
    const links = { linkSchemes: ['Shop'], linkDomains: ['*.shop.example', 'shop.example'] };
    const entry = await world.phones.register(phone.id, { app, ...links });
    const sent = await world.push(entry, { content: { link: 'shop://cart/7' } });
    const at = `/v1/phones/${phone.id}/pushes/${sent.id}`;
    const tapped = await asked<Tapped>(world, 'POST', `${at}/tap`, { action: 'buy' });
    expect(tapped).toMatchObject({
      link: 'shop://cart/7',
      opens: 'customScheme',
      app,
      push: { opened: true, state: 'delivered' },
    });
    expect(typesOf(world, sent.deliveryId)).toEqual(['opened', 'clicked']);
    expect(world.events.findLast((event) => event.type === 'clicked')?.data).toMatchObject({
      phoneId: phone.id,
      pushId: sent.id,
      url: 'shop://cart/7',
      action: 'buy',
      opens: 'customScheme',
      app,
    });
    expect(await world.shown(phone.id)).toEqual([]);
    await expect(world.phones.tap(phone.id, sent.id, null)).rejects.toMatchObject({ code: 'not_possible' });
  });

  it('takes only an action that the notification has, where it names them', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('browser', 'https://shop.example');
    const sent = await world.push(entry, { content: { actions: [{ id: 'yes', title: 'Yes' }] } });
    await expect(world.phones.tap(phone.id, sent.id, 'no')).rejects.toMatchObject({
      code: 'bad_request',
      errors: [{ field: 'action' }],
    });
    const { tapped } = await world.phones.tap(phone.id, sent.id, 'yes');
    expect(tapped.opens).toBe('page');
  });

  it('leads where the link does', async () => {
    const world = await phoneWorld();
    const opened = async (platform: Platform, link: string | null, app = 'com.example.shop') => {
      const { phone } = await world.phone(platform, app);
      const links = { linkSchemes: ['shop'], linkDomains: ['*.shop.example', 'shop.example'] };
      const entry = await world.phones.register(phone.id, { app, ...links });
      const current = world.phones.get(phone.id) ?? phone;
      const { opens, link: whole } = resolveTap(current, entry, link);
      return [opens, whole];
    };
    expect(await opened('ios', null)).toEqual(['app', null]);
    expect(await opened('ios', '/cart')).toEqual(['app', '/cart']);
    expect(await opened('ios', 'shop://cart')).toEqual(['customScheme', 'shop://cart']);
    expect(await opened('ios', 'other://cart')).toEqual(['nowhere', 'other://cart']);
    expect(await opened('android', 'https://www.shop.example/a')).toEqual([
      'universalLink',
      'https://www.shop.example/a',
    ]);
    expect(await opened('android', 'https://news.example/a')).toEqual(['page', 'https://news.example/a']);
    expect(await opened('ios', 'https://notshop.example/')).toEqual(['page', 'https://notshop.example/']);
    expect(await opened('browser', '/cart', 'https://shop.example')).toEqual([
      'page',
      'https://shop.example/cart',
    ]);
  });
});

describe('what is on a phone', () => {
  it('is listed, dismissed one by one and all at once; what waits stays', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('android');
    const at = `/v1/phones/${phone.id}/pushes`;
    const sent = await world.push(entry, { title: 'one' });
    await world.push(entry, { title: 'two' });
    await world.push(entry, { title: 'three' });
    await world.phones.switchOff(phone.id, null);
    await world.push(entry, { title: 'waits' });
    expect((await asked<PhonePush>(world, 'POST', `${at}/${sent.id}/dismiss`)).dismissed).toBe(true);
    expect(typesOf(world, sent.deliveryId)).toEqual(['dismissed']);
    const titles = async (query: string) =>
      (await asked<{ entries: PhonePush[] }>(world, 'GET', `${at}?${query}`)).entries.map(
        (push) => push.content.title,
      );
    expect(await titles('shown=true')).toEqual(['three', 'two']);
    expect(await titles('state=stored')).toEqual(['waits']);
    expect(await asked(world, 'DELETE', at)).toEqual({ dismissed: 2 });
    expect(await world.shown(phone.id)).toEqual([]);
    expect(world.phones.waiting(phone.id)).toBe(1);
  });

  it('goes with its message, waiting or not, and with the phone nothing waits any more', async () => {
    const world = await phoneWorld();
    const { phone, entry } = await world.phone('android');
    await world.phones.switchOff(phone.id, null);
    const sent = await world.push(entry, { collapseKey: 'a' });
    const stays = await world.push(entry, { collapseKey: 'b' });
    await world.store.deleteMessages([sent.messageId]);
    expect(world.phones.waiting(phone.id)).toBe(1);
    await world.phones.remove(phone.id);
    expect((await world.store.delivery(stays.deliveryId))?.delivery).toMatchObject({
      status: 'sent',
      substatus: 'unconfirmed',
    });
    await world.restart();
    expect(world.phones.list()).toEqual([]);
  });
});
