import { expect, test } from 'vitest';
import { account, apiKey, from, sdkClient, to, twilioWorld } from './twilio-world.ts';

test('lists page as the SDK pages, newest first', async () => {
  const world = await twilioWorld();
  const sids: string[] = [];
  for (let at = 0; at < 7; at++)
    sids.unshift((await world.client.messages.create({ to, from, body: `${at}` })).sid);
  const listed = await world.client.messages.list({ pageSize: 3 });
  expect(listed.map(({ sid }) => sid)).toEqual(sids);
  const each: string[] = [];
  await new Promise<void>((resolve, reject) => {
    world.client.messages.each({
      pageSize: 2,
      limit: 5,
      callback: (message) => {
        each.push(message.sid);
      },
      done: (error?: Error) => (error === undefined || error === null ? resolve() : reject(error)),
    });
  });
  expect(each).toEqual(sids.slice(0, 5));
  const first = await world.client.messages.page({ pageSize: 3 });
  const second = await first.nextPage();
  const third = await second?.nextPage();
  expect(third?.instances.map(({ sid }) => sid)).toEqual(sids.slice(6));
  expect(await third?.nextPage()).toBeUndefined();
  const back = await third?.previousPage();
  expect(back?.instances.map(({ sid }) => sid)).toEqual(sids.slice(3, 6));
  const start = await back?.previousPage();
  expect(start?.instances.map(({ sid }) => sid)).toEqual(sids.slice(0, 3));
});

test('the envelope of a page is that of version 2010-04-01', async () => {
  const world = await twilioWorld();
  for (let at = 0; at < 3; at++) await world.client.messages.create({ to, from, body: `${at}` });
  const uri = `/2010-04-01/Accounts/${account}/Messages.json`;
  const { body } = await world.ask('GET', `${uri}?PageSize=2`);
  const { messages, next_page_uri, ...page } = JSON.parse(body) as {
    messages: object[];
    next_page_uri: string;
  };
  expect(messages).toHaveLength(2);
  expect(next_page_uri).toMatch(
    /^\/2010-04-01\/Accounts\/AC\w+\/Messages\.json\?PageSize=2&Page=1&PageToken=PA/,
  );
  expect(page).toEqual({
    first_page_uri: `${uri}?PageSize=2&Page=0`,
    uri: `${uri}?PageSize=2&Page=0`,
    previous_page_uri: null,
    page: 0,
    page_size: 2,
    start: 0,
    end: 1,
  });
});

test('lists are filtered by number, sender and day', async () => {
  const world = await twilioWorld();
  const other = '+447700900124';
  await world.client.messages.create({ to, from, body: 'one' });
  await world.client.messages.create({ to: other, from, body: 'two' });
  world.reply('three');
  const bodies = async (filter: Parameters<typeof world.client.messages.list>[0]): Promise<string[]> =>
    (await world.client.messages.list(filter)).map(({ body }) => body);
  expect(await bodies({ to: other })).toEqual(['two']);
  expect(await bodies({ from: to })).toEqual(['three']);
  expect(await bodies({ to: from })).toEqual(['three']);
  expect(await bodies({ from })).toEqual(['two', 'one']);
  const hour = 3_600_000;
  expect(await bodies({ dateSentAfter: new Date(Date.now() - hour) })).toHaveLength(3);
  expect(await bodies({ dateSentAfter: new Date(Date.now() + hour) })).toEqual([]);
  expect(await bodies({ dateSentBefore: new Date(Date.now() - hour) })).toEqual([]);
  const today = new Date().toISOString().slice(0, 10);
  const day = await world.ask('GET', `/2010-04-01/Accounts/${account}/Messages.json?DateSent=${today}`);
  expect(JSON.parse(day.body)).toMatchObject({ messages: [{}, {}, {}] });
  const bad = await world.ask('GET', `/2010-04-01/Accounts/${account}/Messages.json?DateSent=yesterday`);
  expect(bad.status).toBe(400);
});

test('a message is redacted, and deleted, once it is over', async () => {
  const world = await twilioWorld();
  const { sid } = await world.client.messages.create({ to, from, body: 'a secret' });
  expect(await world.client.messages(sid).update({ body: '' })).toMatchObject({
    body: '',
    status: 'delivered',
  });
  await expect(world.client.messages(sid).update({ body: 'x' })).rejects.toMatchObject({ code: 30400 });
  await expect(world.client.messages(sid).update({})).rejects.toMatchObject({ code: 30400 });
  await expect(world.client.messages(sid).update({ body: '', status: 'canceled' })).rejects.toMatchObject({
    code: 30400,
  });
  await expect(world.client.messages(sid).update({ status: 'canceled' })).rejects.toMatchObject({
    code: 30409,
  });
  expect(await world.client.messages(sid).remove()).toBe(true);
  await expect(world.client.messages(sid).fetch()).rejects.toMatchObject({ code: 20404 });

  world.fate = [
    ['sent', null],
    ['held', null],
  ];
  const waiting = await world.client.messages.create({ to, from, body: 'it waits' });
  await expect(world.client.messages(waiting.sid).remove()).rejects.toMatchObject({
    code: 20009,
    status: 409,
  });
  expect(await world.client.messages(waiting.sid).fetch()).toMatchObject({ status: 'sent' });
});

