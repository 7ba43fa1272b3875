import twilioSdk from 'twilio';
import { expect, test } from 'vitest';
import { account, called, from, to, token, twilioWorld } from './twilio-world.ts';

test('the SDK sends a message, and reads in the answer what Twilio says', async () => {
  const world = await twilioWorld();
  const message = await world.client.messages.create({ to, from, body: 'Your code is 471147.' });
  expect(message.toJSON()).toMatchObject({
    body: 'Your code is 471147.',
    numSegments: '1',
    numMedia: '0',
    direction: 'outbound-api',
    status: 'queued',
    from,
    to,
    accountSid: account,
    price: null,
    priceUnit: 'USD',
    apiVersion: '2010-04-01',
    messagingServiceSid: null,
    errorCode: null,
    errorMessage: null,
    dateSent: null,
  });
  expect(message.sid).toMatch(/^SM[0-9a-f]{32}$/);
  expect(message.dateCreated).toBeInstanceOf(Date);
  expect(world.accepted).toMatchObject([
    { channel: 'sms', door: 'twilio', envelopeFrom: from, envelopeTo: [to] },
  ]);

  const read = await world.client.messages(message.sid).fetch();
  expect(read).toMatchObject({ status: 'delivered', errorCode: null });
  expect(read.dateSent).toBeInstanceOf(Date);
});

test('a status callback is signed with the token that the request was made with', async () => {
  const world = await twilioWorld();
  const statusCallback = 'http://localhost:3000/status?for=42';
  const message = await world.client.messages.create({ to, from, body: 'Hi', statusCallback });
  expect(world.callbacks.map(({ tells }) => tells)).toEqual(['sent', 'delivered']);
  const [, last] = world.callbacks;
  if (last === undefined) throw new Error('nothing was called');
  const { url, signature, parameters } = await called(world, last);
  expect(url).toBe(statusCallback);
  expect(twilioSdk.validateRequest(token, signature, url, parameters)).toBe(true);
  expect(twilioSdk.validateRequest('another-token', signature, url, parameters)).toBe(false);
  expect(parameters).toEqual({
    ApiVersion: '2010-04-01',
    MessageStatus: 'delivered',
    RawDlrDoneDate: expect.stringMatching(/^\d{10}$/) as string,
    SmsSid: message.sid,
    SmsStatus: 'delivered',
    To: to,
    From: from,
    MessageSid: message.sid,
    AccountSid: account,
  });
});
