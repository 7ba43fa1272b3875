/** Answers of handsets, and the words that providers see to by themselves. */
import { expect, it } from 'vitest';
import { account, carrierWorld, mobile, sender } from './world.ts';

const parties = { provider: 'twilio', account, sender, service: null, number: mobile } as const;

async function answered() {
  const world = await carrierWorld();
  await world.send();
  await world.carriers.settings.saveSender({
    sender,
    provider: 'twilio',
    account: null,
    countries: ['*'],
    service: null,
    inboundUrl: 'http://127.0.0.1:9/mo',
    inboundMethod: 'POST',
    statusUrl: null,
    onTheFly: false,
  });
  const say = (text: string) => world.carriers.replies.reply(mobile, { to: sender, text, media: [] });
  const thread = async () =>
    (await world.carriers.handsets.messages(mobile, sender, { after: null, limit: 50 })).entries
      .toReversed()
      .map(({ direction, text }) => `${direction}: ${text}`);
  return { world, say, thread };
}

it('are kept, and told to the app by the provider that wrote last', async () => {
  const { world, say, thread } = await answered();
  const { sms, outcome, detail } = await say('When do you open?');
  expect([outcome, detail]).toEqual(['told', 'Twilio tells the app at http://127.0.0.1:9/mo']);
  expect(await world.row(sms)).toMatchObject({ direction: 'mo', account, messageId: null, parts: 1 });
  expect(await world.told(sms.id)).toEqual([['message', 0]]);
  expect(await thread()).toEqual(['mt: Hello', 'mo: When do you open?']);
  expect(world.events.some(({ type, data }) => type === 'inbound' && data.smsId === sms.id)).toBe(true);
});

it('are shown where there is nowhere to call, and it is said how to mend that', async () => {
  const world = await carrierWorld();
  await world.send();
  const { outcome, detail } = await world.carriers.replies.reply(mobile, {
    to: sender,
    text: 'Hi',
    media: [],
  });
  expect(outcome).toBe('nobody');
  expect(detail).toContain('PUT /v1/sms/senders/twilio/');
});

it('STOP and START are seen to by the provider, which answers, and remembers', async () => {
  const { world, say, thread } = await answered();
  expect((await say(' stop ')).outcome).toBe('opted_out');
  const { farSide } = world.carriers;
  expect(farSide.optedOut(parties)).toBe(true);
  expect(farSide.optedOut({ ...parties, account: 'AC2' })).toBe(false);
  expect(farSide.optedOut({ ...parties, sender: '+33700000002' })).toBe(false);
  await world.restart();
  expect(world.carriers.farSide.optedOut(parties)).toBe(true);
  expect((await say('STOP')).detail).toBe('Twilio knows that already');
  expect((await say('START')).outcome).toBe('opted_in');
  expect(world.carriers.farSide.optedOut(parties)).toBe(false);
  expect((await say('Start with me')).outcome).toBe('told');
  expect((await say('HELP')).outcome).toBe('helped');
  expect(await thread()).toEqual([
    'mt: Hello',
    'mo:  stop ',
    'mt: You are out.',
    'mo: STOP',
    'mo: START',
    'mt: You are in.',
    'mo: Start with me',
    'mo: HELP',
    'mt: Reply STOP to unsubscribe.',
  ]);
  const out = world.carriers.handsets.get(mobile);
  expect(out?.optOuts).toEqual([]);
});

it('STOP to a number of a service holds for the whole service', async () => {
  const world = await carrierWorld();
  await world.send({ service: 'MG1' });
  await world.carriers.replies.reply(mobile, { to: sender, text: 'STOP', media: [] });
  expect(world.carriers.handsets.get(mobile)?.optOuts).toMatchObject([{ sender: 'MG1', word: 'STOP' }]);
  const { farSide } = world.carriers;
  expect(farSide.optedOut({ ...parties, service: 'MG1', sender: '+33700000009' })).toBe(true);
});

it('what the store refuses never happened', async () => {
  const { world, say } = await answered();
  world.refuse(true);
  await expect(say('STOP')).rejects.toThrow('refused');
  expect(world.carriers.farSide.optedOut(parties)).toBe(false);
});

it('are refused where nobody can be answered', async () => {
  const world = await carrierWorld();
  await world.send({ sender: 'Shop' });
  const reply = (to: string, text = 'x') => world.carriers.replies.reply(mobile, { to, text, media: [] });
  await expect(reply('Shop')).rejects.toThrow('nobody can answer an alphanumeric sender');
  await expect(reply('+4915112345678')).rejects.toThrow('PUT /v1/sms/senders/');
  await expect(reply(sender, 'x'.repeat(5_000))).rejects.toThrow('10 parts at the most');
  await world.carriers.handsets.switchOff(mobile, null);
  await expect(reply(sender)).rejects.toThrow('switch it on first');
  await expect(
    world.carriers.replies.reply('+33611111111', { to: sender, text: 'x', media: [] }),
  ).rejects.toThrow('There is no handset');
});
