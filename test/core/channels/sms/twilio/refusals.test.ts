import twilioSdk from 'twilio';
import { expect, test } from 'vitest';
import { account, apiKey, basic, from, sdkClient, to, token, twilioWorld } from './twilio-world.ts';

const path = `/2010-04-01/Accounts/${account}/Messages.json`;
const body = 'Hello';
const service = 'MG0123456789abcdef0123456789abcdef';
const later = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();

test.each<[string, Record<string, string>, number, number, string]>([
  ['no To', { From: from, Body: body }, 400, 21604, "A 'To' phone number is required."],
  ['no From', { To: to, Body: body }, 400, 21603, "A 'From' phone number is required."],
  ['no Body', { To: to, From: from }, 400, 21602, 'Message body is required.'],
  [
    'an empty medium',
    { To: to, From: from, MediaUrl: '' },
    400,
    21619,
    'A text message body or media urls must be specified.',
  ],
  ['no address', { To: to, From: from, MediaUrl: 'cat.jpg' }, 400, 21620, 'Invalid media URL(s)'],
  [
    'too long',
    { To: to, From: from, Body: 'x'.repeat(1601) },
    400,
    21617,
    'The concatenated message body exceeds the 1600 character limit.',
  ],
  ['no number', { To: 'Bob', From: from, Body: body }, 400, 21211, "Invalid 'To' Phone Number: Bob"],
  [
    'a number too short',
    { To: '+1415555', From: from, Body: body },
    400,
    21211,
    "Invalid 'To' Phone Number: +141XXXX",
  ],
  [
    'to a short code',
    { To: '12345', From: from, Body: body },
    400,
    21265,
    "'To' number cannot be a Short Code: 12345",
  ],
  [
    'from itself',
    { To: to, From: to, Body: body },
    400,
    21266,
    "'To' and 'From' number cannot be the same: +44770090XXXX",
  ],
  [
    'a sender that is none',
    { To: to, From: 'AVeryLongSender', Body: body },
    400,
    21212,
    "The 'From' number AVeryLongSender is not a valid phone number, shortcode, or alphanumeric sender ID.",
  ],
  [
    'another channel',
    { To: `whatsapp:${to}`, From: `whatsapp:${from}`, Body: body },
    400,
    63007,
    'Twilio could not find a Channel with the specified From address',
  ],
  ['a template', { To: to, From: from, ContentSid: 'HX0' }, 400, 21655, 'The ContentSid is Invalid'],
  [
    'a service that is none',
    { To: to, MessagingServiceSid: 'MG1', Body: body },
    400,
    21705,
    'The Messaging Service is invalid',
  ],
  [
    'a callback that is none',
    { To: to, From: from, Body: body, StatusCallback: 'status' },
    400,
    21609,
    "The 'StatusCallback' URL status is not a valid URL.",
  ],
  [
    'a validity too long',
    { To: to, From: from, Body: body, ValidityPeriod: '36001' },
    400,
    21624,
    'Invalid validity period value',
  ],
  [
    'scheduled without a time',
    { To: to, MessagingServiceSid: service, Body: body, ScheduleType: 'fixed' },
    400,
    35111,
    'SendAt timestamp is missing',
  ],
  [
    'scheduled without a service',
    { To: to, From: from, Body: body, ScheduleType: 'fixed', SendAt: later(60) },
    400,
    35118,
    'MessagingServiceSid is required to schedule a message',
  ],
  [
    'scheduled too soon',
    { To: to, MessagingServiceSid: service, Body: body, ScheduleType: 'fixed', SendAt: later(14) },
    400,
    35114,
    'SendAt time must be between 900 seconds and 35 days (3024000 seconds) in the future, inclusive',
  ],
  [
    'scheduled too late',
    { To: to, MessagingServiceSid: service, Body: body, ScheduleType: 'fixed', SendAt: later(36 * 24 * 60) },
    400,
    35114,
    'SendAt time must be between 900 seconds and 35 days (3024000 seconds) in the future, inclusive',
  ],
  [
    'scheduled otherwise',
    { To: to, MessagingServiceSid: service, Body: body, ScheduleType: 'optimize' },
    400,
    35126,
    'The ScheduleType value provided is not supported for this channel',
  ],
])('%s', async (_, form, status, code, message) => {
  const world = await twilioWorld();
  const answer = await world.ask('POST', path, form);
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.body)).toEqual({
    code,
    message,
    more_info: `https://www.twilio.com/docs/errors/${code}`,
    status,
  });
  expect(world.rows).toEqual([]);
});

test('eleven media are one too many', async () => {
  const world = await twilioWorld();
  const mediaUrl = Array.from({ length: 11 }, (_, at) => `https://example.com/${at}.jpg`);
  await expect(world.client.messages.create({ to, from, mediaUrl })).rejects.toMatchObject({
    code: 21623,
    status: 400,
  });
});

test.each<[string, string, number, number]>([
  ['To', '+15005550001', 21211, 400],
  ['To', '+15005550002', 21612, 400],
  ['To', '+15005550003', 21408, 400],
  ['To', '+15005550004', 21610, 400],
  ['To', '+15005550009', 21614, 400],
  ['From', '+15005550001', 21212, 400],
  ['From', '+15005550007', 21606, 400],
  ['From', '+15005550008', 21611, 429],
  ['From', '+15005550123', 21606, 400],
])('the test number %s %s is answered with %i', async (where, number, code, status) => {
  const world = await twilioWorld();
  const parties = where === 'To' ? { to: number, from } : { to, from: number };
  await expect(world.client.messages.create({ ...parties, body })).rejects.toMatchObject({
    code,
    status,
    moreInfo: `https://www.twilio.com/docs/errors/${code}`,
  });
});

