/** SMS of the send API, from the request to the handset and back by the providers' reports. */
import { describe, expect, it } from 'vitest';
import { number, startSmsWorld } from './sms-world.ts';

const httpProviders = ['twilio', 'vonage', 'sinch', 'telnyx'] as const;

describe('an SMS of the send API', () => {
  it.each(httpProviders)('goes by %s, and is delivered when its report says so', async (provider) => {
    const world = await startSmsWorld();
    const message = await world.sms({ provider, reference: 'order-7' });
    expect(message).toMatchObject({
      channel: 'sms',
      door: 'api',
      subject: '',
      snippet: 'Your code is 482913',
      to: [{ address: number }],
      sms: { provider, encoding: 'GSM-7', parts: 1 },
    });
    const [delivery] = message.deliveries;
    const journey = await world.journey(delivery?.id ?? '');
    console.log(provider, JSON.stringify({ d: delivery, a: journey.attemptLog }, null, 1), JSON.stringify(await world.events(message.id)), world.core.log, JSON.stringify(await world.core.json('/v1/deliveries?carriage=callback')));
    expect(delivery).toMatchObject({ status: 'delivered', provider, attempts: 1, recipient: number });
    // One send is one message: the door recognised it.
    expect((await world.messages('channel:sms')).map(({ id }) => id)).toEqual([message.id]);
    const types = await world.typesOf(message.id);
    for (const type of ['queued', 'attempted', 'sent', 'reported', 'delivered'])
      expect(types).toContain(type);
    expect(types.indexOf('attempted')).toBeLessThan(types.indexOf('delivered'));
  });
});
