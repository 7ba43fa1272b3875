/** What a template wants to know, and nobody tells: refused at the call where that is known, and ended with its name else. */
import { describe, expect, it, vi } from 'vitest';
import { hourMs } from './journey.ts';
import { type MultiWorld, startMultiWorld } from './multi-world.ts';

vi.setConfig({ testTimeout: 120_000 });

function inAnHour(): string {
  return new Date(Date.now() + hourMs).toISOString();
}

function people(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `user-${at}`);
}

describe('a template that wants to know something', () => {
  async function withTemplate(): Promise<MultiWorld> {
    const world = await startMultiWorld();
    await world.call('POST', '/v1/templates', {
      name: 'Order',
      content: {
        inapp: { body: 'Order {{ order.id }}, {{ user.plan }} plan' },
        sms: { body: 'Order {{ order.id }}, {{ user.plan }} plan' },
      },
      variables: [
        { name: 'order.id', type: 'string', required: true, sample: '1' },
        { name: 'user.plan', type: 'string', required: true, sample: 'pro' },
        { name: 'note', type: 'string', required: false, sample: '' },
      ],
    });
    await world.call('POST', '/v1/templates/order/publish', {});
    return world;
  }
  const send = { channels: ['inapp', 'sms'], template: 'order', content: {} } as const;
  const order = { order: { id: '4711' } } as const;

  async function refusal(world: MultiWorld, request: Readonly<Record<string, unknown>>) {
    const answer = await world.core.get('/v1/messages', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...send, ...request }),
    });
    const { errors = [] }: { errors?: { field: string; code: string }[] } = JSON.parse(await answer.text());
    return [answer.status, ...errors.map(({ field, code }) => `${field} ${code}`)];
  }

  it('is refused what none of its users has, with each variable named', async () => {
    const world = await withTemplate();
    await world.user('jane', { attributes: { plan: 'pro' } });
    await world.user('joe', {});
    expect(await refusal(world, { to: ['joe', 'nobody'] })).toEqual([
      422,
      'variables.order.id required',
      'variables.user.plan required',
    ]);
    expect(await refusal(world, { to: ['jane'] })).toEqual([422, 'variables.order.id required']);
    expect(await refusal(world, { to: [{ expression: 'true' }] })).toEqual([
      422,
      'variables.order.id required',
    ]);
    expect(await refusal(world, { to: ['jane'], variables: { order: { id: 4711 } } })).toEqual([
      422,
      'variables.order.id wrong_type',
    ]);
    expect((await world.core.json<{ total: number }>('/v1/messages')).total).toBe(0);
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['the profile has it', { to: ['jane'], variables: order }],
    [
      'the request says it of the user',
      { to: [{ user: 'joe', attributes: { plan: 'free' } }], variables: order },
    ],
    ['one of them has variables of their own', { to: [{ user: 'jane', variables: order }, 'joe'] }],
    ['it may be in the profile by the time', { to: ['joe'], variables: order, sendAt: inAnHour() }],
    ['nobody looks at that many profiles', { to: people(1_001), variables: order }],
  ])('is taken where %s', async (_why, request) => {
    const world = await withTemplate();
    await world.user('jane', { attributes: { plan: 'pro' } });
    expect(await refusal(world, request)).toEqual([202]);
  });

  it('ends for the users who lack it, on every channel at once, with its name', async () => {
    const world = await withTemplate();
    await world.user('jane', { attributes: { plan: 'pro' } });
    const id = await world.multi({
      ...send,
      to: ['jane', { user: 'joe', phone: '+14155550123' }],
      variables: order,
    });
    const { deliveries } = await world.read(id);
    expect(deliveries.find(({ recipient }) => recipient === 'jane')).toMatchObject({ status: 'queued' });
    expect(deliveries.find(({ recipient }) => recipient === 'joe')).toMatchObject({
      status: 'undeliverable',
      class: 'content',
      reason: expect.stringMatching(
        /^filtered: .*: user\.plan\. The template wants a text in “user\.plan”\.$/,
      ),
    });
    expect((await world.parts(id)).map(({ user }) => user)).toEqual(['jane']);
  });
});