test('the test number that works as a sender may be sent to by others', async () => {
  const world = await twilioWorld();
  await expect(world.client.messages.create({ to: '+15005550010', from, body })).resolves.toMatchObject({
    status: 'queued',
  });
});

test.each<[string, Record<string, string>, string]>([
  ['no credentials', {}, 'Authentication Error - No credentials provided'],
  ['another scheme', { authorization: `Bearer ${token}` }, 'Authentication Error - No credentials provided'],
  ['no token', { authorization: basic(account, '') }, 'Authentication Error - No credentials provided'],
  ['a user that is none', { authorization: basic('me', token) }, 'Authentication Error - invalid username'],
  ['another account', { authorization: basic(account.replace('0', '1'), token) }, 'Authenticate'],
])('%s is 20003', async (_, headers, message) => {
  const world = await twilioWorld();
  const answer = await world.ask('POST', path, { To: to, From: from, Body: body }, headers);
  expect(answer.status).toBe(401);
  expect(answer.headers.get('www-authenticate')).toBe('Basic realm="Twilio API"');
  expect(JSON.parse(answer.body)).toMatchObject({ code: 20003, message, status: 401 });
});

test('where credentials are fixed, only those are taken', async () => {
  const world = await twilioWorld();
  world.settings = {
    strictNumbers: false,
    credentials: {
      twilio: [
        { account, secret: 'right' },
        { account: apiKey, secret: 'key' },
      ],
    },
  };
  await expect(world.client.messages.create({ to, from, body })).rejects.toMatchObject({
    code: 20003,
    status: 401,
  });
  for (const [user, secret] of [
    [account, 'right'],
    [apiKey, 'key'],
  ] as const)
    await expect(
      sdkClient(world.baseUrl, user, secret).messages.create({ to, from, body }),
    ).resolves.toMatchObject({ status: 'queued' });
});

test('who wrote STOP is 21610, a sender that does not work there 21612, a country that is shut 21408', async () => {
  const world = await twilioWorld();
  world.optedOut.add(`${to} ${from}`);
  await expect(world.client.messages.create({ to, from, body })).rejects.toMatchObject({
    code: 21610,
    message: 'Attempt to send to unsubscribed recipient',
  });
  for (const [cause, code] of [
    ['sender_not_registered', 21606],
    ['sender_not_allowed', 21612],
    ['region_not_allowed', 21408],
  ] as const) {
    world.verdict = () => ({ kind: 'refused', cause, why: 'a test says so' });
    await expect(world.client.messages.create({ to, from, body })).rejects.toMatchObject({ code });
  }
});

test('numbers that nobody was given are refused where the settings are strict', async () => {
  const world = await twilioWorld();
  world.settings = { strictNumbers: true, credentials: {} };
  await expect(world.client.messages.create({ to: '+15550100000', from, body })).rejects.toMatchObject({
    code: 21211,
  });
  await expect(world.client.messages.create({ to: '+447911123456', from, body })).resolves.toMatchObject({
    status: 'queued',
  });
});

test.each<[string, number | undefined, number, number]>([
  ['20429', undefined, 20429, 429],
  ['21611', undefined, 21611, 429],
  ['20500', undefined, 20500, 500],
  ['99999', undefined, 99999, 400],
  ['99999', 503, 99999, 503],
  ['30007', undefined, 30007, 400],
])('a rule that answers %s (%s)', async (reason, wanted, code, status) => {
  const world = await twilioWorld();
  world.rules({
    stage: 'farSide',
    when: { channel: 'sms' },
    then: { do: 'answer', reason, ...(wanted === undefined ? {} : { status: wanted }) },
  });
  const failed = world.client.messages.create({ to, from, body });
  await expect(failed).rejects.toBeInstanceOf(twilioSdk.RestException);
  await expect(failed).rejects.toMatchObject({
    code,
    status,
    moreInfo: `https://www.twilio.com/docs/errors/${code}`,
  });
  expect(world.rows).toEqual([]);
});

test('what could not be stored is answered with Twilio’s own temporary error', async () => {
  const world = await twilioWorld();
  world.storeError = new Error('the disk is full');
  await expect(world.client.messages.create({ to, from, body })).rejects.toMatchObject({
    code: 20503,
    status: 503,
  });
});

test('JSON is not read, XML is not written, and other paths are 20404', async () => {
  const world = await twilioWorld();
  const json = await world.ask('POST', path, '{"To":"+447700900123"}', {
    authorization: basic(account, token),
    'content-type': 'application/json',
  });
  expect(JSON.parse(json.body)).toMatchObject({ code: 21604 });
  expect((await world.ask('GET', path.replace('.json', '.xml'))).status).toBe(400);
  const missing = await world.ask('GET', `/2010-04-01/Accounts/${account}/Calls.json`);
  expect(missing.status).toBe(404);
  expect(JSON.parse(missing.body)).toMatchObject({
    code: 20404,
    message: `The requested resource /2010-04-01/Accounts/${account}/Calls.json was not found`,
  });
  await expect(world.client.messages('SM00000000000000000000000000000000').fetch()).rejects.toMatchObject({
    code: 20404,
    status: 404,
  });
});

test('an address may do without .json', async () => {
  const world = await twilioWorld();
  const answer = await world.ask('POST', path.replace('.json', ''), { To: to, From: from, Body: body });
  expect(answer.status).toBe(201);
});