test('media are sent, listed, fetched and deleted', async () => {
  const world = await twilioWorld();
  const mediaUrl = ['https://example.com/cat.jpg', 'https://example.com/dog'];
  const message = await world.client.messages.create({ to, from, body: '', mediaUrl });
  expect(message.sid).toMatch(/^MM/);
  expect(message.numMedia).toBe('2');
  const media = await world.client.messages(message.sid).media.list();
  expect(media.map(({ contentType }) => contentType)).toEqual(['image/jpeg', 'application/octet-stream']);
  const [cat, dog] = media;
  if (cat === undefined || dog === undefined) throw new Error('no media');
  expect(await world.client.messages(message.sid).media(cat.sid).fetch()).toMatchObject({
    sid: cat.sid,
    parentSid: message.sid,
  });
  const content = await world.ask(
    'GET',
    `/2010-04-01/Accounts/${account}/Messages/${message.sid}/Media/${cat.sid}`,
  );
  expect([content.status, content.headers.get('location')]).toEqual([307, 'https://example.com/cat.jpg']);
  expect(await world.client.messages(message.sid).media(cat.sid).remove()).toBe(true);
  expect((await world.client.messages(message.sid).media.list()).map(({ sid }) => sid)).toEqual([dog.sid]);
});

test('feedback is taken, and the account answers', async () => {
  const world = await twilioWorld();
  const { sid } = await world.client.messages.create({ to, from, body: 'Hi', provideFeedback: true });
  expect(await world.client.messages(sid).feedback.create({ outcome: 'confirmed' })).toMatchObject({
    outcome: 'confirmed',
    messageSid: sid,
  });
  expect(await world.client.api.v2010.accounts(account).fetch()).toMatchObject({
    sid: account,
    status: 'active',
  });
  expect(await world.client.balance.fetch()).toMatchObject({ currency: 'USD' });
});

test('characters that cost a part are swapped where the app asks for it', async () => {
  const world = await twilioWorld();
  const body = '“Quoted”';
  expect(await world.client.messages.create({ to, from, body })).toMatchObject({ body });
  expect(await world.client.messages.create({ to, from, body, smartEncoded: true })).toMatchObject({
    body: '"Quoted"',
    numSegments: '1',
  });
  expect((await world.client.messages.create({ to, from, body: 'é'.repeat(161) })).numSegments).toBe('2');
});

test('numbers are got, set up, and given up', async () => {
  const world = await twilioWorld();
  const numbers = world.client.incomingPhoneNumbers;
  const bought = await numbers.create({
    phoneNumber: '+14155550100',
    smsUrl: 'http://localhost:3000/sms',
    friendlyName: 'Shop',
  });
  expect(bought).toMatchObject({
    phoneNumber: '+14155550100',
    friendlyName: 'Shop',
    smsUrl: 'http://localhost:3000/sms',
    smsMethod: 'POST',
  });
  expect(world.senders.get('+14155550100')).toMatchObject({
    inboundUrl: 'http://localhost:3000/sms',
    account,
  });
  await expect(numbers.create({ phoneNumber: '+14155550100' })).rejects.toMatchObject({ code: 21422 });
  await expect(numbers.create({ phoneNumber: 'x' })).rejects.toMatchObject({ code: 21421 });
  const [listed] = await numbers.list({ phoneNumber: '+14155550100' });
  expect(listed?.sid).toBe(bought.sid);
  await numbers(bought.sid).update({ smsUrl: 'http://localhost:3000/other', smsMethod: 'GET' });
  expect(world.senders.get('+14155550100')).toMatchObject({
    inboundUrl: 'http://localhost:3000/other',
    inboundMethod: 'GET',
  });
  expect(await numbers(bought.sid).remove()).toBe(true);
  await expect(numbers(bought.sid).fetch()).rejects.toMatchObject({ code: 20404 });
});

