/** What the send API refuses once it knows what the core knows; each refusal names its field. */
import { describe, expect, it } from 'vitest';
import { startWorld, type World } from './journey.ts';

async function refusal(world: World, about: Readonly<Record<string, unknown>>) {
  const response = await world.core.get('/v1/messages', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      from: 'hello@shop.example',
      to: ['jane@gmail.com'],
      subject: 'Your order',
      text: 'Hello Jane.',
      ...about,
    }),
  });
  return response.json();
}
const domains = async (world: World): Promise<readonly string[]> =>
  (await world.core.json<{ entries: { name: string }[] }>('/v1/domains')).entries.map((one) => one.name);

describe('a submission', () => {
  it('from a domain that is not set up is refused in strict mode', async () => {
    const world = await startWorld();
    const settings = await world.call<Record<string, unknown>>('GET', '/v1/queues/settings');
    await world.call('PUT', '/v1/queues/settings', { ...settings, strictDomains: true });
    expect(await refusal(world, {})).toMatchObject({
      status: 422,
      code: 'sender_domain_unknown',
      errors: [{ field: 'from', code: 'sender_domain_unknown' }],
    });
    await world.call('POST', '/v1/domains', { name: 'shop.example' });
    expect(await refusal(world, {})).toMatchObject({ deliveries: [{ status: 'queued' }] });
  });

  it('that its encoding makes too large names what is largest', async () => {
    const world = await startWorld(['--message-bytes-max', '20000']);
    // 16,000 bytes of UTF-8, three characters on the wire for each.
    const text = `${'ü'.repeat(40)}\n`.repeat(197);
    expect(await refusal(world, { text })).toMatchObject({
      status: 413,
      code: 'too_large',
      errors: [{ field: 'text', code: 'too_large' }],
    });
  });

  it('that is refused sets up no domain', async () => {
    const world = await startWorld();
    await world.call('POST', '/v1/suppressions', { address: 'jane@gmail.com' });
    const before = await domains(world);
    expect(await refusal(world, {})).toMatchObject({ errors: [{ field: 'to[0]', code: 'suppressed' }] });
    expect(await domains(world)).toEqual(before);
  });
});
