/** Answers of handsets to SMS that the core itself sent. */
import { describe, expect, it } from 'vitest';
import { number, type SmsWorld, startSmsWorld } from './sms-world.ts';

const sender = '+15005550006';

async function reply(world: SmsWorld, text: string): Promise<void> {
  await world.call('POST', `/v1/handsets/${encodeURIComponent(number)}/replies`, { to: sender, text });
  await world.core.app.settled();
}

describe.each(['twilio', 'messagebird', 'telnyx', 'smpp'] as const)('an answer by %s', (provider) => {
  it('is an event of the message that it answers', async () => {
    const world = await startSmsWorld();
    const message = await world.sms({ provider, from: sender });
    await reply(world, 'Thank you');
    const events = await world.events(message.id);
    expect(events.filter(({ type }) => type === 'replied')).toMatchObject([
      { data: { from: number, text: 'Thank you', provider } },
    ]);
  });
});

describe('STOP', () => {
  it('suppresses the number, and START takes it off the list again', async () => {
    const world = await startSmsWorld();
    await world.sms({ from: sender });
    await reply(world, 'Stop');
    await expect(world.one()).rejects.toThrow(/unsubscribed/);
    await reply(world, 'START');
    expect(await world.one()).toMatchObject({ status: 'delivered' });
  });
});