test('a service sends by its pool, the same number for the same recipient', async () => {
  const world = await twilioWorld();
  const { client } = world;
  const service = await client.messaging.v1.services.create({
    friendlyName: 'Shop',
    inboundRequestUrl: 'http://localhost:3000/inbound',
    statusCallback: 'http://localhost:3000/status',
  });
  expect(service.sid).toMatch(/^MG/);
  await expect(
    client.messages.create({ to, messagingServiceSid: service.sid, body: 'x' }),
  ).rejects.toMatchObject({ code: 21704 });
  const pool = ['+14155550100', '+14155550101', '+447700900999'];
  for (const phoneNumber of pool) {
    const { sid } = await client.incomingPhoneNumbers.create({ phoneNumber });
    await client.messaging.v1.services(service.sid).phoneNumbers.create({ phoneNumberSid: sid });
    await expect(
      client.messaging.v1.services(service.sid).phoneNumbers.create({ phoneNumberSid: sid }),
    ).rejects.toMatchObject({ code: 21710 });
  }
  const inPool = await client.messaging.v1.services(service.sid).phoneNumbers.list();
  expect(inPool.map(({ phoneNumber }) => phoneNumber)).toEqual(pool);
  expect(world.senders.get('+14155550100')).toMatchObject({
    service: service.sid,
    inboundUrl: 'http://localhost:3000/inbound',
  });

  const message = await client.messages.create({ to, messagingServiceSid: service.sid, body: 'Hi' });
  expect(message).toMatchObject({
    status: 'accepted',
    from: null,
    numSegments: '0',
    messagingServiceSid: service.sid,
  });
  const read = await client.messages(message.sid).fetch();
  expect(read).toMatchObject({ from: '+447700900999', numSegments: '1' });
  expect(world.callbacks.map(({ tells, url }) => [tells, url])).toEqual([
    ['queued', 'http://localhost:3000/status'],
    ['sent', 'http://localhost:3000/status'],
    ['delivered', 'http://localhost:3000/status'],
  ]);
  const us = [];
  for (let at = 0; at < 3; at++)
    us.push(
      (
        await client
          .messages(
            await sidOf(
              client.messages.create({ to: '+12025550143', messagingServiceSid: service.sid, body: 'Hi' }),
            ),
          )
          .fetch()
      ).from,
    );
  expect(new Set(us).size).toBe(1);
  expect(pool.slice(0, 2)).toContain(us[0]);

  world.optedOut.add(`${to} ${service.sid}`);
  await expect(
    client.messages.create({ to, messagingServiceSid: service.sid, body: 'x' }),
  ).rejects.toMatchObject({ code: 21610 });
  world.verdict = () => ({ kind: 'refused', cause: 'sender_not_allowed', why: 'a test says so' });
  await expect(
    client.messages.create({ to, messagingServiceSid: service.sid, body: 'x' }),
  ).rejects.toMatchObject({ code: 21703 });

  await client.messaging.v1
    .services(service.sid)
    .update({ inboundRequestUrl: 'http://localhost:3000/moved' });
  expect(world.senders.get('+14155550100')).toMatchObject({ inboundUrl: 'http://localhost:3000/moved' });
  const [first] = inPool;
  await client.messaging.v1
    .services(service.sid)
    .phoneNumbers(first?.sid ?? '')
    .remove();
  expect(world.senders.get('+14155550100')).toMatchObject({ service: null, inboundUrl: null });
  expect((await client.messaging.v1.services.list({ pageSize: 1 })).map(({ sid }) => sid)).toEqual([
    service.sid,
  ]);
  await client.messaging.v1.services(service.sid).remove();
  await expect(client.messaging.v1.services(service.sid).fetch()).rejects.toMatchObject({
    code: 20404,
    status: 404,
  });
});

async function sidOf(message: Promise<{ readonly sid: string }>): Promise<string> {
  return (await message).sid;
}

test('a service that nobody made here works all the same, and is 21701 where senders are fixed', async () => {
  const world = await twilioWorld();
  const messagingServiceSid = 'MG0123456789abcdef0123456789abcdef';
  const message = await world.client.messages.create({ to, messagingServiceSid, body: 'Hi' });
  expect((await world.client.messages(message.sid).fetch()).from).toMatch(/^\+1555\d{7}$/);
  world.verdict = () => ({ kind: 'refused', cause: 'sender_not_registered', why: 'a test says so' });
  await expect(world.client.messages.create({ to, messagingServiceSid, body: 'Hi' })).rejects.toMatchObject({
    code: 21701,
  });
});

test('a scheduled message is canceled, and the app hears of it', async () => {
  const world = await twilioWorld();
  const messagingServiceSid = 'MG0123456789abcdef0123456789abcdef';
  const message = await world.client.messages.create({
    to,
    messagingServiceSid,
    body: 'Later',
    scheduleType: 'fixed',
    sendAt: new Date(Date.now() + 3_600_000),
    statusCallback: 'http://localhost:3000/status',
  });
  expect(message.status).toBe('scheduled');
  expect(world.callbacks).toEqual([]);
  expect(await world.client.messages(message.sid).update({ status: 'canceled' })).toMatchObject({
    status: 'canceled',
  });
  expect(world.callbacks.map(({ tells }) => tells)).toEqual(['canceled']);
});

test('a key sends for its account, and the sandbox’s own secret signs', async () => {
  const world = await twilioWorld();
  const client = sdkClient(world.baseUrl, apiKey, 'key-secret');
  await client.messages.create({ to, from, body: 'Hi', statusCallback: 'http://localhost:3000/status' });
  expect(world.ports.secrets.of('twilio', account)).toBeNull();
  expect(world.callbacks).toHaveLength(2);
});
